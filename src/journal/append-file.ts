import { dirname } from 'node:path';
import { mustBeWhole, type Disk, type DiskFile } from './disk.ts';

/** A file that only ever grows, and knows how much of it is on the disk for certain. */
export class AppendFile {
  readonly path: string;
  readonly #disk: Disk;
  readonly #file: DiskFile;
  #size: number;
  #synced: number;

  private constructor(disk: Disk, path: string, file: DiskFile, size: number) {
    this.path = path;
    this.#disk = disk;
    this.#file = file;
    this.#size = size;
    this.#synced = size;
  }

  /** A new file. One of that name is removed before: the caller knows that nothing durable stands in it. */
  static async create(disk: Disk, path: string): Promise<AppendFile> {
    await disk.remove(path);
    const file = await disk.open(path, 'create');
    try {
      await disk.syncFolder(dirname(path));
    } catch (error) {
      await file.close();
      throw error;
    }
    return new AppendFile(disk, path, file, 0);
  }

  /** An existing file, cut to `size` bytes, all of which are on the disk when this resolves. */
  static async resume(disk: Disk, path: string, size?: number): Promise<AppendFile> {
    const file = await disk.open(path, 'existing');
    try {
      const found = await file.size();
      if (size !== undefined && found < size) throw new Error('the file shrank while it was opened');
      if (size !== undefined && found > size) await file.truncate(size);
      await file.sync();
      return new AppendFile(disk, path, file, size ?? found);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes that were written. */
  get size(): number {
    return this.#size;
  }

  /** @returns where the bytes begin */
  write(bytes: Uint8Array): number {
    const start = this.#size;
    mustBeWhole(this.#file.write(bytes, start), bytes.length);
    this.#size += bytes.length;
    return start;
  }

  async sync(): Promise<void> {
    const reached = this.#size;
    await this.#file.sync();
    this.#synced = reached;
  }

  /**
   * Takes back what was never synced, after a failure, through a new descriptor: what the old one would read
   * back may not be on the disk. A file of which nothing was synced is left for `create` to remove.
   */
  async cutBack(): Promise<void> {
    if (this.#synced === 0) return;
    const file = await this.#disk.open(this.path, 'existing');
    try {
      await file.truncate(this.#synced);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
