import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];
process.once('exit', () => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

/** A new empty folder, removed when the process ends. Its path is short, as socket paths must be. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'plc-'));
  made.push(dir);
  return dir;
}
