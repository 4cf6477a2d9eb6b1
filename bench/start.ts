/**
 * How long a host takes to start over a journal of 1,000,000 entries and over one of none, alternating: the real
 * program from its start until it says that it is ready: once without a snapshot, then with the one that a host leaves
 * when it ends, and after it was killed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type AddressInfo } from 'node:net';
import { BINARY, makeWorkspace } from '../test/support/workspace.ts';
import { makeJournal } from './log/make-journal.ts';
import { highWater, median, spread } from './log/measured.ts';

const ENTRIES = 1_000_000;
const ROUNDS = 7;

interface Start {
  /** Milliseconds until it was ready. */
  readonly ms: number;
  /** Milliseconds of processor time. */
  readonly cpu: number;
  readonly peak: number;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function start(dir: string, end: NodeJS.Signals): Promise<Start> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, [BINARY, 'serve', '--dir', dir], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PLACET_PORT: String(port) },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error('The host did not start.');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const ms = performance.now() - began;
  const measured = { ms, cpu: cpuOf(child), peak: highWater(child.pid) };
  child.kill(end);
  await ended;
  return measured;
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://localhost:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}

/** Fields 14 and 15 of proc(5), in ticks of 10 ms. */
function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const empty = makeWorkspace();
const large = makeWorkspace();
const keys = join(large.dir, 'data/keys');
const { secret } = makeJournal({ dir: join(large.dir, 'data/journal'), entries: ENTRIES, lineBytes: 1024 });
mkdirSync(keys, { mode: 0o700 });
writeFileSync(join(keys, 'log.key'), `${secret}\n`, { mode: 0o600 });

const rows: [string, Start[], Start[]][] = [
  // As after an update. The host leaves a snapshot when it ends.
  [
    'without a snapshot (one reading)',
    [await start(empty.dir, 'SIGTERM')],
    [await start(large.dir, 'SIGTERM')],
  ],
];
for (const [what, end] of [
  ['after a clean end', 'SIGTERM'],
  ['after a kill', 'SIGKILL'],
] as const) {
  const [none, many]: [Start[], Start[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [a, b] = [await start(empty.dir, end), await start(large.dir, end)];
    // Before the first there was another end, and nothing was warm.
    if (round > 0) {
      none.push(a);
      many.push(b);
    }
  }
  rows.push([what, none, many]);
}

console.log(`\nstart to ready, ms: medians of ${ROUNDS} rounds\n`);
console.log(
  '| | none | 1,000,000 entries | difference | processor: none, 1,000,000 | peak memory, MiB: none, 1,000,000 |',
);
console.log('|---|---|---|---|---|---|');
for (const [what, none, many] of rows) {
  const ms = (starts: readonly Start[]) => starts.map((each) => each.ms);
  const cpu = (starts: readonly Start[]) => median(starts.map((each) => each.cpu)).toFixed(0);
  const peak = (starts: readonly Start[]) => Math.max(...starts.map((each) => each.peak)).toFixed(0);
  console.log(
    `| ${what} | ${spread(ms(none), 0)} | ${spread(ms(many), 0)} | ${(median(ms(many)) - median(ms(none))).toFixed(0)} | ${cpu(none)}, ${cpu(many)} | ${peak(none)}, ${peak(many)} |`,
  );
}
