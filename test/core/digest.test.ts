import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { actionDigest } from '../../src/core/action.ts';
import { commitmentTo, digestOf, sha256 } from '../../src/core/digest.ts';

const ACTION = {
  agent: 'claude',
  owner: 'bob',
  server: 'files',
  tool: 'write_file',
  definition_sha256: 'd'.repeat(64),
  args_commit: 'c'.repeat(64),
};

test('sha256 gives the digest of FIPS 180-4 for abc', () => {
  assert.is(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('sha256 of parts is that of the parts put together', () => {
  assert.is(sha256('a', new Uint8Array([0x62]), 'c'), sha256('abc'));
});

test('digestOf does not depend on the order in which members were written', () => {
  assert.is(digestOf({ a: 1, b: 2 }), '43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777');
  assert.is(digestOf({ b: 2, a: 1 }), '43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777');
});

test('commitmentTo hashes the salt before the bytes', () => {
  assert.is(commitmentTo(new TextEncoder().encode('a'), 'bc'), sha256('abc'));
});

for (const member of ['agent', 'owner', 'server', 'tool', 'definition_sha256', 'args_commit'] as const) {
  test(`the action digest changes with ${member}`, () => {
    assert.is.not(actionDigest({ ...ACTION, [member]: 'other' }), actionDigest(ACTION));
  });
}

test('the action digest covers the six members and nothing else', () => {
  const more = { ...ACTION, extra: 1 };
  assert.is(actionDigest(more), digestOf(ACTION));
});

test.run();
