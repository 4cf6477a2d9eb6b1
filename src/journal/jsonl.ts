import type { Clock } from '../core/clock.ts';
import type { Draft, Entry } from '../core/entry.ts';
import { JournalError, PlacetError, messageOf } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Hash, Pinned } from '../tlog/merkle.ts';
import { Admission, type Appending } from './admission.ts';
import { diskReason, makeFolder, realDisk, type Disk } from './disk.ts';
import { readEntries, readLineBytes, readRequest } from './entry-reader.ts';
import { GroupCommit, unwritable, type Sink } from './group-commit.ts';
import { HeadMarkFile } from './head-mark.ts';
import type { AppendOptions, Fold, Head, Journal } from './journal.ts';
import { lockFolder, type FolderLock } from './lock.ts';
import type { LogTree } from './log-tree.ts';
import { restore } from './restore.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { SegmentIndex } from './segments.ts';
import { saveSnapshot } from './snapshot.ts';
import { untoldTails } from './torn-tail.ts';

export interface JsonlJournalOptions {
  /** The folder of the segments, such as `data/journal`. It is made when there is none. */
  readonly dir: string;
  readonly clock: Clock;
  readonly random: Random;
  /** The name of this host, which stands in every entry. */
  readonly node: string;
  /** Empty; it is brought up to the journal's end. */
  readonly fold: Fold;
  /** For the HMAC of the snapshot; from the workspace's key. */
  readonly snapshotKey: Buffer;
  /** Placet's version. */
  readonly software: string;
  /** Told in a sentence what went wrong where no caller waits for it. */
  readonly onTrouble?: (sentence: string) => void;
  /** The tree of the newest checkpoint that was signed: a journal that does not begin with it is refused. */
  readonly extends?: Pinned | undefined;
  /** The system calls; for tests. */
  readonly disk?: Disk;
}

/**
 * Opens the embedded journal: segments of JSON Lines that lowdb writes through an append-only adapter. Writes
 * `log.opened`.
 *
 * @throws JournalError `workspace_in_use`, `journal_damaged`, `journal_unwritable`
 */
export async function openJsonlJournal(options: JsonlJournalOptions): Promise<Journal> {
  const { dir, disk = realDisk } = options;
  const opened: { close(): Promise<void> }[] = [];
  try {
    await makeFolder(disk, dir);
    const lock = await lockFolder(dir);
    opened.unshift({ close: () => lock.release() });
    const { index, place, tree } = await restore({ ...options, disk });
    const writer = await SegmentWriter.open(disk, index, place.offset);
    opened.unshift(writer);
    const mark = await HeadMarkFile.open(disk, dir, options.snapshotKey);
    opened.unshift(mark);
    const journal = new JsonlJournal(
      { ...options, disk },
      { lock, index, writer, tree, mark, size: place.size },
    );
    // Before anything else is let go of, so that nothing is tried again once the lock is another's.
    opened.splice(0, opened.length, journal);
    const untold = await untoldTails(disk, dir);
    await journal.append([{ type: 'log.opened', software: options.software }, ...untold.drafts]);
    await untold.told();
    return journal;
  } catch (error) {
    for (const each of opened) await each.close().catch(() => undefined);
    if (error instanceof PlacetError) throw error;
    throw new JournalError(
      'journal_unwritable',
      `The journal in ${dir} cannot be opened: ${diskReason(error)}. Make room, or give the folder to the user who runs Placet.`,
      { cause: error },
    );
  }
}

interface Parts {
  readonly lock: FolderLock;
  readonly index: SegmentIndex;
  readonly writer: SegmentWriter;
  readonly tree: LogTree;
  readonly mark: HeadMarkFile;
  readonly size: number;
}

class JsonlJournal implements Journal {
  readonly #options: JsonlJournalOptions & { readonly disk: Disk };
  readonly #lock: FolderLock;
  readonly #index: SegmentIndex;
  readonly #writer: SegmentWriter;
  readonly tree: LogTree;
  readonly #mark: HeadMarkFile;
  #unmarked = false;
  readonly #admission: Admission;
  readonly #commit: GroupCommit<Appending>;
  #snapshot: Promise<void> = Promise.resolve();
  /** The fold refused what it had admitted; nothing can be judged any more. */
  #broken: JournalError | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    options: JsonlJournalOptions & { readonly disk: Disk },
    { lock, index, writer, tree, mark, size }: Parts,
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#index = index;
    this.#writer = writer;
    this.tree = tree;
    this.#mark = mark;
    this.#admission = new Admission({ ...options, size });
    this.#commit = new GroupCommit({ sink: this.#sink(), clock: options.clock, name: 'journal' });
  }

  async append(drafts: readonly Draft[], options: AppendOptions = {}): Promise<readonly Entry[]> {
    if (this.#closing)
      throw new JournalError('journal_closed', 'The journal is closed: the host is stopping.');
    this.#mustWork();
    const appending = this.#admission.admit(drafts, options.expect);
    await this.#commit.add(appending, options.durability ?? 'synced');
    this.#mustWork();
    return appending.entries;
  }

  read(from: number, to?: number): AsyncIterable<Entry> {
    return readEntries(this.#index, from, Math.min(to ?? Number.POSITIVE_INFINITY, this.#admission.size));
  }

  readRequest(requestId: string): Promise<readonly Entry[]> {
    return readRequest(this.#index, requestId, {
      size: this.#admission.size,
      last: this.#options.fold.version(requestId),
    });
  }

  readLines(from: number, to?: number): AsyncIterable<Buffer> {
    return readLineBytes(this.#index, from, Math.min(to ?? Number.POSITIVE_INFINITY, this.#admission.size));
  }

  async sync(): Promise<void> {
    this.#mustWork();
    await this.#commit.flush();
    this.#mustWork();
  }

  head(): Head {
    return { size: this.#admission.size };
  }

  trouble(): string | undefined {
    return (this.#broken ?? this.#commit.trouble ?? this.#standing())?.message;
  }

  /** Looks at the disk, as nothing may have been appended since somebody took the file away. */
  #standing(): JournalError | undefined {
    if (this.#closing) return undefined;
    try {
      this.#writer.mustStand();
      return undefined;
    } catch (cause) {
      return unwritable('journal', cause);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#commit.close();
      if (!this.trouble()) this.#takeSnapshot();
      await this.#snapshot;
    } finally {
      try {
        await this.#writer.close();
        await this.#mark.close();
      } finally {
        await this.#lock.release();
      }
    }
  }

  #mustWork(): void {
    if (this.#broken) throw this.#broken;
  }

  #sink(): Sink<Appending> {
    return {
      room: (items) => this.#fitting(items),
      next: async () => {
        this.#takeSnapshot();
        await this.#writer.next(this.#admission.size);
      },
      recover: () => this.#writer.recover(this.#admission.size),
      recoversAlone: true,
      write: (items) => {
        const lines = items.flatMap((item) => item.lines);
        this.#writer.append(lines);
        this.tree.written(lines);
      },
      sync: async () => {
        const synced = this.#writer.sync();
        this.tree.hashWritten();
        await synced;
      },
      durable: (items) => this.#takeUp(items),
      lost: (kept, error) => {
        this.tree.lost();
        if (kept.length > 0) this.#options.onTrouble?.(error.message);
        const { again, dropped } = this.#admission.restart(kept);
        for (const sentence of dropped) this.#options.onTrouble?.(sentence);
        return again;
      },
    };
  }

  #fitting(items: readonly Appending[]): number {
    let room = this.#writer.room;
    const tooMany = items.findIndex((item) => {
      room -= item.lines.length;
      return room < 0;
    });
    return tooMany < 0 ? items.length : tooMany;
  }

  #takeUp(items: readonly Appending[]): void {
    this.#markHead(this.tree.durable(items.reduce((sum, item) => sum + item.lines.length, 0)));
    for (const { entries } of items) for (const entry of entries) this.#index.note(entry);
    try {
      this.#admission.durable(items);
    } catch (error) {
      this.#broken = new JournalError(
        'journal_unwritable',
        `What was written cannot be taken up (${messageOf(error)}): restart the host.`,
        { cause: error },
      );
    }
  }

  /** That it cannot be written is told once, and is no failure: what it would name is durable. */
  #markHead(leaf: Hash | undefined): void {
    if (!leaf) return;
    try {
      this.#mark.write({ size: this.tree.size, leaf });
      this.#unmarked = false;
    } catch (error) {
      if (!this.#unmarked)
        this.#options.onTrouble?.(`The journal's head mark cannot be written: ${diskReason(error)}.`);
      this.#unmarked = true;
    }
  }

  /** Of what is durable now. It is written in the background: it is a cache, and nobody waits for it. */
  #takeSnapshot(): void {
    const { disk, dir, fold, software, snapshotKey, onTrouble } = this.#options;
    const end = this.#writer.end(this.#admission.size);
    if (!end || this.#broken) return;
    const snapshot = {
      v: 1 as const,
      software,
      ...end,
      root: this.tree.pinned().root.toString('hex'),
      segments: [...this.#index.all],
      state: fold.save(),
    };
    this.#snapshot = this.tree
      .persist(() => saveSnapshot(disk, dir, snapshotKey, snapshot))
      .catch((error: unknown) =>
        onTrouble?.(`The journal's snapshot cannot be written: ${messageOf(error)}`),
      );
  }
}
