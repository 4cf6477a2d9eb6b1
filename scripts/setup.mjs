/** Installs the dependencies when node_modules is missing or does not match package-lock.json. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, StepFailed, isMain, main, run } from './run.mjs';

const LOCK = join(ROOT, 'package-lock.json');
const STAMP = join(ROOT, 'node_modules', '.placet-setup');
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');

export async function setup() {
  const lock = createHash('sha256').update(readFileSync(LOCK)).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return;
  if (!matches()) {
    // Not `npm ci`: it refuses a lock file without the binaries of every other platform, and npm leaves those out
    // where it cannot reach them. This installs what is locked, and leaves the lock file as it is.
    const args = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const npm = process.env.npm_execpath;
    const { code, output } = npm?.endsWith('.js')
      ? await run(process.execPath, [npm, ...args])
      : await run('npm', args, { shell: process.platform === 'win32' });
    if (code !== 0) throw new StepFailed('The dependencies could not be installed (npm install).', output);
  }
  writeFileSync(STAMP, lock);
}

/** Whether what npm installed last is what the lock file names: a plain `npm install` needs no second one. */
function matches() {
  if (!existsSync(INSTALLED)) return false;
  const { '': _self, ...wanted } = JSON.parse(readFileSync(LOCK, 'utf8')).packages;
  const found = JSON.parse(readFileSync(INSTALLED, 'utf8')).packages;
  return (
    Object.keys(found).every((path) => path in wanted) &&
    Object.entries(wanted).every(([path, { version, integrity, optional, devOptional }]) =>
      path in found
        ? found[path].version === version && found[path].integrity === integrity
        : optional || devOptional,
    )
  );
}

if (isMain(import.meta.url)) await main(setup);
