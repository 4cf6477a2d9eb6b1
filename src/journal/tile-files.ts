import { readdir, readFile, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { JournalError } from '../core/errors.ts';
import { HASH_BYTES } from '../tlog/merkle.ts';
import { TILE_WIDTH, tilePath, type Tile } from '../tlog/tile.ts';
import type { TileBytes } from '../tlog/frontier.ts';
import { diskReason, makeFolderBelow, mustBeWhole, type Disk } from './disk.ts';

/**
 * The tiles of the log as files in the C2SP layout under `tile/`. They are derived from the lines, so they are
 * written in the background and synced only with the snapshot that rests on them.
 */
export class TileFiles {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #onTrouble: ((sentence: string) => void) | undefined;
  /** Of paths, what is to stand there and may not yet. */
  readonly #queue = new Map<string, Buffer>();
  /** Paths that were written and not synced. */
  readonly #unsynced = new Set<string>();
  readonly #folders = new Set<string>();
  /** Folders in which partial tiles may stand. */
  readonly #partials = new Set<string>();
  /** Paths of partial tiles that this process wrote and did not remove. */
  readonly #standing = new Set<string>();
  #running: Promise<void> | undefined;
  #told = false;

  /** @param dir the folder in which `tile/` stands, such as `data/journal` */
  constructor(disk: Disk, dir: string, onTrouble?: (sentence: string) => void) {
    this.#disk = disk;
    this.#dir = dir;
    this.#onTrouble = onTrouble;
  }

  /** Writes them in the background. What fails is tried again with the next ones and by `flush`. */
  add(tiles: readonly TileBytes[]): void {
    if (tiles.length === 0) return;
    for (const { tile, bytes } of tiles) {
      const path = tilePath(tile);
      if (this.#standing.has(path)) continue;
      this.#queue.set(path, bytes);
      if (tile.width < TILE_WIDTH) this.#partials.add(dirname(path));
    }
    this.#start().catch((error: unknown) => this.#tell(error));
  }

  /** @throws JournalError `tiles_unwritable` unless everything that was added stands on the disk */
  async flush(): Promise<void> {
    try {
      while (this.#queue.size > 0) await this.#start();
    } catch (error) {
      throw unwritable(error);
    }
  }

  /** Puts everything that was added on the disk for certain. @throws JournalError `tiles_unwritable` */
  async sync(): Promise<void> {
    await this.flush();
    const paths = [...this.#unsynced];
    try {
      for (const path of paths) {
        const file = await this.#disk.open(join(this.#dir, path), 'existing');
        try {
          await file.sync();
        } finally {
          await file.close();
        }
      }
      for (const folder of new Set(paths.map((path) => dirname(path))))
        await this.#disk.syncFolder(join(this.#dir, folder));
    } catch (error) {
      // It may be gone, with all that stood there: it is written again by a rebuild.
      throw unwritable(error);
    }
    for (const path of paths) this.#unsynced.delete(path);
  }

  /** The first `width` hashes of the tile, from whichever file there is that holds them; nothing where none does. */
  async read(tile: Tile): Promise<Buffer | undefined> {
    const length = tile.width * HASH_BYTES;
    const exact = tilePath(tile);
    const full = tilePath({ ...tile, width: TILE_WIDTH });
    for (const path of new Set([exact, full])) {
      const bytes = this.#queue.get(path) ?? (await readOrNothing(join(this.#dir, path)));
      if (bytes && bytes.length >= length) return bytes.subarray(0, length);
    }
    for (const width of await this.#widths(`${full}.p`)) {
      if (width <= tile.width) continue;
      const bytes = await readOrNothing(join(this.#dir, `${full}.p/${width}`));
      if (bytes && bytes.length >= length) return bytes.subarray(0, length);
    }
    return undefined;
  }

  /** Removes the partial tiles that are not among these, of the places that were written since the start. */
  async keepPartials(kept: ReadonlySet<string>): Promise<void> {
    for (const folder of this.#partials) {
      const widths = await this.#widths(folder);
      const stale = widths.filter((width) => !kept.has(`${folder}/${width}`));
      for (const width of stale) {
        const path = `${folder}/${width}`;
        this.#unsynced.delete(path);
        this.#standing.delete(path);
        await this.#disk.remove(join(this.#dir, path));
      }
      if (stale.length < widths.length) continue;
      this.#partials.delete(folder);
      this.#folders.delete(folder);
      await rmdir(join(this.#dir, folder)).catch(() => undefined);
    }
  }

  /** Takes note of the places of partial tiles that an earlier process wrote. */
  knowPartials(tiles: readonly Tile[]): void {
    for (const tile of tiles) this.#partials.add(dirname(tilePath(tile)));
  }

  #start(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    for (const [path, bytes] of this.#queue) {
      await this.#write(path, bytes);
      this.#unsynced.add(path);
      if (this.#partials.has(dirname(path))) this.#standing.add(path);
      if (this.#queue.get(path) === bytes) this.#queue.delete(path);
      this.#told = false;
    }
  }

  /** Beside its place and renamed, so that whoever reads the folder sees a tile whole or not at all. */
  async #write(path: string, bytes: Buffer): Promise<void> {
    const place = join(this.#dir, path);
    const temporary = `${place}.new`;
    await this.#makeFolder(dirname(path));
    const file = await this.#create(temporary).catch((error: unknown) => {
      this.#folders.clear();
      throw error;
    });
    try {
      mustBeWhole(file.write(bytes, 0), bytes.length);
    } finally {
      await file.close();
    }
    await this.#disk.rename(temporary, place);
  }

  async #create(path: string): ReturnType<Disk['open']> {
    try {
      return await this.#disk.open(path, 'create');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      await this.#disk.remove(path);
      return this.#disk.open(path, 'create');
    }
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await makeFolderBelow(this.#disk, this.#dir, folder);
    this.#folders.add(folder);
  }

  /** Of the partial tiles in a folder, ascending. */
  async #widths(folder: string): Promise<readonly number[]> {
    const names = await readdir(join(this.#dir, folder)).catch(() => []);
    return names
      .filter((name) => /^[1-9]\d{0,2}$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  #tell(error: unknown): void {
    if (this.#told) return;
    this.#told = true;
    this.#onTrouble?.(unwritable(error).message);
  }
}

async function readOrNothing(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function unwritable(error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  return new JournalError(
    'tiles_unwritable',
    `The log's tiles cannot be written: ${diskReason(error)}. It is tried again; nothing of the journal is lost.`,
    { cause: error },
  );
}
