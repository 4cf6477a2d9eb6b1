import type { Clock } from '../core/clock.ts';
import { JournalError } from '../core/errors.ts';
import { diskReason } from './disk.ts';
import type { Durability } from './journal.ts';

const WRITTEN_SYNC_MS = 5;
const BEHIND_SYNC_MS = 20;
/** After a failure, whether or not anything waits. */
const RETRY_MS = 1000;

/** Where a group commit puts its items. `next`, `recover` and `sync` are never under way together. */
export interface Sink<T> {
  /** How many of these, from the first on, the current file still takes; 0 asks for the next file. */
  room(items: readonly T[]): number;
  /** Goes on in a new file; all that was written is synced. */
  next(): Promise<void>;
  /** Goes on in a new file after a failure, with nothing left of what was not synced. */
  recover(): Promise<void>;
  /** That `recover` throws unless the disk keeps what it is given: then it is tried until it does. */
  readonly recoversAlone?: boolean;
  /** Hands them to the operating system before it returns; also while a sync is under way. */
  write(items: readonly T[]): void;
  /** Resolves when all that was written before the call is on the disk; what is written meanwhile may not be. */
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

interface Told {
  readonly resolve: () => void;
  readonly reject: (error: JournalError) => void;
}

interface Waiting<T> extends Told {
  readonly item: T;
  readonly durability: Durability;
  /** The caller was told already. */
  settled: boolean;
  /** Told when it is durable or lost. */
  watchers: Told[] | undefined;
}

export interface GroupCommitOptions<T> {
  readonly sink: Sink<T>;
  readonly clock: Clock;
  /** What cannot be written, such as `journal`. */
  readonly name: string;
}

/**
 * Writes at once what is added, and lets everything that is written while a sync is under way share the next one.
 *
 * A write is synchronous, so no sync begins in the middle of one: a sync covers exactly what was written when it
 * began, which is the first so many of `#unsynced`.
 */
export class GroupCommit<T> {
  readonly #sink: Sink<T>;
  readonly #clock: Clock;
  readonly #name: string;
  #queued: Waiting<T>[] = [];
  /** Written, in order. */
  #unsynced: Waiting<T>[] = [];
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #syncDue = false;
  /** It goes on at the end of this turn of microtasks. */
  #going = false;
  #syncing: Promise<void> | undefined;
  /** While another file is begun nothing is written. */
  #turning: Promise<void> | undefined;
  /** Nothing is written until the sink has recovered. */
  #isBroken = false;
  /** What a write failed with while a sync was under way. */
  #failure: { readonly cause: unknown } | undefined;
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
      const waiting: Waiting<T> = {
        item,
        durability: this.#trouble ? 'synced' : durability,
        settled: false,
        resolve,
        reject,
        watchers: undefined,
      };
      this.#queued.push(waiting);
      if (waiting.durability === 'behind') {
        settle(waiting);
        this.#syncWithin(BEHIND_SYNC_MS);
      } else {
        this.#start();
      }
    });
  }

  /** Resolves when everything that was added before is durable. @throws JournalError `journal_unwritable` */
  flush(): Promise<void> {
    const last = this.#queued.at(-1) ?? this.#unsynced.at(-1);
    if (!last) return Promise.resolve();
    return new Promise((resolve, reject) => {
      last.watchers ??= [];
      last.watchers.push({ resolve, reject });
      this.#syncDue = true;
      this.#start();
    });
  }

  /**
   * Makes everything durable that was added; nothing may be added any more.
   *
   * @throws JournalError `journal_unwritable` when something is lost of which the caller was told that it was taken
   */
  async close(): Promise<void> {
    await this.#idle();
    this.#closed = true;
    this.#cancelTimer();
    if (this.#queued.length + this.#unsynced.length === 0) return;
    this.#syncDue = true;
    this.#start();
    await this.#idle();
    if (this.#trouble && this.#queued.length > 0) throw this.#trouble;
  }

  async #idle(): Promise<void> {
    while (this.#going || this.#turning || this.#syncing) await (this.#turning ?? this.#syncing);
  }

  /** What is added in the same breath shares the write. */
  #start(): void {
    if (this.#going) return;
    this.#going = true;
    queueMicrotask(() => {
      this.#going = false;
      this.#go();
    });
  }

  /** Writes what is queued and syncs when that is due. Whatever keeps it from that calls it again when it is over. */
  #go(): void {
    if (this.#turning || this.#failure) return;
    if (this.#isBroken) return this.#turn(() => this.#recover());
    try {
      if (!this.#writeQueued()) return this.#turn(() => this.#next());
    } catch (cause) {
      this.#failure = { cause };
      if (!this.#syncing) this.#fail();
      return;
    }
    if (this.#syncDue) void this.#sync();
    else if (this.#unsynced.length > 0) this.#syncWithin(WRITTEN_SYNC_MS);
  }

  /** @returns whether the file took all of them */
  #writeQueued(): boolean {
    while (this.#queued.length > 0) {
      const room = this.#sink.room(this.#queued.map((waiting) => waiting.item));
      if (room === 0) return false;
      const batch = room === this.#queued.length ? this.#queued : this.#queued.slice(0, room);
      this.#sink.write(batch.map((waiting) => waiting.item));
      this.#queued = batch === this.#queued ? [] : this.#queued.slice(room);
      for (const waiting of batch) {
        this.#unsynced.push(waiting);
        if (waiting.durability === 'synced') this.#syncDue = true;
        else settle(waiting);
      }
    }
    return true;
  }

  #turn(task: () => Promise<void>): void {
    this.#turning = task().then(
      () => {
        this.#turning = undefined;
        // What a sync failed with in this turn is told already, and tried again later.
        if (!this.#isBroken) this.#go();
      },
      (cause: unknown) => {
        this.#turning = undefined;
        this.#failure = { cause };
        this.#fail();
      },
    );
  }

  async #next(): Promise<void> {
    while (this.#unsynced.length > 0 && !this.#isBroken) await this.#sync();
    if (!this.#isBroken) await this.#sink.next();
  }

  async #recover(): Promise<void> {
    await this.#sink.recover();
    this.#isBroken = false;
    if (this.#sink.recoversAlone === true) this.#trouble = undefined;
  }

  /** One at a time: who asks while one is under way gets that one, and what is still due then is synced behind it. */
  #sync(): Promise<void> {
    this.#syncing ??= this.#syncWritten().then(() => {
      this.#syncing = undefined;
      if (this.#failure) this.#fail();
      else if (this.#syncDue) this.#go();
    });
    return this.#syncing;
  }

  async #syncWritten(): Promise<void> {
    this.#cancelTimer();
    this.#syncDue = false;
    const covered = this.#unsynced.length;
    if (covered === 0) return;
    try {
      await this.#sink.sync();
    } catch (cause) {
      this.#failure ??= { cause };
      return;
    }
    const synced = covered === this.#unsynced.length ? this.#unsynced : this.#unsynced.slice(0, covered);
    this.#unsynced = synced === this.#unsynced ? [] : this.#unsynced.slice(covered);
    this.#sink.durable(synced.map((waiting) => waiting.item));
    this.#trouble = undefined;
    for (const waiting of synced) {
      settle(waiting);
      for (const watcher of waiting.watchers ?? []) watcher.resolve();
    }
  }

  /** Nothing is under way, and what `#failure` names has happened. */
  #fail(): void {
    const error = unwritable(this.#name, this.#failure?.cause);
    this.#failure = undefined;
    this.#isBroken = true;
    this.#trouble = error;
    this.#cancelTimer();
    this.#syncDue = false;
    const all = [...this.#unsynced.splice(0), ...this.#queued.splice(0)];
    const kept = all.filter((waiting) => waiting.settled).map((waiting) => waiting.item);
    const nobody = { resolve: () => undefined, reject: () => undefined, watchers: undefined };
    for (const item of this.#sink.lost(kept, error)) {
      this.#queued.push({ ...nobody, item, durability: 'behind', settled: true });
    }
    if (this.#queued.length > 0 || this.#sink.recoversAlone === true) this.#syncWithin(RETRY_MS);
    for (const waiting of all) {
      if (!waiting.settled) waiting.reject(error);
      for (const watcher of waiting.watchers ?? []) watcher.reject(error);
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
      this.#start();
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
