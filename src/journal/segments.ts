import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../core/entry.ts';
import { JournalError } from '../core/errors.ts';
import { timeOfId } from '../core/ids.ts';

/** Lines in a segment at most: what lowdb holds in memory, and a multiple of a tile's 256. */
export const SEGMENT_LINES = 4096;

const NAME = /^(\d{8,})\.jsonl$/;

/** A file of the journal, named by the sequence number of its first entry. */
export interface Segment {
  readonly first: number;
  /** Between which times, in milliseconds, the ids were made of the requests that were opened in it. */
  opened?: { readonly from: number; readonly to: number };
}

export function segmentName(first: number): string {
  return `${String(first).padStart(8, '0')}.jsonl`;
}

/**
 * The first sequence numbers of the segments in a folder, ascending, and the names of files that look like a
 * segment and are none.
 */
export async function listSegments(
  dir: string,
): Promise<{ readonly firsts: readonly number[]; readonly strange: readonly string[] }> {
  const firsts: number[] = [];
  const strange: string[] = [];
  for (const found of await readdir(dir, { withFileTypes: true })) {
    const { name } = found;
    if (!name.endsWith('.jsonl')) continue;
    const first = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    const isSegment = Number.isSafeInteger(first) && segmentName(first) === name;
    // To read from a pipe or a device might never end.
    if (isSegment && (found.isFile() || found.isSymbolicLink())) firsts.push(first);
    else strange.push(name);
  }
  return { firsts: firsts.sort((a, b) => a - b), strange: strange.sort() };
}

/** Which segments there are, and which of them can hold the beginning of a request. */
export class SegmentIndex {
  readonly dir: string;
  readonly #segments: Segment[];

  constructor(dir: string, segments: readonly Segment[] = []) {
    this.dir = dir;
    this.#segments = segments.map((segment) => ({ ...segment }));
  }

  get all(): readonly Segment[] {
    return this.#segments;
  }

  path(first: number): string {
    return join(this.dir, segmentName(first));
  }

  /** Nothing happens when the last segment begins there: it was begun before and got no entry. */
  begin(first: number): void {
    if (this.#segments.at(-1)?.first !== first) this.#segments.push({ first });
  }

  /** Takes note of a durable entry of the last segment. */
  note(entry: Entry): void {
    if (entry.type !== 'approval.requested') return;
    const segment = this.#segments.at(-1);
    const time = timeOfId(entry.request_id);
    if (!segment || time === undefined) return;
    const { from, to } = segment.opened ?? { from: time, to: time };
    segment.opened = { from: Math.min(from, time), to: Math.max(to, time) };
  }

  /** The place, in `all`, of the segment that holds this sequence number. */
  holding(seq: number): number {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#segments[middle]?.first ?? 0) <= seq) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Whether the entry that opened this request can stand in the segment. */
  mayOpen({ opened }: Segment, requestId: string): boolean {
    const time = timeOfId(requestId);
    // An id that is not made of a time can stand anywhere.
    if (time === undefined) return true;
    return opened !== undefined && opened.from <= time && time <= opened.to;
  }
}

/** The sentence for a journal that cannot be believed, naming the file and, where there is one, the line. */
export function damaged(segment: string, line: number | undefined, why: string): JournalError {
  const where = line === undefined ? segment : `line ${line} of ${segment}`;
  return new JournalError(
    'journal_damaged',
    `The journal is damaged at ${where}: ${why}. Restore the folder from a backup, or move it away to begin a new journal; \`placet log verify\` lists what is wrong.`,
  );
}
