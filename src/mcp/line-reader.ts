/** One line of a byte stream, without its line feed; of one over the limit only its two ends are kept. */
export type Line =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'too_long'; readonly head: string; readonly tail: string };

export interface LineReader {
  /** Takes the next bytes and gives the lines that they complete. */
  push(chunk: Buffer): readonly Line[];
  /** Forgets a line that has begun. */
  clear(): void;
}

const HEAD_BYTES = 4096;
const TAIL_BYTES = 256;
const LINE_FEED = 0x0a;
const FEW_CHUNKS = 64;
const CRUMB_BYTES = 4096;
const SWEPT_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** Cuts a stream into lines of at most `maxBytes` bytes; what is longer is passed over, never collected. */
export function createLineReader(maxBytes: number): LineReader {
  let chunks: Buffer[] = [];
  /** What is left behind the last chunk, where that one is a place for crumbs. */
  let free = NOTHING;
  let size = 0;
  let overflow: { readonly head: Buffer; tail: Buffer } | undefined;

  function collect(part: Buffer): void {
    if (overflow) {
      overflow.tail = lastBytes([overflow.tail, part]);
      return;
    }
    keep(part);
    size += part.length;
    if (size <= maxBytes) return;
    overflow = { head: firstBytes(chunks), tail: lastBytes(chunks) };
    chunks = [];
    free = NOTHING;
  }

  /** Crumbs are swept together: a buffer for each byte of a long line would be a hundred times its size. */
  function keep(part: Buffer): void {
    if (chunks.length < FEW_CHUNKS || part.length > CRUMB_BYTES) {
      chunks.push(part);
      free = NOTHING;
      return;
    }
    if (free.length < part.length) {
      const room = Buffer.allocUnsafeSlow(SWEPT_BYTES);
      chunks.push(room.subarray(0, 0));
      free = room;
    }
    const last = chunks.length - 1;
    const swept = chunks[last]?.length ?? 0;
    part.copy(free);
    chunks[last] = Buffer.from(free.buffer, free.byteOffset - swept, swept + part.length);
    free = free.subarray(part.length);
  }

  function finish(): Line {
    const line: Line = overflow
      ? { kind: 'too_long', head: overflow.head.toString('latin1'), tail: overflow.tail.toString('latin1') }
      : { kind: 'line', bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size) };
    clear();
    return line;
  }

  function clear(): void {
    chunks = [];
    free = NOTHING;
    size = 0;
    overflow = undefined;
  }

  return {
    push(chunk) {
      const lines: Line[] = [];
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
        collect(chunk.subarray(start, end));
        lines.push(finish());
        start = end + 1;
      }
      if (start < chunk.length) collect(chunk.subarray(start));
      return lines;
    },
    clear,
  };
}

/** Copies, so that the long line itself can be let go. */
function firstBytes(parts: readonly Buffer[]): Buffer {
  const kept: Buffer[] = [];
  let left = HEAD_BYTES;
  for (const part of parts) {
    if (left <= 0) break;
    kept.push(part.subarray(0, left));
    left -= part.length;
  }
  return Buffer.concat(kept);
}

function lastBytes(parts: readonly Buffer[]): Buffer {
  const kept: Buffer[] = [];
  let left = TAIL_BYTES;
  for (const part of parts.toReversed()) {
    if (left <= 0) break;
    kept.unshift(part.subarray(-left));
    left -= part.length;
  }
  return Buffer.concat(kept);
}
