/**
 * The official MCP conformance suite and the Node that it needs, installed as test/conformance/install/package-lock.json says
 * into a folder below node_modules/.cache, once. Alone: `conformance.mjs ARGS…` runs the suite with these arguments.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, become, isMain, main } from './run.mjs';

const MANIFEST = join(ROOT, 'test/conformance/install');
const FILES = ['package.json', 'package-lock.json'];
const INSTALL_MS = 150_000;

/** @returns the command line that runs the suite, its arguments left out; nothing where it cannot be installed */
export function conformanceSuite() {
  const cache = join(ROOT, 'node_modules/.cache');
  const folder = join(cache, `conformance-${digestOfManifest()}`);
  if (!existsSync(folder)) install(cache, folder);
  return existsSync(folder) ? programsIn(folder) : undefined;
}

function programsIn(folder) {
  return [
    join(folder, 'node_modules/node/bin/node'),
    join(folder, 'node_modules/@modelcontextprotocol/conformance/dist/index.js'),
  ];
}

function digestOfManifest() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const name of FILES) hash.update(readFileSync(join(MANIFEST, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Beside its place and then moved there, so that what was interrupted, or made twice at once, is never half there. */
function install(cache, folder) {
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, 'installing-'));
  try {
    for (const name of FILES) copyFileSync(join(MANIFEST, name), join(made, name));
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    const npm = process.env.npm_execpath;
    const [command, ...rest] = npm?.endsWith('.js') ? [process.execPath, npm, ...args] : ['npm', ...args];
    const { status } = spawnSync(command, rest, {
      cwd: made,
      stdio: 'ignore',
      timeout: INSTALL_MS,
      shell: process.platform === 'win32',
    });
    if (status === 0 && programsIn(made).every((path) => existsSync(path))) renameSync(made, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) {
  await main(() => {
    const suite = conformanceSuite();
    if (suite) return become(suite[0], [suite[1], ...process.argv.slice(2)]);
    console.error('The conformance suite could not be installed (npm ci in test/conformance/install).');
    return 1;
  });
}
