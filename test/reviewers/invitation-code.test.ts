import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeDigest, newCode } from '../../src/reviewers/invitation-code.ts';
import { seededRandom } from '../support/clock.ts';

const KEY = Buffer.alloc(32, 3);
const of = (code: string, invitation = 'inv_1', key = KEY) => codeDigest(key, invitation, code);

test('a code is two groups of four letters that cannot be mistaken for digits', () => {
  const random = seededRandom();
  const codes = Array.from({ length: 500 }, () => newCode(random));
  for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  assert.is(new Set(codes).size, 500);
  assert.is(new Set(codes.join('')).size, 33);
});

test('every byte is a letter, each as likely', () => {
  const seen = new Map<string, number>();
  for (let first = 0; first < 256; first += 8) {
    const code = newCode((size) => Uint8Array.from({ length: size }, (_, index) => first + index));
    for (const letter of code.replace('-', '')) seen.set(letter, (seen.get(letter) ?? 0) + 1);
  }
  assert.equal([...new Set(seen.values())], [8]);
  assert.is(seen.size, 32);
});

test('a code may be typed in any case, spaced in any way, with letters for digits', () => {
  const digest = of('7K10-01TX');
  for (const spelling of [
    '7k10-01tx',
    '7K1001TX',
    ' 7k10 01tx\n',
    '7KIO-OLTX',
    '7kl0–o1tx',
    '7.K.1.0.0.1.T.X',
  ])
    assert.is(of(spelling), digest, spelling);
});

test('any other code is another', () => {
  const digest = of('7K10-01TX');
  for (const other of ['', '7K10', '7K10-01T', '7K10-01TXX', '7K10-01TY', 'TX10-017K', '7K100-1T', '\u0000'])
    assert.is.not(of(other), digest, other);
});

test('the digest is of one invitation and under one key, in hexadecimal', () => {
  const digest = of('7K10-01TX');
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.is.not(of('7K10-01TX', 'inv_2'), digest);
  assert.is.not(of('7K10-01TX', 'inv_1', Buffer.alloc(32, 4)), digest);
  assert.is.not(of('1\n7K10-01TX', 'inv_'), digest);
});

test.run();
