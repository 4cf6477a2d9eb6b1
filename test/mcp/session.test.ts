import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  JSONRPCMessageSchema,
  McpError,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JournalError } from '../../src/core/errors.ts';
import { digestOf } from '../../src/core/digest.ts';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import type { Answer, Approval, IncomingCall, Intercept, OfferedTool } from '../../src/guard/ports.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import { agentLink } from '../../src/mcp/agent-link.ts';
import type { OfferView } from '../../src/mcp/offers.ts';
import { openSession, type AgentSession } from '../../src/mcp/session.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { noConnections } from '../support/fake-connections.ts';
import { messagesOf } from '../support/lines.ts';
import { rejection } from '../support/rejects.ts';
import { socketPair } from '../support/socket-pair.ts';

const approval: Approval = {
  status: 'pending_approval',
  approval_id: 'apr_1',
  tool: 'files__write',
  expires_at: '2026-11-23T10:30:00.000Z',
  reviewers_asked: 2,
};

function offered(name: string, more: JsonObject = {}): OfferedTool {
  const definition: JsonObject = {
    name: name.replace('files__', ''),
    inputSchema: { type: 'object' },
    ...more,
  };
  return {
    name,
    server: 'files',
    tool: name.replace('files__', ''),
    definition,
    definition_sha256: digestOf(definition),
    tags: [],
    summarises: false,
  };
}

interface World {
  readonly socket: Socket;
  readonly session: AgentSession;
  readonly calls: IncomingCall[];
  readonly asked: unknown[];
  readonly lines: string[];
  tools: readonly OfferedTool[];
  /** What the next calls are answered with. */
  answer: (call: IncomingCall) => Promise<Answer>;
  changed(): void;
}

async function open(): Promise<World> {
  const { client, server } = await socketPair();
  const listeners = new Set<() => void>();
  const calls: IncomingCall[] = [];
  const asked: unknown[] = [];
  const lines: string[] = [];
  const intercept: Intercept = {
    call(call) {
      calls.push(call);
      return world.answer(call);
    },
    async status(caller, id, wait_ms) {
      asked.push([caller.agent, id, wait_ms]);
      return {
        kind: 'result',
        result: Verbatim.of({ content: [] }),
        approval: { ...approval, status: 'succeeded' },
      };
    },
    async look() {
      return { kind: 'pending', approval };
    },
    async cancel(caller, id) {
      asked.push([caller.agent, id]);
      return { kind: 'ended', approval: { ...approval, status: 'cancelled' }, message: 'Not executed.' };
    },
  };
  const view: OfferView = {
    offers: () => [],
    tools: () => world.tools,
    find: (name) => world.tools.find((tool) => tool.name === name),
    ready: () => Promise.resolve(),
    onChange(listener) {
      const told = (): void => listener('tools');
      listeners.add(told);
      return () => listeners.delete(told);
    },
  };
  const session = await openSession({
    link: agentLink(server, 1024 * 1024),
    caller: { agent: 'claude', session: 's1', identity: 'claimed' },
    intercept,
    catalogue: { viewFor: () => view },
    connect: () => noConnections,
    mayHold: () => false,
    clock: new FakeClock(),
    random: seededRandom(),
    log: (line) => void lines.push(line),
    software: '1.2.3',
  });
  const world: World = {
    socket: client,
    session,
    calls,
    asked,
    lines,
    tools: [offered('files__write', { 'x-unknown': { kept: true }, description: 'Writes.' })],
    answer: async () => ({
      kind: 'result',
      result: Verbatim.of({ content: [{ type: 'text', text: 'done' }] }),
    }),
    changed: () => {
      for (const listener of listeners) listener();
    },
  };
  return world;
}

/** The client's end of the socket as the SDK wants it, strict about what it reads. */
function transportOver(socket: Socket): Transport {
  const transport: Transport = {
    async start() {
      createInterface({ input: socket }).on('line', (line) =>
        transport.onmessage?.(JSONRPCMessageSchema.parse(JSON.parse(line))),
      );
      socket.once('close', () => transport.onclose?.());
    },
    async send(message) {
      socket.write(`${JSON.stringify(message)}\n`);
    },
    async close() {
      socket.end();
    },
  };
  return transport;
}

async function withClient(body: (client: Client, world: World) => Promise<void>): Promise<void> {
  const world = await open();
  const client = new Client({ name: 'test\u202eclient', version: '9' });
  await client.connect(transportOver(world.socket));
  try {
    await body(client, world);
  } finally {
    await client.close();
    await world.session.closed;
  }
}

async function withSocket(
  body: (request: (message: JsonObject) => Promise<JsonObject>, world: World) => Promise<void>,
): Promise<void> {
  const world = await open();
  const next = messagesOf(world.socket);
  try {
    await body((message) => {
      world.socket.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      return next();
    }, world);
  } finally {
    world.socket.destroy();
    await world.session.close();
  }
}

function textOf(result: unknown): string {
  const { content } = result as { readonly content: readonly { readonly text: string }[] };
  return content[0]?.text ?? '';
}

test('says who it is and how held calls work', () =>
  withClient(async (client) => {
    assert.equal(client.getServerVersion(), { name: 'placet', version: '1.2.3' });
    assert.match(client.getInstructions() ?? '', /placet_status/);
    assert.equal(client.getServerCapabilities(), {
      tools: { listChanged: true },
      tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
    });
  }));

test('lists the tools with nothing changed but their names, and adds its own two', () =>
  withSocket(async (request) => {
    const { result } = await request({ id: 1, method: 'tools/list' });
    const { tools } = result as { readonly tools: readonly JsonObject[] };
    assert.equal(tools[0], {
      inputSchema: { type: 'object' },
      'x-unknown': { kept: true },
      description: 'Writes.',
      name: 'files__write',
    });
    assert.equal(
      tools.slice(1).map((tool) => [tool.name, 'outputSchema' in tool]),
      [
        ['placet_status', false],
        ['placet_cancel', false],
      ],
    );
  }));

test('answers a call before any handshake', () =>
  withSocket(async (request) => {
    assert.equal(await request({ id: 'a', method: 'tools/call', params: { name: 'files__write' } }), {
      result: { content: [{ type: 'text', text: 'done' }] },
      jsonrpc: '2.0',
      id: 'a',
    });
  }));

test('gives a result as it came, with members that the SDK does not know', () =>
  withSocket(async (request, world) => {
    const result = {
      content: [
        { type: 'hologram', 'x-data': 1 },
        { type: 'text', text: 't', extra: 2 },
      ],
      'x-more': [3],
    };
    world.answer = async () => ({ kind: 'result', result: Verbatim.of(result) });
    assert.equal(
      (await request({ id: 1, method: 'tools/call', params: { name: 'files__write' } })).result,
      result,
    );
  }));

test('hands on who calls, what, and with which arguments', () =>
  withClient(async (client, { calls }) => {
    await client.callTool({ name: 'files__write', arguments: { path: '/a' }, _meta: { trace: 'x' } });
    assert.is(calls[0]?.tool.tool, 'write');
    assert.equal(calls[0]?.args, { path: '/a' });
    assert.equal(calls[0]?.meta, { trace: 'x' });
    assert.equal(calls[0]?.caller, {
      agent: 'claude',
      session: 's1',
      identity: 'claimed',
      client: 'test[U+202E right-to-left override]client 9',
    });
  }));

test('hands on what the agent says in `placet/reason`, and not as what goes to the downstream', () =>
  withClient(async (client, { calls }) => {
    const said = { 'placet/reason': 'To clean up.', trace: 'x' };
    await client.callTool({ name: 'files__write', _meta: said });
    await client.callTool({ name: 'files__write', _meta: { 'placet/reason': 'Only this.' } });
    await client.callTool({ name: 'files__write', _meta: { 'placet/reason': { not: 'a text' } } });
    assert.equal(
      calls.map((call) => [call.said, call.meta]),
      [
        ['To clean up.', { trace: 'x' }],
        ['Only this.', undefined],
        [undefined, undefined],
      ],
    );
  }));

test('takes missing arguments as none', () =>
  withSocket(async (request, { calls }) => {
    await request({ id: 1, method: 'tools/call', params: { name: 'files__write' } });
    assert.equal(calls[0]?.args, {});
  }));

test('keeps an argument called __proto__ as data', () =>
  withSocket(async (request, { calls, socket }) => {
    socket.write(
      '{"jsonrpc":"2.0","id":0,"method":"tools/call","params":{"name":"files__write","arguments":{"__proto__":{"a":1}}}}\n',
    );
    await request({ id: 1, method: 'ping' });
    assert.is(JSON.stringify(calls[0]?.args), '{"__proto__":{"a":1}}');
  }));

test('refuses arguments that are no object, and a call without a name', () =>
  withSocket(async (request) => {
    for (const params of [{ name: 'files__write', arguments: [1] }, { arguments: {} }]) {
      const { error } = await request({ id: 1, method: 'tools/call', params });
      assert.equal(error, {
        code: -32602,
        message: 'A tools/call needs a name, and arguments that are an object.',
      });
    }
  }));

test('refuses a tool that there is not', () =>
  withClient(async (client) => {
    const error = await rejection(client.callTool({ name: 'nope' }));
    assert.instance(error, McpError);
    assert.is((error as McpError).code, -32602);
    assert.is(
      (error as McpError).message,
      'MCP error -32602: There is no tool "nope"; tools/list gives those there are.',
    );
  }));

test('gives a pending answer that a strict client accepts for a tool with an output schema', () =>
  withClient(async (client, world) => {
    world.tools = [
      offered('files__write', {
        outputSchema: {
          type: 'object',
          properties: { n: { type: 'number' } },
          required: ['n'],
          additionalProperties: false,
        },
      }),
    ];
    await client.listTools();
    world.answer = async () => ({ kind: 'pending', approval });
    const pending = await client.callTool({ name: 'files__write' });
    assert.is(
      isJsonObject(pending.structuredContent) && pending.structuredContent.status,
      'pending_approval',
    );
    world.answer = async () => ({
      kind: 'result',
      result: Verbatim.of({ content: [], structuredContent: { n: 1 } }),
    });
    assert.equal((await client.callTool({ name: 'files__write' })).structuredContent, { n: 1 });
    world.answer = async () => ({
      kind: 'ended',
      approval: { ...approval, status: 'rejected' },
      message: 'No.',
    });
    assert.is((await client.callTool({ name: 'files__write' })).isError, true);
    world.answer = async () => ({ kind: 'refused', code: 'denied_by_policy', message: 'Denied.' });
    assert.is((await client.callTool({ name: 'files__write' })).isError, true);
    world.answer = async () => ({
      kind: 'result',
      result: Verbatim.of({ content: [], structuredContent: { n: 'x' } }),
    });
    assert.instance(await rejection(client.callTool({ name: 'files__write' })), McpError);
  }));

test("passes on a downstream's JSON-RPC error with its own code, message and data", () =>
  withSocket(async (request, world) => {
    world.answer = async () => ({
      kind: 'rpc_error',
      error: { code: -32042, message: 'theirs', data: { a: 1 } },
    });
    const { error } = await request({ id: 1, method: 'tools/call', params: { name: 'files__write' } });
    assert.equal(error, { code: -32042, message: 'theirs', data: { a: 1 } });
  }));

test('tells the agent when Placet refuses with an error of its own', () =>
  withClient(async (client, world) => {
    world.answer = () =>
      Promise.reject(new JournalError('journal_unwritable', 'The journal cannot be written.'));
    const result = await client.callTool({ name: 'files__write' });
    assert.is(result.isError, true);
    assert.match(textOf(result), /"code":"journal_unwritable"[^]*The journal cannot be written\./);
  }));

test('tells the log, and not the agent, about a failure inside', () =>
  withClient(async (client, world) => {
    world.answer = () => Promise.reject(new TypeError('secret detail'));
    const error = await rejection(client.callTool({ name: 'files__write' }));
    assert.not.match((error as Error).message, /secret/);
    assert.ok(world.lines.some((line) => /secret detail/.test(line)));
  }));

test('asks for the status of a held call, waiting as long as the agent wants', () =>
  withClient(async (client, { asked }) => {
    const result = await client.callTool({
      name: 'placet_status',
      arguments: { approval_id: 'apr_1', wait_seconds: 20 },
    });
    assert.equal(asked, [['claude', 'apr_1', 20_000]]);
    assert.equal(result._meta, { 'placet/approval': { status: 'succeeded', approval_id: 'apr_1' } });
  }));

test('cancels a held call', () =>
  withClient(async (client, { asked }) => {
    const result = await client.callTool({ name: 'placet_cancel', arguments: { approval_id: 'apr_1' } });
    assert.equal(asked, [['claude', 'apr_1']]);
    assert.match(textOf(result), /"status":"cancelled"/);
  }));

for (const args of [
  {},
  { approval_id: 7 },
  { approval_id: 'a', wait_seconds: 26 },
  { approval_id: 'a', more: 1 },
]) {
  test(`refuses placet_status with ${JSON.stringify(args)}`, () =>
    withClient(async (client, { asked }) => {
      const result = await client.callTool({ name: 'placet_status', arguments: args });
      assert.is(result.isError, true);
      assert.equal(asked, []);
    }));
}

test('passes progress to a client that asked for it', () =>
  withClient(async (client, world) => {
    const progress: unknown[] = [];
    let arrived = (): void => undefined;
    // The SDK's client forgets progress that it reads together with the answer.
    const seen = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    world.answer = async (call) => {
      call.onProgress?.({ progress: 1, total: 2, message: 'half' });
      if (call.onProgress) await seen;
      return { kind: 'result', result: Verbatim.of({ content: [] }) };
    };
    await client.callTool({ name: 'files__write' }, CallToolResultSchema, {
      onprogress(each) {
        progress.push(each);
        arrived();
      },
    });
    assert.equal(progress, [{ progress: 1, total: 2, message: 'half' }]);
    await client.callTool({ name: 'files__write' });
    assert.is(world.calls[1]?.onProgress, undefined);
  }));

test('a cancelled request aborts the signal and gets no answer', () =>
  withClient(async (client, world) => {
    const controller = new AbortController();
    let aborted = (): void => undefined;
    const seen = new Promise<void>((resolve) => {
      aborted = resolve;
    });
    world.answer = (call) =>
      new Promise(() => {
        call.signal.addEventListener('abort', aborted);
        controller.abort();
      });
    await rejection(
      client.callTool({ name: 'files__write' }, CallToolResultSchema, { signal: controller.signal }),
    );
    await seen;
  }));

test('aborts what is under way when the client is gone', async () => {
  const world = await open();
  const aborted = new Promise<void>((resolve) => {
    world.answer = (call) => {
      call.signal.addEventListener('abort', () => resolve());
      void world.session.close();
      return new Promise(() => undefined);
    };
  });
  world.socket.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"files__write"}}\n');
  await aborted;
  await world.session.closed;
  world.socket.destroy();
});

test('tells the client when the tools have changed', () =>
  withClient(async (client, world) => {
    const told = new Promise<void>((resolve) => {
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve());
    });
    world.tools = [];
    world.changed();
    await told;
    assert.equal(
      (await client.listTools()).tools.map((tool) => tool.name),
      ['placet_status', 'placet_cancel'],
    );
  }));

test('answers pings, and other methods as not found', () =>
  withSocket(async (request) => {
    assert.equal((await request({ id: 1, method: 'ping' })).result, {});
    assert.equal((await request({ id: 2, method: 'resources/list' })).error, {
      code: -32601,
      message: 'Method not found',
    });
    assert.equal((await request({ id: 3, method: 'constructor' })).error, {
      code: -32601,
      message: 'Method not found',
    });
  }));

test('refuses arguments over the limit and stays usable', () =>
  withClient(async (client) => {
    const error = await rejection(
      client.callTool({ name: 'files__write', arguments: { text: 'x'.repeat(2_000_000) } }),
    );
    assert.match((error as Error).message, /larger than 1048576 bytes/);
    assert.is(textOf(await client.callTool({ name: 'files__write' })), 'done');
  }));

test.run();
