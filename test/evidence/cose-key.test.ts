import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCoseKey } from '../../src/evidence/cose-key.ts';
import { cbor } from '../support/cbor.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const base64url = (text: string) => hex(text).toString('base64url');

/** RFC 8032, 7.1, test 2: key, message, signature. */
const ED25519 = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
const ED25519_SIGNATURE =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';

test('an Ed25519 key verifies the signature of RFC 8032, and no other', () => {
  const key = readCoseKey(base64url(`a4 01 01 03 27 20 06 21 5820 ${ED25519}`));
  assert.is(key.algorithm, -8);
  assert.is(key.verifies(hex('72'), hex(ED25519_SIGNATURE)), true);
  assert.is(key.verifies(hex('73'), hex(ED25519_SIGNATURE)), false);
  assert.is(key.verifies(hex('72'), hex('00')), false);
});

test('a P-256 key verifies the signature of RFC 6979, A.2.5, in the DER form that WebAuthn uses', () => {
  const x = '60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6';
  const y = '7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299';
  const r = 'EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716';
  const s = 'F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8';
  const key = readCoseKey(base64url(`a5 01 02 03 26 20 01 21 5820 ${x} 22 5820 ${y}`));
  assert.is(key.algorithm, -7);
  assert.is(key.verifies(Buffer.from('sample'), hex(`3046 0221 00${r} 0221 00${s}`)), true);
  assert.is(key.verifies(Buffer.from('simple'), hex(`3046 0221 00${r} 0221 00${s}`)), false);
  assert.is(key.verifies(Buffer.from('sample'), hex(`${r}${s}`)), false);
});

for (const [what, bytes] of [
  ['nothing', ''],
  ['a list', '80'],
  ['an empty map', 'a0'],
  ['a map that ends too early', 'a4 01 01 03 27'],
  ['a map that promises far more than there is', 'ba ffffffff'],
  ['a byte string that promises more than there is', `a4 01 01 03 27 20 06 21 5840 ${ED25519}`],
  ['a key with something after it', `a4 01 01 03 27 20 06 21 5820 ${ED25519} 00`],
  ['a member that stands twice', `a5 01 01 03 27 20 06 21 5820 ${ED25519} 20 06`],
  ['a text', 'a1 61 61 01'],
  ['a length of eight bytes', 'a1 01 5b 00 00 00 00 00 00 00 01 00'],
  ['an Ed25519 key without its point', 'a3 01 01 03 27 20 06'],
  ['an Ed25519 key of another curve', `a4 01 01 03 27 20 04 21 5820 ${ED25519}`],
  ['an Ed25519 key that is too short', 'a4 01 01 03 27 20 06 21 42 0000'],
  ['a P-256 key off the curve', `a5 01 02 03 26 20 01 21 5820 ${ED25519} 22 5820 ${ED25519}`],
  ['an RSA key without an exponent', 'a3 01 03 03 39 0100 20 42 0001'],
  ['an algorithm that is not known', 'a1 03 38 22'],
] as const) {
  test(`${what} is no key`, () => {
    assert.throws(
      () => readCoseKey(base64url(bytes)),
      (error: unknown) => error instanceof TypeError,
    );
  });
}

test('an algorithm that does not fit the kind of key is no key', () => {
  const key = new Map<number, unknown>([
    [1, 1],
    [3, -7],
    [-1, 6],
    [-2, hex(ED25519)],
  ]);
  assert.throws(() => readCoseKey(cbor(key).toString('base64url')), /of no algorithm that is known here/);
});

test.run();
