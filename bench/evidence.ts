/**
 * `placet evidence` over 100,000 calls, a tenth of them held, beside a running host: wall time, and the peak memory of
 * the command itself. A browser that prints the report is in the time and not in the memory.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { serveHost } from '../test/support/host.ts';
import { BINARY, makeWorkspace, ROOT } from '../test/support/workspace.ts';
import { writeHistory } from './gateway/history.ts';
import { measured, spread, type Measured } from './log/measured.ts';

const CALLS = 100_000;
const ROUNDS = 3;
const AIMS = { seconds: 60, mebibytes: 300 };
/** So many calls of a past make so many entries. */
const CHAPTER = { calls: 10, entries: 35 };

interface Made {
  readonly calls: number;
  readonly entries: number;
  readonly files: number;
  readonly bytes: number;
}

const workspace = makeWorkspace();
const { version: software } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
};
const day = new Date().toISOString().slice(0, 10);

try {
  await serveOnce();
  const loaded = workspace.journal().find(({ type }) => type === 'policy.loaded');
  const policy = { ...(loaded?.['policy'] as { readonly version: string }), rule: 'reads' };
  const entries = (CALLS / CHAPTER.calls) * CHAPTER.entries;
  await writeHistory(join(workspace.dir, 'data'), { entries, policy }, software);
  const host = await serveHost(workspace.dir);
  const runs: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) runs.push(await makeBundle());
  await workspace.end();
  await host.ended;
  report(runs);
} finally {
  rmSync(workspace.dir, { recursive: true, force: true });
}

/** Writes down the policy, and makes the log's key. */
async function serveOnce(): Promise<void> {
  const host = await serveHost(workspace.dir);
  await workspace.end();
  await host.ended;
}

async function makeBundle(): Promise<Measured> {
  const out = join(workspace.dir, 'bundle');
  const period = ['--from', day, '--to', new Date().toISOString()];
  const run = await measured(process.execPath, [
    BINARY,
    'evidence',
    '--dir',
    workspace.dir,
    ...period,
    '--out',
    out,
    '--json',
  ]);
  const { calls } = JSON.parse(run.stdout) as Made;
  if (calls < CALLS || !existsSync(join(out, 'manifest.note')))
    throw new Error(`The bundle is not whole: ${run.stdout.slice(0, 500)}`);
  rmSync(out, { recursive: true });
  return run;
}

function report(runs: readonly Measured[]): void {
  const { calls, entries, files, bytes } = JSON.parse(runs[0]?.stdout ?? '') as Made;
  const seconds = runs.map((run) => run.seconds);
  const peak = Math.max(...runs.map((run) => run.peak));
  console.log(
    `\n${calls.toLocaleString('en')} calls in ${entries.toLocaleString('en')} entries: ${files} files, ${(bytes / 2 ** 20).toFixed(0)} MiB; medians of ${ROUNDS} rounds\n`,
  );
  console.log('| `placet evidence` | | aim |\n|---|---|---|');
  console.log(`| seconds | ${spread(seconds)} | ${AIMS.seconds} |`);
  console.log(`| peak memory, MiB | ${peak.toFixed(0)} | ${AIMS.mebibytes} |`);
}
