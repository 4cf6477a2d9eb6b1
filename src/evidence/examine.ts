import { join } from 'node:path';
import type { Examined, Exception, ExceptionRange, Period } from '../core/evidence.ts';
import { ExceptionsDigest } from '../core/evidence-review.ts';
import { boundsOf } from './bundle/bounds.ts';
import { createFold } from './bundle/fold.ts';
import { Spill } from './bundle/spill.ts';
import { Counting } from './bundle/tally.ts';
import { extentOf } from './extent.ts';
import { Problems } from './problems.ts';
import { readJournal } from './read-journal.ts';

export interface ExamineOptions {
  /** The journal's folder. */
  readonly dir: string;
  readonly period: Period;
  /** Which exceptions are listed. */
  readonly range: ExceptionRange;
  /** How many entries are looked at, at the most: those that the host knows to be on the disk. */
  readonly limit: number;
  /** An empty folder of its own, for what does not stay in memory. */
  readonly scratch: string;
}

/**
 * What a bundle would tell of a period, without its files. Entries are believed: whether they hold is what
 * `placet log verify` says.
 *
 * @throws JournalError `journal_missing`, or `journal_damaged` at a line that is no entry
 */
export async function examinePeriod(options: ExamineOptions): Promise<Examined> {
  const { dir, period, range, limit, scratch } = options;
  // What is wrong with the journal's segments meets whoever reads their lines.
  const extent = await extentOf(dir, new Problems());
  const found = await boundsOf(extent, period);
  const bounds = { from: Math.min(found.from, limit), to: Math.min(found.to, limit) };
  const spill = await Spill.open(join(scratch, 'calls'));
  try {
    const fold = createFold(bounds, spill);
    const counting = new Counting(period);
    const digest = new ExceptionsDigest();
    const listed: Exception[] = [];
    let [exceptions, wanted] = [0, 0];
    for await (const entry of readJournal(dir)) {
      if (entry.seq >= bounds.to) break;
      const exception = fold.take(entry);
      if (exception) {
        counting.exception(exception);
        digest.take(exception);
        exceptions += 1;
        if (range.kind === undefined || range.kind === exception.kind) {
          if (wanted >= range.skip && listed.length < range.most) listed.push(exception);
          wanted += 1;
        }
      }
      await spill.settle();
    }
    for await (const row of fold.population.rows()) counting.call(row);
    const tally = counting.tally();
    return { period, size: bounds.to, tally, exceptions, listed, exceptions_sha256: digest.end() };
  } finally {
    await spill.close();
  }
}
