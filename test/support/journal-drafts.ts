import { actionDigest } from '../../src/core/action.ts';
import { sha256 } from '../../src/core/digest.ts';
import type { Draft } from '../../src/core/entry.ts';
import { newId } from '../../src/core/ids.ts';
import type { AppendOptions, Journal } from '../../src/journal/journal.ts';
import type { FakeClock } from './clock.ts';
import { seededRandom } from './clock.ts';

const POLICY = { rule: 'writes', version: 'v1' };
const random = seededRandom(77);

/** An id of a request that is made now. */
export function requestId(clock: Pick<FakeClock, 'now'>): string {
  return newId('apr', clock.now(), random);
}

export function action(name: string) {
  const base = {
    agent: 'claude',
    owner: 'bob',
    server: 'files',
    tool: 'write_file',
    definition_sha256: sha256('definition'),
    args_commit: sha256(name),
  };
  return { ...base, action_digest: actionDigest(base) };
}

/** An allowed call, of which the end is not told yet. */
export function allowed(callId: string): readonly Draft[] {
  return [
    { type: 'call.requested', call_id: callId, ...action(callId) },
    { type: 'call.allowed', call_id: callId, policy: POLICY },
  ];
}

export function completed(callId: string): Draft {
  return { type: 'call.completed', call_id: callId, outcome: 'succeeded' };
}

/** A held call, asking alice and carol, of whom `quorum` must approve. */
export function held(id: string, clock: Pick<FakeClock, 'now'>, quorum = 1): readonly Draft[] {
  const callId = `call ${id}`;
  return [
    { type: 'call.requested', call_id: callId, ...action(id) },
    {
      type: 'approval.requested',
      request_id: id,
      call_id: callId,
      ...action(id),
      card_digest: sha256(`card ${id}`),
      policy: POLICY,
      terms: [
        { rule: 'writes', reviewers: ['alice', 'carol'], quorum, verification: 'link', reason: 'optional' },
      ],
      expires_at: new Date(clock.now() + 30 * 60_000).toISOString(),
      timeout_ms: 300_000,
      session: 'session',
    },
  ];
}

export function decided(id: string, reviewer = 'alice', decision: 'approve' | 'reject' = 'approve'): Draft {
  return {
    type: 'approval.decided',
    request_id: id,
    reviewer,
    verification: 'link',
    decision,
    opened_at: '2026-11-23T10:00:00.000Z',
    action_digest: action(id).action_digest,
    card_digest: sha256(`card ${id}`),
  };
}

export function resolved(id: string): Draft {
  return { type: 'approval.resolved', request_id: id, resolution: 'approved', reason: '' };
}

export function claimed(id: string, fence = 1): Draft {
  return { type: 'execution.claimed', request_id: id, fence, lease_until: '2026-11-23T10:01:00.000Z' };
}

export function started(id: string, fence = 1): Draft {
  return { type: 'execution.started', request_id: id, fence, action_digest: action(id).action_digest };
}

export function succeeded(id: string, fence = 1): Draft {
  return { type: 'execution.succeeded', request_id: id, fence };
}

export function at(request_id: string, version: number | null): AppendOptions {
  return { expect: { request_id, version } };
}

/** A whole held call: asked, approved by alice, executed. @returns the request's id */
export async function wholeStory(journal: Journal, clock: FakeClock): Promise<string> {
  const id = requestId(clock);
  let version = (await journal.append(held(id, clock), at(id, null))).at(-1)?.seq ?? null;
  for (const drafts of [[decided(id), resolved(id)], [claimed(id)], [started(id)], [succeeded(id)]]) {
    version = (await journal.append(drafts, at(id, version))).at(-1)?.seq ?? null;
  }
  return id;
}
