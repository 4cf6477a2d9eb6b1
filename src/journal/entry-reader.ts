import type { Entry } from '../core/entry.ts';
import { requestIdOf } from '../core/entry.ts';
import { decodeLine } from './line.ts';
import { readLines } from './line-reader.ts';
import { damaged, segmentName, type SegmentIndex } from './segments.ts';

/** The entries from `from` (inclusive) to `to` (exclusive), streamed from the disk. All must be durable. */
export async function* readEntries(index: SegmentIndex, from: number, to: number): AsyncGenerator<Entry> {
  for await (const { line, first, seq } of standing(index, from, to)) yield entryAt(line, first, seq);
}

/** Their lines, as they were hashed. */
export async function* readLineBytes(index: SegmentIndex, from: number, to: number): AsyncGenerator<Buffer> {
  for await (const { line } of standing(index, from, to)) yield Buffer.from(line);
}

interface Standing {
  /** Valid until the next one is asked for. */
  readonly line: Buffer;
  readonly first: number;
  readonly seq: number;
}

async function* standing(index: SegmentIndex, from: number, to: number): AsyncGenerator<Standing> {
  if (from >= to) return;
  let seq = from;
  for (let position = index.holding(from); position < index.all.length && seq < to; position += 1) {
    const first = index.all[position]?.first ?? 0;
    let at = first;
    for await (const lines of readLines(index.path(first))) {
      for (const line of lines) {
        if (at >= to) return;
        if (at >= from) {
          yield { line, first, seq: at };
          seq = at + 1;
        }
        at += 1;
      }
      if (at >= to) return;
    }
  }
  if (seq < to) {
    const last = index.all.at(-1)?.first ?? 0;
    throw damaged(segmentName(last), undefined, `the entries from ${seq} on are missing`);
  }
}

export interface RequestRange {
  /** How many entries are durable. */
  readonly size: number;
  /** The sequence number of the request's last entry, where that is known. */
  readonly last: number | undefined;
}

/** All durable entries of one request, found without reading what was written before it was opened. */
export async function readRequest(
  index: SegmentIndex,
  requestId: string,
  { size, last }: RequestRange,
): Promise<readonly Entry[]> {
  const end = last === undefined ? size : last + 1;
  const needle = Buffer.from(`"request_id":${JSON.stringify(requestId)}`);
  const found: Entry[] = [];
  for (const segment of index.all) {
    if (segment.first >= end) break;
    if (found.length === 0 && !index.mayOpen(segment, requestId)) continue;
    let at = segment.first;
    for await (const lines of readLines(index.path(segment.first))) {
      for (const line of lines) {
        // To look for the bytes is a tenth of the work of parsing every line.
        if (at < end && line.includes(needle)) {
          const entry = entryAt(line, segment.first, at);
          if (requestIdOf(entry) === requestId) found.push(entry);
        }
        at += 1;
      }
      if (at >= end) break;
    }
  }
  return found;
}

function entryAt(line: Buffer, first: number, seq: number): Entry {
  const { entry, fault } = decodeLine(line);
  const why =
    fault?.why ?? (entry?.seq === seq ? undefined : `it is entry ${entry?.seq} where ${seq} is expected`);
  if (!entry || why !== undefined)
    throw damaged(segmentName(first), seq - first + 1, why ?? 'it is no entry');
  return entry;
}
