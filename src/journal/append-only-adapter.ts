import { readFileSync } from 'node:fs';
import type { SyncAdapter } from 'lowdb';
import { JournalError } from '../core/errors.ts';
import type { AppendFile } from './append-file.ts';

/** What lowdb holds in memory: the lines of the current segment, without line feeds. */
export interface SegmentData {
  lines: string[];
}

/**
 * lowdb's way to the disk, made to append: a write adds the lines that are new and refuses data in which a line
 * that was written has changed or is missing. A write is in the operating system's hands when it returns;
 * `AppendFile.sync` puts it on the disk.
 */
export class AppendOnlyAdapter implements SyncAdapter<SegmentData> {
  readonly #file: AppendFile;
  #written: string[] = [];

  constructor(file: AppendFile) {
    this.#file = file;
  }

  read(): SegmentData {
    const bytes = readFileSync(this.#file.path);
    if (bytes.length < this.#file.size) throw shortened();
    this.#written = this.#file.size === 0 ? [] : bytes.toString('utf8', 0, this.#file.size - 1).split('\n');
    return { lines: [...this.#written] };
  }

  write({ lines }: SegmentData): void {
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
