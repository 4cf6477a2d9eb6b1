import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DownstreamError } from '../../src/core/errors.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import type { ClientHello, ClientSide } from '../../src/mcp/client-side.ts';
import { createFleet, type Fleet, type FleetOptions } from '../../src/mcp/fleet.ts';
import type { Downstream, SessionConnections } from '../../src/mcp/server-side.ts';
import type { ServerConfig } from '../../src/mcp/servers.ts';
import { FakeClock } from '../support/clock.ts';
import { rejection } from '../support/rejects.ts';
import { connectTo, fixtureServer, HELLO } from '../support/servers/fixture.ts';

const TALKER = fileURLToPath(new URL('../support/servers/talker.mjs', import.meta.url));
const NONE = Verbatim.of({});

function talker(name: string): ServerConfig {
  const base = fixtureServer({}, { name });
  return { ...base, transport: { ...base.transport, args: [TALKER] } as typeof base.transport };
}

const hello = (capabilities: ClientHello['capabilities']): ClientHello => ({
  protocolVersion: '2025-06-18',
  capabilities,
  clientInfo: { name: 'raw', version: '7' },
});

interface World {
  readonly fleet: Fleet;
  readonly clock: FakeClock;
  readonly connections: SessionConnections;
  /** What servers told this session's client. */
  readonly told: string[];
  readonly lists: (readonly [server: string, said: ClientHello])[];
}

async function withSession(
  body: (world: World) => Promise<void>,
  servers: FleetOptions['servers'] = [talker('one'), talker('two')],
): Promise<void> {
  const clock = new FakeClock();
  const opened: Downstream[] = [];
  const told: string[] = [];
  const lists: World['lists'] = [];
  const fleet = createFleet({
    servers,
    async connect(server, client, onChanged, signal) {
      const downstream = await connectTo(server, { client, onChanged, signal });
      opened.push(downstream);
      return downstream;
    },
    onList: (server, said) => void lists.push([server, said]),
    onFailed: () => undefined,
    hello: HELLO,
    clock,
    log: () => undefined,
  });
  const client: ClientSide = {
    hello: () => hello({ sampling: {} }),
    request: ({ server }) => Promise.resolve(Verbatim.of({ asked_by: server })),
    notified: ({ server, method }) => void told.push(`${server} ${method}`),
  };
  const connections = fleet.openSession({ id: 's', agent: 'claude', client });
  try {
    await body({ fleet, clock, connections, told, lists });
  } finally {
    await fleet.close();
    for (const each of opened) assert.not(each.isAlive());
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const call = (downstream: Downstream, tool: string, args = {}): Promise<Verbatim> =>
  downstream.send({ tool, args: Verbatim.of(args), timeout_ms: 10_000 });

const ANSWER = '{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}';
const tell = (downstream: Downstream, method: string): Promise<Verbatim> =>
  call(downstream, 'lines', { lines: [`{"jsonrpc":"2.0","method":"${method}"}`, ANSWER] });

test('makes a connection at first use, and tells of those that stand', () =>
  withSession(async ({ connections }) => {
    assert.is(connections.standing('one'), undefined);
    assert.is(connections.all().size, 0);
    const one = await connections.to('one');
    assert.is(one.hello.serverInfo.name, 'talker');
    assert.ok(connections.standing('one')?.isAlive());
    assert.equal([...connections.all().keys()], ['one']);
  }));

test("each server is told the client's own words, and asks that very client", () =>
  withSession(async ({ connections }) => {
    const one = await connections.to('one');
    const said = one.hello.serverInfo['x-said'] as unknown as ClientHello;
    assert.equal(said, hello({ sampling: {} }));
    const answer = await call(one, 'ask', { method: 'sampling/createMessage', params: {} });
    assert.equal(answer.value.content, [{ type: 'text', text: '{"asked_by":"one"}' }]);
  }));

test('a connection that is opened is told before anyone can use it, and again when it is a new one', () =>
  withSession(async ({ fleet, connections }) => {
    const order: string[] = [];
    connections.onOpened((server, downstream) => {
      order.push(`opened ${server}`);
      downstream.notify('x/first');
    });
    const first = connections.to('one').then(() => order.push('used'));
    const other = fleet.reach('one', 's', 'claude').then(() => order.push('reached'));
    await Promise.all([first, other]);
    assert.equal(order, ['opened one', 'used', 'reached']);
    fleet.restart('one');
    await connections.to('one');
    assert.is(order.filter((each) => each === 'opened one').length, 2);
  }));

test('while it is paused nothing is read of any server, those included that are opened meanwhile', () =>
  withSession(async ({ connections, told }) => {
    const one = await connections.to('one');
    connections.pause();
    const two = await connections.to('two');
    const sent = [tell(one, 'x/one'), tell(two, 'x/two')];
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(told, []);
    connections.resume();
    await Promise.all(sent);
    assert.equal(told.toSorted(), ['one x/one', 'two x/two']);
  }));

test('when the session ends its connections close after the requests that are under way on them', () =>
  withSession(async ({ clock, connections }) => {
    const one = await connections.to('one');
    const { signal } = new AbortController();
    const asked = one.request({ method: 'x/any', signal });
    connections.end();
    clock.advance(60_000);
    assert.equal((await asked).value, { asked: 'x/any', params: {} });
    clock.advance(2000);
    await until(() => !one.isAlive());
    const error = (await rejection(connections.to('one'))) as DownstreamError;
    assert.is(error.code, 'downstream_unavailable');
  }));

test('a session that ends while it is paused closes all the same', () =>
  withSession(async ({ clock, connections }) => {
    const one = await connections.to('one');
    connections.pause();
    const sent = call(one, 'lines', { lines: [ANSWER] });
    connections.end();
    await sent;
    clock.advance(2000);
    await until(() => !one.isAlive());
  }));

test('what a connection of the session lists is told with what its client said', () =>
  withSession(async ({ connections, lists }) => {
    await connections.to('one');
    await until(() => lists.length === 1);
    assert.equal(lists, [['one', hello({ sampling: {} })]]);
  }));

test("a server is asked for its lists over the session's connection", () =>
  withSession(async ({ fleet, connections }) => {
    const { hello: said, tools } = await fleet.list('one', hello({}), 's');
    assert.ok(tools.tools.some(({ tool }) => tool === 'ask'));
    assert.is(said.instructions, 'Talk.');
    assert.ok(connections.standing('one'));
  }));

test('without a session it is asked as a client that says this, one connection for all who say the same', () =>
  withSession(async ({ fleet, clock, connections }) => {
    const rooted = hello({ roots: { listChanged: true } });
    const offerings = await Promise.all([fleet.list('one', rooted), fleet.list('one', rooted, 'gone')]);
    for (const { hello: said } of offerings) {
      assert.equal((said.serverInfo['x-said'] as unknown as ClientHello).capabilities, rooted.capabilities);
    }
    assert.is(connections.standing('one'), undefined);
    clock.advance(60_000);
  }));

test("the host's own connections refuse what a server asks of them", () =>
  withSession(async ({ fleet }) => {
    const target = await fleet.reach('one', 'gone', 'claude');
    const args = Verbatim.of({ method: 'sampling/createMessage', params: {} });
    const { value } = await target.send({ tool: 'ask', args, timeout_ms: 10_000 });
    assert.equal(value.content, [{ type: 'text', text: '{"code":-32601,"message":"Method not found"}' }]);
    await target.send({ tool: 'lines', args: Verbatim.of({ lines: [ANSWER] }), timeout_ms: 10_000 });
  }));

test('a server that dies takes no other one with it', () =>
  withSession(
    async ({ connections }) => {
      const [mortal, two] = [await connections.to('fixture'), await connections.to('two')];
      const other = two.request({ method: 'x/any', signal: new AbortController().signal });
      await rejection(mortal.send({ tool: 'die', args: NONE, timeout_ms: 10_000 }));
      assert.is(connections.standing('fixture'), undefined);
      assert.equal((await other).value.asked, 'x/any');
      assert.ok((await connections.to('fixture')).isAlive());
    },
    [fixtureServer(), talker('two')],
  ));

test.run();
