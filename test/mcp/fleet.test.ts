import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DownstreamError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import type { Target } from '../../src/guard/ports.ts';
import type { Downstream } from '../../src/mcp/server-side.ts';
import { createFleet, type Fleet, type FleetOptions } from '../../src/mcp/fleet.ts';
import type { ServerConfig } from '../../src/mcp/servers.ts';
import type { ToolList } from '../../src/mcp/tool-list.ts';
import { nobody } from '../../src/mcp/client-side.ts';
import { FakeClock } from '../support/clock.ts';
import { rejection } from '../support/rejects.ts';
import { connectTo, fixtureServer, HELLO } from '../support/servers/fixture.ts';

interface World {
  readonly fleet: Fleet;
  readonly clock: FakeClock;
  readonly connections: Downstream[];
  readonly lists: (readonly [server: string, list: ToolList, session: string | undefined])[];
  readonly failed: (readonly [server: string, session: string | undefined])[];
}

async function withFleet(
  body: (world: World) => Promise<void>,
  over: Partial<Pick<FleetOptions, 'servers' | 'idleMs' | 'connect'>> = {},
): Promise<void> {
  const clock = new FakeClock();
  const connections: Downstream[] = [];
  const lists: World['lists'] = [];
  const failed: World['failed'] = [];
  const fleet = createFleet({
    servers: [fixtureServer()],
    async connect(server, client, onChanged, signal) {
      const downstream = await connectTo(server, { client, onChanged, signal });
      connections.push(downstream);
      return downstream;
    },
    onList: (server, _, { tools }, session) => void lists.push([server, tools, session]),
    hello: HELLO,
    onFailed: (...which) => void failed.push(which),
    clock,
    log: () => undefined,
    ...over,
  });
  try {
    await body({ fleet, clock, connections, lists, failed });
  } finally {
    await fleet.close();
    for (const each of connections) assert.not(each.isAlive());
  }
}

async function pid(target: Target): Promise<string> {
  return text((await target.send({ tool: 'pid', args: NONE, timeout_ms: 10_000 })).value);
}

const NONE = Verbatim.of({});

function text(result: JsonObject): string {
  const [content] = result.content as readonly { readonly text: string }[];
  return content?.text ?? '';
}

/** Lets promises and their followers run until the condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const client = nobody(HELLO);

const wrapped = (): ServerConfig => fixtureServer({}, { name: 'mine', prefix: false });

test('starts a connection at first use and shares it among concurrent calls', () =>
  withFleet(async ({ fleet, connections }) => {
    fleet.openSession({ client, id: 's1', agent: 'claude' });
    assert.is(connections.length, 0);
    const targets = await Promise.all([1, 2, 3].map(() => fleet.reach('fixture', 's1', 'claude')));
    const pids = await Promise.all(targets.map(pid));
    assert.is(new Set(pids).size, 1);
    assert.is(connections.length, 1);
  }));

test('gives each session connections of its own', () =>
  withFleet(async ({ fleet }) => {
    fleet.openSession({ client, id: 's1', agent: 'claude' });
    fleet.openSession({ client, id: 's2', agent: 'claude' });
    const pids = [
      await pid(await fleet.reach('fixture', 's1', 'claude')),
      await pid(await fleet.reach('fixture', 's2', 'claude')),
    ];
    assert.is.not(pids[0], pids[1]);
  }));

test('makes a new connection at the next use after a death', () =>
  withFleet(async ({ fleet }) => {
    fleet.openSession({ client, id: 's1', agent: 'claude' });
    const target = await fleet.reach('fixture', 's1', 'claude');
    const before = await pid(target);
    await rejection(target.send({ tool: 'die', args: NONE, timeout_ms: 10_000 }));
    assert.is.not(await pid(await fleet.reach('fixture', 's1', 'claude')), before);
  }));

test('reports what a fresh connection lists, and what it lists after a change', () =>
  withFleet(async ({ fleet, lists, clock }) => {
    fleet.openSession({ client, id: 's1', agent: 'claude' });
    const target = await fleet.reach('fixture', 's1', 'claude');
    await until(() => lists.length === 1);
    clock.advance(1000);
    await target.send({ tool: 'change', args: NONE, timeout_ms: 10_000 });
    await until(() => lists.length === 2);
    const [first, second] = lists.map(([, list]) => list.tools[0]?.definition.description);
    assert.equal([first, second], ['Gives its arguments back.', 'Gives its arguments back. Changed.']);
  }));

test("uses the host's own connection for a session that is gone, one for each agent", () =>
  withFleet(async ({ fleet }) => {
    const one = await pid(await fleet.reach('fixture', 'gone', 'claude'));
    assert.is(await pid(await fleet.reach('fixture', 'also gone', 'claude')), one);
    assert.is.not(await pid(await fleet.reach('fixture', 'gone', 'other')), one);
  }));

test("does not lend a session's connection to another agent", () =>
  withFleet(async ({ fleet }) => {
    fleet.openSession({ client, id: 's1', agent: 'claude' });
    const own = await pid(await fleet.reach('fixture', 's1', 'claude'));
    assert.is.not(await pid(await fleet.reach('fixture', 's1', 'mallory')), own);
  }));

test("closes the host's connection when it was idle for long", () =>
  withFleet(
    async ({ fleet, clock, connections }) => {
      await fleet.list('fixture', HELLO);
      clock.advance(60_000);
      await until(() => connections.every((each) => !each.isAlive()));
      assert.ok((await fleet.list('fixture', HELLO)).tools.tools.length > 0);
      assert.is(connections.length, 2);
    },
    { idleMs: 60_000 },
  ));

test('lets what is under way end before it closes with the session', () =>
  withFleet(async ({ fleet, clock, connections }) => {
    const session = fleet.openSession({ client, id: 's1', agent: 'claude' });
    const target = await fleet.reach('fixture', 's1', 'claude');
    const sent = target.send({ tool: 'hang', args: NONE, timeout_ms: 300 });
    session.end();
    clock.advance(60_000);
    assert.ok(connections[0]?.isAlive());
    const error = await rejection(sent);
    assert.is((error as DownstreamError).code, 'downstream_silent');
    clock.advance(2000);
    await until(() => connections[0]?.isAlive() === false);
  }));

test('a call that stands between check and send when its session closes is still sent', () =>
  withFleet(async ({ fleet, clock }) => {
    const session = fleet.openSession({ client, id: 's1', agent: 'claude' });
    const target = await fleet.reach('fixture', 's1', 'claude');
    await target.definition('pid');
    session.end();
    clock.advance(1000);
    assert.match(await pid(target), /^\d+$/);
  }));

test('says that nothing was sent when a target is used long after its session closed', () =>
  withFleet(async ({ fleet, clock, connections }) => {
    const session = fleet.openSession({ client, id: 's1', agent: 'claude' });
    const target = await fleet.reach('fixture', 's1', 'claude');
    session.end();
    clock.advance(2000);
    await until(() => connections[0]?.isAlive() === false);
    assert.is(((await rejection(pid(target))) as DownstreamError).code, 'downstream_unavailable');
  }));

test('uses new connections after a restart, and closes the old one when its calls have ended', () =>
  withFleet(async ({ fleet, clock, connections }) => {
    fleet.openSession({ client, id: 's1', agent: 'claude' });
    const old = await fleet.reach('fixture', 's1', 'claude');
    const before = await pid(old);
    const sent = rejection(old.send({ tool: 'hang', args: NONE, timeout_ms: 200 }));
    fleet.restart('fixture');
    assert.is.not(await pid(await fleet.reach('fixture', 's1', 'claude')), before);
    assert.is(await pid(old), before);
    await sent;
    clock.advance(2000);
    await until(() => connections[0]?.isAlive() === false);
    assert.ok(connections[1]?.isAlive());
  }));

test('reaches a wrapped server through its own session', () =>
  withFleet(async ({ fleet, lists }) => {
    fleet.openSession({ client, id: 's1', agent: 'claude', wrapped: wrapped() });
    assert.match(await pid(await fleet.reach('mine', 's1', 'claude')), /^\d+$/);
    await until(() => lists.length === 1);
    assert.equal([lists[0]?.[0], lists[0]?.[2]], ['mine', 's1']);
    assert.ok((await fleet.list('mine', HELLO, 's1')).tools.tools.length > 0);
  }));

test('reaches a wrapped server through another session of the same agent once its own is gone', () =>
  withFleet(async ({ fleet }) => {
    fleet.openSession({ client, id: 's1', agent: 'claude', wrapped: wrapped() }).end();
    const waits = (await rejection(fleet.reach('mine', 's1', 'claude'))) as DownstreamError;
    assert.is(waits.code, 'downstream_unavailable');
    assert.is(waits.message, 'Nothing was sent to the server mine: it waits for its client to attach again.');
    fleet.openSession({ client, id: 's2', agent: 'mallory', wrapped: wrapped() });
    assert.is(
      ((await rejection(fleet.reach('mine', 's1', 'claude'))) as DownstreamError).code,
      'downstream_unavailable',
    );
    fleet.openSession({ client, id: 's3', agent: 'claude', wrapped: wrapped() });
    assert.match(await pid(await fleet.reach('mine', 's1', 'claude')), /^\d+$/);
  }));

test('reports that a connection for calls could not be made, and tries again at the next use', () =>
  withFleet(
    async ({ fleet, failed }) => {
      fleet.openSession({ client, id: 's1', agent: 'claude' });
      for (const count of [1, 2]) {
        const error = await rejection(fleet.reach('fixture', 's1', 'claude'));
        assert.is((error as DownstreamError).code, 'downstream_unavailable');
        assert.is(failed.length, count);
      }
      await rejection(fleet.list('fixture', HELLO));
      assert.is(failed.length, 2);
    },
    { servers: [fixtureServer({ EXIT_AT_START: '1' })] },
  ));

test('gives up a start that is under way when it closes', () =>
  withFleet(
    async ({ fleet }) => {
      const starting = rejection(fleet.reach('fixture', 's1', 'claude'));
      await fleet.close();
      assert.is(((await starting) as DownstreamError).code, 'downstream_unavailable');
      assert.is(
        ((await rejection(fleet.reach('fixture', 's1', 'claude'))) as DownstreamError).code,
        'downstream_unavailable',
      );
    },
    { servers: [fixtureServer({ SILENT_START: '1' })] },
  ));

test.run();
