import type { Clock } from '../core/clock.ts';
import { JournalError } from '../core/errors.ts';
import { diskReason } from './disk.ts';
import type { Durability } from './journal.ts';

const WRITTEN_SYNC_MS = 5;
const BEHIND_SYNC_MS = 20;
/** After a failure, whether or not anything waits. */
const RETRY_MS = 1000;

/** Where a group commit puts its items. Never called twice at once. */
export interface Sink<T> {
  /** How many of these, from the first on, the current file still takes; 0 asks for the next file. */
  room(items: readonly T[]): number;
  /** Goes on in a new file; all that was written is synced. */
  next(): Promise<void>;
  /** Goes on in a new file after a failure, with nothing left of what was not synced. */
  recover(): Promise<void>;
  /** That `recover` throws unless the disk keeps what it is given: then it is tried until it does. */
  readonly recoversAlone?: boolean;
  write(items: readonly T[]): Promise<void>;
  sync(): Promise<void>;
  /** These are on the disk, in this order. MUST NOT throw. */
  durable(items: readonly T[]): void;
  /**
   * All that was written and not synced is lost. Of `kept` the callers were told that it was taken, so it is
   * written again as soon as the disk is back.
   *
   * @returns what to write again
   */
  lost(kept: readonly T[], error: JournalError): readonly T[];
}

interface Waiting<T> {
  readonly item: T;
  readonly durability: Durability;
  /** The caller was told already. */
  settled: boolean;
  readonly resolve: () => void;
  readonly reject: (error: JournalError) => void;
  /** Told when it is durable or lost. */
  readonly watchers: Watcher[];
}

interface Watcher {
  readonly resolve: () => void;
  readonly reject: (error: JournalError) => void;
}

export interface GroupCommitOptions<T> {
  readonly sink: Sink<T>;
  readonly clock: Clock;
  /** What cannot be written, such as `journal`. */
  readonly name: string;
}

/** Lets everything that is appended while a sync is under way share the next one. */
export class GroupCommit<T> {
  readonly #sink: Sink<T>;
  readonly #clock: Clock;
  readonly #name: string;
  #queued: Waiting<T>[] = [];
  #unsynced: Waiting<T>[] = [];
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #syncDue = false;
  #running: Promise<void> | undefined;
  #trouble: JournalError | undefined;
  #closed = false;

  constructor({ sink, clock, name }: GroupCommitOptions<T>) {
    this.#sink = sink;
    this.#clock = clock;
    this.#name = name;
  }

  /** Set from a failure until it is known that what is written is durable again. */
  get trouble(): JournalError | undefined {
    return this.#trouble;
  }

  /** Resolves at the durability asked for; in trouble, only when the item is durable. */
  add(item: T, durability: Durability): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = {
        item,
        durability: this.#trouble ? ('synced' as const) : durability,
        settled: false,
        resolve,
        reject,
        watchers: [],
      };
      this.#queued.push(waiting);
      if (waiting.durability === 'behind') {
        settle(waiting);
        this.#syncWithin(BEHIND_SYNC_MS);
      } else {
        void this.#start();
      }
    });
  }

  /** Resolves when everything that was added before is durable. @throws JournalError `journal_unwritable` */
  flush(): Promise<void> {
    const last = this.#queued.at(-1) ?? this.#unsynced.at(-1);
    if (!last) return Promise.resolve();
    return new Promise((resolve, reject) => {
      last.watchers.push({ resolve, reject });
      this.#syncDue = true;
      void this.#start();
    });
  }

  /**
   * Makes everything durable that was added; nothing may be added any more.
   *
   * @throws JournalError `journal_unwritable` when something is lost of which the caller was told that it was taken
   */
  async close(): Promise<void> {
    await this.#running;
    this.#closed = true;
    this.#cancelTimer();
    if (this.#queued.length + this.#unsynced.length === 0) return;
    this.#syncDue = true;
    await this.#start();
    if (this.#trouble && this.#queued.length > 0) throw this.#trouble;
  }

  #start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    // What is added in the same breath shares the write.
    await Promise.resolve();
    try {
      if (this.#trouble) await this.#recover();
      while (this.#syncDue || this.#queued.some((waiting) => waiting.durability !== 'behind')) {
        await this.#writeQueued();
        if (this.#syncDue || this.#unsynced.some((waiting) => !waiting.settled)) await this.#sync();
      }
    } catch (error) {
      this.#fail(error);
    }
    // In the same turn as the last look at the queue, so that nothing is added to a run that is over.
    this.#running = undefined;
  }

  async #recover(): Promise<void> {
    await this.#sink.recover();
    if (this.#sink.recoversAlone === true) this.#trouble = undefined;
  }

  async #writeQueued(): Promise<void> {
    while (this.#queued.length > 0) {
      const room = this.#sink.room(this.#queued.map((waiting) => waiting.item));
      if (room === 0) {
        await this.#sync();
        await this.#sink.next();
        continue;
      }
      const batch = this.#queued.slice(0, room);
      await this.#sink.write(batch.map((waiting) => waiting.item));
      this.#queued.splice(0, room);
      this.#unsynced.push(...batch);
      for (const waiting of batch) if (waiting.durability === 'written') settle(waiting);
    }
    if (this.#unsynced.length > 0) this.#syncWithin(WRITTEN_SYNC_MS);
  }

  async #sync(): Promise<void> {
    this.#cancelTimer();
    this.#syncDue = false;
    if (this.#unsynced.length === 0) return;
    await this.#sink.sync();
    this.#sink.durable(this.#unsynced.map((waiting) => waiting.item));
    this.#trouble = undefined;
    for (const waiting of this.#unsynced.splice(0)) {
      settle(waiting);
      for (const watcher of waiting.watchers) watcher.resolve();
    }
  }

  #fail(cause: unknown): void {
    const error = unwritable(this.#name, cause);
    this.#trouble = error;
    this.#cancelTimer();
    this.#syncDue = false;
    const all = [...this.#unsynced.splice(0), ...this.#queued.splice(0)];
    const kept = all.filter((waiting) => waiting.settled).map((waiting) => waiting.item);
    for (const item of this.#sink.lost(kept, error)) {
      this.#queued.push({
        item,
        durability: 'behind',
        settled: true,
        resolve: () => undefined,
        reject: () => undefined,
        watchers: [],
      });
    }
    if (this.#queued.length > 0 || this.#sink.recoversAlone === true) this.#syncWithin(RETRY_MS);
    for (const waiting of all) {
      if (!waiting.settled) waiting.reject(error);
      for (const watcher of waiting.watchers) watcher.reject(error);
    }
  }

  #syncWithin(ms: number): void {
    if (this.#closed) return;
    const at = this.#clock.now() + ms;
    if (this.#timer && this.#timer.at <= at) return;
    this.#cancelTimer();
    const cancel = this.#clock.after(ms, () => {
      this.#timer = undefined;
      this.#syncDue = true;
      void this.#start();
    });
    this.#timer = { at, cancel };
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

function settle<T>(waiting: Waiting<T>): void {
  waiting.settled = true;
  waiting.resolve();
}

/** @param what such as `journal` */
export function unwritable(what: string, cause: unknown): JournalError {
  return new JournalError(
    'journal_unwritable',
    `The ${what} cannot be written: ${diskReason(cause)}. Nothing that is guarded runs until it can be; it goes on by itself.`,
    { cause },
  );
}
