import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../core/errors.ts';

/** Longer socket paths are cut silently by the system (104 bytes on macOS, 108 on Linux). */
const LONGEST = 100;

/** Where the workspace's host listens: a socket in a folder of the owner's alone, a named pipe on Windows. */
export function socketPath(workspace: string): string {
  const hash = createHash('sha256').update(workspace).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\placet-${hash}`;
  const inside = join(workspace, 'data', 'run', 'host.sock');
  if (Buffer.byteLength(inside) <= LONGEST) return inside;
  return join('/tmp', `placet-${process.getuid?.() ?? 0}`, `${hash}.sock`);
}

/**
 * Refuses to connect to a socket that somebody else may have put there.
 *
 * @throws ConfigError `unsafe_socket_folder`
 */
export function mustBeOurs(path: string): void {
  if (process.platform === 'win32' || !existsSync(dirname(path))) return;
  mustBeOwnersAlone(dirname(path));
}

/**
 * Makes the socket's folder, for its owner alone.
 *
 * @throws ConfigError when somebody else could stand in its place
 */
export function prepareSocketFolder(folder: string): void {
  if (process.platform === 'win32') return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  mustBeOwnersAlone(folder);
}

function mustBeOwnersAlone(folder: string): void {
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new ConfigError(
      'unsafe_socket_folder',
      `${folder} must be a folder that only you can enter: make it yours with mode 0700, or remove it.`,
    );
  }
}
