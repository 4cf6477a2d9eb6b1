/**
 * The two checkpoints of sum.golang.org are real: one stands in transparency-dev/formats, log/note_test.go, the other
 * (under another origin, to which its signature does not fit) in C2SP's tlog-checkpoint.md. The refused bodies follow
 * transparency-dev/formats, log/checkpoint_test.go.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ProofError } from '../../src/core/errors.ts';
import { checkpointText, openCheckpoint, parseCheckpoint } from '../../src/tlog/checkpoint.ts';
import { formatNote, makeSignerKey, parseSigner, parseVerifier } from '../../src/tlog/note.ts';

const SUMDB = parseVerifier('sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8');
const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';

function refuses(text: string, code: string, what: string): void {
  try {
    if (code === 'bad_checkpoint') parseCheckpoint(text);
    else openCheckpoint(text, []);
  } catch (error) {
    assert.instance(error, ProofError, what);
    assert.is((error as ProofError).code, code, what);
    return;
  }
  assert.unreachable(`accepted: ${what}`);
}

test('real checkpoints of the Go checksum database are opened by its key', () => {
  const opened = openCheckpoint(
    'go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=\n',
    [SUMDB],
  );
  assert.is(opened.checkpoint.origin, 'go.sum database tree');
  assert.is(opened.checkpoint.size, 6_476_701);
  assert.is(opened.checkpoint.root.toString('base64'), 'mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=');
  assert.equal(
    opened.right.map(({ verifier }) => verifier.name),
    ['sum.golang.org'],
  );
  const line =
    '— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=';
  const other = openCheckpoint(formatNote(`go.sum database tree\n20852163\n${ROOT}\n`, [line]), [SUMDB]);
  assert.is(other.right.length, 1);
  assert.is(other.checkpoint.size, 20_852_163);
});

test('one bit more or less of a signed checkpoint, and its signature is wrong', () => {
  const line =
    '— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=';
  for (const text of [
    `example.com/behind-the-sofa\n20852163\n${ROOT}\n`,
    `go.sum database tree\n20852162\n${ROOT}\n`,
    `go.sum database tree\n20852163\n${ROOT.replace('CsU', 'CsV')}\n`,
    `go.sum database tree\n20852163\n${ROOT}\nmore\n`,
  ]) {
    const opened = openCheckpoint(formatNote(text, [line]), [SUMDB]);
    assert.equal([opened.right.length, opened.wrong], [0, ['sum.golang.org']], text);
  }
});

test('the text of a checkpoint is three lines, which are read back', () => {
  const checkpoint = { origin: 'example.com/log', size: 42, root: Buffer.from(ROOT, 'base64') };
  assert.is(checkpointText(checkpoint), `example.com/log\n42\n${ROOT}\n`);
  assert.equal(parseCheckpoint(`example.com/log\n42\n${ROOT}\n`), checkpoint);
});

test('lines after the third belong to the text and are passed over', () => {
  const checkpoint = parseCheckpoint(`Moon Log\n4027504\n${ROOT}\n6086d1a9\nWaxing gibbous\n`);
  assert.equal([checkpoint.origin, checkpoint.size], ['Moon Log', 4_027_504]);
});

test('a checkpoint of nothing has the size 0 and no other writing of it', () => {
  assert.is(parseCheckpoint(`Log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`).size, 0);
});

test('what has no origin, size or root is no checkpoint', () => {
  for (const [what, text] of Object.entries({
    nothing: '',
    'two lines': 'Log\n123\n',
    'no origin': `\n123\n${ROOT}\n`,
    'no line feed after the root': `Log\n123\n${ROOT}`,
    'an empty line of its own': `Log\n123\n${ROOT}\n\n`,
    'an empty line and more': `Log\n123\n${ROOT}\n\nmore\n`,
    'words for a size': `Log\nbananas\n${ROOT}\n`,
    'a negative size': `Log\n-34\n${ROOT}\n`,
    'a size with a sign': `Log\n+34\n${ROOT}\n`,
    'a size with a zero before it': `Log\n034\n${ROOT}\n`,
    'a hexadecimal size': `Log\n0x34\n${ROOT}\n`,
    'a fraction': `Log\n3.4\n${ROOT}\n`,
    'a size with an exponent': `Log\n3e4\n${ROOT}\n`,
    'a space before the size': `Log\n 34\n${ROOT}\n`,
    'a space after the size': `Log\n34 \n${ROOT}\n`,
    'a size that no whole number of ours holds': `Log\n9007199254740993\n${ROOT}\n`,
    'an enormous size': `Log\n3438945738945739845734895735\n${ROOT}\n`,
    'an infinite size': `Log\n${'9'.repeat(400)}\n${ROOT}\n`,
    'a root that is not base64': "Log\n123\nThisIsn'tBase64\n",
    'a root that is too short': 'Log\n123\nYmFuYW5hcw==\n',
    'a root that is too long': `Log\n123\n${Buffer.alloc(33).toString('base64')}\n`,
    'a root with bits to spare': `Log\n123\n${ROOT.replace('q2I=', 'q2J=')}\n`,
    'a root without padding': `Log\n123\n${ROOT.slice(0, -1)}\n`,
    'a root and a space': `Log\n123\n${ROOT} \n`,
    'lines that end as on Windows': `Log\r\n123\r\n${ROOT}\r\n`,
  }))
    refuses(text, 'bad_checkpoint', what);
});

test('a checkpoint that nobody signed is no note', () => {
  refuses(`Log\n123\n${ROOT}\n`, 'bad_note', 'no signature');
  refuses(`Log\n123\n${ROOT}\n\n`, 'bad_note', 'an empty line and no signature');
});

test('a signed note whose text is no checkpoint is told to be none', () => {
  const signer = parseSigner(makeSignerKey('signature', 'example.com/log', Buffer.alloc(32, 5)));
  const text = 'Hello.\n';
  assert.throws(
    () => openCheckpoint(formatNote(text, [signer.sign(text, 0)]), [signer.verifier]),
    (error: unknown) => error instanceof ProofError && error.code === 'bad_checkpoint',
  );
});

test.run();
