import { stat } from 'node:fs/promises';
import type { Entry } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import { decodeLine } from './line.ts';
import { readLines } from './line-reader.ts';
import { damaged, SEGMENT_LINES, segmentName, type SegmentIndex } from './segments.ts';

/** A place between two lines. */
export interface Place {
  /** Entries before it. */
  readonly size: number;
  /** The first sequence number of the segment, and the byte in it. */
  readonly segment: number;
  readonly offset: number;
}

export interface Replayed extends Place {
  /** The last line before it. */
  readonly last: Buffer | undefined;
  /** Why the bytes of the last segment that follow, if any do, cannot be taken up. */
  readonly torn?: string;
}

export interface ReplayOptions {
  /** Gets a `begin` for every segment after the first place's, and a `note` for each entry. */
  readonly index: SegmentIndex;
  /** The first sequence numbers of all segments on the disk, ascending. */
  readonly firsts: readonly number[];
  readonly from: Place;
  readonly apply: (entry: Entry, line: Buffer) => void;
  /** Awaited now and then, so that what is made of the entries does not pile up in memory. */
  readonly settle: () => Promise<void>;
}

/**
 * Takes up every whole append from a place on. What a crash can have left at the very end is told, not taken up;
 * any other damage is refused.
 *
 * @throws JournalError `journal_damaged`
 */
export async function replay({ index, firsts, from, apply, settle }: ReplayOptions): Promise<Replayed> {
  let reached: Replayed = { ...from, last: undefined };
  const ahead = firsts.filter((first) => first >= from.segment);
  for (const [position, first] of ahead.entries()) {
    if (position > 0 || from.offset === 0) {
      if (first !== reached.size) {
        throw damaged(
          segmentName(first),
          undefined,
          `the entries from ${reached.size} on are missing before it`,
        );
      }
      index.begin(first);
      reached = { ...reached, segment: first, offset: 0 };
    }
    reached = await replaySegment(index, reached, apply);
    await settle();
    if (reached.torn !== undefined && position < ahead.length - 1) {
      throw damaged(segmentName(first), reached.size - first + 1, reached.torn);
    }
  }
  return reached;
}

async function replaySegment(
  index: SegmentIndex,
  from: Replayed,
  apply: ReplayOptions['apply'],
): Promise<Replayed> {
  const { segment } = from;
  const path = index.path(segment);
  let { size, offset, last } = from;
  /** An append of which not all entries were seen yet. */
  let group: { readonly entry: Entry; readonly line: Buffer }[] = [];
  let fault: string | undefined;
  for await (const lines of readLines(path, offset)) {
    for (const line of lines) {
      const seq = size + group.length;
      const at = seq - segment + 1;
      const refuse = (why: string) => damaged(segmentName(segment), at, why);
      if (fault !== undefined) throw refuse(fault);
      const decoded = decodeLine(line);
      if (decoded.fault) {
        if (decoded.fault.code === 'not_an_entry') throw refuse(decoded.fault.why);
        fault = decoded.fault.why;
        continue;
      }
      const { entry } = decoded;
      if (entry.seq !== seq) {
        fault = `it is entry ${entry.seq} where ${seq} is expected`;
        continue;
      }
      if (at > SEGMENT_LINES) throw refuse('the segment is too long');
      const promised = group.at(-1)?.entry.more;
      if (promised !== undefined && (entry.more ?? 0) !== promised - 1) {
        throw refuse('the append before it is not whole');
      }
      group.push({ entry, line: Buffer.from(line) });
      if (entry.more !== undefined) continue;
      for (const member of group) {
        try {
          apply(member.entry, member.line);
        } catch (error) {
          throw refuse(messageOf(error));
        }
        index.note(member.entry);
        offset += member.line.length + 1;
      }
      size += group.length;
      last = group.at(-1)?.line;
      group = [];
    }
  }
  const whole = { size, segment, offset, last };
  if (fault !== undefined) return { ...whole, torn: fault };
  const { size: bytes } = await stat(path);
  return bytes > offset ? { ...whole, torn: 'the last append is not whole' } : whole;
}
