import { basename, dirname } from 'node:path';
import { mustBeWhole, type Disk, type DiskFile, type FileState } from './disk.ts';

/** A file that only ever grows, and knows how much of it is on the disk for certain. */
export class AppendFile {
  readonly path: string;
  readonly #disk: Disk;
  readonly #file: DiskFile;
  readonly #identity: FileState;
  #size: number;
  #synced: number;
  #reach: number;
  /** It was looked at since the last sync, which looks again: a look costs as much as a write. */
  #isLookedAt = false;

  private constructor({ disk, path, file, identity, size }: Parts) {
    this.path = path;
    this.#disk = disk;
    this.#file = file;
    this.#identity = identity;
    this.#size = size;
    this.#synced = size;
    this.#reach = size;
  }

  /** A new file. One of that name is removed before: the caller knows that nothing durable stands in it. */
  static async create(disk: Disk, path: string): Promise<AppendFile> {
    await disk.remove(path);
    const file = await disk.open(path, 'create');
    try {
      await disk.syncFolder(dirname(path));
      return new AppendFile({ disk, path, file, identity: await file.state(), size: 0 });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** An existing file, cut to `size` bytes, all of which are on the disk when this resolves. */
  static async resume(disk: Disk, path: string, size?: number): Promise<AppendFile> {
    const file = await disk.open(path, 'existing');
    try {
      const found = await file.size();
      if (size !== undefined && found < size) throw new Error('the file shrank while it was opened');
      if (size !== undefined && found > size) await file.truncate(size);
      await file.sync();
      return new AppendFile({ disk, path, file, identity: await file.state(), size: size ?? found });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes that were written. */
  get size(): number {
    return this.#size;
  }

  /** How far the file can have got: a write that failed may have left some of its bytes behind `size`. */
  get reach(): number {
    return this.#reach;
  }

  /**
   * @returns where the bytes begin
   * @throws Error also when the file at its path is another one, or not as long as it was left, as far as that was so
   * at the first write since the last sync; the next sync says so of what came in between
   */
  write(bytes: Uint8Array): number {
    const start = this.#size;
    if (!this.#isLookedAt) this.#mustHold(start);
    this.#isLookedAt = true;
    this.#reach = Math.max(this.#reach, start + bytes.length);
    mustBeWhole(this.#file.write(bytes, start), bytes.length);
    this.#size += bytes.length;
    return start;
  }

  async sync(): Promise<void> {
    const reached = this.#size;
    this.#isLookedAt = false;
    await this.#file.sync();
    // A write that failed meanwhile may have left some of its bytes.
    this.#mustHold(this.#size, this.#reach);
    this.#synced = reached;
  }

  /**
   * Takes back what was never synced, after a failure, through a new descriptor: what the old one would read
   * back may not be on the disk. A file of which nothing was synced is left for `create` to remove.
   *
   * @throws Error when the file is not at its path, or what was synced is not all in it
   */
  async cutBack(): Promise<void> {
    if (this.#synced === 0) return;
    this.mustKeepSynced();
    const file = await this.#disk.open(this.path, 'existing');
    try {
      await file.truncate(this.#synced);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** @throws Error unless this very file stands at its path, with all that was synced */
  mustKeepSynced(): void {
    if (this.#found().size < this.#synced) throw new Error(`${this.#name} was cut short by someone else`);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #mustHold(size: number, most = size): void {
    const found = this.#found().size;
    if (found < size || found > most) throw new Error(`${this.#name} was changed by someone else`);
  }

  #found(): FileState {
    const found = this.#disk.look(this.path);
    if (!found) throw new Error(`${this.#name} was moved or deleted, and has to be put back`);
    if (found.ino !== this.#identity.ino || found.dev !== this.#identity.dev)
      throw new Error(
        `another file stands in the place of ${this.#name}; put back the one that was there, or restart the host`,
      );
    return found;
  }

  get #name(): string {
    return `its file ${basename(this.path)}`;
  }
}

interface Parts {
  readonly disk: Disk;
  readonly path: string;
  readonly file: DiskFile;
  readonly identity: FileState;
  readonly size: number;
}
