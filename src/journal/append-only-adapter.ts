import { open } from 'node:fs/promises';
import type { Adapter } from 'lowdb';
import { JournalError } from '../core/errors.ts';
import type { AppendFile } from './append-file.ts';

/** What lowdb holds in memory: the lines of the current segment, without line feeds. */
export interface SegmentData {
  lines: string[];
}

/**
 * lowdb's way to the disk, made to append: a write adds the lines that are new and refuses data in which a line
 * that was written has changed or is missing. A write is in the operating system's hands when it resolves;
 * `AppendFile.sync` puts it on the disk.
 */
export class AppendOnlyAdapter implements Adapter<SegmentData> {
  readonly #file: AppendFile;
  #written: string[] = [];

  constructor(file: AppendFile) {
    this.#file = file;
  }

  async read(): Promise<SegmentData> {
    const bytes = Buffer.alloc(this.#file.size);
    const file = await open(this.#file.path, 'r');
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, done);
        if (bytesRead === 0) throw shortened();
        done += bytesRead;
      }
    } finally {
      await file.close();
    }
    this.#written = bytes.length === 0 ? [] : bytes.toString('utf8', 0, bytes.length - 1).split('\n');
    return { lines: [...this.#written] };
  }

  async write({ lines }: SegmentData): Promise<void> {
    const written = this.#written;
    if (lines.length < written.length) throw shortened();
    for (let i = 0; i < written.length; i += 1) {
      if (lines[i] !== written[i]) {
        throw new JournalError(
          'journal_rewritten',
          `Line ${i + 1} of the segment was changed in memory after it was written.`,
        );
      }
    }
    if (lines.length === written.length) return;
    const tail = lines.slice(written.length);
    this.#file.write(Buffer.from(`${tail.join('\n')}\n`));
    written.push(...tail);
  }
}

function shortened(): JournalError {
  return new JournalError('journal_shortened', 'The segment is shorter than what was written to it.');
}
