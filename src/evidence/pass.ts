import type { Payloads } from '../journal/payloads.ts';
import type { Secrets } from '../journal/secrets.ts';
import { segmentName } from '../journal/segments.ts';
import { createEntryCheck, type EntryCounts } from './entry-check.ts';
import { placeOf, type Extent } from './extent.ts';
import { segmentBatches } from './line-batches.ts';
import { LineCheck, type Taken } from './line-check.ts';
import { checkErased } from './secret-check.ts';
import { createPayloadCheck, type PayloadCounts } from './payload-check.ts';
import type { Problems } from './problems.ts';
import { readJournal } from './read-journal.ts';
import type { TreeWork } from './tree-thread.ts';

export interface PassOptions {
  readonly extent: Extent;
  readonly work: TreeWork;
  readonly problems: Problems;
  readonly payloads: Pick<Payloads, 'get'> | undefined;
  readonly secrets: Pick<Secrets, 'get'> | undefined;
  readonly now: number;
  /** Into the tree alone. */
  readonly quick: boolean;
  readonly onProgress: ((entries: number, of: number) => void) | undefined;
}

export interface Passed extends EntryCounts {
  readonly entries: number;
  readonly payloads: PayloadCounts;
}

/** Reads every line once: into the tree, and into the replay. */
export async function passOver(options: PassOptions): Promise<Passed> {
  const { extent, work, problems, payloads, secrets, now, quick, onProgress } = options;
  const entryCheck = createEntryCheck(now);
  const payloadCheck = createPayloadCheck(quick ? undefined : payloads, (seq) => placeOf(extent.firsts, seq));
  const lineCheck = new LineCheck(problems);
  let entries = 0;
  let lines = 0;
  const takeUp = async (taken: readonly Taken[]): Promise<void> => {
    for (const { entry, report } of taken) {
      entryCheck.check(entry, report);
      const looking = payloadCheck.check(entry, report);
      if (looking) await looking;
      if (entry.type === 'secret.erased' && secrets && !quick) await checkErased(entry, secrets, report);
    }
    entries += taken.length;
  };

  for (const segment of extent.firsts) {
    const isLast = segment === extent.firsts.at(-1);
    const report = (at: number) => problems.at(at, segmentName(segment));
    const expected = quick ? lines : lineCheck.expected;
    if (segment !== expected)
      report(expected)('sequence', `it begins with entry ${segment} where ${expected} is expected`);
    lineCheck.begin(segment);
    lines = segment;
    let cut = false;
    for await (const batch of segmentBatches({
      dir: extent.dir,
      segment,
      end: isLast ? extent.lastBytes : Number.POSITIVE_INFINITY,
      room: work.room,
      onCut: () => {
        cut = true;
      },
    })) {
      work.take(batch);
      lines += batch.ends.length;
      if (quick) entries += batch.ends.length;
      else await takeUp(lineCheck.take(batch));
      onProgress?.(lines, extent.size);
    }
    const left = lineCheck.torn();
    if ((cut || left.length > 0) && !isLast)
      report(lineCheck.expected)('append_torn', 'its last append has no end, and another segment follows');
    await takeUp(left);
  }
  // A host may have erased something since its entries were read, and said so in those that follow.
  if (payloadCheck.isOpen())
    for await (const entry of readJournal(extent.dir, extent.size)) payloadCheck.excuse(entry);
  const { problems: wrong, ...counts } = payloadCheck.finish();
  for (const problem of wrong) problems.add(problem);
  return { entries, ...entryCheck.counts(), payloads: counts };
}
