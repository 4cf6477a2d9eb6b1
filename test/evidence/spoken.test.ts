import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft } from '../../src/core/entry.ts';
import { createEntryCheck } from '../../src/evidence/entry-check.ts';
import { signOnReceipt } from '../support/identity-entries.ts';
import {
  claimed,
  decided,
  ONE_OF_TWO,
  requested,
  resolved,
  stamped,
  started,
} from '../support/request-entries.ts';

const { agent, owner, server, tool, definition_sha256, action_digest, args_commit, call_id } = requested();
const called: Draft = {
  type: 'call.requested',
  call_id,
  agent,
  owner,
  server,
  tool,
  definition_sha256,
  action_digest,
  args_commit,
};
const key = { person: 'alice', key_id: 'ci' } as const;
const issued: Draft = {
  type: 'reviewer.key_issued',
  ...key,
  key_sha256: 'b'.repeat(64),
  name: 'CI',
  scope: 'decide',
  expires_at: '2027-01-01T00:00:00.000Z',
  receipt: signOnReceipt('1'),
};
const revoked: Draft = { type: 'reviewer.key_revoked', ...key, by: 'alice', reason: 'lost' };
const byKey = decided('alice', 'approve', { verification: 'api', receipt: { kind: 'api', key_id: 'ci' } });

/** What the verifier finds in a journal of these after the request was made. */
function found(drafts: readonly Draft[]): readonly string[] {
  const check = createEntryCheck(Date.parse('2026-12-01T00:00:00.000Z'));
  const { terms: _, ...rest } = requested();
  const asked = { ...rest, terms: [{ ...ONE_OF_TWO, admits: ['api'] as const }] };
  const codes = new Set<string>();
  for (const [seq, draft] of [called, asked, issued, ...drafts].entries())
    check.check(stamped(draft, seq), (code) => void codes.add(code));
  // The ids and the digest of these entries are made up.
  return [...codes].filter((code) => code !== 'time' && code !== 'action_digest');
}

test('a start that follows the approval of a key that still held is in order', () => {
  assert.equal(found([byKey, resolved('approved'), claimed(), started()]), []);
});

test('a start after the key that approved was revoked is found', () => {
  assert.equal(found([byKey, resolved('approved'), revoked, claimed(), started()]), ['no_quorum']);
});

test('a key that was revoked after the start changes nothing', () => {
  assert.equal(found([byKey, resolved('approved'), claimed(), started(), revoked]), []);
});

test.run();
