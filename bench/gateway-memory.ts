/**
 * What Placet takes of memory: its pipe, its host with one session while it carries calls, and for each further
 * session that is idle. A number says how many calls: `npm run bench gateway-memory 1000000`; 100,000 without.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { socketPath } from '../src/host/socket-path.ts';
import { openSocketSession, type RawSession } from '../test/support/raw-session.ts';
import { ROOT } from '../test/support/workspace.ts';
import { load } from './gateway/load.ts';
import { direct, placetSide, residentMemory } from './gateway/side.ts';
import { table } from './gateway/table.ts';

const CALLS = Number(process.argv[2] ?? 100_000);
const STEPS = 10;
const IDLE = 100;

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const placet = await placetSide(1_000, version);
const lines: string[][] = [];
const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

const beside = await direct.open();
const link = await placet.open();
const sessions: RawSession[] = [];
try {
  const host = await placet.workspace.hostPid();
  const note = (what: string): void => {
    lines.push([
      what,
      mib(residentMemory(host)),
      mib(residentMemory(link.pid)),
      mib(residentMemory(beside.pid)),
    ]);
  };
  note('after the start');
  for (let step = 1; step <= STEPS; step += 1) {
    const options = { text: () => 'x'.repeat(100), atOnce: 8, count: CALLS / STEPS };
    await load(link, { ...options, tool: 'echo__echo' });
    await load(beside, { ...options, tool: 'echo' });
    note(`after ${((CALLS / STEPS) * step).toLocaleString('en')} calls, 8 in flight`);
  }
  const before = residentMemory(host);
  const path = socketPath(placet.workspace.dir);
  for (let i = 0; i < IDLE; i += 1) {
    const session = await openSocketSession(path);
    await session.handshake();
    await session.ask('tools/list');
    sessions.push(session);
  }
  const each = (residentMemory(host) - before) / IDLE;
  lines.push([`each of ${IDLE} further sessions, idle`, mib(each), '', '']);
  console.log(
    `\n${table(['resident memory', 'host', 'pipe', 'the server itself, called directly'], lines)}\n`,
  );
} finally {
  for (const session of sessions) await session.close();
  await link.close();
  await beside.close();
  await placet.workspace.end();
}
