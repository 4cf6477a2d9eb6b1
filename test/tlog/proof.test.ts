/** Shapes of C2SP's tlog-proof.md and tlog-witness.md; some refusals follow transparency-dev/formats, proof/tlog_proof_test.go. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ProofError } from '../../src/core/errors.ts';
import { formatProof, parseProof } from '../../src/tlog/proof.ts';
import { formatSubmission, parseSubmission } from '../../src/tlog/submission.ts';

/** SHA-256 of `hash1` and of `hash2`. */
const ONE = 'rzFuy5Go7nrpkhBwKy1HWPMM3eO/YePY54fXRoH5Cm4=';
const TWO = '5784L25ZFbP4hhm4ZiI+vx1RxMUyHMzeLp/3AKMlkIY=';
const HEAD = 'c2sp.org/tlog-proof@v1';

function refuses(work: () => unknown, code: string, what: string): void {
  try {
    work();
  } catch (error) {
    assert.instance(error, ProofError, what);
    assert.is((error as ProofError).code, code, what);
    return;
  }
  assert.unreachable(`accepted: ${what}`);
}

test('a proof is written as the specification says, and read back', () => {
  const proof = {
    extra: Buffer.from('extra information'),
    index: 10,
    hashes: [ONE, TWO].map((hash) => Buffer.from(hash, 'base64')),
    checkpoint: 'example.com/log\n42\n…\n\n— example.com/log …\n',
  };
  const text = `${HEAD}\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 10\n${ONE}\n${TWO}\n\nexample.com/log\n42\n…\n\n— example.com/log …\n`;
  assert.is(formatProof(proof), text);
  assert.equal(parseProof(text), proof);
});

test('a proof needs nothing extra, and the only entry of a log no hashes', () => {
  const proof = { index: 0, hashes: [], checkpoint: 'checkpoint\n' };
  assert.is(formatProof(proof), `${HEAD}\nindex 0\n\ncheckpoint\n`);
  assert.equal(parseProof(`${HEAD}\nindex 0\n\ncheckpoint\n`), proof);
});

test('what is extra may be empty', () => {
  assert.equal(parseProof(`${HEAD}\nextra \nindex 0\n\ncheckpoint\n`).extra, Buffer.alloc(0));
});

test('the checkpoint is handed on to the last byte', () => {
  assert.is(parseProof(`${HEAD}\nindex 0\n\n a \r\n\n\tb\n\n`).checkpoint, ' a \r\n\n\tb\n\n');
});

test('the largest index of ours is read', () => {
  assert.is(parseProof(`${HEAD}\nindex 9007199254740991\n\nc\n`).index, 9_007_199_254_740_991);
});

test('what is not formed as a proof is refused', () => {
  for (const [what, text] of Object.entries({
    nothing: '',
    'another head': `wrong-header\nindex 0\n\ncheckpoint\n`,
    'a later version': `c2sp.org/tlog-proof@v2\nindex 0\n\ncheckpoint\n`,
    'a space before the head': ` ${HEAD}\nindex 0\n\ncheckpoint\n`,
    'no empty line': `${HEAD}\nindex 0\ncheckpoint\n`,
    'no index': `${HEAD}\n\n\ncheckpoint\n`,
    'an index that is no number': `${HEAD}\nindex notanumber\n\ncheckpoint\n`,
    'a negative index': `${HEAD}\nindex -5\n\ncheckpoint\n`,
    'an index with a zero before it': `${HEAD}\nindex 05\n\ncheckpoint\n`,
    'an index with a space after it': `${HEAD}\nindex 5 \n\ncheckpoint\n`,
    'two spaces before the index': `${HEAD}\nindex  5\n\ncheckpoint\n`,
    'an index that no whole number of ours holds': `${HEAD}\nindex 9007199254740993\n\ncheckpoint\n`,
    'an enormous index': `${HEAD}\nindex ${'9'.repeat(400)}\n\ncheckpoint\n`,
    'an index twice': `${HEAD}\nindex 0\nindex 0\n\ncheckpoint\n`,
    'the index before what is extra': `${HEAD}\nindex 0\nextra Zm9v\n\ncheckpoint\n`,
    'something extra that is not base64': `${HEAD}\nextra !!notbase64!!\nindex 0\n\ncheckpoint\n`,
    'something extra with bits to spare': `${HEAD}\nextra Zh==\nindex 0\n\ncheckpoint\n`,
    'something extra twice': `${HEAD}\nextra Zm9v\nextra Zm9v\nindex 0\n\ncheckpoint\n`,
    'a hash that is not base64': `${HEAD}\nindex 0\n!!notbase64!!\n\ncheckpoint\n`,
    'a hash that is too long': `${HEAD}\nindex 0\n${Buffer.alloc(64).toString('base64')}\n\ncheckpoint\n`,
    'a hash with bits to spare': `${HEAD}\nindex 0\n${ONE.replace('Cm4=', 'Cm5=')}\n\ncheckpoint\n`,
    'a hash and a space': `${HEAD}\nindex 0\n${ONE} \n\ncheckpoint\n`,
    'lines that end as on Windows': `${HEAD}\r\nindex 0\r\n\r\ncheckpoint\r\n`,
    'more hashes than any tree has levels': `${HEAD}\nindex 0\n${`${ONE}\n`.repeat(64)}\ncheckpoint\n`,
  }))
    refuses(() => parseProof(text), 'bad_proof', what);
});

test('a submission to a witness is written as the specification says, and read back', () => {
  const submission = {
    old: 20_852_014,
    proof: [ONE, TWO].map((hash) => Buffer.from(hash, 'base64')),
    checkpoint: 'example.com/log\n42\n…\n\n— example.com/log …\n',
  };
  const text = `old 20852014\n${ONE}\n${TWO}\n\nexample.com/log\n42\n…\n\n— example.com/log …\n`;
  assert.is(formatSubmission(submission), text);
  assert.equal(parseSubmission(text), submission);
});

test('the first submission has the old size 0 and no proof', () => {
  assert.equal(parseSubmission('old 0\n\ncheckpoint\n'), { old: 0, proof: [], checkpoint: 'checkpoint\n' });
});

test('what is not formed as a submission is refused', () => {
  for (const [what, text] of Object.entries({
    nothing: '',
    'no old size': `${ONE}\n\ncheckpoint\n`,
    'no empty line': 'old 0\ncheckpoint\n',
    'nothing but the old size': 'old 0\n',
    'a negative size': 'old -1\n\ncheckpoint\n',
    'a size with a zero before it': 'old 01\n\ncheckpoint\n',
    'a size that no whole number of ours holds': 'old 9007199254740993\n\ncheckpoint\n',
    'a capital letter': 'Old 0\n\ncheckpoint\n',
    'a hash that is too short': 'old 1\nYmFuYW5hcw==\n\ncheckpoint\n',
    'a hash that is not base64': 'old 1\n!!notbase64!!\n\ncheckpoint\n',
    'more than 63 hashes': `old 1\n${`${ONE}\n`.repeat(64)}\ncheckpoint\n`,
    'lines that end as on Windows': 'old 0\r\n\r\ncheckpoint\r\n',
  }))
    refuses(() => parseSubmission(text), 'bad_submission', what);
  assert.is(parseSubmission(`old 1\n${`${ONE}\n`.repeat(63)}\ncheckpoint\n`).proof.length, 63);
});

test.run();
