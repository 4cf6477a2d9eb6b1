import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outgoing } from './sink.ts';

export interface DeadLetters {
  /** Keeps an event that the receiver refuses for good; resolves when it is on the disk. */
  keep(letter: Outgoing, why: string): Promise<void>;
}

/** A line for each, beside the cursor: which entry, why, and the event as it was sent. */
export function openDeadLetters(folder: string, name: string): DeadLetters {
  return {
    async keep({ seq, id, event }, why) {
      const file = await open(join(folder, `${name}.dead-letters.jsonl`), 'a', 0o600);
      try {
        // It begins with a line feed, so that a line that a crash cut short spoils no other.
        await file.appendFile(`\n${JSON.stringify({ seq, id, why, event })}`);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}
