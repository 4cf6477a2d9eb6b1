import { join } from 'node:path';
import type { Entry } from '../core/entry.ts';
import { JournalError } from '../core/errors.ts';
import { decodeLine } from '../journal/line.ts';
import { readLines } from '../journal/line-reader.ts';
import { listSegments, segmentName } from '../journal/segments.ts';

/**
 * The entries of a journal from `from` on, read beside a running host, without its lock.
 *
 * @param dir the folder of the segments, such as `data/journal`
 * @throws JournalError `journal_missing`, or `journal_damaged` at a line that is no entry
 */
export async function* readJournal(dir: string, from = 0): AsyncGenerator<Entry> {
  const firsts = await segmentsIn(dir);
  for (const [index, first] of firsts.entries()) {
    const next = firsts[index + 1];
    if (next !== undefined && next <= from) continue;
    let seq = first;
    for await (const lines of readLines(join(dir, segmentName(first)))) {
      for (const line of lines) {
        if (seq >= from) yield entryOf(line, segmentName(first), seq - first + 1);
        seq += 1;
      }
    }
  }
}

/** Where the last `count` entries begin. */
export async function tailStart(dir: string, count: number): Promise<number> {
  const last = (await segmentsIn(dir)).at(-1) ?? 0;
  let size = last;
  for await (const lines of readLines(join(dir, segmentName(last)))) size += lines.length;
  return Math.max(0, size - count);
}

async function segmentsIn(dir: string): Promise<readonly number[]> {
  try {
    const { firsts } = await listSegments(dir);
    if (firsts.length > 0) return firsts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  throw new JournalError(
    'journal_missing',
    `There is no journal in ${dir}: no host has run for this workspace.`,
  );
}

function entryOf(line: Buffer, file: string, number: number): Entry {
  const { entry, fault } = decodeLine(line);
  if (entry) return entry;
  throw new JournalError(
    'journal_damaged',
    `${file}:${number} is no entry: ${fault?.why}. "placet log verify" says everything that is wrong.`,
  );
}
