import { createReadStream } from 'node:fs';
import type { Entry } from '../../core/entry.ts';
import type { LogExtent } from './report-input.ts';

/** What a file of JSON Lines holds that this very run has written. */
export async function* jsonLinesIn<T>(path: string): AsyncGenerator<T> {
  for await (const line of linesIn(path)) yield JSON.parse(line) as T;
}

/** The entries of the period, out of the lines of the bundle. */
export async function* entriesIn(
  path: string,
  { start, from_seq, to_seq }: LogExtent,
): AsyncGenerator<Entry> {
  let seq = start.size;
  for await (const line of linesIn(path)) {
    if (seq >= to_seq) return;
    if (seq >= from_seq) yield JSON.parse(line) as Entry;
    seq += 1;
  }
}

/** Lines may be longer here than in the journal: a call has as many reasons as it had reviewers. */
async function* linesIn(path: string): AsyncGenerator<string> {
  let carried = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
    const lines = (carried + String(chunk)).split('\n');
    carried = lines.pop() ?? '';
    yield* lines;
  }
}
