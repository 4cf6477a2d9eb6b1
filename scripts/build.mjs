/** Compiles src/ to dist/, unless nothing that goes into it has changed. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ROOT, StepFailed, isMain, main, run } from './run.mjs';
import { setup } from './setup.mjs';

const SRC = join(ROOT, 'src');
const DIST = join(ROOT, 'dist');
const STAMP = '.placet-build';
const SETTINGS = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
];

export async function build() {
  const sources = readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = hashOf([...SETTINGS.map((file) => join(ROOT, file)), ...sources]);
  const stamp = join(DIST, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;

  // Beside dist/, so that one that is in use stays whole until the new one takes its place.
  const made = mkdtempSync(`${DIST}-`);
  try {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { code, output } = await run(process.execPath, [
      tsc,
      '-p',
      'tsconfig.build.json',
      '--outDir',
      made,
    ]);
    if (code !== 0) throw new StepFailed('src/ does not compile.', output);
    for (const file of sources.filter((name) => !name.endsWith('.ts'))) {
      cpSync(file, join(made, file.slice(SRC.length)));
    }
    const program = join(made, 'cli/main.js');
    if (existsSync(program)) chmodSync(program, 0o755);
    chmodSync(made, 0o755);
    writeFileSync(join(made, STAMP), hash);
    rmSync(DIST, { recursive: true, force: true });
    renameSync(made, DIST);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file.slice(ROOT.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

if (isMain(import.meta.url)) {
  await main(async () => {
    await setup();
    await build();
  });
}
