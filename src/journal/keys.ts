import { hkdfSync } from 'node:crypto';
import { link, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { diskReason, makeFolder, realDisk, writeFile } from './disk.ts';

const NAME = 'workspace.key';
const BYTES = 32;

/** The secrets of a workspace, all derived from one key file. */
export interface WorkspaceKeys {
  /** 32 bytes, always the same for the same purpose; they tell nothing of those for another (RFC 5869). */
  derive(purpose: string): Buffer;
}

/**
 * The workspace's key, made on the first start.
 *
 * @param dir its folder, such as `data/keys`
 * @throws JournalError `key_unusable`
 */
export async function openWorkspaceKeys(dir: string, random: Random): Promise<WorkspaceKeys> {
  const standing = await readWorkspaceKeys(dir);
  if (standing) return standing;
  try {
    await makeKey(dir, random);
  } catch (error) {
    throw unusable(dir, `cannot be made: ${diskReason(error)}. Make room, or give Placet the folder`, error);
  }
  const made = await readWorkspaceKeys(dir);
  if (!made) throw unusable(dir, 'vanished while it was made. Start again');
  return made;
}

/** The same, but nothing when there is no key: for those who only read. */
export async function readWorkspaceKeys(dir: string): Promise<WorkspaceKeys | undefined> {
  let file: FileHandle;
  try {
    file = await open(join(dir, NAME), 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(dir, `cannot be read: ${diskReason(error)}. Give it to the user who runs Placet`, error);
  }
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw unusable(dir, 'can be read by other users: `chmod 600` it, and think about who may have seen it');
    }
    const key = await file.readFile();
    if (key.length !== BYTES) throw unusable(dir, `is not ${BYTES} bytes long. Restore it from a backup`);
    return { derive: (purpose) => Buffer.from(hkdfSync('sha256', key, '', `placet/${purpose}`, BYTES)) };
  } finally {
    await file.close();
  }
}

/** A second host that starts at the same instant finds the key of the first, or the first finds that of it. */
async function makeKey(dir: string, random: Random): Promise<void> {
  await makeFolder(realDisk, dir);
  const temporary = join(dir, `${NAME}.${Buffer.from(random(8)).toString('hex')}`);
  await writeFile(realDisk, temporary, random(BYTES));
  try {
    await link(temporary, join(dir, NAME));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await realDisk.remove(temporary);
  }
  await realDisk.syncFolder(dir);
}

function unusable(dir: string, what: string, cause?: unknown): JournalError {
  return new JournalError('key_unusable', `The workspace's key ${join(dir, NAME)} ${what}.`, { cause });
}
