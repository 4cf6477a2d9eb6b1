import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, realDisk, writeFile, type Disk } from './disk.ts';

/** One file of a policy. */
export interface PolicyFile {
  /** Without a folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface KeepPolicyOptions {
  /** Such as `data/policies`; made when there is something to keep. */
  readonly dir: string;
  /** The digest by which the journal names these files: that of their folder. */
  readonly version: string;
  readonly files: readonly PolicyFile[];
  /** The system calls; for tests. */
  readonly disk?: Disk;
}

/**
 * Keeps the files of a policy beside the journal, which names them by their digest alone, so that what was in force at
 * any time can be shown. They are on the disk, all or none, when this resolves.
 *
 * @throws what the disk says
 */
export async function keepPolicy({ dir, version, files, disk = realDisk }: KeepPolicyOptions): Promise<void> {
  const folder = join(dir, version);
  if (await stands(folder, files)) return;
  const temporary = `${folder}.new`;
  await rm(temporary, { recursive: true, force: true });
  await makeFolder(disk, temporary);
  for (const { name, bytes } of files) await writeFile(disk, join(temporary, name), bytes);
  await rm(folder, { recursive: true, force: true });
  await disk.rename(temporary, folder);
  await disk.syncFolder(dir);
}

/** Whether the folder holds these files and no others. */
async function stands(folder: string, files: readonly PolicyFile[]): Promise<boolean> {
  try {
    if ((await readdir(folder)).length !== files.length) return false;
    for (const { name, bytes } of files) {
      if (!(await readFile(join(folder, name))).equals(bytes)) return false;
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
