import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JournalError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import {
  RpcError,
  type Answer,
  type Approval,
  type IncomingCall,
  type OfferedTool,
} from '../../src/guard/ports.ts';
import { agentLink } from '../../src/mcp/agent-link.ts';
import type { ClientSide } from '../../src/mcp/client-side.ts';
import { openSession } from '../../src/mcp/session.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { connectionsTo } from '../support/fake-connections.ts';
import { fakeDownstream, viewOf, type FakeDownstream } from '../support/fake-downstream.ts';
import { messagesOf } from '../support/lines.ts';
import { socketPair } from '../support/socket-pair.ts';

const APPROVAL: Approval = {
  status: 'pending_approval',
  // Made at 2026-11-23T10:00:00.000Z.
  approval_id: 'apr_01m83xj880aaaaaaaaaaaaaaaa',
  tool: 'one__write',
  expires_at: '2026-11-23T10:30:00.000Z',
  reviewers_asked: 2,
};
const TASKS = { tasks: { requests: { tools: { call: {} } }, list: {}, cancel: {} } };
const DONE = Verbatim.of({ content: [{ type: 'text', text: 'done' }] });

interface World {
  readonly clock: FakeClock;
  readonly calls: IncomingCall[];
  readonly client: ClientSide;
  readonly one: FakeDownstream;
  answer: (call: IncomingCall) => Promise<Answer>;
  /** How the request stands; `outcome` is what it is answered with once that is not pending. */
  approval: Approval;
  outcome: Answer | undefined;
  readonly ask: (method: string, params?: JsonObject) => Promise<JsonObject>;
  /** The same, where a result is expected. */
  readonly get: (method: string, params?: JsonObject) => Promise<JsonObject>;
}

function tool(name: string, taskSupport?: string, server = 'one'): OfferedTool {
  return {
    name: `${server}__${name}`,
    server,
    tool: name,
    definition: {
      name,
      inputSchema: { type: 'object' },
      ...(taskSupport === undefined ? {} : { execution: { taskSupport } }),
    },
    definition_sha256: 'd',
    tags: [],
    summarises: false,
  };
}

async function withSession(body: (world: World) => Promise<void>): Promise<void> {
  const { client: socket, server } = await socketPair();
  const task = (params: JsonObject): JsonObject => ({ taskId: params.taskId ?? null, status: 'working' });
  const answers = (of: string): Parameters<typeof fakeDownstream>[1] => ({
    'tasks/get': task,
    'tasks/list': () => ({
      tasks: [
        { taskId: 't1', of },
        { taskId: APPROVAL.approval_id, of },
      ],
    }),
  });
  const [one, two] = [fakeDownstream(TASKS, answers('one')), fakeDownstream(TASKS, answers('two'))];
  const tools = [tool('write'), tool('long', 'optional'), tool('long', 'optional', 'two')];
  const sides: ClientSide[] = [];
  const clock = new FakeClock();
  const calls: IncomingCall[] = [];
  const session = await openSession({
    link: agentLink(server, 1_000_000),
    caller: { agent: 'claude', session: 's1', identity: 'claimed' },
    intercept: {
      call(call) {
        calls.push(call);
        return world.answer(call);
      },
      async status() {
        return world.outcome ?? { kind: 'pending', approval: world.approval };
      },
      async look(_, id) {
        if (id !== APPROVAL.approval_id)
          return { kind: 'refused', code: 'unknown_approval', message: 'Unknown.' };
        return { kind: 'pending', approval: world.approval };
      },
      async cancel() {
        world.approval = { ...APPROVAL, status: 'cancelled' };
        return { kind: 'ended', approval: world.approval, message: 'Cancelled.' };
      },
    },
    catalogue: {
      viewFor: () => ({
        ...viewOf({ one: { capabilities: TASKS }, two: { capabilities: TASKS } }),
        tools: () => tools,
        find: (name) => tools.find((each) => each.name === name),
      }),
    },
    connect(side) {
      sides.push(side);
      return connectionsTo({ one: one.downstream, two: two.downstream });
    },
    mayHold: ({ tool: name }) => name === 'write',
    clock,
    random: seededRandom(),
    log: () => undefined,
    software: '1.2.3',
  });
  const next = messagesOf(socket);
  let id = 0;
  const [client] = sides;
  assert.ok(client);
  const world: World = {
    clock,
    calls,
    client,
    one,
    answer: async () => ({ kind: 'pending', approval: APPROVAL }),
    approval: APPROVAL,
    outcome: undefined,
    ask(method, params = {}) {
      id += 1;
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      return next();
    },
    async get(method, params) {
      const { result, error } = await world.ask(method, params);
      assert.is(error, undefined);
      return result as JsonObject;
    },
  };
  try {
    await body(world);
  } finally {
    socket.destroy();
    await session.close();
  }
}

const HELD = { name: 'one__write', arguments: {}, task: { ttl: 60_000 } };
const taskId = APPROVAL.approval_id;

test('a held call is a task that works until somebody has decided, for as long as that may take', () =>
  withSession(async ({ get }) => {
    const { task } = await get('tools/call', HELD);
    assert.equal(task, {
      taskId,
      status: 'working',
      statusMessage: 'Waiting for human approval.',
      createdAt: '2026-11-23T10:00:00.000Z',
      lastUpdatedAt: '2026-11-23T10:00:00.000Z',
      ttl: 1_800_000,
      pollInterval: 5000,
    });
  }));

test('a longer time that the client asks for is given', () =>
  withSession(async ({ get }) => {
    const { task } = await get('tools/call', { ...HELD, task: { ttl: 7_200_000 } });
    assert.is((task as JsonObject).ttl, 7_200_000);
  }));

for (const [status, expected] of [
  ['pending_approval', 'working'],
  ['approved', 'working'],
  ['executing', 'working'],
  ['succeeded', 'completed'],
  ['failed', 'completed'],
  ['rejected', 'completed'],
  ['expired', 'completed'],
  ['voided', 'completed'],
  ['outcome_unknown', 'completed'],
  ['cancelled', 'cancelled'],
] as const) {
  test(`a request that is ${status} is a task that is ${expected}`, () =>
    withSession(async (world) => {
      world.approval = { ...APPROVAL, status };
      assert.is((await world.get('tasks/get', { taskId })).status, expected);
    }));
}

test('its result is the tool’s own, and says to which task it belongs', () =>
  withSession(async (world) => {
    world.outcome = { kind: 'result', result: DONE, approval: { ...APPROVAL, status: 'succeeded' } };
    assert.equal(await world.get('tasks/result', { taskId }), {
      content: [{ type: 'text', text: 'done' }],
      _meta: {
        'placet/approval': { status: 'succeeded', approval_id: taskId },
        'io.modelcontextprotocol/related-task': { taskId },
      },
    });
  }));

test('a rejected one has a result that is an error', () =>
  withSession(async (world) => {
    world.outcome = { kind: 'ended', approval: { ...APPROVAL, status: 'rejected' }, message: 'No.' };
    assert.is((await world.get('tasks/result', { taskId })).isError, true);
  }));

test('to cancel the task withdraws the request, once', () =>
  withSession(async ({ get, ask }) => {
    assert.is((await get('tasks/cancel', { taskId })).status, 'cancelled');
    assert.is(((await ask('tasks/cancel', { taskId })).error as JsonObject).code, -32602);
  }));

test('a task of another agent, or of nobody, is unknown', () =>
  withSession(async ({ ask }) => {
    for (const other of ['apr_01m83xj880bbbbbbbbbbbbbbbb', 'tsk_x', 'x', '']) {
      for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
        assert.is(((await ask(method, { taskId: other })).error as JsonObject).code, -32602);
      }
    }
  }));

test('an allowed call of a tool that knows no tasks is one here, from the moment that it is sent', () =>
  withSession(async (world) => {
    let finish: (answer: Answer) => void = () => undefined;
    world.answer = (call) =>
      new Promise((resolve) => {
        finish = resolve;
        call.onAllowed?.();
      });
    const { task } = await world.get('tools/call', HELD);
    const made = (task as JsonObject).taskId ?? null;
    assert.match(JSON.stringify(made), /^"tsk_/);
    assert.is((await world.get('tasks/get', { taskId: made })).status, 'working');
    assert.equal(
      ((await world.get('tasks/list')).tasks as readonly JsonObject[]).map((each) => each.taskId),
      [made],
    );
    finish({ kind: 'result', result: DONE });
    assert.equal((await world.get('tasks/result', { taskId: made })).content, [
      { type: 'text', text: 'done' },
    ]);
    assert.is((await world.get('tasks/get', { taskId: made })).status, 'completed');
    world.clock.advance(60_000);
    assert.ok((await world.ask('tasks/get', { taskId: made })).error);
  }));

test('a call that was made before is a task that lasts as long as its request', () =>
  withSession(async (world) => {
    world.clock.advance(20 * 60_000);
    assert.is(((await world.get('tools/call', HELD)).task as JsonObject).ttl, 1_800_000);
    const { task } = await world.get('tools/call', { ...HELD, task: { ttl: 3_600_000 } });
    assert.is((task as JsonObject).ttl, 4_800_000);
  }));

test('a call that was refused is a task all the same, which has ended', () =>
  withSession(async (world) => {
    world.answer = async () => ({ kind: 'refused', code: 'denied_by_policy', message: 'Denied.' });
    for (const name of ['one__write', 'one__long']) {
      const { task } = await world.get('tools/call', { name, task: {} });
      const made = (task as JsonObject).taskId ?? null;
      assert.is((await world.get('tasks/result', { taskId: made })).isError, true);
      assert.is((await world.get('tasks/get', { taskId: made })).status, 'completed');
    }
  }));

test('an error with which a server refuses to make a task passes as it came', () =>
  withSession(async (world) => {
    const error = { code: -32602, message: 'theirs', data: { a: 1 } };
    world.answer = async () => ({ kind: 'rpc_error', error });
    assert.equal((await world.ask('tools/call', { name: 'one__long', task: {} })).error, error);
  }));

test('a JSON-RPC error in which a task ends passes as it came, with its code and data', () =>
  withSession(async (world) => {
    const error = {
      code: -32042,
      message: 'theirs',
      data: { elicitations: [{ url: 'https://example.com' }] },
    };
    world.answer = async (call) => {
      call.onAllowed?.();
      return { kind: 'rpc_error', error };
    };
    const { task } = await world.get('tools/call', HELD);
    const taskId = (task as JsonObject).taskId ?? null;
    assert.equal((await world.ask('tasks/result', { taskId })).error, error);
    assert.is((await world.get('tasks/get', { taskId })).status, 'failed');
  }));

test('a failure of Placet is an error where a task was wanted, and in words', () =>
  withSession(async (world) => {
    world.answer = () => Promise.reject(new JournalError('journal_unwritable', 'It cannot be written.'));
    assert.equal((await world.ask('tools/call', HELD)).error, {
      code: -32603,
      message: 'It cannot be written.',
      data: { code: 'journal_unwritable' },
    });
  }));

test('of its progress a client is told also when it has its task', () =>
  withSession(async (world) => {
    let told: (progress: JsonObject) => void = () => undefined;
    world.answer = (call) => {
      told = call.onProgress ?? told;
      call.onAllowed?.();
      return new Promise(() => undefined);
    };
    await world.get('tools/call', { ...HELD, _meta: { progressToken: 'p' } });
    told({ progress: 1 });
    assert.equal((await world.ask('ping')).params, { progress: 1, progressToken: 'p' });
  }));

test('of its own tasks a server lists those that it made here, and of others none', () =>
  withSession(async (world) => {
    world.answer = async () => ({ kind: 'result', result: Verbatim.of({ task: { taskId: 't1' } }) });
    await world.get('tools/call', { name: 'two__long', task: {} });
    assert.equal(await world.get('tasks/list'), { tasks: [{ taskId: 't1', of: 'two' }] });
  }));

test('tasks that have ended make room for those that are new', () =>
  withSession(async (world) => {
    world.answer = async () => ({ kind: 'result', result: DONE });
    const first = (await world.get('tools/call', HELD)).task as JsonObject;
    for (let count = 0; count < 100; count += 1) await world.get('tools/call', HELD);
    assert.is(((await world.get('tasks/list')).tasks as readonly unknown[]).length, 100);
    assert.ok((await world.ask('tasks/get', { taskId: first.taskId ?? null })).error);
  }));

test('a call beyond the tasks that may run at once is not made', () =>
  withSession(async (world) => {
    world.answer = (call) => {
      call.onAllowed?.();
      return new Promise(() => undefined);
    };
    for (let count = 0; count < 100; count += 1) await world.get('tools/call', HELD);
    assert.match(JSON.stringify((await world.ask('tools/call', HELD)).error), /At most 100/);
    assert.is(world.calls.length, 100);
  }));

test('to cancel a task here cancels the call', () =>
  withSession(async (world) => {
    world.answer = (call) =>
      new Promise((_, reject) => {
        call.signal.addEventListener('abort', () => reject(new RpcError({ code: 1, message: 'aborted' })));
        call.onAllowed?.();
      });
    const { task } = await world.get('tools/call', HELD);
    const made = (task as JsonObject).taskId ?? null;
    assert.is((await world.get('tasks/cancel', { taskId: made })).status, 'cancelled');
    assert.ok(world.calls[0]?.signal.aborted);
    assert.is((await world.get('tasks/result', { taskId: made })).isError, true);
  }));

test('a server that makes tasks itself makes this one, and is asked about it', () =>
  withSession(async (world) => {
    world.answer = async () => ({
      kind: 'result',
      result: Verbatim.of({ task: { taskId: 't1', status: 'working', 'x-own': 1 } }),
    });
    const made = await world.get('tools/call', { name: 'one__long', task: { ttl: 5 } });
    assert.equal(made, { task: { taskId: 't1', status: 'working', 'x-own': 1 } });
    assert.equal(world.calls[0]?.task, { ttl: 5 });
    await world.get('tasks/get', { taskId: 't1' });
    assert.equal(world.one.asked.at(-1), { method: 'tasks/get', params: { taskId: 't1' } });
  }));

test('no server takes over the task of another, or one of Placet’s', () =>
  withSession(async (world) => {
    const give = (given: string): void => {
      world.answer = async () => ({ kind: 'result', result: Verbatim.of({ task: { taskId: given } }) });
    };
    give('t1');
    await world.get('tools/call', { name: 'one__long', task: {} });
    assert.ok((await world.ask('tools/call', { name: 'two__long', task: {} })).error);
    give(taskId);
    assert.ok((await world.ask('tools/call', { name: 'two__long', task: {} })).error);
    assert.is((await world.get('tasks/get', { taskId })).status, 'working');
  }));

test('only the server that made a task speaks of how it stands', () =>
  withSession(async (world) => {
    world.answer = async () => ({ kind: 'result', result: Verbatim.of({ task: { taskId: 't1' } }) });
    await world.get('tools/call', { name: 'one__long', task: {} });
    const status = { method: 'notifications/tasks/status', params: { taskId: 't1', status: 'completed' } };
    world.client.notified({ server: 'two', ...status });
    world.client.notified({ server: 'one', ...status, params: { ...status.params, of: 'one' } });
    const heard = await world.ask('ping');
    assert.is((heard.params as JsonObject).of, 'one');
  }));

test('what a server says of a task before it has named it comes once it has, and before that', () =>
  withSession(async (world) => {
    const status = (id: string): JsonObject => ({ taskId: id, status: 'working' });
    const method = 'notifications/tasks/status';
    world.answer = async () => {
      world.client.notified({ server: 'one', method, params: status('t1') });
      world.client.notified({ server: 'one', method, params: status('t2') });
      world.client.notified({ server: 'two', method, params: status('t1') });
      return { kind: 'result', result: Verbatim.of({ task: { taskId: 't1' } }) };
    };
    assert.equal((await world.ask('tools/call', { name: 'one__long', task: {} })).params, status('t1'));
    assert.equal((await world.ask('ping')).result, { task: { taskId: 't1' } });
  }));

test('a tool that may be held says that it can be called as a task, and no other says what it does not', () =>
  withSession(async ({ get }) => {
    const { tools } = await get('tools/list');
    assert.equal(
      (tools as readonly JsonObject[]).slice(0, 3).map((each) => each.execution),
      [{ taskSupport: 'optional' }, { taskSupport: 'optional' }, { taskSupport: 'optional' }],
    );
  }));

test.run();
