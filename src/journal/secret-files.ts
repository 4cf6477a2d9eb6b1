import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { diskReason, makeFolder, realDisk, writeFile, type Disk } from './disk.ts';
import { overwrite } from './payload-erasure.ts';
import { corrupt, HEADER_BYTES, readHeader, seal, unseal } from './payload-record.ts';
import type { Secrets } from './secrets.ts';

const NAME = /^([0-9a-f]{64})\.secret$/;

export interface SecretFilesOptions {
  /** The folder, such as `data/secrets`. It is made with the first secret. */
  readonly dir: string;
  /** 32 bytes under which the key of each is wrapped; from the workspace's key. */
  readonly key: Buffer;
  readonly random: Random;
  /** The system calls; for tests. */
  readonly disk?: Disk;
}

/**
 * Secrets in files of their own, in a folder of their own: what no entry names can be told by it, and is erased at the
 * next start. To erase one is to overwrite its key, durably, and then to remove its file.
 */
export function openSecretFiles({ dir, key, random, disk = realDisk }: SecretFilesOptions): Secrets {
  const pathOf = (commit: string): string => join(dir, `${commit}.secret`);

  async function erase(commits: readonly string[]): Promise<void> {
    const there = commits.map(pathOf).filter((path) => disk.look(path) !== undefined);
    if (there.length === 0) return;
    try {
      // A file that a crash cut short holds no key that could be overwritten.
      const whole = there.filter((path) => Number(disk.look(path)?.size ?? 0) >= HEADER_BYTES);
      await overwrite(
        disk,
        whole.map((path) => ({ path, offset: 0, alone: true })),
      );
      for (const path of there) await disk.remove(path);
      await disk.syncFolder(dir);
    } catch (cause) {
      throw unwritable(cause);
    }
  }

  return {
    async put(bytes) {
      const { commit, record } = seal(bytes, key, random);
      try {
        await makeFolder(disk, dir);
        await writeFile(disk, pathOf(commit), record);
      } catch (cause) {
        throw unwritable(cause);
      }
      return commit;
    },

    async get(commit) {
      const record = await read(pathOf(commit));
      if (record.length < HEADER_BYTES) throw corrupt('it is cut off');
      const header = record.subarray(0, HEADER_BYTES);
      const { commit: named, length, erased } = readHeader(header);
      if (erased) throw missing();
      if (named !== commit) throw corrupt('another one stands in its place');
      if (record.length < HEADER_BYTES + length) throw corrupt('it is cut off');
      return unseal(header, record.subarray(HEADER_BYTES, HEADER_BYTES + length), key);
    },

    erase: (commit) => erase([commit]),

    async eraseOthers(commits) {
      const names = await readdir(dir).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw unreadable(error);
      });
      const kept = names.flatMap((name) => NAME.exec(name)?.[1] ?? []);
      await erase(kept.filter((commit) => !commits.has(commit)));
    },
  };
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw isMissing(error) ? missing() : unreadable(error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function missing(): JournalError {
  return new JournalError('payload_missing', 'These secrets are not among those kept here.');
}

function unreadable(cause: unknown): JournalError {
  return new JournalError('payload_unreadable', `Secrets cannot be read: ${diskReason(cause)}.`, { cause });
}

function unwritable(cause: unknown): JournalError {
  return new JournalError(
    'journal_unwritable',
    `The store of secrets cannot be written: ${diskReason(cause)}. Make room or mend the disk, and Placet goes on by itself.`,
    { cause },
  );
}
