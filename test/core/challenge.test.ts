import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { challengeOf, type Act } from '../../src/core/challenge.ts';

const A = 'a'.repeat(64);
const C = 'c'.repeat(64);

/** Each act, and the very characters over which its challenge is the SHA-256. */
const ACTS: readonly (readonly [Act, string])[] = [
  [
    {
      act: 'decide',
      request_id: 'apr_1',
      action_digest: A,
      card_digest: C,
      decision: 'approve',
      reviewer: 'alice',
      nonce: 'bm9uY2U',
    },
    `{"act":"decide","action_digest":"${A}","card_digest":"${C}","decision":"approve","nonce":"bm9uY2U","request_id":"apr_1","reviewer":"alice","v":1}`,
  ],
  [
    {
      act: 'reconcile',
      request_id: 'apr_1',
      action_digest: A,
      outcome: 'not_done',
      reviewer: 'alice',
      nonce: 'bm9uY2U',
    },
    `{"act":"reconcile","action_digest":"${A}","nonce":"bm9uY2U","outcome":"not_done","request_id":"apr_1","reviewer":"alice","v":1}`,
  ],
  [{ act: 'sign_in', nonce: 'bm9uY2U' }, '{"act":"sign_in","nonce":"bm9uY2U","v":1}'],
  [
    { act: 'enrol', person: 'alice', nonce: 'bm9uY2U' },
    '{"act":"enrol","nonce":"bm9uY2U","person":"alice","v":1}',
  ],
  [
    {
      act: 'review_evidence',
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
      size: 40,
      exceptions: 2,
      exceptions_sha256: A,
      reviewer: 'ann',
      nonce: 'bm9uY2U',
    },
    `{"act":"review_evidence","exceptions":2,"exceptions_sha256":"${A}","from":"2026-11-01T00:00:00.000Z","nonce":"bm9uY2U","reviewer":"ann","size":40,"to":"2026-12-01T00:00:00.000Z","v":1}`,
  ],
  [
    { act: 'add_passkey', person: 'alice', nonce: 'bm9uY2U' },
    '{"act":"add_passkey","nonce":"bm9uY2U","person":"alice","v":1}',
  ],
  [
    { act: 'revoke_passkey', person: 'alice', credential_id: 'a2V5', nonce: 'bm9uY2U' },
    '{"act":"revoke_passkey","credential_id":"a2V5","nonce":"bm9uY2U","person":"alice","v":1}',
  ],
  [
    {
      act: 'approve_invitation',
      invitation: 'inv_1',
      person: 'alice',
      approver: 'bob',
      nonce: 'bm9uY2U',
    },
    '{"act":"approve_invitation","approver":"bob","invitation":"inv_1","nonce":"bm9uY2U","person":"alice","v":1}',
  ],
];

for (const [act, text] of ACTS) {
  test(`the challenge to ${act.act} is SHA-256 over its canonical JSON, in base64url`, () => {
    assert.is(challengeOf(act), createHash('sha256').update(text, 'utf8').digest('base64url'));
  });

  test(`the challenge to ${act.act} is another one when any member is`, () => {
    for (const member of Object.keys(act)) {
      if (member === 'act') continue;
      const other = { ...act, [member]: 'other' } as Act;
      assert.is.not(challengeOf(other), challengeOf(act), member);
    }
  });
}

test('two acts about the same person with the same nonce have two challenges', () => {
  const challenges = ACTS.map(([act]) => challengeOf(act));
  assert.is(new Set(challenges).size, 8);
});

test('the order in which members are written does not count', () => {
  assert.is(
    challengeOf({ nonce: 'n', person: 'alice', act: 'enrol' }),
    challengeOf({ act: 'enrol', person: 'alice', nonce: 'n' }),
  );
});

test('to approve has the challenge that openssl computes', () => {
  const [decide] = ACTS;
  assert.ok(decide);
  assert.is(challengeOf(decide[0]), 'D59yNMjG-J2kNw8RgI1nOTQkpbklVsQ9ybCM4EGWog8');
});

test.run();
