import type { CheckpointCounts } from './checkpoint-check.ts';
import type { EntryCounts } from './entry-check.ts';
import type { Tail } from './extent.ts';
import type { NamedKey } from './log-keys.ts';
import type { PayloadCounts } from './payload-check.ts';
import type { Problem } from './problems.ts';
import type { SeenCounts } from './seen-check.ts';
import type { StampCounts } from './stamp-check.ts';
import type { TileCounts } from './tile-check.ts';

export interface Verdict extends EntryCounts {
  readonly ok: boolean;
  /** Nothing was replayed and no payload looked at: what `EntryCounts` and `payloads` count is 0. */
  readonly quick?: true;
  readonly entries: number;
  readonly payloads: PayloadCounts;
  readonly log: LogVerdict;
  /** Checkpoints that were handed in; nothing when none was. */
  readonly seen?: SeenCounts;
  /** The first hundred, and of each kind the first forty. */
  readonly problems: readonly Problem[];
  readonly problems_found: number;
  /**
   * The last append has no end: a host is writing it at this moment, or a crash cut it short and the next start
   * sets it aside. It is not among the entries, and no problem.
   */
  readonly tail?: Tail;
}

/** What makes the journal a transparency log. */
export interface LogVerdict {
  /** The Merkle root over the entries, in base64. */
  readonly root: string;
  /** Under which keys it is signed; empty for a journal of before 0.3.0, which nobody has signed. */
  readonly keys: readonly NamedKey[];
  /** The key that whoever asked had noted elsewhere. */
  readonly pinned?: string;
  readonly tiles: TileCounts;
  readonly checkpoints: CheckpointCounts;
  readonly stamps: StampCounts;
  /** Entries that no checkpoint covers that is right. */
  readonly newer: number;
  /**
   * Whether the journal is as long as the host last acknowledged: `held`; or why that cannot be told, for want of the
   * mark (`none`) or of the workspace's key (`unread`).
   */
  readonly head: 'held' | 'none' | 'unread';
}
