import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openBundleMaker, type BundleMaker } from '../../src/host/bundle-maker.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { rejection } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';
import { eventually } from '../support/host.ts';

const NOVEMBER = { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' };
const NEVER = new AbortController().signal;

/**
 * Stands for `placet evidence`: writes what it was asked into the bundle; with `wait` in the workspace it goes on until
 * that is gone, and with `fail` it fails.
 */
const PROGRAM = `
const { existsSync, mkdirSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const args = process.argv.slice(2);
const [dir, out] = ['--dir', '--out'].map((name) => args[args.indexOf(name) + 1]);
mkdirSync(out + '.partial');
writeFileSync(join(tmpdir(), 'report.html'), 'in clear');
writeFileSync(join(dir, 'pid'), String(process.pid));
const done = () => {
  if (existsSync(join(dir, 'fail'))) {
    process.stderr.write('placet: The journal is torn. [journal_damaged]\\n');
    process.exit(1);
  }
  if (existsSync(join(dir, 'wait'))) return setTimeout(done, 20);
  mkdirSync(out);
  writeFileSync(join(out, 'asked.json'), JSON.stringify({ args, env: Object.keys(process.env).sort(), data: process.env.PLACET_DATA, temp: tmpdir() }));
  writeFileSync(join(out, 'large.bin'), Buffer.alloc(8 * 1024 * 1024, 1));
};
done();
`;

async function makerBench() {
  const workspace = tempDir();
  const exports = join(workspace, 'data', 'exports');
  const program = join(workspace, 'program.cjs');
  writeFileSync(program, PROGRAM);
  mkdirSync(join(exports, 'left-by-a-crash'), { recursive: true });
  const clock = new FakeClock();
  const logged: string[] = [];
  const maker: BundleMaker = await openBundleMaker({
    workspace,
    data: join(workspace, 'data'),
    exports,
    program: [process.execPath, program],
    clock,
    random: seededRandom(),
    log: (line) => logged.push(line),
  });
  const flag = (name: string): void => writeFileSync(join(workspace, name), '');
  const isEmpty = (): boolean => !existsSync(exports) || readdirSync(exports).length === 0;
  const pid = (): Promise<number> =>
    eventually(async () => {
      const path = join(workspace, 'pid');
      return existsSync(path) ? Number(readFileSync(path, 'utf8')) || undefined : undefined;
    }, 'the program has begun');
  return { workspace, maker, clock, logged, flag, isEmpty, pid };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const gone = (what: () => boolean, sentence: string) => eventually(async () => what() || undefined, sentence);
const codeOf = async (work: Promise<unknown>) => ((await rejection(work)) as { code?: string }).code;

test('what a crash left is removed at the start', async () => {
  const { isEmpty, maker } = await makerBench();
  assert.ok(isEmpty());
  await maker.close();
});

test('a bundle comes as a tar.gz, and nothing of it is left', async () => {
  const { workspace, maker, isEmpty } = await makerBench();
  const { name, body } = await maker.make(NOVEMBER, 'ann', NEVER);
  assert.is(name, 'placet-evidence-2026-11-01-2026-11-30.tar.gz');
  assert.is(maker.busy(), true);
  const archive = join(workspace, name);
  writeFileSync(archive, Buffer.from(await new Response(body).arrayBuffer()));
  execFileSync('tar', ['-xzf', archive, '-C', workspace]);
  const folder = join(workspace, 'placet-evidence-2026-11-01-2026-11-30');
  const asked = JSON.parse(readFileSync(join(folder, 'asked.json'), 'utf8')) as {
    args: string[];
    env: string[];
    data: string;
    temp: string;
  };
  assert.equal(asked.args.slice(0, 8), [
    'evidence',
    '--dir',
    workspace,
    '--from',
    '2026-11-01T00:00:00.000Z',
    '--to',
    '2026-12-01T00:00:00.000Z',
    '--out',
  ]);
  assert.is(asked.data, join(workspace, 'data'));
  assert.is(asked.temp, join(asked.args[8] ?? '', '..', 'tmp'));
  assert.is(asked.temp.startsWith(join(workspace, 'data', 'exports')), true);
  assert.not.ok(
    asked.env.some((each) => each.startsWith('PLACET_') && !['PLACET_DATA', 'PLACET_DIR'].includes(each)),
  );
  await gone(isEmpty, 'the bundle is removed');
  await gone(() => !maker.busy(), 'nothing is under way');
  await maker.close();
});

test('one person has one made at a time, and two are made at once for all', async () => {
  const { workspace, maker, flag } = await makerBench();
  flag('wait');
  const first = maker.make(NOVEMBER, 'ann', NEVER);
  assert.is(await codeOf(maker.make(NOVEMBER, 'ann', NEVER)), 'evidence_busy');
  const second = maker.make(NOVEMBER, 'alice', NEVER);
  assert.is(await codeOf(maker.make(NOVEMBER, 'carol', NEVER)), 'evidence_busy');
  rmSync(join(workspace, 'wait'));
  for (const { body } of await Promise.all([first, second])) await body.cancel();
  await gone(() => !maker.busy(), 'nothing is under way');
  const again = await maker.make(NOVEMBER, 'ann', NEVER);
  await again.body.cancel();
  await maker.close();
});

test('whoever goes away while it is made ends the making', async () => {
  const { maker, flag, pid, isEmpty, logged } = await makerBench();
  flag('wait');
  const leaving = new AbortController();
  const making = maker.make(NOVEMBER, 'ann', leaving.signal);
  const child = await pid();
  leaving.abort();
  assert.is(await codeOf(making), 'evidence_failed');
  await gone(() => !isAlive(child), 'the program has ended');
  assert.ok(isEmpty());
  assert.is(maker.busy(), false);
  assert.equal(logged, []);
  await maker.close();
});

test('whoever breaks off the download leaves nothing', async () => {
  const { maker, isEmpty } = await makerBench();
  const { body } = await maker.make(NOVEMBER, 'ann', NEVER);
  const reader = body.getReader();
  await reader.read();
  await reader.cancel();
  await gone(isEmpty, 'the bundle is removed');
  await gone(() => !maker.busy(), 'nothing is under way');
  await maker.close();
});

test('a failure is told with the words of the program, and leaves nothing', async () => {
  const { maker, flag, isEmpty } = await makerBench();
  flag('fail');
  const error = await rejection(maker.make(NOVEMBER, 'ann', NEVER));
  assert.is((error as Error).message, 'The bundle could not be made. The journal is torn.');
  assert.ok(isEmpty());
  assert.is(maker.busy(), false);
  await maker.close();
});

test('what takes too long is ended', async () => {
  const { maker, clock, flag, pid } = await makerBench();
  flag('wait');
  const making = maker.make(NOVEMBER, 'ann', NEVER);
  const child = await pid();
  clock.advance(15 * 60_000);
  assert.is(await codeOf(making), 'evidence_failed');
  assert.is(isAlive(child), false);
  await maker.close();
});

test('a host that ends ends what is under way', async () => {
  const { maker, flag, pid, isEmpty } = await makerBench();
  flag('wait');
  const making = rejection(maker.make(NOVEMBER, 'ann', NEVER));
  const child = await pid();
  await maker.close();
  await making;
  await gone(() => !isAlive(child), 'the program has ended');
  assert.ok(isEmpty());
});

test.run();
