import { link, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { diskReason, makeFolder, writeFile, type Disk } from './disk.ts';

/** A small file that only its owner may read. */
export interface SecretFile {
  /** Its folder, such as `data/keys`. */
  readonly dir: string;
  readonly name: string;
  /** What it holds, such as `workspace's key`. */
  readonly what: string;
}

/** What the file holds; nothing when there is none. @throws JournalError `key_unusable` */
export async function readSecret(secret: SecretFile): Promise<Buffer | undefined> {
  let file: FileHandle;
  try {
    file = await open(join(secret.dir, secret.name), 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(
      secret,
      `cannot be read: ${diskReason(error)}. Give it to the user who runs Placet`,
      error,
    );
  }
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw unusable(
        secret,
        'can be read by other users: `chmod 600` it, and think about who may have seen it',
      );
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Makes the file durably unless there is one: of two that do so at the same instant both find what the first wrote.
 *
 * @returns what the file holds now
 * @throws JournalError `key_unusable`
 */
export async function makeSecret(
  secret: SecretFile,
  { bytes, random, disk }: { readonly bytes: Uint8Array; readonly random: Random; readonly disk: Disk },
): Promise<Buffer> {
  const { dir, name } = secret;
  try {
    await makeFolder(disk, dir);
    const temporary = join(dir, `${name}.${Buffer.from(random(8)).toString('hex')}`);
    await writeFile(disk, temporary, bytes);
    try {
      await link(temporary, join(dir, name));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    } finally {
      await disk.remove(temporary);
    }
    await disk.syncFolder(dir);
  } catch (error) {
    throw unusable(
      secret,
      `cannot be made: ${diskReason(error)}. Make room, or give Placet the folder`,
      error,
    );
  }
  const made = await readSecret(secret);
  if (!made) throw unusable(secret, 'vanished while it was made. Start again');
  return made;
}

export function unusable({ dir, name, what }: SecretFile, why: string, cause?: unknown): JournalError {
  return new JournalError('key_unusable', `The ${what} ${join(dir, name)} ${why}.`, { cause });
}
