import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DownstreamError } from '../../src/core/errors.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import type { Answer, IncomingCall, OfferedTool } from '../../src/guard/ports.ts';
import type { OfferKind, OfferView } from '../../src/mcp/offers.ts';
import { fakeDownstream, viewOf, type FakeDownstream } from '../support/fake-downstream.ts';
import { greet, withSession } from '../support/session-world.ts';

test('a call that bears no id reaches nobody', async () => {
  const one = fakeDownstream({});
  await withSession({ view: viewOf({ one: { capabilities: {} } }), servers: { one } }, async (world) => {
    world.send({ method: 'tools/call', params: { name: 'delete', arguments: {} } });
    world.send({ method: 'x/do' });
    world.send({ method: 'notifications/x-own' });
    await world.ask('ping');
    assert.equal(
      one.told.map(({ method }) => method),
      ['notifications/x-own'],
    );
    assert.match(world.lines.join('\n'), /tools\/call without an id was passed over/);
  });
});

for (const method of [
  'Tools/Call',
  'tools/call ',
  'tools//call',
  '\uff54ools/call',
  'placet/summary',
  'PLACET/x',
]) {
  test(`${JSON.stringify(method)} is no method that passes unjudged`, async () => {
    const one = fakeDownstream({}, { [method]: () => ({}) });
    await withSession({ view: viewOf({ one: { capabilities: {} } }), servers: { one } }, async ({ ask }) => {
      assert.equal((await ask(method)).error, { code: -32601, message: 'Method not found' });
      assert.equal(one.asked, []);
    });
  });
}

test('a session is initialized once: who could say ever something else would have every server asked again', async () => {
  const one = fakeDownstream({});
  await withSession({ view: viewOf({ one: { capabilities: {} } }), servers: { one } }, async (world) => {
    await greet(world);
    const again = await world.ask('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: { experimental: { n: 1 } },
      clientInfo: { name: 'c', version: '1' },
    });
    assert.match(JSON.stringify(again.error), /-32600.*initialized already/);
    assert.equal((await world.ask('ping')).result, {});
  });
});

test('a method that nobody knows goes to the only server that the workspace names, beside its own tools', async () => {
  const [one, tools] = [fakeDownstream({}, { 'x/do': () => ({ done: true }) }), fakeDownstream({})];
  const view = viewOf({ one: { capabilities: {} }, tools: { capabilities: {} } });
  await withSession({ view, servers: { one, tools } }, async ({ ask }) => {
    assert.equal((await ask('x/do')).result, { done: true });
    assert.equal(tools.asked, []);
  });
});

const RESOURCES = { resources: {} };

/** A server that says in each answer whose it is. */
function reader(name: string, lists: readonly string[] = []): FakeDownstream {
  return fakeDownstream(RESOURCES, {
    'resources/read': ({ uri }) => ({ contents: [{ uri: uri ?? '', text: name }] }),
    'resources/list': () => ({ resources: lists.map((uri) => ({ uri, name: uri })) }),
  });
}

const call: OfferedTool = {
  name: 'two__call',
  server: 'two',
  tool: 'call',
  definition: { name: 'call', inputSchema: { type: 'object' } },
  definition_sha256: 'd',
  tags: [],
  summarises: false,
};

/** Two links to it, as a link and as what is embedded. */
function linking(...uris: readonly string[]): Answer {
  const content = uris.map((uri, at) =>
    at % 2 === 0
      ? { type: 'resource_link', uri, name: 'l' }
      : { type: 'resource', resource: { uri, text: 't' } },
  );
  return { kind: 'result', result: Verbatim.of({ content }) };
}

test('a link in a result takes no resource over that another server lists or has a template for', async () => {
  const view = viewOf({
    one: {
      capabilities: RESOURCES,
      resources: [{ uri: 'a:listed' }],
      templates: [{ uriTemplate: 'a:{x}' }],
    },
    two: { capabilities: RESOURCES, resources: [{ uri: 'b:own' }] },
  });
  const servers = { one: reader('one', ['a:listed', 'n:new']), two: reader('two', ['b:own']) };
  const intercept = { call: async () => linking('a:listed', 'a:fits', 'b:linked', 'n:new', 'm:only linked') };
  await withSession({ view: { ...view, find: () => call }, servers, intercept }, async ({ ask }) => {
    await ask('tools/call', { name: 'two__call' });
    await ask('resources/list');
    for (const [uri, owner] of [
      ['a:listed', 'one'],
      ['a:fits', 'one'],
      ['n:new', 'one'],
      ['b:linked', 'two'],
      ['m:only linked', 'two'],
    ] as const) {
      assert.equal((await ask('resources/read', { uri })).result, { contents: [{ uri, text: owner }] });
    }
  });
});

test('what the result of a held call links to can be read, as what that of another call links to', async () => {
  const view = viewOf({ one: { capabilities: RESOURCES }, two: { capabilities: RESOURCES } });
  const approval = {
    status: 'succeeded',
    approval_id: 'apr_1',
    tool: call.name,
    expires_at: '2026-12-01T00:00:00.000Z',
    reviewers_asked: 1,
  } as const;
  const intercept = { status: async (): Promise<Answer> => ({ ...linking('h:1'), approval }) as Answer };
  const find = (name: string): OfferedTool | undefined => (name === call.name ? call : undefined);
  await withSession(
    { view: { ...view, find }, servers: { one: reader('one'), two: reader('two') }, intercept },
    async ({ ask }) => {
      assert.match(JSON.stringify((await ask('resources/read', { uri: 'h:1' })).error), '-32002');
      await ask('tools/call', { name: 'placet_status', arguments: { approval_id: 'apr_1' } });
      assert.equal((await ask('resources/read', { uri: 'h:1' })).result, {
        contents: [{ uri: 'h:1', text: 'two' }],
      });
    },
  );
});

test('a server that links to very much makes nobody forget what another linked to', async () => {
  const view = viewOf({ one: { capabilities: RESOURCES }, two: { capabilities: RESOURCES } });
  const servers = { one: reader('one'), two: reader('two') };
  const flood = Array.from({ length: 5000 }, (_, at) => `f:${at}`);
  const find = (name: string): OfferedTool => ({ ...call, name, server: name });
  const intercept = {
    call: async ({ tool }: IncomingCall) =>
      tool.server === 'one' ? linking('a:1') : linking('a:1', ...flood),
  };
  await withSession({ view: { ...view, find }, servers, intercept }, async ({ ask }) => {
    await ask('tools/call', { name: 'one' });
    await ask('tools/call', { name: 'two' });
    const { result } = await ask('resources/read', { uri: 'a:1' });
    assert.equal(result, { contents: [{ uri: 'a:1', text: 'one' }] });
  });
});

test('an answer whose form has a field called method, and a result within, is an answer', () =>
  withSession({ view: viewOf({}) }, async (world) => {
    await greet(world, { elicitation: {} });
    const asked = world.client.request({
      server: 'one',
      method: 'elicitation/create',
      signal: new AbortController().signal,
    });
    const { id } = await world.next();
    const result = { action: 'accept', content: { method: 'card', result: 'x', error: 'y' } };
    world.send({ id: id ?? null, result });
    assert.equal((await asked).value, result);
  }));

test("what a server says in Placet's name, it does not say", async () => {
  const meta = { 'placet/approval': { status: 'succeeded' }, trace: 't' };
  const one = fakeDownstream(RESOURCES, { 'resources/read': () => ({ contents: [], _meta: meta }) });
  await withSession(
    { view: viewOf({ one: { capabilities: RESOURCES } }), servers: { one } },
    async (world) => {
      await greet(world, { roots: {} });
      assert.equal((await world.ask('resources/read', { uri: 'a:b' })).result, {
        contents: [],
        _meta: { trace: 't' },
      });
      world.client.notified({ server: 'one', method: 'notifications/x', params: { a: 1, _meta: meta } });
      assert.equal((await world.next()).params, { a: 1, _meta: { trace: 't' } });
      const { signal } = new AbortController();
      void world.client
        .request({ server: 'one', method: 'roots/list', params: { _meta: meta }, signal })
        .catch(() => undefined);
      assert.equal((await world.next()).params, { _meta: { trace: 't' } });
    },
  );
});

test('a server that does not answer, or is gone, is named to the client in words', async () => {
  const gone = new DownstreamError('downstream_died', 'The server one ended before it answered.');
  const one = fakeDownstream(RESOURCES, { 'resources/read': () => Promise.reject(gone) });
  await withSession(
    { view: viewOf({ one: { capabilities: RESOURCES } }), servers: { one } },
    async ({ ask }) => {
      assert.equal((await ask('resources/read', { uri: 'a:b' })).error, {
        code: -32603,
        message: 'The server one ended before it answered.',
        data: { code: 'downstream_died' },
      });
    },
  );
});

test('a server that logs more than the client wants to hear is heard no more than that', async () => {
  const LOGGING = { logging: {} };
  const one = fakeDownstream(LOGGING, { 'logging/setLevel': () => ({}) });
  await withSession({ view: viewOf({ one: { capabilities: LOGGING } }), servers: { one } }, async (world) => {
    const log = (level: string): void =>
      world.client.notified({ server: 'one', method: 'notifications/message', params: { level } });
    log('debug');
    assert.equal((await world.next()).params, { level: 'debug' });
    await world.ask('logging/setLevel', { level: 'warning' });
    for (const level of ['debug', 'notice', 'warning', 'alert', 'own']) log(level);
    for (const level of ['warning', 'alert', 'own']) assert.equal((await world.next()).params, { level });
  });
});

test('a list that is another is told once: by its server while that is connected, else by Placet', async () => {
  const listeners = new Set<(what: OfferKind) => void>();
  const given = viewOf({ one: { capabilities: { prompts: {} } }, two: { capabilities: { prompts: {} } } });
  let offers = given.offers();
  const view: OfferView = {
    ...given,
    offers: () => offers,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const change = (name: string, what: OfferKind): void => {
    offers = offers.map((each) => (each.server === name ? { ...each, prompts: [{ name: 'new' }] } : each));
    for (const listener of listeners) listener(what);
  };
  const servers = { one: fakeDownstream({ prompts: {} }) };
  await withSession({ view, servers }, async (world) => {
    world.client.notified({ server: 'one', method: 'notifications/prompts/list_changed' });
    change('one', 'prompts');
    change('two', 'prompts');
    world.client.notified({ server: 'one', method: 'notifications/tools/list_changed' });
    change('one', 'tools');
    for (const list of ['prompts', 'prompts', 'tools']) {
      assert.is((await world.next()).method, `notifications/${list}/list_changed`);
    }
    assert.equal((await world.ask('ping')).result, {});
  });
});

test('of several servers one that fails now is listed as last seen, and none is waited for long', async () => {
  const PROMPTS = { prompts: {} };
  const one = fakeDownstream(PROMPTS);
  const two = fakeDownstream(PROMPTS, { 'prompts/list': () => ({ prompts: [{ name: 'now' }] }) });
  const view = viewOf({
    one: { capabilities: PROMPTS, prompts: [{ name: 'last' }] },
    two: { capabilities: PROMPTS },
  });
  await withSession({ view, servers: { one, two } }, async ({ ask }) => {
    assert.equal((await ask('prompts/list')).result, {
      prompts: [{ name: 'one__last' }, { name: 'two__now' }],
    });
    assert.equal(
      [...one.requests, ...two.requests].map(({ timeout_ms }) => timeout_ms),
      [5000, 5000],
    );
  });
});

test('an entry that cannot be written hides no other', async () => {
  const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) as [];
  const one = fakeDownstream(RESOURCES, {
    'resources/list': () => ({ resources: [{ uri: 'a:1' }, { uri: 'a:2', deep }] }),
  });
  await withSession(
    { view: viewOf({ one: { capabilities: RESOURCES } }), servers: { one } },
    async ({ ask }) => {
      assert.equal((await ask('resources/list')).result, { resources: [{ uri: 'a:1' }] });
    },
  );
});

test.run();
