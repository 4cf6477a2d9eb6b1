import type { Period } from '../../core/evidence.ts';

/** What the bundle is complete in, and in what it cannot be. */
export interface Completeness {
  readonly period: Period;
  /** Sequence numbers without a gap, from and to before; each line is a leaf under the signed roots. */
  readonly lines: { readonly from: number; readonly to: number; readonly count: number };
  /** Those of the period among them. */
  readonly entries: { readonly from: number; readonly to: number; readonly count: number };
  /** Lines that stand in the bundle because a checkpoint lies before or behind the period, and are not counted. */
  readonly before: number;
  readonly after: number;
  readonly calls: number;
  readonly carried: number;
  /** Calls that had no end at the end of the period. */
  readonly open: number;
  /** What it does not show, a sentence each. */
  readonly limits: readonly string[];
}
