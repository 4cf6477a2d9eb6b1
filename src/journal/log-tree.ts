import { JournalError } from '../core/errors.ts';
import { Frontier } from '../tlog/frontier.ts';
import { leafHash, rootAt, type Hash, type Pinned } from '../tlog/merkle.ts';
import { partialTiles, subtreesOf, tilePath, widthIn, type Tile } from '../tlog/tile.ts';
import type { Disk } from './disk.ts';
import type { TreeView } from './journal.ts';
import { TileFiles } from './tile-files.ts';

export interface LogTreeOptions {
  readonly disk: Disk;
  /** The folder in which `tile/` stands, such as `data/journal`. */
  readonly dir: string;
  readonly onTrouble?: (sentence: string) => void;
}

/** The Merkle tree over the durable lines: its right edge in memory, its tiles on the disk. */
export class LogTree implements TreeView {
  readonly #frontier: Frontier;
  readonly #files: TileFiles;
  /** Lines that were written, and the leaves of those that were hashed; none is in the tree yet. */
  #written: string[] = [];
  #leaves: Hash[] = [];
  /** Paths of partial tiles: of the newest size that was published, and of the snapshot that a start rests on. */
  #published: readonly string[] = [];
  #resting: readonly string[] = [];
  #turn: Promise<void> = Promise.resolve();

  private constructor(files: TileFiles, frontier: Frontier) {
    this.#files = files;
    this.#frontier = frontier;
  }

  static empty({ disk, dir, onTrouble }: LogTreeOptions): LogTree {
    return new LogTree(new TileFiles(disk, dir, onTrouble), new Frontier());
  }

  /** The tree whose tiles stand on the disk; nothing where they do not, or have another root. */
  static async load({ disk, dir, onTrouble }: LogTreeOptions, at: Pinned): Promise<LogTree | undefined> {
    const files = new TileFiles(disk, dir, onTrouble);
    files.knowPartials(partialTiles(at.size));
    try {
      const frontier = await Frontier.load(
        at.size,
        async (tile) => (await files.read(tile)) ?? missing(tile),
      );
      if (!frontier.root().equals(at.root)) return undefined;
      const tree = new LogTree(files, frontier);
      tree.#resting = pathsAt(at.size);
      return tree;
    } catch {
      // Whatever keeps the tiles from being read, they are made again from the lines.
      return undefined;
    }
  }

  get size(): number {
    return this.#frontier.size;
  }

  /** Takes up a durable line, without line feed. */
  add(line: Uint8Array | string): void {
    this.#take(leafHash(line));
  }

  /** These lines are on their way to the disk. */
  written(lines: readonly string[]): void {
    for (const line of lines) this.#written.push(line);
  }

  /** Hashes what was written; to be called while the disk syncs it, when there is time. */
  hashWritten(): void {
    for (const line of this.#written) this.#leaves.push(leafHash(line));
    this.#written = [];
  }

  /** The oldest `count` lines that were written are durable. @returns the leaf of the last of them */
  durable(count: number): Hash | undefined {
    if (this.#leaves.length < count) this.hashWritten();
    const leaves = this.#leaves.splice(0, count);
    for (const leaf of leaves) this.#take(leaf);
    return leaves.at(-1);
  }

  /** Nothing of what was written is durable. */
  lost(): void {
    this.#written = [];
    this.#leaves = [];
  }

  readonly pinned = (): Pinned => this.#frontier.pinned();

  readonly tile = async (tile: Tile): Promise<Uint8Array> => {
    if (tile.width < 1 || widthIn(this.size, tile.level, tile.index) < tile.width) return missing(tile);
    return this.#frontier.partial(tile) ?? (await this.#files.read(tile)) ?? missing(tile);
  };

  readonly publish = async (size: number): Promise<void> => {
    const write = this.#standing(size);
    await this.#inTurn(async () => {
      await write();
      this.#published = pathsAt(size);
      await this.#files.keepPartials(new Set([...this.#published, ...this.#resting]));
    });
  };

  /** The root of the tree as it was at that size, computed from the tiles. @throws JournalError `tile_missing` */
  rootAt(size: number): Promise<Hash> {
    return rootAt(size, subtreesOf(size, this.tile));
  }

  /** The tiles that are full stand on the disk, not synced. */
  flush(): Promise<void> {
    return this.#files.flush();
  }

  /**
   * Puts all tiles of the tree as it is now on the disk for certain.
   *
   * @param then writes the snapshot that rests on them; before that those of the last one are not let go
   */
  persist(then?: () => Promise<void>): Promise<void> {
    const size = this.size;
    const write = this.#standing(size);
    return this.#inTurn(async () => {
      await write();
      await this.#files.sync();
      await then?.();
      this.#resting = pathsAt(size);
      await this.#files.keepPartials(new Set([...this.#published, ...this.#resting]));
    });
  }

  #take(leaf: Hash): void {
    this.#files.add(this.#frontier.append(leaf));
  }

  /** Remembers the edge as it is at this moment. @returns what writes it */
  #standing(size: number): () => Promise<void> {
    const tiles = partialTiles(size).flatMap((tile) => {
      const bytes = this.#frontier.partial(tile);
      // One that has filled since is among the full tiles.
      return bytes ? [{ tile, bytes }] : [];
    });
    return async () => {
      this.#files.add(tiles);
      await this.#files.flush();
    };
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(task);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function pathsAt(size: number): readonly string[] {
  return partialTiles(size).map((tile) => tilePath(tile));
}

function missing(tile: Tile): never {
  throw new JournalError('tile_missing', `The log has no tile ${tilePath(tile)}.`);
}
