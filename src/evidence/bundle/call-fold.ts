import type { Entry, EntryOf } from '../../core/entry.ts';
import type { CallRow } from '../../core/evidence.ts';

/** A call as its entries so far tell it. */
export type Growing = {
  -readonly [K in keyof CallRow]: CallRow[K] extends readonly (infer E)[] ? E[] : CallRow[K];
};

export function begin(entry: EntryOf<'call.requested'>): Growing {
  return {
    call_id: entry.call_id,
    seq: entry.seq,
    requested_at: entry.time,
    agent: entry.agent,
    owner: entry.owner,
    server: entry.server,
    tool: entry.tool,
    definition_sha256: entry.definition_sha256,
    action_digest: entry.action_digest,
    args_commit: entry.args_commit,
    verdict: 'none',
    rule: '',
    policy_version: '',
    decisions: [],
    outcome: 'under_way',
    entries: [entry.seq],
  };
}

/** Takes up an entry of the call or of its request. Whether it was legal is for the host and the verifier to say. */
export function grow(row: Growing, entry: Entry): void {
  row.entries.push(entry.seq);
  switch (entry.type) {
    case 'call.allowed':
      judged(row, 'allow', entry);
      return;
    case 'call.denied':
      judged(row, 'deny', entry);
      row.outcome = 'denied';
      row.ended_at = entry.time;
      return;
    case 'call.completed':
      // Of a held call it says that its agent was told.
      if (row.verdict === 'review' || entry.outcome === 'delivered') return;
      ended(row, entry.outcome === 'unknown' ? 'outcome_unknown' : entry.outcome, entry);
      return;
    case 'approval.requested':
      judged(row, 'review', entry);
      row.request_id = entry.request_id;
      row.outcome = 'pending';
      return;
    case 'approval.decided':
      row.decisions.push({
        seq: entry.seq,
        person: entry.reviewer,
        decision: entry.decision,
        verification: entry.verification,
        at: entry.time,
        ...(entry.reason === undefined ? {} : { reason: entry.reason }),
        ...(entry.solo === undefined ? {} : { solo: entry.solo }),
      });
      return;
    case 'approval.resolved':
      resolved(row, entry);
      return;
    case 'execution.started':
      row.started_at = entry.time;
      return;
    case 'execution.succeeded':
      ended(row, 'succeeded', entry);
      return;
    case 'execution.failed':
      ended(row, 'failed', entry);
      return;
    case 'execution.outcome_unknown':
      row.outcome = 'outcome_unknown';
      row.ended_at = entry.time;
      return;
    case 'execution.reconciled':
      row.outcome = `reconciled_${entry.outcome}`;
      return;
    default:
      return;
  }
}

/** Nothing more is expected to change its outcome: an unknown one waits for a person's word. */
export function isSettled(row: Growing): boolean {
  switch (row.outcome) {
    case 'pending':
    case 'under_way':
      return false;
    case 'outcome_unknown':
      return row.verdict !== 'review';
    default:
      return true;
  }
}

function judged(
  row: Growing,
  verdict: CallRow['verdict'],
  { policy }: EntryOf<'call.allowed' | 'call.denied' | 'approval.requested'>,
): void {
  row.verdict = verdict;
  row.rule = policy.rule;
  row.policy_version = policy.version;
}

function resolved(row: Growing, { resolution, time }: EntryOf<'approval.resolved'>): void {
  row.resolution = resolution;
  row.resolved_at = time;
  if (resolution === 'approved' || resolution === 'rejected') row.decided_at = time;
  if (resolution === 'approved') {
    row.outcome = 'under_way';
    return;
  }
  row.outcome = resolution;
  row.ended_at = time;
}

function ended(
  row: Growing,
  outcome: Growing['outcome'],
  entry: EntryOf<'call.completed' | 'execution.succeeded' | 'execution.failed'>,
): void {
  row.outcome = outcome;
  row.ended_at = entry.time;
  if (entry.result_commit !== undefined) row.result_commit = entry.result_commit;
}
