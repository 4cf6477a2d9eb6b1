import { ProofError } from '../core/errors.ts';
import { extentOf, placeOf } from './extent.ts';
import { oneRoom, segmentBatches } from './line-batches.ts';
import { keyEntriesIn, LogKeys } from './log-keys.ts';
import { Problems } from './problems.ts';

/**
 * The keys that a journal names, read beside a running host without parsing all of it.
 *
 * @param dir the folder of the segments
 * @throws ProofError `log_unsigned` where it names none, `log_key` where one of them may not stand there
 */
export async function readKeysIn(dir: string): Promise<LogKeys> {
  const keys = new LogKeys();
  const extent = await extentOf(dir, new Problems());
  for (const segment of extent.firsts) {
    const end = segment === extent.firsts.at(-1) ? extent.lastBytes : Number.POSITIVE_INFINITY;
    const options = { dir, segment, end, room: oneRoom(), onCut: () => undefined };
    for await (const batch of segmentBatches(options)) {
      for (const { entry } of keyEntriesIn(batch)) {
        const fault = keys.take(entry);
        if (fault !== undefined)
          throw new ProofError(
            'log_key',
            `${placeOf(extent.firsts, entry.seq)}: ${fault}. "placet log verify" says more.`,
          );
      }
    }
  }
  if (keys.all.length > 0) return keys;
  throw new ProofError(
    'log_unsigned',
    `The journal in ${dir} names no key: the log is signed from the next start of its host on.`,
  );
}
