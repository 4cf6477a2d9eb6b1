import { EMPTY_ROOT, nodeHash, type Hash, type Pinned } from './merkle.ts';
import { hashesIn, partialTiles, perfectRoot, TILE_WIDTH, type ReadTile, type Tile } from './tile.ts';

export interface TileBytes {
  readonly tile: Tile;
  readonly bytes: Buffer;
}

/** The right edge of a growing tree: the hashes of its partial tiles, and nothing else of it. */
export class Frontier {
  #size = 0;
  /** By level, the hashes of the tile that is not full yet. */
  #edge: Hash[][] = [];

  /**
   * The edge of a tree of that size, read from its partial tiles. Whether it is the right one is told by its root.
   *
   * @throws RangeError when a tile is too short; what `read` throws
   */
  static async load(size: number, read: ReadTile): Promise<Frontier> {
    const frontier = new Frontier();
    frontier.#size = size;
    for (const tile of partialTiles(size)) {
      const hashes = hashesIn(Buffer.from(await read(tile))).slice(0, tile.width);
      if (hashes.length !== tile.width) throw new RangeError(`A tile of level ${tile.level} is too short.`);
      frontier.#row(tile.level).push(...hashes);
    }
    return frontier;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf. @returns the tiles that it filled, lowest level first; mostly none */
  append(leaf: Hash): readonly TileBytes[] {
    this.#size += 1;
    const full: TileBytes[] = [];
    let hash = leaf;
    for (let level = 0; ; level += 1) {
      const row = this.#row(level);
      row.push(hash);
      if (row.length < TILE_WIDTH) return full;
      const index = this.#size / TILE_WIDTH ** (level + 1) - 1;
      full.push({ tile: { level, index, width: TILE_WIDTH }, bytes: Buffer.concat(row) });
      hash = perfectRoot(row);
      this.#edge[level] = [];
    }
  }

  root(): Hash {
    let root: Hash | undefined;
    for (const row of this.#edge) {
      let end = row.length;
      for (let count = 1; end > 0; count *= 2) {
        if ((end / count) % 2 < 1) continue;
        const peak = perfectRoot(row.slice(end - count, end));
        root = root ? nodeHash(peak, root) : peak;
        end -= count;
      }
    }
    return root ?? EMPTY_ROOT;
  }

  pinned(): Pinned {
    return { size: this.#size, root: this.root() };
  }

  /** The partial tiles as they are now, lowest level first. */
  partials(): readonly TileBytes[] {
    return partialTiles(this.#size).map((tile) => ({ tile, bytes: Buffer.concat(this.#row(tile.level)) }));
  }

  /** The first `width` hashes of the tile at this place, if it stands at the edge. */
  partial({ level, index, width }: Tile): Buffer | undefined {
    const row = this.#edge[level];
    const here = Math.floor(Math.floor(this.#size / TILE_WIDTH ** level) / TILE_WIDTH);
    return row && here === index && row.length >= width ? Buffer.concat(row.slice(0, width)) : undefined;
  }

  #row(level: number): Hash[] {
    while (this.#edge.length <= level) this.#edge.push([]);
    return this.#edge[level] as Hash[];
  }
}
