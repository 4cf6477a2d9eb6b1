import { readFileSync } from 'node:fs';
import type { SyncAdapter } from 'lowdb';
import { JournalError } from '../core/errors.ts';
import type { AppendFile } from './append-file.ts';

/** What lowdb holds in memory: the lines of the current segment, without line feeds. */
export interface SegmentData {
  lines: string[];
}

/** How many of the lines that were written are compared at each write. */
const LOOK_AGAIN = 128;

/**
 * lowdb's way to the disk, made to append: a write adds the lines that are new, never touches one that was written,
 * and refuses data in which one is missing or, of those that it looks at again in turn, has changed. A write is in the operating system's hands when it returns;
 * `AppendFile.sync` puts it on the disk.
 */
export class AppendOnlyAdapter implements SyncAdapter<SegmentData> {
  readonly #file: AppendFile;
  #written: string[] = [];
  #looked = 0;

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
    this.#lookAgain(lines);
    if (lines.length === written.length) return;
    const tail = lines.slice(written.length);
    this.#file.write(Buffer.from(`${tail.join('\n')}\n`));
    for (const line of tail) written.push(line);
  }

  /** At the next of the lines that were written, in turn: to look at all of them each time costs more than the write. */
  #lookAgain(lines: readonly string[]): void {
    const written = this.#written;
    for (let looked = Math.min(LOOK_AGAIN, written.length); looked > 0; looked -= 1) {
      this.#looked = this.#looked < written.length ? this.#looked : 0;
      if (lines[this.#looked] !== written[this.#looked]) {
        throw new JournalError(
          'journal_rewritten',
          `Line ${this.#looked + 1} of the segment was changed in memory after it was written.`,
        );
      }
      this.#looked += 1;
    }
  }
}

function shortened(): JournalError {
  return new JournalError('journal_shortened', 'The segment is shorter than what was written to it.');
}
