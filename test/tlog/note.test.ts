/**
 * Vectors: keys and notes of Peter Neumann and Enoch Root are those of golang.org/x/mod, sumdb/note/note_test.go and
 * example_test.go; example.com/foo is C2SP's (signed-note.md); the cosignature of witness.example.com/w1 was made
 * with `openssl pkeyutl -sign -rawin` from the seed 00 01 02 … 1f over the message of C2SP's tlog-cosignature.md.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ProofError } from '../../src/core/errors.ts';
import {
  base64,
  checkNote,
  formatNote,
  makeSignerKey,
  parseNote,
  parseSigner,
  parseVerifier,
} from '../../src/tlog/note.ts';

const PETER_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETER_SECRET = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const ENOCH_KEY = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const BY_PETER =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
const BY_ENOCH =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=';

const SEED = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const WITNESS_KEY = 'witness.example.com/w1+a0059f11+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4';
const SOFA = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const COSIGNED_AT = 1_679_315_147;
const BY_WITNESS =
  '— witness.example.com/w1 oAWfEQAAAABkGFDLBuRDazBLVac2NE+Y+IjbjQOcXLfF9CSDZVUIoS83rE1nFZsVE8YiWV6Ngr7lV8H6bdoBQGP/l73euDMQ9k+bBQ==';

const peter = parseVerifier(PETER_KEY);
const enoch = parseVerifier(ENOCH_KEY);

function refuses(work: () => unknown, code: string): void {
  try {
    work();
  } catch (error) {
    assert.instance(error, ProofError);
    assert.is((error as ProofError).code, code);
    return;
  }
  assert.unreachable(`it was accepted where ${code} was expected`);
}

const names = (note: string, ...verifiers: Parameters<typeof checkNote>[1]) => {
  const { right, wrong } = checkNote(parseNote(note), verifiers);
  return { right: right.map(({ verifier }) => verifier.name), wrong };
};

test('the note of the specification is by its key', () => {
  const verifier = parseVerifier('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
  const note =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
  assert.equal(names(note, verifier), { right: ['example.com/foo'], wrong: [] });
});

test('a signer signs as Go does, and its key is kept as Go keeps it', () => {
  const signer = parseSigner(PETER_SECRET);
  assert.is(signer.verifier.vkey, PETER_KEY);
  assert.is(signer.verifier.id, 'c74f20a3');
  assert.is(signer.sign(TEXT, 0), BY_PETER);
  const seed = Buffer.from('810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173', 'hex');
  assert.is(makeSignerKey('signature', 'PeterNeumann', seed), PETER_SECRET);
});

test('signatures of the keys that are given are told, and those of others passed over', () => {
  const note = formatNote(TEXT, [BY_PETER, BY_ENOCH]);
  assert.is(note, `${TEXT}\n${BY_PETER}\n${BY_ENOCH}\n`);
  assert.equal(names(note, peter), { right: ['PeterNeumann'], wrong: [] });
  assert.equal(names(note, peter, enoch), { right: ['PeterNeumann', 'EnochRoot'], wrong: [] });
  assert.equal(names(note), { right: [], wrong: [] });
});

test('a text with empty lines ends at the last of them', () => {
  const text = 'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n';
  const line =
    '— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=';
  const parsed = parseNote(`${text}\n${line}\n`);
  assert.is(parsed.text, text);
  assert.is(parsed.signatures[0]?.name, 'quasimodo.example/salvatore');
  assert.is(parsed.signatures[0]?.id, '367ba04b');
});

test('a signature of a key of the same name and another id, or the other way round, is passed over', () => {
  const otherId = BY_PETER.replace('x08g', 'xxxx');
  const otherName = BY_PETER.replace('PeterNeumann', 'CarmenSandiego');
  assert.equal(names(formatNote(TEXT, [otherId, otherName]), peter), { right: [], wrong: [] });
});

test('a signature that is wrong is told apart from one that is not there', () => {
  for (const changed of [
    formatNote(TEXT.replace('answer', 'question'), [BY_PETER]),
    formatNote(TEXT, [BY_PETER.replace('ZJku', 'ZJkv')]),
    formatNote(TEXT, [`${BY_PETER.slice(0, 60)}ABCD${BY_PETER.slice(60)}`]),
  ])
    assert.equal(names(changed, peter), { right: [], wrong: ['PeterNeumann'] });
});

test('a key that signed twice counts once, and a wrong one of the two is still told', () => {
  assert.equal(names(formatNote(TEXT, [BY_PETER, BY_PETER]), peter), { right: ['PeterNeumann'], wrong: [] });
  const both = formatNote(TEXT, [BY_PETER, BY_PETER.replace('ZJku', 'ZJkv')]);
  assert.equal(names(both, peter), { right: ['PeterNeumann'], wrong: ['PeterNeumann'] });
});

test('what is not formed as a note is refused', () => {
  const note = formatNote(TEXT, [BY_PETER]);
  for (const [what, bad] of Object.entries({
    empty: '',
    'no signatures': TEXT,
    'an empty line and no signature': `${TEXT}\n`,
    'no line feed at the end': note.slice(0, -1),
    'a line feed too many': `${note}\n`,
    'a control character': `\u0001${note}`,
    'a tab': note.replace('If you', 'If\tyou'),
    'lines that end as on Windows': note.replaceAll('\n', '\r\n'),
    'a carriage return after the signature': `${note.slice(0, -1)}\r\n`,
    'half of a character': note.replace('If', '\uD800'),
    'a hyphen for a dash': note.replace('— ', '- '),
    'a name with a space': formatNote(TEXT, [BY_PETER.replace('PeterNeumann', 'Peter Neumann')]),
    'a name with a wide space': formatNote(TEXT, [BY_PETER.replace('PeterNeumann', 'Peter\u2003Neumann')]),
    'a name with a plus': formatNote(TEXT, [BY_PETER.replace('PeterNeumann', 'Peter+Neumann')]),
    'no name': formatNote(TEXT, [BY_PETER.replace('PeterNeumann', '')]),
    'two spaces': formatNote(TEXT, [BY_PETER.replace('PeterNeumann ', 'PeterNeumann  ')]),
    'a space at the end': formatNote(TEXT, [`${BY_PETER} `]),
    'a space before': formatNote(TEXT, [` ${BY_PETER}`]),
    'base64 for addresses': formatNote(TEXT, [BY_PETER.replaceAll('/', '_')]),
    'base64 without its padding': formatNote(TEXT, [BY_PETER.slice(0, -1)]),
    'base64 with bits to spare': formatNote(TEXT, [`${BY_PETER.slice(0, -2)}N=`]),
    'an id and nothing more': formatNote(TEXT, ['— PeterNeumann x08gow==']),
    'another line': `${note}Unexpected line.\n`,
    'too long': formatNote('x'.repeat(131_072), [BY_PETER]),
    'too many signatures': formatNote(
      TEXT,
      Array.from({ length: 65 }, () => BY_PETER),
    ),
  })) {
    try {
      parseNote(bad);
    } catch (error) {
      assert.is((error as ProofError).code, 'bad_note', what);
      continue;
    }
    assert.unreachable(`accepted: ${what}`);
  }
});

test('a note with sixteen signatures of five kilobytes each is read, as the specification demands', () => {
  const lines = Array.from(
    { length: 16 },
    (_, i) => `— other${i} ${Buffer.alloc(5_000, i).toString('base64')}`,
  );
  assert.equal(names(formatNote(TEXT, [...lines, BY_PETER]), peter), { right: ['PeterNeumann'], wrong: [] });
});

test('no part of a verifier key, and none with one character changed, is one', () => {
  for (let from = 0; from <= PETER_KEY.length; from += 1) {
    for (let to = from + 1; to <= PETER_KEY.length; to += 1)
      if (from > 0 || to < PETER_KEY.length)
        refuses(() => parseVerifier(PETER_KEY.slice(from, to)), 'bad_key');
    if (from < PETER_KEY.length) {
      const next = String.fromCharCode(PETER_KEY.charCodeAt(from) + 1);
      refuses(() => parseVerifier(PETER_KEY.slice(0, from) + next + PETER_KEY.slice(from + 1)), 'bad_key');
    }
  }
  refuses(
    () => parseVerifier('PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='),
    'bad_key',
  );
  refuses(
    () => parseVerifier('PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'),
    'bad_key',
  );
});

test('no part of a signing key, and none with one character changed, is one; what is said shows none of it', () => {
  for (let at = 0; at < PETER_SECRET.length; at += 1) {
    const next = String.fromCharCode(PETER_SECRET.charCodeAt(at) + 1);
    refuses(() => parseSigner(PETER_SECRET.slice(at + 1)), 'bad_key');
    refuses(() => parseSigner(PETER_SECRET.slice(0, at)), 'bad_key');
    try {
      parseSigner(PETER_SECRET.slice(0, at) + next + PETER_SECRET.slice(at + 1));
      assert.unreachable(`accepted with its character ${at} changed`);
    } catch (error) {
      assert.instance(error, ProofError);
      assert.not.match((error as Error).message, /EKFALV/);
    }
  }
});

test('a name that could not stand in a signature line names no key', () => {
  for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u00A0b', 'a\u202Eb'])
    assert.throws(() => makeSignerKey('signature', name, SEED), /cannot be the name of a key/);
});

test('a cosignature is what the specification says, made and checked', () => {
  const signer = parseSigner(makeSignerKey('cosignature', 'witness.example.com/w1', SEED));
  assert.is(signer.verifier.vkey, WITNESS_KEY);
  assert.is(signer.sign(SOFA, COSIGNED_AT), BY_WITNESS);
  const { right } = checkNote(parseNote(formatNote(SOFA, [BY_WITNESS])), [parseVerifier(WITNESS_KEY)]);
  assert.equal(
    right.map(({ verifier, time }) => [verifier.kind, verifier.name, time]),
    [['cosignature', 'witness.example.com/w1', 1_679_315_147]],
  );
});

test('a cosignature is void at another time, over another text, and without its time', () => {
  const witness = parseVerifier(WITNESS_KEY);
  const bytes = Buffer.from(BY_WITNESS.split(' ')[2] ?? '', 'base64');
  const line = (changed: Buffer) => `— witness.example.com/w1 ${changed.toString('base64')}`;
  const later = Buffer.from(bytes);
  later.writeBigUInt64BE(1_679_315_148n, 4);
  const never = Buffer.from(bytes);
  never.writeBigUInt64BE(2n ** 64n - 1n, 4);
  for (const note of [
    formatNote(SOFA, [line(later)]),
    formatNote(SOFA, [line(never)]),
    formatNote(SOFA, [line(Buffer.concat([bytes.subarray(0, 4), bytes.subarray(12)]))]),
    formatNote(SOFA.replace('20852163', '20852164'), [BY_WITNESS]),
  ])
    assert.equal(names(note, witness), { right: [], wrong: ['witness.example.com/w1'] });
});

test('the same secret under both kinds makes two keys, and neither signs for the other', () => {
  const log = parseSigner(makeSignerKey('signature', 'example.com/behind-the-sofa', SEED));
  const cosigner = parseSigner(makeSignerKey('cosignature', 'example.com/behind-the-sofa', SEED));
  assert.is.not(log.verifier.id, cosigner.verifier.id);
  assert.equal(names(formatNote(SOFA, [cosigner.sign(SOFA, 1)]), log.verifier), { right: [], wrong: [] });
});

test('base64 is read in its one canonical form', () => {
  assert.equal(base64('Zm9v'), Buffer.from('foo'));
  assert.equal(base64(''), Buffer.alloc(0));
  for (const bad of ['Zm9', 'Zm9=', 'Zh==', 'Zm9v\n', ' Zm9v', 'Zm 9v', 'Zm-_', 'Zg=', '====', 'Zg==Zg=='])
    assert.is(base64(bad), undefined, bad);
});

test.run();
