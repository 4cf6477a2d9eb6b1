import { closeSync, openSync, readdirSync, readSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { parseTilePath, TILE_BYTES, TILE_WIDTH, tilePath } from '../tlog/tile.ts';

/** Which tiles of hashes stand in a folder. Plain data, so that a thread can be handed it. */
export interface StandingTiles {
  /** The journal's folder. */
  readonly dir: string;
  /** By level, the indices of full ones. */
  readonly full: readonly ReadonlySet<number>[];
  /** By `level/index`, the widths of partial ones. */
  readonly partial: ReadonlyMap<string, readonly number[]>;
}

/** Lists the tiles under `dir/tile`; none where there is no such folder. */
export function listTiles(dir: string): StandingTiles {
  const full: Set<number>[] = [];
  const partial = new Map<string, number[]>();
  const walk = (path: string): void => {
    for (const entry of entriesOf(join(dir, path))) {
      const below = `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        walk(below);
        continue;
      }
      const tile = parseTilePath(below);
      if (tile?.kind !== 'hashes') continue;
      const { level, index, width } = tile;
      if (width < TILE_WIDTH) {
        const key = `${level}/${index}`;
        partial.set(key, [...(partial.get(key) ?? []), width]);
        continue;
      }
      while (full.length <= level) full.push(new Set());
      full[level]?.add(index);
    }
  };
  walk('tile');
  return { dir, full, partial };
}

/** Its bytes, or one more than a tile can have when it is too long; nothing when it is not there any more. */
export function readTileFile(dir: string, level: number, index: number, width: number): Buffer | undefined {
  let file: number;
  try {
    file = openSync(join(dir, tilePath({ level, index, width })), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(TILE_BYTES + 1);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

/** A folder of partial tiles vanishes when the host has wider ones. */
function entriesOf(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
