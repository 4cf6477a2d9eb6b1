import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { realDisk, type Disk } from '../journal/disk.ts';
import type { Outgoing } from './sink.ts';

/** Events that a receiver refused for good. */
export interface DeadLetters {
  /** How many the file holds. */
  count(): number;
  /** Resolves when it is on the disk. */
  keep(letter: Outgoing, why: string): Promise<void>;
}

/** A line for each, beside the cursor: which entry, why, and the event as it was sent. */
export async function openDeadLetters(
  folder: string,
  name: string,
  disk: Pick<Disk, 'syncFolder'> = realDisk,
): Promise<DeadLetters> {
  const path = join(folder, `${name}.dead-letters.jsonl`);
  let count = await linesIn(path);
  return {
    count: () => count,
    async keep({ seq, id, event }, why) {
      const file = await open(path, 'a', 0o600);
      try {
        // It begins with a line feed, so that a line that a crash cut short spoils no other.
        await file.appendFile(`\n${JSON.stringify({ seq, id, why, event })}`);
        await file.datasync();
      } finally {
        await file.close();
      }
      await disk.syncFolder(folder);
      count += 1;
    },
  };
}

async function linesIn(path: string): Promise<number> {
  try {
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '').length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}
