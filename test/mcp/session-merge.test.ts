import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../src/core/json.ts';
import type { Intercept } from '../../src/guard/ports.ts';
import { agentLink } from '../../src/mcp/agent-link.ts';
import type { ClientSide } from '../../src/mcp/client-side.ts';
import type { OfferView } from '../../src/mcp/offers.ts';
import { openSession, type AgentSession } from '../../src/mcp/session.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { connectionsTo } from '../support/fake-connections.ts';
import { fakeDownstream, viewOf, type FakeDownstream } from '../support/fake-downstream.ts';
import { messagesOf } from '../support/lines.ts';
import { socketPair } from '../support/socket-pair.ts';

const never: Intercept = {
  call: () => Promise.reject(new Error('Nobody calls.')),
  status: () => Promise.reject(new Error('Nobody asks.')),
  look: () => Promise.reject(new Error('Nobody looks.')),
  cancel: () => Promise.reject(new Error('Nobody cancels.')),
};

interface World {
  readonly client: ClientSide;
  readonly session: AgentSession;
  readonly ask: (method: string, params?: JsonObject) => Promise<JsonObject>;
  readonly send: (message: JsonObject) => void;
  readonly next: () => Promise<JsonObject>;
}

async function withSession(
  view: OfferView,
  servers: Readonly<Record<string, FakeDownstream>>,
  body: (world: World) => Promise<void>,
): Promise<void> {
  const { client: socket, server } = await socketPair();
  const made: ClientSide[] = [];
  const session = await openSession({
    link: agentLink(server, 1_000_000),
    caller: { agent: 'claude', session: 's1', identity: 'claimed' },
    intercept: never,
    catalogue: { viewFor: () => view },
    connect(side) {
      made.push(side);
      return connectionsTo(
        Object.fromEntries(Object.entries(servers).map(([name, { downstream }]) => [name, downstream])),
      );
    },
    mayHold: () => false,
    clock: new FakeClock(),
    random: seededRandom(),
    log: () => undefined,
    software: '1.2.3',
  });
  const [client] = made;
  assert.ok(client);
  const next = messagesOf(socket);
  const send = (message: JsonObject): void =>
    void socket.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  let id = 0;
  try {
    await body({
      client,
      session,
      send,
      next,
      ask(method, params = {}) {
        id += 1;
        send({ id, method, params });
        return next();
      },
    });
  } finally {
    socket.destroy();
    await session.close();
  }
}

async function greet({ ask, send }: World, capabilities: JsonObject = {}): Promise<JsonObject> {
  const { result } = await ask('initialize', {
    protocolVersion: '2025-06-18',
    capabilities,
    clientInfo: { name: 'c', version: '1' },
  });
  send({ method: 'notifications/initialized' });
  return result as JsonObject;
}

const nothing = { signal: new AbortController().signal, server: 'one' };

test('with one server Placet says of itself what that server says, and how held calls work', () =>
  withSession(
    viewOf({ one: { capabilities: { resources: {} }, instructions: 'Be kind.' } }),
    {},
    async (world) => {
      const result = await greet(world);
      assert.equal(result.serverInfo, { name: 'one itself', version: '9' });
      assert.match(result.instructions as string, /^Be kind\.\n\nSome tools behind this server/);
      assert.is(result.protocolVersion, '2025-06-18');
    },
  ));

test('with several it says who said what, and unites what they can do', () =>
  withSession(
    viewOf({
      one: {
        capabilities: { resources: { subscribe: false }, experimental: { a: { b: 1 } } },
        instructions: 'Be kind.',
      },
      two: { capabilities: { resources: { subscribe: true }, logging: {}, 'x-new': { y: [1] } } },
    }),
    {},
    async (world) => {
      const result = await greet(world);
      assert.equal(result.serverInfo, { name: 'placet', version: '1.2.3' });
      assert.match(result.instructions as string, /# The server one says\n\nBe kind\./);
      assert.equal(result.capabilities, {
        tools: { listChanged: true },
        tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
        resources: { subscribe: true },
        experimental: { a: { b: 1 } },
        logging: {},
        'x-new': { y: [1] },
      });
    },
  ));

test('an unknown revision is answered with the newest that is known', () =>
  withSession(viewOf({}), {}, async ({ ask }) => {
    const { result } = await ask('initialize', {
      protocolVersion: '2099-01-01',
      capabilities: {},
      clientInfo: {},
    });
    assert.is((result as JsonObject).protocolVersion, '2025-11-25');
  }));

test('downstreams are told what the client said, every member as it came', () =>
  withSession(viewOf({}), {}, async (world) => {
    assert.equal(world.client.hello().capabilities, {});
    await greet(world, { sampling: { tools: {} }, 'x-own': [1, { a: null }] });
    assert.equal(world.client.hello(), {
      protocolVersion: '2025-06-18',
      capabilities: { sampling: { tools: {} }, 'x-own': [1, { a: null }] },
      clientInfo: { name: 'c', version: '1' },
    });
  }));

const PROMPTS = { prompts: {} };

test('prompts bear the prefix of their server and are asked of it by their own name', async () => {
  const one = fakeDownstream(PROMPTS, {
    'prompts/list': ({ cursor }) =>
      cursor === 'p2'
        ? { prompts: [{ name: 'b', extra: 2 }] }
        : { prompts: [{ name: 'a' }], nextCursor: 'p2' },
    'prompts/get': ({ name }) => ({ messages: [], asked: name ?? null }),
  });
  await withSession(
    viewOf({
      one: { capabilities: PROMPTS },
      two: { capabilities: PROMPTS, prompts: [{ name: 'a', title: 'of two' }] },
    }),
    { one },
    async ({ ask }) => {
      assert.equal((await ask('prompts/list')).result, {
        prompts: [{ name: 'one__a' }, { name: 'one__b', extra: 2 }, { name: 'two__a', title: 'of two' }],
      });
      assert.equal((await ask('prompts/get', { name: 'one__b', arguments: { x: '1' } })).result, {
        messages: [],
        asked: 'b',
      });
      assert.equal(one.asked.at(-1), { method: 'prompts/get', params: { name: 'b', arguments: { x: '1' } } });
      assert.is(((await ask('prompts/get', { name: 'nobody' })).error as JsonObject).code, -32602);
    },
  );
});

const RESOURCES = { resources: { subscribe: true } };

test('a resource is read where it was offered first, and nobody else can speak of it', async () => {
  const read = ({ uri }: JsonObject): JsonObject => ({ contents: [{ uri: uri ?? '', text: 'mine' }] });
  const one = fakeDownstream(RESOURCES, { 'resources/read': read, 'resources/subscribe': () => ({}) });
  const two = fakeDownstream(RESOURCES, {
    'resources/read': () => ({ contents: [{ uri: 'x', text: 'stolen' }] }),
    'resources/list': () => ({ resources: [{ uri: 'file:///a' }, { uri: 'file:///b' }] }),
  });
  await withSession(
    viewOf({
      one: {
        capabilities: RESOURCES,
        resources: [{ uri: 'file:///a' }],
        templates: [{ uriTemplate: 'db://{table}' }],
      },
      two: { capabilities: RESOURCES },
    }),
    { one: { ...one, downstream: { ...one.downstream } }, two },
    async ({ ask, client, next }) => {
      for (const uri of ['file:///a', 'db://people']) {
        assert.equal((await ask('resources/read', { uri })).result, { contents: [{ uri, text: 'mine' }] });
      }
      assert.equal((await ask('resources/read', { uri: 'nobody://x' })).error, {
        code: -32002,
        message: 'Resource not found',
        data: { uri: 'nobody://x' },
      });
      await ask('resources/subscribe', { uri: 'file:///a' });
      const updated = { method: 'notifications/resources/updated', params: { uri: 'file:///a' } };
      client.notified({ server: 'two', ...updated });
      client.notified({ server: 'one', ...updated });
      assert.equal(await next(), { jsonrpc: '2.0', ...updated });
      assert.equal((await ask('ping')).result, {});
    },
  );
});

test('an entry that two servers list is listed once, and one server that fails hides nothing of the other', async () => {
  const one = fakeDownstream(RESOURCES);
  await withSession(
    viewOf({
      one: { capabilities: RESOURCES },
      two: { capabilities: RESOURCES, resources: [{ uri: 'u:1' }] },
      three: { capabilities: RESOURCES, resources: [{ uri: 'u:1', stolen: true }, { uri: 'u:2' }] },
    }),
    { one },
    async ({ ask }) => {
      assert.equal((await ask('resources/list')).result, { resources: [{ uri: 'u:1' }, { uri: 'u:2' }] });
    },
  );
});

test('what no server declares is a method that there is not', () =>
  withSession(viewOf({ one: { capabilities: {} } }), {}, async ({ ask }) => {
    for (const method of ['prompts/list', 'resources/list', 'logging/setLevel']) {
      assert.equal((await ask(method, { level: 'info' })).error, {
        code: -32601,
        message: 'Method not found',
      });
    }
  }));

test('a method that nobody knows goes to the only server, with its error code and data', async () => {
  const one = fakeDownstream(
    {},
    {
      'x/new': (params) => ({ got: params }),
    },
  );
  await withSession(viewOf({ one: { capabilities: {} } }), { one }, async ({ ask }) => {
    assert.equal((await ask('x/new', { deep: [1, { a: null }] })).result, {
      got: { deep: [1, { a: null }] },
    });
    assert.equal((await ask('x/none')).error, { code: -32601, message: 'Method not found' });
  });
});

test('completion is asked of the server to which the prompt or template belongs', async () => {
  const answer = { completion: { values: ['v'] } };
  const one = fakeDownstream(PROMPTS, { 'completion/complete': () => answer });
  const two = fakeDownstream(RESOURCES, { 'completion/complete': () => answer });
  await withSession(
    viewOf({
      one: { capabilities: PROMPTS, prompts: [{ name: 'p' }] },
      two: { capabilities: RESOURCES, templates: [{ uriTemplate: 't://{x}' }] },
    }),
    { one, two },
    async ({ ask }) => {
      const argument = { name: 'x', value: 'v' };
      await ask('completion/complete', { ref: { type: 'ref/prompt', name: 'one__p' }, argument });
      assert.equal(one.asked.at(-1)?.params, { ref: { type: 'ref/prompt', name: 'p' }, argument });
      await ask('completion/complete', { ref: { type: 'ref/resource', uri: 't://{x}' }, argument });
      assert.equal(two.asked.at(-1)?.params, { ref: { type: 'ref/resource', uri: 't://{x}' }, argument });
    },
  );
});

test('the level of logging is told to every server that can log', async () => {
  const [one, two, three] = [{ logging: {} }, { logging: {} }, {}].map((capabilities) =>
    fakeDownstream(capabilities, { 'logging/setLevel': () => ({}) }),
  );
  assert.ok(one && two && three);
  await withSession(
    viewOf({ one: { capabilities: { logging: {} } } }),
    { one, two, three },
    async ({ ask }) => {
      assert.equal((await ask('logging/setLevel', { level: 'debug' })).result, {});
      assert.equal(
        [one, two, three].map(({ asked }) => asked.length),
        [1, 1, 0],
      );
      assert.is(((await ask('logging/setLevel', { level: 'loud' })).error as JsonObject).code, -32602);
    },
  );
});

test('a server asks the client under an id that meets no other, and gets what it answers', () =>
  withSession(viewOf({}), {}, async (world) => {
    await greet(world, { sampling: {} });
    const asked = world.client.request({
      ...nothing,
      method: 'sampling/createMessage',
      params: { messages: [], 'x-own': 1, _meta: { progressToken: 7, trace: 't' } },
    });
    const request = await world.next();
    assert.is(request.method, 'sampling/createMessage');
    assert.equal(request.params, {
      messages: [],
      'x-own': 1,
      _meta: { progressToken: request.id, trace: 't' },
    });
    world.send({ id: 99, result: { never: 'asked' } });
    world.send({ id: request.id ?? null, result: { role: 'assistant', more: [1] } });
    assert.equal((await asked).value, { role: 'assistant', more: [1] });
  }));

test("a client's error is the server's answer, code and data included", () =>
  withSession(viewOf({}), {}, async (world) => {
    await greet(world, { roots: {} });
    const asked = world.client.request({ ...nothing, method: 'roots/list' });
    const { id } = await world.next();
    world.send({ id: id ?? null, error: { code: -1, message: 'User rejected', data: { a: 1 } } });
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    assert.equal((error as { error: unknown }).error, { code: -1, message: 'User rejected', data: { a: 1 } });
  }));

test('a client is not asked what it did not declare', () =>
  withSession(viewOf({}), {}, async (world) => {
    await greet(world, { roots: {} });
    for (const method of ['sampling/createMessage', 'elicitation/create', 'x/unknown']) {
      const error: unknown = await world.client
        .request({ ...nothing, method })
        .catch((thrown: unknown) => thrown);
      assert.is((error as { error: { code: number } }).error.code, -32601);
    }
  }));

test('a server that no longer waits has the client told; its late answer reaches nobody', () =>
  withSession(viewOf({}), {}, async (world) => {
    await greet(world, { sampling: {} });
    const controller = new AbortController();
    const asked = world.client
      .request({ server: 'one', method: 'sampling/createMessage', signal: controller.signal })
      .catch((thrown: unknown) => thrown);
    const { id } = await world.next();
    controller.abort();
    const cancelled = await world.next();
    assert.is(cancelled.method, 'notifications/cancelled');
    assert.is((cancelled.params as JsonObject).requestId, id);
    world.send({ id: id ?? null, result: {} });
    assert.instance(await asked, Error);
    assert.equal((await world.ask('ping')).result, {});
  }));

test('what the client says to everybody reaches every server that stands', async () => {
  const [one, two] = [fakeDownstream({}), fakeDownstream({})];
  await withSession(viewOf({}), { one, two }, async ({ send, ask }) => {
    send({ method: 'notifications/roots/list_changed' });
    send({ method: 'notifications/x-own', params: { a: [1] } });
    await ask('ping');
    for (const { told } of [one, two]) {
      assert.equal(told, [
        { method: 'notifications/roots/list_changed', params: {} },
        { method: 'notifications/x-own', params: { a: [1] } },
      ]);
    }
  });
});

test('requests beyond those that are worked on wait, cancelled ones are forgotten, and none is lost', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const one = fakeDownstream({}, { 'x/wait': () => gate.then(() => ({})) });
  await withSession(viewOf({ one: { capabilities: {} } }), { one }, async ({ send, next, session }) => {
    for (let id = 0; id < 300; id += 1) send({ id, method: 'x/wait' });
    send({ method: 'notifications/cancelled', params: { requestId: 299 } });
    send({ id: 'ping', method: 'ping' });
    while (one.asked.length < 128) await new Promise((resolve) => setImmediate(resolve));
    assert.is(one.asked.length, 128);
    release();
    const ids = new Set<unknown>();
    for (let count = 0; count < 300; count += 1) ids.add((await next()).id);
    assert.is(ids.size, 300);
    assert.not.ok(ids.has(299));
    await session.answered();
  });
});

test('an id that is in use is refused and answers nobody twice', async () => {
  const one = fakeDownstream({}, { 'x/wait': () => new Promise<JsonObject>(() => undefined) });
  await withSession(viewOf({ one: { capabilities: {} } }), { one }, async ({ send, next }) => {
    send({ id: 1, method: 'x/wait' });
    send({ id: 1, method: 'ping' });
    assert.is(((await next()).error as JsonObject).code, -32600);
    send({ id: '1', method: 'ping' });
    assert.equal(await next(), { jsonrpc: '2.0', id: '1', result: {} });
  });
});

test.run();
