import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { JournalError } from '../core/errors.ts';

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes the exclusive lock on a folder: on its file `lock`, by open file description, so that the system lets go
 * of it with the process and no other descriptor can.
 *
 * @throws JournalError `workspace_in_use`
 */
export async function lockFolder(dir: string): Promise<FolderLock> {
  const path = join(dir, 'lock');
  const handle = await open(path, 'a+', 0o600);
  try {
    if (!tryLock(handle.fd)) {
      const holder = /^\d{1,10}\n$/.exec(await readFile(path, 'utf8'))?.[0].trim();
      throw new JournalError(
        'workspace_in_use',
        `Another Placet host${holder === undefined ? '' : ` (process ${holder})`} works in ${dir}: end it with \`placet stop\`, or give this one another folder with PLACET_DATA.`,
      );
    }
    // For people who look; nothing is decided by it.
    await handle.truncate(0);
    await handle.write(`${process.pid}\n`);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { release: () => handle.close() };
}
