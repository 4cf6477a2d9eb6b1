import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { ConfigError, messageOf } from '../core/errors.ts';
import { makeFolder, realDisk } from '../journal/disk.ts';

/**
 * Takes the folder for one witness: two of them with one key could cosign two histories. The system lets go of the
 * lock with the process.
 *
 * @returns a function that lets go of it
 * @throws ConfigError `witness_in_use`, `witness_unusable`
 */
export async function lockWitness(dir: string): Promise<() => Promise<void>> {
  try {
    await makeFolder(realDisk, dir);
    const handle = await open(join(dir, 'lock'), 'a+', 0o600);
    if (tryLock(handle.fd)) return () => handle.close();
    await handle.close();
  } catch (error) {
    throw new ConfigError('witness_unusable', `The folder ${dir} cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
  throw new ConfigError(
    'witness_in_use',
    `Another witness works in ${dir}: end it, or take another folder with --dir.`,
  );
}
