import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { Entry } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import { History, type HistoryItem } from '../core/history.ts';
import type { Log } from '../core/log.ts';
import type { Changes } from '../guard/context.ts';
import { realDisk, replaceFile, type Disk } from '../journal/disk.ts';
import type { Journal } from '../journal/journal.ts';

export interface HistoryFileOptions {
  /** The folder of the file, such as `data`. */
  readonly dir: string;
  /** Under which the file is authenticated. */
  readonly key: Buffer;
  readonly journal: Pick<Journal, 'read' | 'head'>;
  /** Tells of each durable entry, in order. */
  readonly changes: Changes;
  readonly clock: Clock;
  readonly log: Log;
  /** The version of Placet; what another one wrote is made anew. */
  readonly software: string;
  readonly disk?: Disk;
}

export interface HistoryFile {
  /** Current with the journal, and kept so. */
  readonly history: History;
  /** Saves what is not saved yet. Entries that come later are not taken up any more. */
  readonly close: () => Promise<void>;
}

const NAME = 'history.json';
const SAVE_AFTER_MS = 5 * 60_000;

const fileSchema = z.object({
  v: z.literal(1),
  software: z.string(),
  /** How many entries it takes up: the sequence number of the first that it does not. */
  size: z.int().nonnegative(),
  /** The last of them, by which a file of another journal is told. */
  last_id: z.string(),
  items: z.array(z.custom<HistoryItem>((value) => typeof value === 'object' && value !== null)),
});

type Saved = z.infer<typeof fileSchema>;

/**
 * The history of requests, read from `history.json` and brought up to the journal's end, then kept current. The file
 * is a cache: what is missing, damaged, of another version or ahead of the journal is made anew from all entries.
 *
 * @throws JournalError when the journal cannot be read
 */
export async function openHistory(options: HistoryFileOptions): Promise<HistoryFile> {
  const { dir, key, journal, changes, clock, log, software, disk = realDisk } = options;
  const history = new History();
  let size = 0;
  let lastId = '';
  let savedSize = 0;
  const take = (entry: Entry): void => {
    // Each entry comes once, by reading or by being told, whichever is first.
    if (entry.seq < size) return;
    history.apply(entry);
    size = entry.seq + 1;
    lastId = entry.id;
  };

  /** Told while the journal is still being read. */
  let early: Entry[] | undefined = [];
  const unsubscribe = changes.subscribe((entry) => {
    if (early) early.push(entry);
    else {
      take(entry);
      scheduleSave();
    }
  });
  try {
    const { saved, why } = await load(options);
    if (why !== undefined) log(`The history of requests is made anew from the journal: its file ${why}.`);
    if (saved && (await standsIn(journal, saved))) {
      history.load(saved);
      ({ size, last_id: lastId } = saved);
      savedSize = size;
    } else if (saved) log('The history of requests is made anew: its file is of another journal.');
    for await (const entry of journal.read(size)) take(entry);
    for (const entry of early) take(entry);
    early = undefined;
  } catch (error) {
    unsubscribe();
    throw error;
  }

  let cancelTimer: (() => void) | undefined;
  let saving: Promise<void> = Promise.resolve();
  const save = (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = undefined;
    saving = saving.then(write);
    return saving;
  };
  const write = async (): Promise<void> => {
    if (size === savedSize) return;
    const upTo = size;
    const saved: Saved = { v: 1, software, size, last_id: lastId, items: [...history.save().items] };
    const body = JSON.stringify(saved);
    try {
      await replaceFile(disk, dir, NAME, Buffer.from(`${mac(key, body).toString('hex')}\n${body}`));
      savedSize = upTo;
    } catch (error) {
      log(
        `The history of requests cannot be saved, so the next start reads more of the journal: ${messageOf(error)}`,
      );
    }
  };
  const scheduleSave = (): void => {
    cancelTimer ??= clock.after(SAVE_AFTER_MS, () => void save());
  };
  if (size !== savedSize) scheduleSave();

  return {
    history,
    close: async () => {
      unsubscribe();
      await save();
    },
  };
}

/** What the file holds if Placet of this version wrote it; otherwise nothing, and why not where it is damaged. */
async function load({
  dir,
  key,
  software,
}: HistoryFileOptions): Promise<{ readonly saved?: Saved; readonly why?: string }> {
  let text: string;
  try {
    text = await readFile(join(dir, NAME), 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? {} : { why: 'cannot be read' };
  }
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  const given = Buffer.from(text.slice(0, Math.max(0, end)), 'hex');
  const own = mac(key, body);
  if (given.length !== own.length || !timingSafeEqual(given, own)) {
    return { why: 'is damaged, or was not written under the key of this workspace' };
  }
  const parsed = fileSchema.safeParse(JSON.parse(body));
  return parsed.success && parsed.data.software === software ? { saved: parsed.data } : {};
}

/** Whether the journal holds the entry at which the file was written. */
async function standsIn(journal: HistoryFileOptions['journal'], saved: Saved): Promise<boolean> {
  if (saved.size === 0) return true;
  if (saved.size > journal.head().size) return false;
  for await (const entry of journal.read(saved.size - 1, saved.size)) return entry.id === saved.last_id;
  return false;
}

function mac(key: Buffer, body: string): Buffer {
  return createHmac('sha256', key).update(body).digest();
}
