import { realDisk, type Disk } from '../../src/journal/disk.ts';
import { diskError } from './faulty-disk.ts';

export type Fault = 'fails' | 'short';

/** The real disk, of which one call can be made to fail. Never used outside tests. */
export interface CountingDisk extends Disk {
  /** The calls since `arm`, such as `sync checkpoints.log`. */
  readonly calls: readonly string[];
  /**
   * Forgets the calls and makes the `nth` from here on, counted from zero, fail or, where it writes, take half of its
   * bytes; with `dead`, all that follow fail. Without `nth` everything works.
   */
  arm(nth?: number, fault?: Fault, dead?: boolean): void;
  /** Awaited by every sync of a file. */
  holdSync: Promise<void>;
}

export function countingDisk(): CountingDisk {
  let calls: string[] = [];
  let armed: { readonly nth: number; readonly fault: Fault; readonly dead: boolean } | undefined;
  const step = (call: string, path: string): Fault | undefined => {
    const at = calls.push(`${call} ${path.slice(path.lastIndexOf('/') + 1)}`) - 1;
    if (!armed || at < armed.nth || (at > armed.nth && !armed.dead)) return undefined;
    if (armed.fault === 'fails' || at > armed.nth) throw diskError('EIO');
    if (call !== 'write') return undefined;
    return 'short';
  };
  const disk: CountingDisk = {
    ...realDisk,
    holdSync: Promise.resolve(),
    get calls() {
      return calls;
    },
    arm(nth, fault = 'fails', dead = false) {
      calls = [];
      armed = nth === undefined ? undefined : { nth, fault, dead };
    },
    async open(path, how) {
      step('open', path);
      const file = await realDisk.open(path, how);
      return {
        ...file,
        write(bytes, position) {
          const short = step('write', path);
          return file.write(short ? bytes.subarray(0, bytes.length / 2) : bytes, position);
        },
        async sync() {
          step('sync', path);
          await disk.holdSync;
          await file.sync();
        },
        async truncate(size) {
          step('truncate', path);
          await file.truncate(size);
        },
        async size() {
          step('size', path);
          return file.size();
        },
      };
    },
    async remove(path) {
      step('remove', path);
      await realDisk.remove(path);
    },
    async rename(from, to) {
      step('rename', from);
      await realDisk.rename(from, to);
    },
    async syncFolder(path) {
      step('syncFolder', path);
      await realDisk.syncFolder(path);
    },
  };
  return disk;
}
