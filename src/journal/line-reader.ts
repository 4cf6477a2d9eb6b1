import { open } from 'node:fs/promises';
import { MAX_LINE } from './line.ts';

const CHUNK = 256 * 1024;
const LF = 10;
const NOTHING = Buffer.alloc(0);

/**
 * The lines of a file, in batches as they are read, without their line feeds. A line that is longer than a
 * journal's line may be comes cut, but still too long. What follows the last line feed is not among them.
 *
 * The buffers are valid until the next batch is asked for, so that memory does not grow with the file.
 */
export async function* readLines(path: string, start = 0): AsyncGenerator<readonly Buffer[]> {
  const file = await open(path, 'r');
  try {
    const chunk = Buffer.allocUnsafeSlow(CHUNK);
    let carried: Buffer = NOTHING;
    let position = start;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const lines: Buffer[] = [];
      let from = 0;
      for (;;) {
        const end = chunk.subarray(0, bytesRead).indexOf(LF, from);
        if (end < 0) break;
        const piece = chunk.subarray(from, end);
        lines.push(carried.length === 0 ? piece : Buffer.concat([carried, piece]));
        carried = NOTHING;
        from = end + 1;
      }
      const room = Math.max(0, MAX_LINE + 1 - carried.length);
      carried = Buffer.concat([carried, chunk.subarray(from, Math.min(bytesRead, from + room))]);
      if (lines.length > 0) yield lines;
    }
  } finally {
    await file.close();
  }
}
