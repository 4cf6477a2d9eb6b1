import { realDisk, type Disk } from '../../src/journal/disk.ts';

/** The real disk, on which each system call can be made to fail. Never used outside tests. */
export interface FaultyDisk extends Disk {
  /** How many bytes may still be written; then writes are short, as on a full disk. */
  room: number;
  /** Thrown by every sync of a file while set. */
  syncError: Error | undefined;
  /** Thrown by every opening of a file while set. */
  openError: Error | undefined;
  /** Thrown by every cutting of a file while set. */
  truncateError: Error | undefined;
  /** Awaited by every sync of a file. */
  holdSync: Promise<void>;
  readonly syncs: number;
}

export function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

export function faultyDisk(): FaultyDisk {
  let syncs = 0;
  const disk: FaultyDisk = {
    ...realDisk,
    room: Number.POSITIVE_INFINITY,
    syncError: undefined,
    openError: undefined,
    truncateError: undefined,
    holdSync: Promise.resolve(),
    get syncs() {
      return syncs;
    },
    async open(path, how) {
      if (disk.openError) throw disk.openError;
      const file = await realDisk.open(path, how);
      return {
        ...file,
        write(bytes, position) {
          const taken = Math.min(bytes.length, disk.room);
          disk.room -= taken;
          return file.write(bytes.subarray(0, taken), position);
        },
        async sync() {
          await disk.holdSync;
          syncs += 1;
          if (disk.syncError) throw disk.syncError;
          await file.sync();
        },
        async truncate(size) {
          if (disk.truncateError) throw disk.truncateError;
          await file.truncate(size);
        },
      };
    },
  };
  return disk;
}
