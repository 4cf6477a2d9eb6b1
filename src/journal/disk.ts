import { constants, statSync, writeSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from '../core/errors.ts';

/** Which file it is, whatever it is called, and how long. */
export interface FileState {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
}

/** One open file. */
export interface DiskFile {
  /**
   * Hands bytes to the operating system, at `position`.
   *
   * @returns how many it took: a full disk takes fewer and does not say why
   */
  write(bytes: Uint8Array, position: number): number;
  /** Resolves when all that was written is on the disk. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  size(): Promise<number>;
  state(): Promise<FileState>;
  close(): Promise<void>;
}

/** The system calls of the durable path, so that a test can break each of them. */
export interface Disk {
  open(path: string, how: 'create' | 'existing' | 'either'): Promise<DiskFile>;
  /** What stands at a path at this moment; nothing when there is no file. Takes two microseconds. */
  look(path: string): FileState | undefined;
  /** Does nothing when there is no such file. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes the creation, removal or renaming of a file in this folder durable. */
  syncFolder(path: string): Promise<void>;
}

const FLAGS = { create: 'wx+', existing: 'r+', either: constants.O_RDWR | constants.O_CREAT } as const;

export const realDisk: Disk = {
  async open(path, how) {
    const handle = await open(path, FLAGS[how], 0o600);
    return {
      // To write into the page cache takes two microseconds; a round through the thread pool takes thirty.
      write: (bytes, position) => writeSync(handle.fd, bytes, 0, bytes.length, position),
      sync: () => handle.datasync(),
      truncate: (size) => handle.truncate(size),
      size: async () => (await handle.stat()).size,
      state: () => handle.stat({ bigint: true }),
      close: () => handle.close(),
    };
  },
  look: (path) => statSync(path, { bigint: true, throwIfNoEntry: false }),
  remove: (path) => rm(path, { force: true }),
  rename,
  async syncFolder(path) {
    // Windows cannot open a folder, and keeps its own journal of names.
    if (process.platform === 'win32') return;
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** Makes a folder for the owner alone, and those above it, durably. */
export async function makeFolder(disk: Disk, path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  for (let folder = resolve(path); folder.length >= resolve(made).length; folder = dirname(folder)) {
    await disk.syncFolder(dirname(folder));
  }
}

/** Makes a folder below one that has to stand: when that is gone, it is not made anew in its place. */
export async function makeFolderBelow(disk: Disk, base: string, folder: string): Promise<void> {
  let path = base;
  for (const part of folder.split('/')) {
    const above = path;
    path = join(path, part);
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      throw error;
    }
    await disk.syncFolder(above);
  }
}

/** Writes a whole new file, durably; on failure it is gone again. */
export async function writeFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const file = await disk.open(path, 'create');
  try {
    try {
      mustBeWhole(file.write(bytes, 0), bytes.length);
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.syncFolder(dirname(path));
  } catch (error) {
    await disk.remove(path);
    throw error;
  }
}

/** Puts `bytes` in the place of what stands in a file, so that a crash leaves the old or the new. */
export async function replaceFile(
  disk: Disk,
  folder: string,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const temporary = join(folder, `${name}.new`);
  await disk.remove(temporary);
  await writeFile(disk, temporary, bytes);
  await disk.rename(temporary, join(folder, name));
  await disk.syncFolder(folder);
}

export function mustBeWhole(written: number, wanted: number): void {
  if (written === wanted) return;
  throw new Error(`the disk took only ${written} of ${wanted} bytes; it is full`);
}

/** Why the system refused, without the paths that its messages name. */
export function diskReason(error: unknown): string {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  switch (code) {
    case undefined:
      return messageOf(error);
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk is full (${code})`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `its folder is not writable (${code})`;
    case 'ENOENT':
      return `its file is gone (${code})`;
    default:
      return `the disk reports ${code}`;
  }
}
