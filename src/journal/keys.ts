import { hkdfSync } from 'node:crypto';
import type { Random } from '../core/ids.ts';
import { realDisk } from './disk.ts';
import { makeSecret, readSecret, unusable, type SecretFile } from './secret-file.ts';

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
  const secret = fileIn(dir);
  return keysOf(secret, await makeSecret(secret, { bytes: random(BYTES), random, disk: realDisk }));
}

/** The same, but nothing when there is no key: for those who only read. */
export async function readWorkspaceKeys(dir: string): Promise<WorkspaceKeys | undefined> {
  const secret = fileIn(dir);
  const key = await readSecret(secret);
  return key && keysOf(secret, key);
}

function keysOf(secret: SecretFile, key: Buffer): WorkspaceKeys {
  if (key.length !== BYTES) throw unusable(secret, `is not ${BYTES} bytes long. Restore it from a backup`);
  return { derive: (purpose) => Buffer.from(hkdfSync('sha256', key, '', `placet/${purpose}`, BYTES)) };
}

function fileIn(dir: string): SecretFile {
  return { dir, name: 'workspace.key', what: "workspace's key" };
}
