import { EMPTY_ROOT, nodeHash, type Hash, type Pinned } from './merkle.ts';
import {
  hashesIn,
  partialTiles,
  perfectRoot,
  TILE_HEIGHT,
  TILE_WIDTH,
  type ReadTile,
  type Tile,
} from './tile.ts';

export interface TileBytes {
  readonly tile: Tile;
  readonly bytes: Buffer;
}

const NOTHING: readonly TileBytes[] = [];

/** The right edge of a growing tree: the hashes of its partial tiles and its peaks, and nothing else of it. */
export class Frontier {
  #size = 0;
  /** By level, the hashes of the tile that is not full yet. */
  #edge: Hash[][] = [];
  /** The roots of the perfect trees side by side, the widest first: one for each bit that is set in the size. */
  #peaks: Hash[] = [];

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
    frontier.#peaks = peaksOf(frontier.#edge);
    return frontier;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf. @returns the tiles that it filled, lowest level first; mostly none */
  append(leaf: Hash): readonly TileBytes[] {
    this.#row(0).push(leaf);
    let full: TileBytes[] | undefined;
    let hash = leaf;
    let height = 0;
    // Like counting: each bit that is set and carries is a peak that is as high as the one on its right.
    for (let carry = this.#size; carry % 2 === 1; carry = (carry - 1) / 2) {
      hash = nodeHash(this.#peaks.pop() as Hash, hash);
      height += 1;
      if (height % TILE_HEIGHT !== 0) continue;
      const level = height / TILE_HEIGHT - 1;
      const index = (this.#size + 1) / TILE_WIDTH ** (level + 1) - 1;
      full ??= [];
      full.push({ tile: { level, index, width: TILE_WIDTH }, bytes: Buffer.concat(this.#row(level)) });
      this.#edge[level] = [];
      this.#row(level + 1).push(hash);
    }
    this.#peaks.push(hash);
    this.#size += 1;
    return full ?? NOTHING;
  }

  root(): Hash {
    return this.#peaks.length === 0
      ? EMPTY_ROOT
      : this.#peaks.reduceRight((root, peak) => nodeHash(peak, root));
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

/** Of the hashes at the edge, the roots of the perfect trees that they make, the widest first. */
function peaksOf(edge: readonly (readonly Hash[])[]): Hash[] {
  const peaks: Hash[] = [];
  for (const row of edge) {
    let end = row.length;
    for (let count = 1; end > 0; count *= 2) {
      if ((end / count) % 2 < 1) continue;
      peaks.unshift(perfectRoot(row.slice(end - count, end)));
      end -= count;
    }
  }
  return peaks;
}
