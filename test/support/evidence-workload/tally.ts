import type { Verification } from '../../../src/core/entry.ts';
import type { CallOutcome, ExceptionKind } from '../../../src/core/evidence.ts';

/** A call as its agent knows it: of one that nobody was asked about it never learns an id. */
export interface CountedCall {
  readonly agent: string;
  /** Such as `ledger/read_entry`. */
  readonly tool: string;
  readonly verdict: 'allow' | 'deny' | 'review';
  readonly outcome: CallOutcome;
  readonly request_id?: string;
  readonly carried?: true;
}

export interface CountedDecision {
  readonly request_id: string;
  readonly person: string;
  readonly decision: 'approve' | 'reject';
  readonly verification: Verification;
}

/** Something that was done on purpose for the auditor to find. */
export interface Planted {
  readonly kind: ExceptionKind;
  readonly request_id?: string;
}

/**
 * What the workload did and was answered, within its period. It is kept by whoever did it, and never read from the
 * journal.
 */
export interface WorkloadTally {
  readonly calls: readonly CountedCall[];
  readonly decisions: readonly CountedDecision[];
  readonly planted: readonly Planted[];
}

export interface Counter extends WorkloadTally {
  /** Nothing counts before that. */
  open(): void;
  /** Nothing counts after that. */
  shut(): void;
  called(call: CountedCall): void;
  decided(decision: CountedDecision): void;
  plant(kind: ExceptionKind, requestId?: string): void;
}

export function createCounter(): Counter {
  const calls: CountedCall[] = [];
  const decisions: CountedDecision[] = [];
  const planted: Planted[] = [];
  let counts = false;
  return {
    calls,
    decisions,
    planted,
    open() {
      counts = true;
    },
    shut() {
      counts = false;
    },
    called(call) {
      if (counts) calls.push(call);
    },
    decided(decision) {
      if (counts) decisions.push(decision);
    },
    plant(kind, request_id) {
      if (counts) planted.push({ kind, ...(request_id === undefined ? {} : { request_id }) });
    },
  };
}

/** How many there are of each. */
export function countsOf<T>(list: readonly T[], nameOf: (each: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of list) counts[nameOf(each)] = (counts[nameOf(each)] ?? 0) + 1;
  return counts;
}
