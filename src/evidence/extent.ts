import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { listSegments, segmentName } from '../journal/segments.ts';
import { linesOf, oneRoom, segmentBatches } from './line-batches.ts';
import type { Problems } from './problems.ts';

/** How far a journal goes: what a host writes behind it later is not looked at. */
export interface Extent {
  readonly dir: string;
  /** The first sequence numbers of the segments, ascending. */
  readonly firsts: readonly number[];
  /** How many bytes of the last segment belong to whole appends. */
  readonly lastBytes: number;
  /** How many entries there are, by the name of the last segment and the lines in it. */
  readonly size: number;
  /** The last line, if it is JSON. */
  readonly last?: JsonObject;
  /**
   * The last append has no end: a host is writing it at this moment, or a crash cut it short and the next start
   * sets it aside. It is not among the entries, and no problem.
   */
  readonly tail?: Tail;
}

export interface Tail {
  readonly file: string;
  readonly bytes: number;
}

/** @param dir the folder of the segments */
export async function extentOf(dir: string, problems: Problems): Promise<Extent> {
  const { firsts, strange } = await listSegments(dir).catch((error: unknown) => {
    problems.at(null, dir)('journal_missing', `the folder cannot be read: ${messageOf(error)}`);
    return { firsts: [], strange: [] };
  });
  for (const name of strange)
    problems.at(null, name)('segment_name', 'no segment has such a name, or it is no file');
  const first = firsts.at(-1);
  if (first === undefined) {
    if (problems.found === 0) problems.at(null, dir)('journal_missing', 'there is no journal in this folder');
    return { dir, firsts, lastBytes: 0, size: 0 };
  }
  const path = join(dir, segmentName(first));
  let lines = 0;
  /** Of these, those of an append that has no end yet. */
  let unended = { lines: 0, bytes: 0 };
  let last: JsonObject | undefined;
  const bytes = await endOfLines(path);
  const batches = { dir, segment: first, end: bytes.lines, room: oneRoom(), onCut: () => undefined };
  for await (const batch of segmentBatches(batches)) {
    for (const line of linesOf(batch)) {
      lines += 1;
      const value = jsonIn(line);
      if (value && 'more' in value) {
        unended = { lines: unended.lines + 1, bytes: unended.bytes + line.length + 1 };
        continue;
      }
      unended = { lines: 0, bytes: 0 };
      last = value;
    }
  }
  const whole = { lines: lines - unended.lines, bytes: bytes.lines - unended.bytes };
  return {
    dir,
    firsts,
    lastBytes: whole.bytes,
    size: first + whole.lines,
    ...(last === undefined ? {} : { last }),
    ...(bytes.all > whole.bytes
      ? { tail: { file: segmentName(first), bytes: bytes.all - whole.bytes } }
      : {}),
  };
}

/** Where the entry stands, as a sentence begins; by the names of the segments. */
export function placeOf(firsts: readonly number[], seq: number): string {
  const first = firsts.findLast((each) => each <= seq) ?? 0;
  return `line ${seq - first + 1} of ${segmentName(first)}`;
}

/** How many bytes a file has, and how many up to its last line feed. */
async function endOfLines(path: string): Promise<{ readonly all: number; readonly lines: number }> {
  const file = await open(path, 'r');
  try {
    const { size: all } = await file.stat();
    const chunk = Buffer.alloc(64 * 1024);
    for (let end = all; end > 0; end -= chunk.length) {
      const start = Math.max(0, end - chunk.length);
      const { bytesRead } = await file.read(chunk, 0, end - start, start);
      const at = chunk.subarray(0, bytesRead).lastIndexOf('\n');
      if (at >= 0) return { all, lines: start + at + 1 };
    }
    return { all, lines: 0 };
  } finally {
    await file.close();
  }
}

function jsonIn(line: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    // What is no JSON is told when the line is checked.
    return undefined;
  }
}
