/**
 * `placet evidence` over 100,000 calls, beside a running host: wall time and peak memory of the command itself. What a
 * browser takes that prints the report stands in a row of its own.
 */
import { mkdirSync, readFileSync, rmSync, statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { serveHost } from '../test/support/host.ts';
import { BINARY, makeWorkspace, ROOT, type TestWorkspace } from '../test/support/workspace.ts';
import { writeHistory } from './gateway/history.ts';
import { measured, spread, type Measured } from './log/measured.ts';

const CALLS = 100_000;
const ROUNDS = 3;
const LIMITS = { seconds: 60, mebibytes: 300 };
/** Ten calls of a past, one of them held, make so many entries. */
const ENTRIES_OF_TEN = 35;

const workspace = makeWorkspace();
const { version: software } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
};

try {
  await once(workspace);
  const loaded = workspace.journal().find(({ type }) => type === 'policy.loaded');
  const { version } = loaded?.['policy'] as { version: string };
  await writeHistory(
    join(workspace.dir, 'data'),
    { entries: (CALLS / 10) * ENTRIES_OF_TEN, policy: { rule: 'reads', version } },
    software,
  );
  const host = await serveHost(workspace.dir);
  const runs: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) runs.push(await bundle(round));
  await workspace.end();
  await host.ended;
  report(runs);
} finally {
  rmSync(workspace.dir, { recursive: true, force: true });
}

/** Lets a host run, which writes down the policy and makes the log's key. */
async function once({ dir, end }: TestWorkspace): Promise<void> {
  const host = await serveHost(dir);
  await end();
  await host.ended;
}
