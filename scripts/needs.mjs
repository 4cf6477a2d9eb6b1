/**
 * Programs that some test files need beside Node, named on their first line: `// needs: go strace`. Where one is
 * missing its files are skipped by name and counted neither as passed nor as failed; in continuous integration
 * (`CI=true`) they fail, unless PLACET_SKIP names what is missing. Alone: `needs.mjs` prints the names of those that
 * are missing, a line each with what installs them, but for those that npm installs where they are used.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { conformanceSuite } from './conformance.mjs';
import { isMain, main } from './run.mjs';

const NEEDS = {
  go: {
    present: () =>
      goProgram() !== undefined && existsSync('/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog'),
    mend: 'apt-get install golang-1.19-go golang-golang-x-mod-dev',
  },
  // Not only there, but allowed to trace.
  strace: {
    present: () => works('strace', ['-f', '-o', '/dev/null', 'true']),
    mend: 'apt-get install strace',
  },
  openssl: { present: () => works('openssl', ['version']), mend: 'apt-get install openssl' },
  // A small file system of one's own, to fill.
  tmpfs: {
    present: () => {
      const [command, ...args] = withTmpfs('true');
      return works(command, args);
    },
    mend: 'run as root, or where user namespaces are allowed (unshare -rm)',
  },
  conformance: {
    present: () => conformanceSuite() !== undefined,
    mend: 'npm ci in test/conformance/install, which must work',
    byNpm: true,
  },
};

/** The Go compiler, which Debian keeps out of PATH. */
export function goProgram() {
  const versions = existsSync('/usr/lib')
    ? readdirSync('/usr/lib').filter((name) => name.startsWith('go-1.'))
    : [];
  return [
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'go')),
    ...versions.map((name) => join('/usr/lib', name, 'bin/go')),
  ].find((path) => existsSync(path));
}

/** What runs `script` in `sh` with a file system of 1 MiB at /mnt, which nobody else sees and which ends with it. */
export function withTmpfs(script, size = '1m') {
  const user = process.getuid?.() === 0 ? '-m' : '-rm';
  return ['unshare', user, 'sh', '-c', `mount -t tmpfs -o size=${size} placet /mnt && ${script}`];
}

/** The needs that a test file states. @param text its text */
export function needsOf(text) {
  const line = /^\/\/ needs: *([a-z][a-z ]*)\r?\n/.exec(text)?.[1];
  return line === undefined ? [] : line.trim().split(/ +/);
}

/** @returns why a file with these needs cannot run here, and whether it may be skipped; nothing when it can */
export function missingOf(needs, env = process.env) {
  const unknown = needs.find((name) => !Object.hasOwn(NEEDS, name));
  if (unknown !== undefined)
    return { why: `it needs ${unknown}, which scripts/needs.mjs does not know`, skip: false };
  const allowed = (env.PLACET_SKIP ?? '').split(',');
  const missing = needs.filter((name) => allowed.includes(name) || !isPresent(name));
  if (missing.length === 0) return undefined;
  const skip = env.CI !== 'true' || missing.every((name) => allowed.includes(name));
  const names = missing.join(' and ');
  const mends = missing.map((name) => NEEDS[name].mend).join('; ');
  return { why: `needs ${names}, which cannot be had here: ${mends}`, skip };
}

const found = new Map();
function isPresent(name) {
  if (!found.has(name)) found.set(name, NEEDS[name].present());
  return found.get(name);
}

function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

if (isMain(import.meta.url)) {
  await main(() => {
    for (const [name, { byNpm, mend }] of Object.entries(NEEDS)) {
      if (!byNpm && !isPresent(name)) console.log(`${name}\t${mend}`);
    }
  });
}
