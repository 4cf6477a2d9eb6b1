import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DownstreamError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import { RpcError, type SendCall } from '../../src/guard/ports.ts';
import type { ClientSide, ServerNotification, ServerRequest } from '../../src/mcp/client-side.ts';
import type { ConnectOptions } from '../../src/mcp/connect.ts';
import type { Downstream } from '../../src/mcp/server-side.ts';
import { rejection } from '../support/rejects.ts';
import { connectTo, fixtureServer, logLines } from '../support/servers/fixture.ts';

const TALKER = fileURLToPath(new URL('../support/servers/talker.mjs', import.meta.url));

interface World {
  readonly downstream: Downstream;
  readonly asked: ServerRequest[];
  readonly told: ServerNotification[];
  readonly lines: string[];
  readonly seen: (pattern: RegExp) => Promise<string>;
  readonly call: (tool: string, args?: JsonObject, more?: Partial<SendCall>) => Promise<Verbatim>;
}

async function withTalker(
  body: (world: World) => Promise<void>,
  over: Partial<ConnectOptions> & Partial<Pick<ClientSide, 'request' | 'notified'>> = {},
): Promise<void> {
  const { request, notified, ...options } = over;
  const asked: ServerRequest[] = [];
  const told: ServerNotification[] = [];
  const { lines, log, seen } = logLines();
  const base = fixtureServer();
  const client: ClientSide = {
    hello: () => ({
      protocolVersion: '2025-06-18',
      capabilities: { sampling: { tools: {} }, 'x-more': { a: 1 } },
      clientInfo: { name: 'c', version: '2', title: 'C' },
    }),
    request(each) {
      asked.push(each);
      return request?.(each) ?? Promise.resolve(Verbatim.of({ ok: true }));
    },
    notified(each) {
      told.push(each);
      notified?.(each);
    },
  };
  const downstream = await connectTo(
    { ...base, transport: { ...base.transport, args: [TALKER] } as typeof base.transport },
    { client, log, ...options },
  );
  try {
    await body({
      downstream,
      asked,
      told,
      lines,
      seen,
      call: (tool, args = {}, more = {}) =>
        downstream.send({ tool, args: Verbatim.of(args), timeout_ms: 20_000, ...more }),
    });
  } finally {
    await downstream.close();
  }
}

function said(result: Verbatim): unknown {
  const [content] = result.value.content as readonly { readonly text: string }[];
  return JSON.parse(content?.text ?? 'null');
}

const ANSWER = '{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}';

test('tells the server what the client said of itself, and keeps what the server says of itself', () =>
  withTalker(async ({ downstream }) => {
    assert.equal(downstream.hello, {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } },
      serverInfo: {
        name: 'talker',
        version: '1',
        'x-said': {
          protocolVersion: '2025-06-18',
          capabilities: { sampling: { tools: {} }, 'x-more': { a: 1 } },
          clientInfo: { name: 'c', version: '2', title: 'C' },
        },
      },
      instructions: 'Talk.',
    });
  }));

test('gives a result to the byte as it came over the pipe', () =>
  withTalker(async ({ call }) => {
    const text =
      '{"content":[],  "z":1.0,"a":1e2,"n":9007199254740993,"t":"\\u00e9\\/é","structuredContent":{"__proto__":1}}';
    for (const line of [
      `{"jsonrpc":"2.0","id":$ID,"result":${text}}`,
      `{"result":${text},"jsonrpc":"2.0","id":$ID}`,
      `{"x":{"id":99},"id":$ID,"result":${text},"jsonrpc":"2.0"}`,
    ]) {
      assert.is(Buffer.from((await call('lines', { lines: [line] })).text).toString(), text);
    }
  }));

test('sends the arguments as the text that was judged, and nothing but the known members', () =>
  withTalker(async ({ call, downstream }) => {
    const args = Verbatim.asItCame({ a: 1 }, Buffer.from('{"a":1.0}'));
    const meta = { progressToken: 'theirs', 'x-trace': 't' };
    assert.is(
      said(await downstream.send({ tool: 'envelope', args, timeout_ms: 10_000, meta })),
      '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"envelope","arguments":{"a":1.0},"_meta":{"x-trace":"t"}}}',
    );
    assert.is(
      said(await call('envelope', {})),
      '{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"envelope","arguments":{}}}',
    );
  }));

test('passes any request on, and gives the answer as it came', () =>
  withTalker(async ({ downstream }) => {
    const params = { a: [1, { b: null }] };
    const { signal } = new AbortController();
    const answer = await downstream.request({ method: 'x/any', params, signal });
    assert.equal(answer.value, { asked: 'x/any', params });
  }));

test('an answer with two ids ends neither call by the later one', () =>
  withTalker(async ({ call }) => {
    const forged = '{"jsonrpc":"2.0","id":999,"result":{"content":[]},"id":$ID}';
    const error = (await rejection(call('lines', { lines: [forged] }))) as DownstreamError;
    assert.is(error.code, 'downstream_garbage');
    assert.equal((await call('lines', { lines: [ANSWER] })).value, { content: [] });
  }));

test('a second answer under the same id is dropped, and cannot answer a later call', () =>
  withTalker(async ({ call, lines }) => {
    await call('lines', { lines: [ANSWER, ANSWER.replace('[]', '"again"'), ANSWER.replace('$ID', '123')] });
    assert.equal((await call('lines', { lines: [ANSWER] })).value, { content: [] });
    assert.is(lines.filter((line) => /was not asked/.test(line)).length, 2);
  }));

test('a result of 50 MB comes whole', () =>
  withTalker(async ({ call }) => {
    const args = { lines: [`{"jsonrpc":"2.0","id":$ID,"result":{"content":"${'x'.repeat(50_000_000)}"}}`] };
    assert.is((await call('lines', args)).text.length, 50_000_014);
  }));

test('a request of the server reaches the client with the call that caused it, and its answer goes back', () =>
  withTalker(async ({ call, asked }) => {
    const params = { messages: [], 'x-more': 1 };
    const result = await call('ask', { method: 'sampling/createMessage', params }, { message_id: 'theirs' });
    assert.equal(said(result), { ok: true });
    assert.equal(
      asked.map(({ server, method, params: theirs, related }) => [server, method, theirs, related]),
      [['fixture', 'sampling/createMessage', params, 'theirs']],
    );
  }));

test('with several calls under way a request of the server belongs to the oldest', () =>
  withTalker(async ({ call, asked }) => {
    const controller = new AbortController();
    const first = rejection(call('hold', {}, { message_id: 1, signal: controller.signal }));
    await call('ask', { method: 'roots/list', params: {} }, { message_id: 2 });
    assert.is(asked[0]?.related, 1);
    controller.abort();
    await first;
  }));

test('the error with which the client answers goes back as it is', () =>
  withTalker(
    async ({ call }) => {
      assert.equal(said(await call('ask', { method: 'elicitation/create' })), {
        code: -1,
        message: 'User rejected',
        data: { a: 1 },
      });
    },
    {
      request: () => Promise.reject(new RpcError({ code: -1, message: 'User rejected', data: { a: 1 } })),
    },
  ));

test('a failure in asking the client is told without its words', () =>
  withTalker(
    async ({ call }) => {
      assert.equal(said(await call('ask', { method: 'elicitation/create' })), {
        code: -32603,
        message: 'The client could not be asked.',
      });
    },
    { request: () => Promise.reject(new Error('secret')) },
  ));

test('pings of the server are answered here', () =>
  withTalker(async ({ call, asked }) => {
    assert.equal(said(await call('ask', { method: 'ping' })), {});
    assert.equal(asked, []);
  }));

test('a request that the server cancels is aborted for the client and gets no answer', () =>
  withTalker(
    async ({ call, asked }) => {
      await call('ask_and_cancel');
      assert.is(asked[0]?.signal.aborted, true);
      assert.equal(said(await call('ask', { method: 'ping' })), {});
    },
    { request: () => new Promise(() => undefined) },
  ));

test('requests of the server are aborted when it is gone', () =>
  withTalker(
    async ({ call, asked, downstream }) => {
      const sent = rejection(call('ask', { method: 'roots/list' }));
      while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await downstream.close();
      assert.is(((await sent) as DownstreamError).code, 'downstream_died');
      assert.is(asked[0]?.signal.aborted, true);
    },
    { request: () => new Promise(() => undefined) },
  ));

test('more than 64 requests of the server at once are refused', () => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return withTalker(
    async ({ call, asked }) => {
      const many = call('ask_many', { count: 100 });
      while (asked.length < 64) await new Promise((resolve) => setImmediate(resolve));
      await call('lines', { lines: [ANSWER] });
      release();
      const codes = said(await many) as readonly unknown[];
      assert.is(codes.filter((code) => code === 'answered').length, 64);
      assert.is(codes.filter((code) => code === -32603).length, 36);
      assert.is(asked.length, 64);
    },
    {
      async request() {
        await released;
        return Verbatim.of({});
      },
    },
  );
});

test('notifications reach the client as they are, with the call that they belong to', () =>
  withTalker(async ({ call, told }) => {
    const lines = [
      '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"a":[1.5]},"x":1}}',
      '{"jsonrpc":"2.0","method":"notifications/x-unknown"}',
      ANSWER,
    ];
    await call('lines', { lines }, { message_id: 'm' });
    assert.equal(told, [
      {
        server: 'fixture',
        method: 'notifications/message',
        params: { level: 'info', data: { a: [1.5] }, x: 1 },
        related: 'm',
      },
      { server: 'fixture', method: 'notifications/x-unknown', related: 'm' },
    ]);
  }));

test('progress reaches the call whose token it bears, and no other', () =>
  withTalker(async ({ call, told, lines: logged }) => {
    const progress = (token: string, value: number): string =>
      `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":${value},"x":"kept"}}`;
    const mine: JsonObject[] = [];
    const lines = [
      progress('$TOKEN', 1),
      progress('9999', 2),
      progress('null', 3),
      ANSWER,
      progress('$TOKEN', 4),
    ];
    await call('lines', { lines }, { onProgress: (each) => mine.push(each) });
    await call('lines', { lines: [progress('1', 5), ANSWER] });
    assert.equal(mine, [{ progress: 1, x: 'kept' }]);
    assert.equal(told, []);
    assert.is(logged.filter((line) => /progress of requests that are not under way/.test(line)).length, 1);
  }));

test('a call with a task gets the task, and what is said of the task later belongs to that call', () =>
  withTalker(async ({ call, asked, downstream }) => {
    const progress: JsonObject[] = [];
    const made = await call(
      'slow',
      {},
      { task: { ttl: 5000 }, message_id: 'maker', onProgress: (each) => progress.push(each) },
    );
    const { taskId } = made.value.task as { readonly taskId: string };
    const signal = new AbortController().signal;
    await downstream.request({ method: 'tasks/result', params: { taskId }, signal, message_id: 'later' });
    assert.equal(progress, [{ progress: 1 }]);
    assert.is(asked[0]?.related, 'maker');
  }));

test('a tool that can only be called as a task is called so for one who knows nothing of tasks', () =>
  withTalker(async ({ call }) => {
    const result = await call('slow');
    assert.equal(result.value.content, [{ type: 'text', text: 'of the task' }]);
  }));

test('such a task is cancelled when nobody waits for it any more', () =>
  withTalker(async ({ call, seen }) => {
    const error = (await rejection(call('endless', {}, { timeout_ms: 300 }))) as DownstreamError;
    assert.is(error.code, 'downstream_silent');
    await seen(/heard tasks\/cancel {"taskId":"endless"}/);
  }));

test('a flood of notifications waits in the pipe while nobody takes it', () =>
  withTalker(
    async ({ call, downstream, told }) => {
      const flooded = call('flood', { count: 300_000 }, { timeout_ms: 120_000 });
      while (told.length < 1000) await new Promise((resolve) => setImmediate(resolve));
      downstream.pause();
      const at = told.length;
      const before = process.memoryUsage().rss;
      for (let i = 0; i < 100; i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.ok(told.length - at <= 32, `${told.length - at} came`);
      assert.ok(process.memoryUsage().rss - before < 30_000_000);
      downstream.resume();
      assert.is(said(await flooded), 'flooded');
      assert.is(told.length, 300_000);
    },
    { notified: () => undefined },
  ));

test('a server that asks all the time and reads no answers is answered no more, and the host does not grow', async () => {
  await withTalker(async ({ call, seen }) => {
    const before = process.memoryUsage().rss;
    const sent = rejection(call('deaf', {}, { timeout_ms: 60_000 }));
    await seen(/does not read what it is answered/);
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 200_000_000, `It grew by ${grown} bytes.`);
    void sent;
  });
});

const saying = (protocolVersion: string): ClientSide => ({
  hello: () => ({ protocolVersion, capabilities: {}, clientInfo: { name: 'c', version: '1' } }),
  request: () => Promise.reject(new Error('none')),
  notified: () => undefined,
});

test('a client of a revision that nobody knows yet is spoken for in the latest known one', () =>
  withTalker(
    ({ downstream }) => {
      assert.is(downstream.hello.protocolVersion, '2025-11-25');
      return Promise.resolve();
    },
    { client: saying('2099-01-01') },
  ));

test('a server that speaks a revision which nobody knows is refused in words', async () => {
  const base = fixtureServer({ REVISION: '2099-01-01' });
  const transport = { ...base.transport, args: [TALKER] } as typeof base.transport;
  const error = (await rejection(connectTo({ ...base, transport }))) as DownstreamError;
  assert.is(error.code, 'downstream_unavailable');
  assert.is(
    error.message,
    'The server fixture could not be started: it speaks a revision of MCP that is not known here: "2099-01-01".',
  );
});

test.run();
