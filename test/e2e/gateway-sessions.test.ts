import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { socketPath } from '../../src/host/socket-path.ts';
import { childrenOf, residentMemory } from '../support/memory.ts';
import { openSocketSession, openStdioSession, type RawSession } from '../support/raw-session.ts';
import { makeWorkspace, type TestWorkspace } from '../support/workspace.ts';

const HOSTILE = join(import.meta.dirname, '../support/servers/hostile.mjs');

let workspace: TestWorkspace;
let pid: number;
let path: string;

/** Keeps the host, and what it has in its catalogue, over all tests. */
let keeper: RawSession;

test.before(async () => {
  workspace = makeWorkspace({
    servers: { one: { command: process.execPath, args: [HOSTILE] } },
    rules: 'unmatched: allow\nreview:\n  reviewers: [group:ops]\n',
  });
  keeper = openStdioSession(workspace.dir);
  await keeper.handshake();
  await keeper.ask('tools/list');
  await keeper.call('one__echo', { text: 'warm' });
  pid = await workspace.hostPid();
  path = socketPath(workspace.dir);
});
test.after(async () => {
  await keeper.close();
  await workspace.end();
});

test('500 sessions list their tools, and no server is started for them', async () => {
  const servers = childrenOf(pid).length;
  const before = residentMemory(pid);
  const sessions: RawSession[] = [];
  for (let i = 0; i < 10; i += 1) {
    sessions.push(...(await Promise.all(Array.from({ length: 50 }, () => openSocketSession(path)))));
  }
  const lists = await Promise.all(
    sessions.map(async (session) => {
      await session.handshake();
      const { result } = await session.ask('tools/list');
      return (result?.tools as readonly unknown[] | undefined)?.length;
    }),
  );
  assert.equal(new Set(lists), new Set([13]));
  assert.is(childrenOf(pid).length, servers);
  const each = (residentMemory(pid) - before) / sessions.length;
  assert.ok(each < 1024 * 1024, `A session takes ${each} bytes.`);
  assert.is(await sessions[250]?.call('one__echo', { text: 'me' }), 'me');
  assert.is(childrenOf(pid).length, servers + 1);
  await Promise.all(sessions.map((session) => session.close()));
});

test('who floods and reads nothing does not starve the rest', async () => {
  const flooder = await openSocketSession(path);
  const other = await openSocketSession(path);
  await flooder.handshake();
  await other.handshake();
  flooder.pause();
  const before = residentMemory(pid);
  for (let i = 0; i < 20_000; i += 1) {
    flooder.send({
      jsonrpc: '2.0',
      id: `f${i}`,
      method: 'tools/call',
      params: { name: 'one__echo', arguments: { text: 'z'.repeat(2000) } },
    });
  }
  for (let i = 0; i < 100; i += 1) assert.is(await other.call('one__echo', { text: `${i}` }), `${i}`);
  const grown = residentMemory(pid) - before;
  assert.ok(grown < 100 * 1024 * 1024, `The host grew by ${grown} bytes.`);
  flooder.resume();
  await other.close();
  await flooder.close();
});

test('two sessions with the same ids and tokens get each their own', async () => {
  const [a, b] = [await openSocketSession(path), await openSocketSession(path)];
  await Promise.all([a.handshake(), b.handshake()]);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => [
      a.call('one__echo', { text: `a${i}` }),
      b.call('one__echo', { text: `b${i}` }),
    ]).flat(),
  );
  assert.equal(answers, Array.from({ length: 200 }, (_, i) => [`a${i}`, `b${i}`]).flat());
  await Promise.all([a.close(), b.close()]);
});

test.run();
