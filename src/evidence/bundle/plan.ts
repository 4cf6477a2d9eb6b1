import { JournalError, ProofError } from '../../core/errors.ts';
import type { Period } from '../../core/evidence.ts';
import { extentOf, type Extent } from '../extent.ts';
import type { LogKeys } from '../log-keys.ts';
import { Problems } from '../problems.ts';
import { readKeysIn } from '../read-keys.ts';
import { boundsOf, type Bounds } from './bounds.ts';
import { freshEdge, leastEnd, spanOf, type Edge } from './span.ts';

/** Which part of a journal a bundle is made of. */
export interface Plan {
  readonly extent: Extent;
  readonly keys: LogKeys;
  readonly bounds: Bounds;
  /** Nothing where the log begins in the bundle. */
  readonly start: Edge | undefined;
  readonly end: Edge;
}

export interface PlanOptions {
  /** The folder of the segments. */
  readonly journal: string;
  readonly period: Period;
  /** Asks the host for a checkpoint over all that stands. @returns the signed note */
  readonly cover: () => Promise<string>;
}

/** Entries may be on their way while the host is asked. */
const ASKED = 3;

/**
 * @throws JournalError `journal_missing`
 * @throws ProofError `log_unsigned`, `log_key`, `not_covered`, `checkpoint_key`; what `cover` throws
 */
export async function planOf({ journal, period, cover }: PlanOptions): Promise<Plan> {
  for (let asked = 0; ; asked += 1) {
    const extent = await extentOf(journal, new Problems());
    if (extent.size === 0)
      throw new JournalError(
        'journal_missing',
        `There is no journal in ${journal}: no host has run for this workspace.`,
      );
    const keys = await readKeysIn(journal);
    const bounds = await boundsOf(extent, period);
    const { start, end } = spanOf(extent, bounds, keys);
    if (end && end.size <= extent.size) return { extent, keys, bounds, start, end };
    if (asked === ASKED)
      throw new ProofError(
        'not_covered',
        `No signed checkpoint covers the entries up to ${bounds.to}: ask again, or for an earlier end.`,
      );
    const fresh = freshEdge(await cover(), keys);
    // What it is over is on the disk, and is read again as it is now.
    const now = await extentOf(journal, new Problems());
    const then = await boundsOf(now, period);
    if (fresh.size >= leastEnd(then, now.size) && fresh.size <= now.size)
      return { extent: now, keys: await readKeysIn(journal), bounds: then, start, end: fresh };
  }
}
