import type { Draft, Entry, EntryOf, Terms } from '../../src/core/entry.ts';
import type { Request } from '../../src/core/request.ts';
import { transition } from '../../src/core/transition.ts';

export const START = '2026-11-23T10:00:00.000Z';

/** `ms` milliseconds after the request was made, RFC 3339. */
export function later(ms: number): string {
  return new Date(Date.parse(START) + ms).toISOString();
}

export function stamped(draft: Draft, seq: number, time = later(seq * 1000)): Entry {
  return { ...draft, v: 1, seq, id: `ent_${seq}`, time, node: 'node_a' };
}

export const ONE_OF_TWO: Terms = {
  rule: 'writes',
  reviewers: ['alice', 'carol'],
  quorum: 1,
  verification: 'link',
  reason: 'optional',
};

/** An approval request by claude for bob that expires after 30 minutes. */
export function requested(terms: readonly Terms[] = [ONE_OF_TWO]): EntryOf<'approval.requested'> {
  const draft = {
    type: 'approval.requested',
    request_id: 'apr_1',
    call_id: 'cal_1',
    agent: 'claude',
    owner: 'bob',
    server: 'files',
    tool: 'write_file',
    definition_sha256: 'd'.repeat(64),
    action_digest: 'a'.repeat(64),
    args_commit: 'c'.repeat(64),
    card_digest: 'e'.repeat(64),
    policy: { rule: 'writes', version: 'f'.repeat(64) },
    terms,
    expires_at: later(30 * 60_000),
    timeout_ms: 300_000,
    session: 'ses_1',
  } as const;
  return stamped(draft, 0, START) as EntryOf<'approval.requested'>;
}

export function decided(
  reviewer: string,
  decision: 'approve' | 'reject' = 'approve',
  more: Partial<EntryOf<'approval.decided'>> = {},
): Draft {
  return {
    type: 'approval.decided',
    request_id: 'apr_1',
    reviewer,
    verification: 'link',
    decision,
    opened_at: START,
    action_digest: 'a'.repeat(64),
    card_digest: 'e'.repeat(64),
    ...more,
  };
}

export function resolved(resolution: EntryOf<'approval.resolved'>['resolution'], reason = 'said so'): Draft {
  return { type: 'approval.resolved', request_id: 'apr_1', resolution, reason };
}

export function claimed(fence = 1): Draft {
  return { type: 'execution.claimed', request_id: 'apr_1', fence, lease_until: later(60_000) };
}

export function started(fence = 1): Draft {
  return { type: 'execution.started', request_id: 'apr_1', fence, action_digest: 'a'.repeat(64) };
}

/** The request after these drafts, one second apart. */
export function after(drafts: readonly Draft[], terms?: readonly Terms[]): Request {
  let request = transition(undefined, requested(terms));
  drafts.forEach((draft, i) => {
    request = transition(request, stamped(draft, i + 1));
  });
  return request;
}
