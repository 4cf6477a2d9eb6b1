import type { Draft, Entry } from '../core/entry.ts';
import type { Pinned } from '../tlog/merkle.ts';
import type { ReadTile } from '../tlog/tile.ts';

/**
 * How far an append has got when its promise resolves.
 *
 * - `synced`: on the disk; survives a power cut. What guards, decides or starts anything uses this.
 * - `written`: in the operating system's hands, survives the process; synced at most 5 ms later.
 * - `behind`: queued; rides on the next sync, at most 20 ms later. Only for outcomes of allowed calls.
 */
export type Durability = 'synced' | 'written' | 'behind';

export interface AppendOptions {
  /**
   * Compare-and-append: the version of the request (the sequence number of its last entry, or null when it has
   * none) on which the drafts were decided. Required for entries that carry a `request_id`.
   */
  readonly expect?: { readonly request_id: string; readonly version: number | null };
  /** Default `synced`. */
  readonly durability?: Durability;
}

export interface Head {
  /** The number of entries: the sequence number that the next one gets. */
  readonly size: number;
}

/** The Merkle tree over the durable lines. */
export interface TreeView {
  /** Size and root of all that is durable now. */
  pinned(): Pinned;
  /**
   * The hashes of a tile, of which `width` may be less than are known: then its first ones.
   *
   * @throws JournalError `tile_missing` where the tree has no such tile
   */
  readonly tile: ReadTile;
  /**
   * The partial tiles of the tree of that size, which was durable once, stand on the disk when this resolves, but are
   * not synced: they can be made again from the lines.
   *
   * @throws JournalError `tiles_unwritable`
   */
  publish(size: number): Promise<void>;
}

/** The state that a journal keeps current, so that appends can be judged before they are written. */
export interface Fold {
  /**
   * MUST throw when the entries, in order, may not follow what was applied and what was admitted before them and
   * is not applied yet; nothing that a reader of the fold sees may change.
   */
  admit(entries: readonly Entry[]): void;
  /** Called once for each durable entry, in order, before the append that made it resolves. */
  apply(entry: Entry): void;
  /** What was admitted and not applied never became durable: it MUST be as if it had not been admitted. */
  withdraw(): void;
  version(requestId: string): number | undefined;
  /** State as plain JSON, to be given to `load` at a later start. */
  save(): unknown;
  load(state: unknown): void;
}

/** The append-only log, which is the database. Drivers stand beside this file. */
export interface Journal {
  /**
   * Stamps, judges and appends the drafts, all or none, in order and next to each other.
   *
   * MUST NOT resolve before the promised durability is reached. MUST call `Fold.admit` with the stamped entries
   * before anything is written, and MUST refuse with `conflict` when the expected version is not the current
   * one, or when another append to the same request is still under way. Entries that were promised as `written`
   * or `behind` and whose sync fails MUST be written again, first and under new numbers, when the disk is back.
   *
   * @throws JournalError `conflict`, `journal_unwritable`, `journal_closed`, `entry_too_long`
   * @throws TransitionError from the fold
   */
  append(drafts: readonly Draft[], options?: AppendOptions): Promise<readonly Entry[]>;
  /** Durable entries from `from` (inclusive) to `to` (exclusive, default: the head at the time of the call). */
  read(from: number, to?: number): AsyncIterable<Entry>;
  /**
   * The durable entries that carry this request id, oldest first, however long ago; empty when there are none.
   * Relies on request ids being ordered by time (`ids.ts`).
   */
  readRequest(requestId: string): Promise<readonly Entry[]>;
  /** The bytes of durable lines, as they were hashed into the tree, without line feeds; bounds as for `read`. */
  readLines(from: number, to?: number): AsyncIterable<Buffer>;
  readonly tree: TreeView;
  head(): Head;
  /** Resolves when everything that an append was answered for is durable. @throws JournalError as `append` */
  sync(): Promise<void>;
  /** Nothing while appends succeed; otherwise one sentence that says why they do not. */
  trouble(): string | undefined;
  /** Waits for what is under way, syncs it, and lets go of the files and the lock. */
  close(): Promise<void>;
}
