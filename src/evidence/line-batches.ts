import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_LINE } from '../journal/line.ts';
import { segmentName } from '../journal/segments.ts';

/** Lines that follow each other, as they stand in memory. */
export interface LineBatch {
  /** The sequence number of the first, by the name of its segment and the lines before it. */
  readonly first: number;
  /** The first sequence number of the segment that they stand in. */
  readonly segment: number;
  /** The first line begins at 1, each other behind the byte at which the one before it ends: that of the line feed. */
  readonly bytes: Buffer;
  /** Where each line ends. */
  readonly ends: Uint32Array;
}

export interface BatchOptions {
  /** The journal's folder. */
  readonly dir: string;
  /** The first sequence number of the segment. */
  readonly segment: number;
  /** Up to which byte it is read. */
  readonly end: number;
  /** A buffer of `BATCH_BYTES` to read into, which nobody looks into any more. */
  readonly room: () => Promise<Buffer>;
  /** Told when bytes without a line feed follow the last line. */
  readonly onCut: () => void;
}

/** What is read at once, and what a line can take that began before it. */
export const BATCH_BYTES = 1024 * 1024;
const LF = 10;
/** A longer one comes cut to as many bytes, which is still too long. */
const LINE_KEPT = MAX_LINE + 1;

/** Its lines, without line feeds. */
export function* linesOf({ bytes, ends }: LineBatch): Generator<Buffer> {
  let begin = 1;
  for (const end of ends) {
    yield bytes.subarray(begin, end);
    begin = end + 1;
  }
}

/** A buffer that serves whoever looks at one batch at a time. */
export function oneRoom(): () => Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(BATCH_BYTES);
  return async () => bytes;
}

/** Every line of a segment. A batch is good until the next one is asked for. */
export async function* segmentBatches(options: BatchOptions): AsyncGenerator<LineBatch> {
  const { dir, segment, end, room, onCut } = options;
  const file = await open(join(dir, segmentName(segment)), 'r');
  try {
    let position = 0;
    let next = segment;
    let bytes = await room();
    /** Bytes of a line that has not ended yet; they begin at 1. */
    let begun = 0;
    /** It is too long already, and its further bytes are passed over. */
    let passing = false;
    /** Takes the bytes behind a line feed into another buffer. */
    const moveOn = async (feed: number): Promise<void> => {
      const fresh = await room();
      begun -= feed;
      bytes.copy(fresh, 1, feed + 1, feed + 1 + begun);
      bytes = fresh;
    };
    for (;;) {
      const wanted = Math.min(bytes.length - 1 - begun, end - position);
      const { bytesRead } =
        wanted > 0 ? await file.read(bytes, 1 + begun, wanted, position) : { bytesRead: 0 };
      if (bytesRead === 0) break;
      position += bytesRead;
      let scanned = begun;
      begun += bytesRead;
      if (passing) {
        const stop = bytes.subarray(0, 1 + begun).indexOf(LF, 1 + scanned);
        if (stop < 0) {
          begun = LINE_KEPT;
          continue;
        }
        yield { first: next, segment, bytes, ends: Uint32Array.of(1 + LINE_KEPT) };
        next += 1;
        passing = false;
        await moveOn(stop);
        scanned = 0;
      }
      const ends = lineEnds(bytes, 1 + scanned, 1 + begun);
      const last = ends.at(-1);
      if (last !== undefined) {
        yield { first: next, segment, bytes, ends };
        next += ends.length;
        await moveOn(last);
      }
      if (begun > LINE_KEPT) {
        begun = LINE_KEPT;
        passing = true;
      }
    }
    if (begun > 0) onCut();
  } finally {
    await file.close();
  }
}

function lineEnds(bytes: Buffer, from: number, to: number): Uint32Array {
  const within = bytes.subarray(0, to);
  const ends: number[] = [];
  for (let at = within.indexOf(LF, from); at >= 0; at = within.indexOf(LF, at + 1)) ends.push(at);
  return Uint32Array.from(ends);
}
