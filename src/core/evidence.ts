/** What an auditor is told of a period: every call with its outcome, and everything that was out of the ordinary. */

import type { DecisionKind, Resolution, Verification } from './entry.ts';

/** `[from, to)`, RFC 3339, UTC. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** What a call came to, as it stood at the end of the period. */
export type CallOutcome =
  | 'succeeded'
  | 'failed'
  | 'outcome_unknown'
  | 'reconciled_done'
  | 'reconciled_not_done'
  | 'denied'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'voided'
  /** It waits for people. */
  | 'pending'
  /** Approved or allowed, and without an end yet. */
  | 'under_way';

/** One decision on a call. */
export interface CallDecision {
  readonly seq: number;
  readonly person: string;
  readonly decision: DecisionKind;
  readonly verification: Verification;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly reason?: string;
  readonly solo?: true;
}

/**
 * One call of the population: of which something happened in the period. Times are RFC 3339, UTC; sequence numbers are
 * those of the journal.
 */
export interface CallRow {
  readonly call_id: string;
  /** Of its `call.requested`. */
  readonly seq: number;
  readonly requested_at: string;
  /** It was requested before the period, and something of it happened within. */
  readonly carried?: true;
  readonly agent: string;
  readonly owner: string;
  readonly server: string;
  readonly tool: string;
  readonly definition_sha256: string;
  readonly action_digest: string;
  readonly args_commit: string;
  /** `none`: its verdict does not stand in the journal, as the host ended in between. */
  readonly verdict: 'allow' | 'deny' | 'review' | 'none';
  /** The rules that gave the verdict, joined by a comma; empty where there was none. */
  readonly rule: string;
  readonly policy_version: string;
  readonly request_id?: string;
  readonly decisions: readonly CallDecision[];
  readonly resolution?: Resolution;
  readonly resolved_at?: string;
  /** When people had approved or rejected it. A later resolution, such as `voided`, changes nothing of it. */
  readonly decided_at?: string;
  readonly started_at?: string;
  readonly ended_at?: string;
  readonly outcome: CallOutcome;
  readonly result_commit?: string;
  /**
   * All entries that carry its id or that of its request, up to the end of the period, in order; but for those that tell
   * of erasures and holds (`payload.…`, `hold.…`), which can come years after the call and are exceptions by themselves.
   */
  readonly entries: readonly number[];
}

export const EXCEPTION_KINDS = [
  'denied',
  'expired',
  'voided',
  'outcome_unknown',
  'reconciled',
  'solo_approval',
  'self_approval_refused',
  'verification_refused',
  'notice_failed',
  'escalated',
  'policy_changed',
  'people_changed',
  'definition_changed',
  'definition_accepted',
  'key_changed',
  'log_recovered',
  'payload_erased',
  'hold',
  'secret_revealed',
  'agent_key',
  'reviewer_key',
] as const;

export type ExceptionKind = (typeof EXCEPTION_KINDS)[number];

/**
 * Something that an auditor wants to look at. A change is one only where something stood before: the first policy and
 * the first people of a workspace, and the first key of its log, are none.
 */
export interface Exception {
  readonly kind: ExceptionKind;
  /** The entry that says so. */
  readonly seq: number;
  readonly at: string;
  readonly call_id?: string;
  readonly request_id?: string;
  readonly agent?: string;
  readonly server?: string;
  readonly tool?: string;
  /** Whom it is about, or who did it: an id of people.yaml, `operator` or `placet`. */
  readonly person?: string;
  /** One sentence, as an entry has it or of Placet's own. */
  readonly detail: string;
}

/** A part of a list of exceptions, in the order of their entries. */
export interface ExceptionRange {
  /** Only those of it count; all unless given. */
  readonly kind?: ExceptionKind;
  /** How many are passed over. */
  readonly skip: number;
  /** How many are given, at the most. */
  readonly most: number;
}

/** Counts over a population, the carried calls among them. */
export interface Tally {
  readonly calls: number;
  readonly carried: number;
  readonly by_verdict: Readonly<Record<string, number>>;
  readonly by_outcome: Readonly<Record<string, number>>;
  /** By `server/tool`. */
  readonly by_tool: Readonly<Record<string, number>>;
  readonly by_agent: Readonly<Record<string, number>>;
  /** Decisions in the period, by person. */
  readonly by_person: Readonly<Record<string, { readonly approve: number; readonly reject: number }>>;
  /** The same decisions. */
  readonly by_verification: Readonly<Record<string, number>>;
  /** By day, UTC, such as `2026-11-30`; every day of the period on which calls were requested. */
  readonly by_day: Readonly<Record<string, { readonly calls: number; readonly held: number }>>;
  /**
   * From the request until people had approved or rejected it, in milliseconds, where they did in the period; absent
   * where they did not.
   */
  readonly time_to_decision?: {
    readonly median: number;
    readonly p95: number;
    readonly most: number;
    readonly count: number;
    /** How many were decided within so many milliseconds: upper bounds, rising; the last has none. */
    readonly buckets: readonly { readonly up_to_ms?: number; readonly count: number }[];
  };
  readonly exceptions: Readonly<Partial<Record<ExceptionKind, number>>>;
}

/** What the journal tells of a period, as it is now. */
export interface Examined {
  readonly period: Period;
  /** How many entries of the journal tell of it: those up to its end. */
  readonly size: number;
  readonly tally: Tally;
  /** How many there are; `tally` has them by kind. */
  readonly exceptions: number;
  /** Those that were asked for. */
  readonly listed: readonly Exception[];
  /** `exceptionsDigest` of all of them. */
  readonly exceptions_sha256: string;
}
