import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppendFile } from './append-file.ts';
import { mustBeWhole, type Disk } from './disk.ts';

/** A line of `checkpoints.log`: a checkpoint that was signed, and when (RFC 3339, UTC). */
export interface KeptNote {
  readonly at: string;
  /** The signed note. */
  readonly note: string;
}

export interface HistoryTail {
  /** The last notes, oldest first. */
  readonly notes: readonly KeptNote[];
  /** How many of the last lines are no such lines, though they are whole. */
  readonly damaged: number;
  /** Up to which byte lines are whole; what follows was torn by a crash. */
  readonly size: number;
  readonly torn: number;
}

/** The history of checkpoints: whatever was given to anyone stands in it. */
export const HISTORY_NAME = 'checkpoints.log';
/** The newest checkpoint, with the cosignatures that came in. */
export const NEWEST_NAME = 'checkpoint';

/** Holds some hundreds of notes, and more than one of the longest. */
const TAIL_BYTES = 256 * 1024;

const lineSchema = z.object({ at: z.iso.datetime(), note: z.string() });

/** What a line without its line feed holds; nothing when it is no line of the history. */
export function parseKeptNote(line: string): KeptNote | undefined {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The end of the history, however long it is; nothing when there is none. */
export async function readHistoryTail(dir: string): Promise<HistoryTail | undefined> {
  const path = join(dir, HISTORY_NAME);
  if ((await sizeOf(path)) === undefined) return undefined;
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    const bytes = buffer.subarray(0, bytesRead);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const lines = bytes
      .toString('utf8', 0, end)
      .split('\n')
      .slice(start > 0 ? 1 : 0, -1);
    const notes = lines.map(parseKeptNote);
    return {
      notes: notes.flatMap((note) => note ?? []),
      damaged: notes.length - 1 - notes.findLastIndex((note) => note !== undefined),
      size: start + end,
      torn: bytes.length - end,
    };
  } finally {
    await file.close();
  }
}

interface HistoryOptions {
  readonly disk: Disk;
  /** The journal's folder. */
  readonly dir: string;
  /** As it was just read. */
  readonly tail: HistoryTail | undefined;
}

/** Appends to the history, one call at a time. After a failure the next call begins where the disk is certain. */
export class CheckpointHistory {
  readonly #disk: Disk;
  readonly #dir: string;
  #file: AppendFile | undefined;
  /** Up to where the file is on the disk. */
  #synced = 0;
  /** How long it was when it was last ours. */
  #written = 0;
  /** The last one that is: begins the file anew, should it be gone. */
  #last: KeptNote | undefined;

  private constructor({ disk, dir, tail }: HistoryOptions) {
    this.#disk = disk;
    this.#dir = dir;
    this.#last = tail?.notes.at(-1);
    this.#synced = tail?.size ?? 0;
    this.#written = this.#synced + (tail?.torn ?? 0);
  }

  /** A torn last line, which was given to nobody, is cut off. */
  static async open(options: HistoryOptions): Promise<CheckpointHistory> {
    const history = new CheckpointHistory(options);
    await history.#opened();
    return history;
  }

  /** Resolves when the note is on the disk. */
  async append(note: KeptNote): Promise<void> {
    await this.#attempt(async (file) => {
      file.write(lineOf(note));
      await file.sync();
      this.#synced = file.size;
      this.#last = note;
    });
  }

  /** Rides on the next sync. */
  async write(note: KeptNote): Promise<void> {
    await this.#attempt(async (file) => void file.write(lineOf(note)));
  }

  /** Puts the note in the place of the newest; after a power cut it is made again from the history. */
  async place(note: string): Promise<void> {
    const temporary = join(this.#dir, `${NEWEST_NAME}.new`);
    await this.#disk.remove(temporary);
    const file = await this.#disk.open(temporary, 'create');
    try {
      const bytes = Buffer.from(note);
      mustBeWhole(file.write(bytes, 0), bytes.length);
    } finally {
      await file.close();
    }
    await this.#disk.rename(temporary, join(this.#dir, NEWEST_NAME));
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (!file) return;
    try {
      if (file.size !== this.#synced) await file.sync();
    } finally {
      await file.close();
    }
  }

  async #attempt(task: (file: AppendFile) => Promise<void>): Promise<void> {
    const file = await this.#opened();
    try {
      await task(file);
    } catch (error) {
      this.#file = undefined;
      this.#written = file.reach;
      await file.close().catch(() => undefined);
      throw error;
    }
  }

  async #opened(): Promise<AppendFile> {
    if (this.#file) return this.#file;
    const path = join(this.#dir, HISTORY_NAME);
    const file = await this.#at(path, await sizeOf(path));
    try {
      if (this.#synced === 0 && this.#last) file.write(lineOf(this.#last));
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    return this.#file;
  }

  async #at(path: string, found: number | undefined): Promise<AppendFile> {
    if (found === undefined) {
      const file = await AppendFile.create(this.#disk, path);
      this.#synced = 0;
      return file;
    }
    // What is longer than all that was written here was put in its place by somebody: nothing of it is cut.
    return AppendFile.resume(this.#disk, path, found > this.#written ? found : this.#synced);
  }
}

function lineOf({ at, note }: KeptNote): Buffer {
  return Buffer.from(`${JSON.stringify({ at, note })}\n`);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
