import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { residentMemory } from '../support/memory.ts';
import { openStdioSession, type RawSession } from '../support/raw-session.ts';
import { makeWorkspace, type TestWorkspace } from '../support/workspace.ts';

const HOSTILE = join(import.meta.dirname, '../support/servers/hostile.mjs');
const SERVER = { command: process.execPath, args: [HOSTILE] };

let workspace: TestWorkspace;
let session: RawSession;

test.before(() => {
  workspace = makeWorkspace({
    servers: { hostile: SERVER, calm: SERVER },
    rules: 'unmatched: allow\nreview:\n  reviewers: [group:ops]\n',
  });
});
test.before.each(async () => {
  session = openStdioSession(workspace.dir);
  await session.handshake({ sampling: {} });
});
test.after.each(() => session.close());
test.after(() => workspace.end());

test('a result of 50 MB comes whole', async () => {
  const words = await session.call('hostile__big', { bytes: 50 * 1024 * 1024 });
  assert.is(words.length, 50 * 1024 * 1024);
});

test('a result over the limit is an error that says so, and the link goes on', async () => {
  assert.match(await session.call('hostile__big', { bytes: 70 * 1024 * 1024 }), 'larger than 67108864 bytes');
  assert.is(await session.call('hostile__echo', { text: 'still here' }), 'still here');
});

test('lines that are no messages do no harm', async () => {
  assert.is(await session.call('hostile__garbage'), 'sober again');
});

test('answers that nobody asked for reach nobody', async () => {
  assert.is(await session.call('hostile__ghost'), 'the real one');
  assert.is(await session.call('hostile__twice'), 'first');
  assert.is(await session.call('hostile__echo', { text: 'third' }), 'third');
});

test('an answer with two ids answers nobody else', async () => {
  const [forged, other] = await Promise.all([
    session.call('hostile__forge'),
    session.call('hostile__echo', { text: 'mine' }),
  ]);
  assert.not.match(forged, 'forged');
  assert.is(other, 'mine');
});

test('what dies in the middle says that it may have happened, and the next call gets a new process', async () => {
  assert.match(await session.call('hostile__die'), 'nobody knows how it ended');
  assert.is(await session.call('hostile__echo', { text: 'again' }), 'again');
});

test('a call without an answer holds nobody up, and a cancelled one is over', async () => {
  const call = { name: 'hostile__silent', arguments: {} };
  session.send({ jsonrpc: '2.0', id: 'silent', method: 'tools/call', params: call });
  assert.is(await session.call('hostile__echo', { text: 'before' }), 'before');
  assert.is(await session.call('calm__echo', { text: 'beside' }), 'beside');
  session.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'silent' } });
  assert.is(await session.call('hostile__echo', { text: 'after' }), 'after');
  assert.is(session.line('silent'), undefined);
});

test('notifications pass as they are, but not those about what belongs to another server', async () => {
  assert.is(await session.call('hostile__shout'), 'shouted');
  const unknown = await session.other(({ method }) => method === 'notifications/x-unknown');
  assert.equal(unknown.params, { deep: { is: [1.5, null] } });
  await session.ask('ping');
  assert.not.ok(session.others.some(({ method }) => method === 'notifications/resources/updated'));
});

test('a server asks the client, and gets the very answer', async () => {
  const call = session.call('hostile__ask');
  const asked = await session.other(({ method }) => method === 'sampling/createMessage');
  session.send({ jsonrpc: '2.0', id: asked.id, result: { role: 'assistant', 'x-more': [1, { a: null }] } });
  assert.is(await call, '{"role":"assistant","x-more":[1,{"a":null}]}');
});

test('a million notifications reach a slow client in order, and the host does not keep them', async () => {
  const pid = await workspace.hostPid();
  await session.ask('ping');
  const before = residentMemory(pid);
  session.pause();
  const flooded = session.call('hostile__flood', { count: 1_000_000 });
  const other = openStdioSession(workspace.dir);
  await other.handshake();
  for (let i = 0; i < 50; i += 1) assert.is(await other.call('calm__echo', { text: `${i}` }), `${i}`);
  await other.close();
  const grown = residentMemory(pid) - before;
  assert.ok(grown < 100 * 1024 * 1024, `The host grew by ${grown} bytes.`);
  session.resume();
  assert.is(await flooded, 'flooded');
  const seen = session.others.filter(({ method }) => method === 'notifications/message');
  assert.is(seen.length, 1_000_000);
  assert.ok(seen.every(({ params }, i) => String(params?.data).startsWith(`${i} `)));
});

test.run();
