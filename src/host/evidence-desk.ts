import { join } from 'node:path';
import { EvidenceError, messageOf } from '../core/errors.ts';
import type { Examined, ExceptionRange, Period } from '../core/evidence.ts';
import type { Log } from '../core/log.ts';
import { createExamineThreads } from '../evidence/examine-thread.ts';
import type { Journal } from '../journal/journal.ts';
import type { EvidenceDesk } from '../web/evidence-desk.ts';
import { openBundleMaker, type BundleMaker, type BundleMakerOptions } from './bundle-maker.ts';

/** Reads the journal, in a thread of its own, up to so many entries. */
export type Examine = (period: Period, range: ExceptionRange, limit: number) => Promise<Examined>;

/** Pages that were looked at lately. */
const KEPT = 4;
/** Who waits for their turn: one is examined at a time. */
const WAITING_MAX = 8;

interface Kept {
  readonly key: string;
  /** How many entries there were. */
  readonly limit: number;
  readonly examined: Promise<Examined>;
}

export interface OpenEvidence {
  readonly desk: EvidenceDesk;
  /** Whether a bundle is on its way to somebody. */
  readonly busy: () => boolean;
  /** Ends what is under way, and removes what was made for it. */
  close(): Promise<void>;
}

/** Below the data folder: what is made for whoever asks, and goes when they have it. A crash leaves it to the next start. */
const EXPORTS = 'exports';

/** Evidence for the console of a host. */
export async function openEvidence(
  parts: Omit<BundleMakerOptions, 'exports'> & { readonly journal: Pick<Journal, 'head'> },
): Promise<OpenEvidence> {
  const { data, journal, log } = parts;
  const exports = join(data, EXPORTS);
  const bundles = await openBundleMaker({ ...parts, exports });
  const threads = createExamineThreads(exports);
  const dir = join(data, 'journal');
  const examine: Examine = (period, range, limit) => threads.examine({ dir, period, range, limit });
  return {
    busy: bundles.busy,
    desk: createEvidenceDesk({ examine, journal, bundles, log }),
    async close() {
      await threads.close();
      await bundles.close();
    },
  };
}

/** Over the journal as it is on the disk. */
export function createEvidenceDesk(parts: {
  readonly examine: Examine;
  readonly journal: Pick<Journal, 'head'>;
  readonly bundles: Pick<BundleMaker, 'make'>;
  readonly log: Log;
}): EvidenceDesk {
  const { examine, journal, bundles, log } = parts;
  let kept: readonly Kept[] = [];
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = (period: Period, range: ExceptionRange, limit: number): Promise<Examined> => {
    if (waiting >= WAITING_MAX)
      throw new EvidenceError(
        'evidence_busy',
        'Others are looking at evidence just now. Try again in a moment.',
      );
    waiting += 1;
    const turn = last.then(() => examine(period, range, limit));
    last = turn.catch(() => undefined).then(() => (waiting -= 1));
    return turn;
  };

  return {
    async examine(period, range) {
      const key = [period.from, period.to, range.kind ?? '', range.skip, range.most].join(' ');
      const limit = journal.head().size;
      const before = kept.find((each) => each.key === key);
      const known = before && (await isStill(before, limit)) ? before : undefined;
      const now = known ?? { key, limit, examined: inTurn(period, range, limit) };
      kept = [now, ...kept.filter((each) => each.key !== key)].slice(0, KEPT);
      try {
        return await now.examined;
      } catch (error) {
        kept = kept.filter((each) => each !== now);
        log(`The evidence of a period could not be gathered: ${messageOf(error)}`);
        throw new EvidenceError(
          'evidence_failed',
          `The journal could not be read for this. ${messageOf(error)}`,
          {
            cause: error,
          },
        );
      }
    },

    bundle: (period, person, signal) => bundles.make(period, person, signal),
  };
}

/** Nothing has come since, or what came is of after the period. */
async function isStill({ limit, examined }: Kept, size: number): Promise<boolean> {
  if (limit === size) return true;
  try {
    return (await examined).size < limit;
  } catch {
    return false;
  }
}
