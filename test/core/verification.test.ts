import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Verification, VerificationLevel } from '../../src/core/entry.ts';
import { satisfies } from '../../src/core/verification.ts';

const CASES: readonly (readonly [Verification, VerificationLevel, boolean])[] = [
  ['link', 'link', true],
  ['link', 'sso', false],
  ['link', 'passkey', false],
  ['sso', 'link', true],
  ['sso', 'sso', true],
  ['sso', 'passkey', false],
  ['passkey', 'link', true],
  ['passkey', 'sso', true],
  ['passkey', 'passkey', true],
];
for (const [given, demanded, enough] of CASES) {
  test(`a decision by ${given} is ${enough ? '' : 'not '}enough where ${demanded} is asked`, () => {
    assert.is(satisfies(given, { verification: demanded }), enough);
  });
}

test('a verification that nobody knows satisfies nothing', () => {
  assert.is(satisfies('word' as Verification, { verification: 'link' }), false);
});

test.run();
