import type { Period } from '../../core/evidence.ts';
import type { Extent } from '../extent.ts';
import { linesOf, oneRoom, segmentBatches } from '../line-batches.ts';

/** Which entries a period is made of: from this sequence number on, and before that. */
export interface Bounds {
  readonly from: number;
  readonly to: number;
}

/** As the line of an entry has it. In a text of an entry, quotes have a backslash before them. */
const NEEDLE = Buffer.from('"time":"');

/**
 * The entries of a period: from the first that is not before its beginning to before the first that is not before its
 * end. So it is a run of the journal whatever its clock did.
 */
export async function boundsOf(extent: Extent, period: Period): Promise<Bounds> {
  const begin = Date.parse(period.from);
  const end = Date.parse(period.to);
  let from: number | undefined;
  for (const segment of extent.firsts) {
    const last = segment === extent.firsts.at(-1);
    const batches = segmentBatches({
      dir: extent.dir,
      segment,
      end: last ? extent.lastBytes : Number.POSITIVE_INFINITY,
      room: oneRoom(),
      onCut: () => undefined,
    });
    for await (const batch of batches) {
      let seq = batch.first;
      for (const line of linesOf(batch)) {
        const time = timeIn(line);
        if (from === undefined && time >= begin) from = seq;
        if (from !== undefined && time >= end) return { from, to: seq };
        seq += 1;
      }
    }
  }
  return { from: from ?? extent.size, to: extent.size };
}

/** Not a number where the line is no entry, which whoever reads it whole will tell. */
function timeIn(line: Buffer): number {
  const at = line.lastIndexOf(NEEDLE);
  if (at < 0) return Number.NaN;
  const from = at + NEEDLE.length;
  return Date.parse(line.toString('latin1', from, line.indexOf('"', from)));
}
