import type { EntryOf, Verification } from './entry.ts';

/** What a request came to, in one word. */
export type HistoryOutcome =
  | 'pending'
  | 'approved'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'voided'
  | 'succeeded'
  | 'failed'
  | 'outcome_unknown';

/** A request as the history lists it. Times are RFC 3339, UTC. */
export interface HistoryItem {
  readonly id: string;
  readonly call_id: string;
  readonly requested_at: string;
  readonly agent: string;
  readonly owner: string;
  readonly server: string;
  readonly tool: string;
  /** The rules that asked for it, joined by a comma. */
  readonly rule: string;
  /** Everyone who was asked. */
  readonly asked: readonly string[];
  readonly deciders: readonly {
    readonly person: string;
    readonly decision: 'approve' | 'reject';
    readonly verification: Verification;
  }[];
  readonly outcome: HistoryOutcome;
  /** When the outcome came about; that of the request while it is pending. */
  readonly outcome_at: string;
  readonly args_commit: string;
  readonly args_at?: string;
  /** Since when its payloads are gone, or ordered to be, and the operator's reason. */
  readonly erased?: { readonly at: string; readonly reason: string };
}

/** What requests of one kind are counted by. */
export type HistoryGroup = 'approved' | 'rejected' | 'ended' | 'pending';

export function itemOf(entry: EntryOf<'approval.requested'>): HistoryItem {
  return {
    id: entry.request_id,
    call_id: entry.call_id,
    requested_at: entry.time,
    agent: entry.agent,
    owner: entry.owner,
    server: entry.server,
    tool: entry.tool,
    rule: entry.policy.rule,
    asked: [...new Set(entry.terms.flatMap((terms) => terms.reviewers))],
    deciders: [],
    outcome: 'pending',
    outcome_at: entry.time,
    args_commit: entry.args_commit,
    ...(entry.args_at === undefined ? {} : { args_at: entry.args_at }),
  };
}

export function groupOf({ outcome }: HistoryItem): HistoryGroup {
  switch (outcome) {
    case 'pending':
    case 'rejected':
      return outcome;
    case 'expired':
    case 'cancelled':
    case 'voided':
      return 'ended';
    case 'approved':
    case 'succeeded':
    case 'failed':
    case 'outcome_unknown':
      return 'approved';
  }
}

/** All that a text is looked for in, lower case. */
export function textOf(item: HistoryItem): string {
  return [item.id, item.agent, item.owner, item.server, item.tool, item.rule, ...item.asked]
    .join(' ')
    .toLowerCase();
}
