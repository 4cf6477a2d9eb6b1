import { spawn } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { auditedWeek } from '../support/audited-week.ts';
import { tempDir } from '../support/temp.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const TSX = import.meta.resolve('tsx');

/** Runs `placet evidence …` for a workspace, to its end. */
async function placet(workspace: string, ...args: readonly string[]) {
  const command = ['--import', TSX, MAIN, 'evidence', '--dir', workspace, ...args];
  const child = spawn(process.execPath, command, { cwd: workspace, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err: err.split('\n')[0] };
}

function workspace(): string {
  const dir = tempDir();
  mkdirSync(join(dir, 'policies'));
  return dir;
}

const DAY = ['--from', '2026-11-24', '--to', '2026-11-24'] as const;

test('a period that is none is wrong use, in one sentence', async () => {
  const dir = workspace();
  const said = async (...args: string[]) => {
    const { code, err } = await placet(dir, ...args);
    return [code, err];
  };
  assert.equal(await said('--from', '2026-11-01'), [
    2,
    'error: the period is missing: give both --from and --to, such as --from 2026-11-01 --to 2026-11-30.',
  ]);
  assert.equal(await said('--from', '2026-11-30', '--to', '2026-11-01'), [
    2,
    'error: The period must end after it begins.',
  ]);
  assert.equal(await said('--from', '2999-01-01', '--to', '2999-12-31'), [
    2,
    'error: The period begins at 2999-01-01T00:00:00.000Z, which is in the future.',
  ]);
  assert.match(String((await said(...DAY, '--seed', 'a b'))[1]), 'It must be 1 to 64 letters');
});

test('where no host has run there is no journal, and nothing is made', async () => {
  const dir = workspace();
  const { code, err } = await placet(dir, ...DAY);
  assert.is(code, 1);
  assert.is(
    err,
    `placet: There is no journal in ${join(dir, 'data/journal')}: no host has run for this workspace. [journal_missing]`,
  );
});

test('a bundle is made without a host, and told as text or JSON', async () => {
  const { bench } = await auditedWeek();
  const dir = workspace();
  cpSync(bench.data, join(dir, 'data'), { recursive: true });
  const first = await placet(dir, ...DAY);
  assert.is(first.code, 0, first.err);
  assert.match(first.out, /^placet-evidence-2026-11-24-2026-11-24: \d+ files, \d+ KiB\.$/m);
  assert.match(first.out, '8 calls in 41 entries, 13 exceptions (1 agent_key, 1 denied, ');
  const again = await placet(dir, ...DAY);
  assert.equal(
    [again.code, again.err],
    [
      1,
      'placet: placet-evidence-2026-11-24-2026-11-24 exists already: name another folder with --out, or remove it. [out_exists]',
    ],
  );
  const { out } = await placet(dir, ...DAY, '--out', 'other', '--sample', '2', '--seed', 's', '--json');
  const { calls, sample } = JSON.parse(out) as { calls: number; sample: { seed: string; calls: string[] } };
  assert.equal([calls, sample.seed, sample.calls.length], [8, 's', 2]);
});

test.run();
