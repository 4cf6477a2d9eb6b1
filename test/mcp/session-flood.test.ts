import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../src/core/json.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import type { ClientSide } from '../../src/mcp/client-side.ts';
import { openSession, type AgentSession } from '../../src/mcp/session.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { connectionsTo } from '../support/fake-connections.ts';
import { fakeDownstream, viewOf } from '../support/fake-downstream.ts';
import { memoryLink, type MemoryLink } from '../support/memory-link.ts';

interface World extends MemoryLink {
  readonly client: ClientSide;
  readonly session: AgentSession;
  /** What the connections were told. */
  readonly told: readonly string[];
  /** Ends the requests that are under way. */
  readonly release: () => void;
  readonly ask: (id: string | number, method: string, params?: JsonObject, bytes?: number) => void;
  /** What has reached the server. */
  readonly asked: readonly unknown[];
}

/** A session before one server, which answers nothing until it is released. */
async function open(): Promise<World> {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { downstream, asked } = fakeDownstream({}, { 'x/wait': () => gate.then(() => ({})) });
  const connections = connectionsTo({ one: downstream });
  const memory = memoryLink();
  const sides: ClientSide[] = [];
  const session = await openSession({
    link: memory.link,
    caller: { agent: 'claude', session: 's1', identity: 'claimed' },
    intercept: {
      call: () => Promise.reject(new Error('Nobody calls.')),
      status: () => Promise.reject(new Error('Nobody asks.')),
      look: () => Promise.reject(new Error('Nobody looks.')),
      cancel: () => Promise.reject(new Error('Nobody cancels.')),
    },
    catalogue: { viewFor: () => viewOf({ one: { capabilities: {} } }) },
    connect(side) {
      sides.push(side);
      return connections;
    },
    mayHold: () => false,
    clock: new FakeClock(),
    random: seededRandom(),
    log: () => undefined,
    software: '1.2.3',
  });
  const [client] = sides;
  if (!client) throw new Error('The session has opened no connections.');
  return {
    ...memory,
    client,
    session,
    told: connections.holds,
    release,
    asked,
    ask: (id, method, params = {}, bytes = 100) =>
      memory.events().message({ kind: 'request', id, method, params, bytes }),
  };
}

test('a client that does not read is not read, and its servers are held up, until it has caught up', async () => {
  const { events, holds, told } = await open();
  events().congested(true);
  assert.equal([holds, told], [['pause'], ['pause']]);
  events().congested(false);
  assert.equal(
    [holds, told],
    [
      ['pause', 'resume'],
      ['pause', 'resume'],
    ],
  );
});

test('a client that asks for more than can wait is not read until half of it is done', async () => {
  const { ask, holds, told, release, session, sent } = await open();
  for (let id = 0; id < 128 + 1023; id += 1) ask(id, 'x/wait');
  assert.equal(holds, []);
  ask('one more', 'x/wait');
  assert.equal([holds, told], [['pause'], []]);
  release();
  await session.answered();
  assert.equal(holds, ['pause', 'resume']);
  assert.is(sent.length, 128 + 1024);
});

test('large requests count for what they are', async () => {
  const { ask, asked, holds, release, session } = await open();
  const bytes = 8 * 1024 * 1024;
  for (let id = 0; id < 8 + 3; id += 1) ask(id, 'x/wait', {}, bytes);
  await turn();
  assert.is(asked.length, 8);
  assert.equal(holds, []);
  ask('one more', 'x/wait', {}, bytes);
  assert.equal(holds, ['pause']);
  release();
  await session.answered();
  assert.equal([asked.length, holds], [12, ['pause', 'resume']]);
});

test('a client that is not read for two reasons is read when neither holds', async () => {
  const { ask, events, holds, release, session } = await open();
  events().congested(true);
  for (let id = 0; id < 128 + 1024; id += 1) ask(id, 'x/wait');
  release();
  await session.answered();
  assert.equal(holds, ['pause', 'pause']);
  events().congested(false);
  assert.equal(holds, ['pause', 'pause', 'resume']);
});

test('whoever has all its requests under way is still heard when it answers or cancels', async () => {
  const { ask, client, events, sent, release } = await open();
  ask('hello', 'initialize', { capabilities: { roots: {} } });
  await turn();
  for (let id = 0; id < 200; id += 1) ask(id, 'x/wait');
  const asked = client.request({
    server: 'one',
    method: 'roots/list',
    signal: new AbortController().signal,
    related: 5,
  });
  const request = sent.at(-1);
  assert.equal(request?.options, { related: 5 });
  assert.is(request?.message.kind, 'request');
  const id = request?.message.kind === 'request' ? request.message.id : '';
  events().message({ kind: 'result', id, result: Verbatim.of({ roots: [] }) });
  assert.equal((await asked).value, { roots: [] });
  events().message({
    kind: 'notification',
    method: 'notifications/cancelled',
    params: { requestId: 199 },
  });
  release();
  await turn();
  assert.not.ok(sent.some(({ message }) => message.kind === 'result' && message.id === 199));
});

test('every answer goes out as belonging to its request', async () => {
  const { ask, sent, release, session } = await open();
  ask(7, 'x/wait');
  ask('7', 'ping');
  release();
  await session.answered();
  assert.equal(
    sent.map(({ message, options }) => [message.kind === 'result' && message.id, options.related]),
    [
      ['7', '7'],
      [7, 7],
    ],
  );
});

test.run();
