import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../core/errors.ts';
import type { Entry } from '../core/entry.ts';
import { isJsonObject } from '../core/json.ts';
import { replaceFile, type Disk } from '../journal/disk.ts';
import type { Journal } from '../journal/journal.ts';

/** How far a stream has come: the receiver has all entries before `next`. */
export interface Cursor {
  readonly next: number;
  /** The id of the last that it has; absent while it has none. */
  readonly last?: string;
}

export interface CursorFile {
  /**
   * Where the stream goes on; nothing where it has never run.
   *
   * @throws ConfigError `bad_cursor` where the file is of another journal, or of more than this one has
   */
  read(): Promise<Cursor | undefined>;
  /** Resolves when it is on the disk. */
  write(cursor: Cursor): Promise<void>;
}

export function openCursorFile(options: {
  readonly disk: Disk;
  /** It has to stand. */
  readonly folder: string;
  readonly name: string;
  readonly journal: Pick<Journal, 'head' | 'read'>;
}): CursorFile {
  const { disk, folder, name, journal } = options;
  const file = `${name}.cursor`;
  const refused = (what: string): ConfigError =>
    new ConfigError(
      'bad_cursor',
      `data/streams/${file} ${what}, so the stream ${name} does not run: remove the file to send everything again, or put back the one that belongs to this journal, and start Placet again.`,
    );

  return {
    async read() {
      let text: string;
      try {
        text = await readFile(join(folder, file), 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
      const cursor = parse(text);
      if (!cursor) throw refused('cannot be read');
      const { size } = journal.head();
      if (cursor.next > size)
        throw refused(`stands at entry ${cursor.next}, and the journal has only ${size}`);
      if (cursor.next > 0 && (await idAt(journal, cursor.next - 1)) !== cursor.last)
        throw refused('is of another journal');
      return cursor;
    },
    write: ({ next, last }) =>
      replaceFile(disk, folder, file, Buffer.from(`${JSON.stringify({ v: 1, next, last })}\n`)),
  };
}

async function idAt(journal: Pick<Journal, 'read'>, seq: number): Promise<string | undefined> {
  let found: Entry | undefined;
  for await (const entry of journal.read(seq, seq + 1)) found = entry;
  return found?.id;
}

function parse(text: string): Cursor | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value) || value['v'] !== 1) return undefined;
  const { next, last } = value;
  if (typeof next !== 'number' || !Number.isSafeInteger(next) || next < 0) return undefined;
  if (next === 0) return { next };
  return typeof last === 'string' ? { next, last } : undefined;
}
