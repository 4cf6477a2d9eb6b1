import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isLinkToken, linkDigest, mintLink } from '../../src/core/link.ts';

test('a token is 32 bytes as base64url, and its digest SHA-256 over these characters', () => {
  const link = mintLink((size) => new Uint8Array(size).fill(0xff));
  assert.is(link.token, '__________________________________________8');
  assert.is(link.sha256, '225f7e75329dd45aa354975d73987319309393af3a4c6733bc13601a4f1b8796');
});

test('the digest of a token is that of its link', () => {
  const link = mintLink((size) => Uint8Array.from({ length: size }, (_, index) => index));
  assert.is(linkDigest(link.token), link.sha256);
});

test('what was minted has the shape of a token', () => {
  assert.ok(isLinkToken(mintLink((size) => new Uint8Array(size)).token));
});

for (const text of [
  '',
  'x',
  `${'A'.repeat(42)}B`,
  'A'.repeat(44),
  `${'A'.repeat(42)}=`,
  `${'A'.repeat(42)}\n`,
]) {
  test(`no token: ${JSON.stringify(text)}`, () => {
    assert.not.ok(isLinkToken(text));
  });
}

test.run();
