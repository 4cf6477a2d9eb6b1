import type { Extent } from '../extent.ts';
import { linesOf, oneRoom, segmentBatches } from '../line-batches.ts';
import type { EntryLine } from '../prove.ts';
import { decodeLine } from '../../journal/line.ts';

/** Entries with the bytes of their lines, by sequence number; those that are none are left out. */
export async function linesAt(
  { dir, firsts, lastBytes }: Extent,
  wanted: ReadonlySet<number>,
): Promise<ReadonlyMap<number, EntryLine>> {
  const found = new Map<number, EntryLine>();
  for (const [i, segment] of firsts.entries()) {
    const next = firsts[i + 1] ?? Number.POSITIVE_INFINITY;
    if (![...wanted].some((seq) => seq >= segment && seq < next)) continue;
    const end = i === firsts.length - 1 ? lastBytes : Number.POSITIVE_INFINITY;
    const batches = segmentBatches({ dir, segment, end, room: oneRoom(), onCut: () => undefined });
    for await (const batch of batches) {
      let seq = batch.first;
      for (const line of linesOf(batch)) {
        const { entry } = wanted.has(seq) ? decodeLine(line) : {};
        if (entry) found.set(seq, { entry, line: Buffer.from(line) });
        seq += 1;
      }
    }
  }
  return found;
}
