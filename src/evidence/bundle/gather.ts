import type { Exception, Period } from '../../core/evidence.ts';
import type { WrittenFiles } from './bundle-files.ts';
import { createFold, type Fold } from './fold.ts';
import { passOverLines } from './lines-pass.ts';
import type { Plan } from './plan.ts';
import { Spill } from './spill.ts';
import { callTable, exceptionTable } from './tables.ts';
import { Counting } from './tally.ts';
import type { Draw } from './draw.ts';

export interface Gathered {
  readonly counting: Counting;
  readonly fold: Fold;
  /** The right edge of the tree at the start. */
  readonly frontier: readonly Buffer[];
  /** Of the last entry before the end of the period. RFC 3339, UTC. */
  readonly lastAt: string;
}

/** Where settled calls are put while the journal is read; removed behind it. */
const SPILL = 'calls.spill';
export const ENTRIES_JSONL = 'log/entries.jsonl';

/** Reads the journal once, and writes its lines, every call and every exception as they come. */
export async function gather(
  plan: Plan,
  {
    period,
    files,
    draw,
    onProgress,
  }: {
    readonly period: Period;
    readonly files: WrittenFiles;
    readonly draw: Draw;
    readonly onProgress: ((entries: number, of: number) => void) | undefined;
  },
): Promise<Gathered> {
  const counting = new Counting(period);
  const spill = await Spill.open(files.pathOf(SPILL));
  try {
    const fold = createFold(plan.bounds, spill);
    const lines = await files.open(ENTRIES_JSONL);
    const exceptions = await exceptionTable(files);
    const found: Exception[] = [];
    let lastAt = '';
    const settle = async (): Promise<void> => {
      for (const exception of found.splice(0)) {
        counting.exception(exception);
        await exceptions.add(exception);
      }
      await spill.settle();
    };
    const { extent, start, end, bounds } = plan;
    const frontier = await passOverLines({
      extent,
      start,
      end,
      to: bounds.to,
      lines,
      settle,
      onProgress,
      take(entry) {
        lastAt = entry.time;
        const exception = fold.take(entry);
        if (exception) found.push(exception);
      },
    });
    await lines.close();
    await exceptions.close();
    const calls = await callTable(files);
    for await (const row of fold.population.rows()) {
      counting.call(row);
      draw.take(row);
      await calls.add(row);
    }
    await calls.close();
    return { counting, fold, frontier, lastAt };
  } finally {
    await spill.close();
  }
}
