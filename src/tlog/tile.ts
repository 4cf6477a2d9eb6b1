import { HASH_BYTES, nodeHash, type Hash, type ReadSubtree } from './merkle.ts';

/** Tiles as C2SP tlog-tiles lays them out: 256 hashes wide, eight levels of the tree high. */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;
export const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

export interface Tile {
  /** 0 for leaves; each level above holds the hashes of full tiles of the level below. */
  readonly level: number;
  readonly index: number;
  /** 1 to 256; below 256 it is partial, and a prefix of the wider ones of the same place. */
  readonly width: number;
}

/** What a path under the log's prefix names: hashes, or the entries under a tile of level 0. */
export type TileName = { readonly kind: 'hashes' | 'entries' } & Tile;

/** Such as `tile/0/x001/067.p/12`; entries stand under `tile/entries/`. */
export function tilePath({ level, index, width }: Tile, kind: TileName['kind'] = 'hashes'): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const parts = digits.match(/\d{3}/g) ?? [];
  const place = parts.map((part, i) => (i === parts.length - 1 ? part : `x${part}`)).join('/');
  const partial = width === TILE_WIDTH ? '' : `.p/${width}`;
  return `tile/${kind === 'entries' ? 'entries' : level}/${place}${partial}`;
}

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** What the path names; nothing when it is not the one path of a tile that can exist. */
export function parseTilePath(path: string): TileName | undefined {
  const match = PATH.exec(path);
  if (!match) return undefined;
  const [, level = '', before = '', last = '', width] = match;
  const index = Number(before.replaceAll(/[x/]/g, '') + last);
  const name: TileName = {
    kind: level === 'entries' ? 'entries' : 'hashes',
    level: level === 'entries' ? 0 : Number(level),
    index,
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  const fits =
    Number.isSafeInteger(index) && name.level <= 63 && (width === undefined || name.width < TILE_WIDTH);
  return fits && tilePath(name, name.kind) === path ? name : undefined;
}

/** How many hashes the tile at this place has in a tree of that size: 0 (none) to 256. */
export function widthIn(size: number, level: number, index: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** The partial tiles at the right edge of a tree of that size, lowest level first. */
export function partialTiles(size: number): readonly Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const width = hashes % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(hashes / TILE_WIDTH), width });
  }
  return tiles;
}

/** The bytes of a tile: `width` hashes, one after the other. @throws where it cannot be had */
export type ReadTile = (tile: Tile) => Promise<Uint8Array>;

/** Reads subtrees of a tree of `size` leaves out of its tiles. The last tiles read are kept. */
export function subtreesOf(size: number, readTile: ReadTile): ReadSubtree {
  const kept = new Map<string, Promise<Uint8Array>>();
  const tileAt = (level: number, index: number): Promise<Uint8Array> => {
    const width = widthIn(size, level, index);
    const key = `${level}/${index}`;
    const tile = kept.get(key) ?? readTile({ level, index, width });
    kept.delete(key);
    kept.set(key, tile);
    const [oldest] = kept.keys();
    if (kept.size > 64 && oldest !== undefined) kept.delete(oldest);
    // A tile that could not be read is not kept.
    tile.catch(() => kept.get(key) === tile && kept.delete(key));
    return tile;
  };
  return async (treeLevel, index) => {
    const level = Math.floor(treeLevel / TILE_HEIGHT);
    const count = 2 ** (treeLevel % TILE_HEIGHT);
    const first = index * count;
    const bytes = await tileAt(level, Math.floor(first / TILE_WIDTH));
    const offset = first % TILE_WIDTH;
    const hashes = hashesIn(bytes).slice(offset, offset + count);
    if (hashes.length !== count) throw new RangeError(`The tile ${level}/${index} is too short.`);
    return perfectRoot(hashes);
  };
}

export function hashesIn(tile: Uint8Array): Hash[] {
  const bytes = Buffer.from(tile.buffer, tile.byteOffset, tile.byteLength);
  return Array.from({ length: Math.floor(bytes.length / HASH_BYTES) }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}

/** The root over a power of two of hashes. */
export function perfectRoot(hashes: readonly Hash[]): Hash {
  let row = hashes;
  while (row.length > 1) {
    const above: Hash[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(nodeHash(row[i] as Hash, row[i + 1] as Hash));
    row = above;
  }
  return row[0] as Hash;
}
