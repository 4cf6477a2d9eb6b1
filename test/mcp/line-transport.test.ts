/* oxlint-disable unicorn/prefer-add-event-listener -- the MCP SDK's callbacks are properties */
import type { Socket } from 'node:net';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../src/core/json.ts';
import { createLineTransport } from '../../src/mcp/line-transport.ts';
import { messagesOf } from '../support/lines.ts';
import { socketPair } from '../support/socket-pair.ts';

interface Ends {
  readonly client: Socket;
  readonly server: Socket;
  readonly transport: Transport;
  /** What the transport handed on. */
  readonly received: JSONRPCMessage[];
  readonly closed: Promise<void>;
  write(text: string | Uint8Array): void;
  answer(): Promise<JsonObject>;
}

let ends: Ends;

async function open(maxBytes = 1000, maxBacklogBytes = 1_000_000): Promise<Ends> {
  const { client, server } = await socketPair();
  const transport = createLineTransport({
    stream: server,
    maxBytes,
    maxDepth: 16,
    maxBacklogBytes,
    log: () => undefined,
  });
  const received: JSONRPCMessage[] = [];
  transport.onmessage = (message) => void received.push(message);
  const closed = new Promise<void>((resolve) => {
    transport.onclose = resolve;
  });
  await transport.start();
  return {
    client,
    server,
    transport,
    received,
    closed,
    write: (text) => void client.write(text),
    answer: messagesOf(client),
  };
}

test.before.each(async () => {
  ends = await open();
});
test.after.each(async () => {
  ends.client.destroy();
  await ends.transport.close();
});

/** Sends a ping and returns what was answered before it. */
async function handled(): Promise<readonly JSONRPCMessage[]> {
  const { transport, received } = ends;
  const arrived = new Promise<void>((resolve) => {
    transport.onmessage = (message) => {
      if ('method' in message && message.method === 'ping') resolve();
      else received.push(message);
    };
  });
  ends.write('{"jsonrpc":"2.0","id":"last","method":"ping"}\n');
  await arrived;
  return received;
}

const CALL =
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{"path":"/a"}}}';

test('hands a message on', async () => {
  ends.write(`${CALL}\n`);
  assert.equal(await handled(), [
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read', arguments: { path: '/a' } } },
  ]);
});

test('puts messages together from any pieces, and takes several from one', async () => {
  for (const byte of Buffer.from(`${CALL}\n\r\n\n${CALL}\r\n`)) ends.write(Uint8Array.of(byte));
  assert.is((await handled()).length, 2);
});

test('writes the envelope anew: members that JSON-RPC does not know are gone', async () => {
  ends.write('{"jsonrpc":"2.0","id":1,"method":"x","params":{},"extra":1}\n');
  assert.equal(await handled(), [{ jsonrpc: '2.0', id: 1, method: 'x', params: {} }]);
});

const refused: readonly (readonly [
  what: string,
  line: string,
  code: number,
  id: unknown,
  message: RegExp,
])[] = [
  ['what is not JSON', '{"jsonrpc":', -32700, null, /is not JSON: it ends too early/],
  ['a batch', `[${CALL}]`, -32600, null, /is a batch/],
  ['a value that is no object', '"hello"', -32600, null, /is not a JSON object/],
  [
    'a member that stands twice',
    CALL.replace('"name":"read"', '"name":"read","name":"write"'),
    -32602,
    1,
    /"name" twice/,
  ],
  [
    'members that differ in case',
    CALL.replace('"name":"read"', '"name":"read","Name":"write"'),
    -32602,
    1,
    /only in case/,
  ],
  [
    'a method that stands twice',
    CALL.replace('"method"', '"method":"ping","method"'),
    -32600,
    1,
    /"method" twice/,
  ],
  ['a number that would change', CALL.replace('"/a"', '9007199254740993'), -32602, 1, /"9007199254740993"/],
  ['half of a surrogate pair', CALL.replace('/a', '\\ud800'), -32602, 1, /surrogate/],
  ['deep nesting', CALL.replace('"/a"', '['.repeat(20) + ']'.repeat(20)), -32602, 1, /deeper than 16 levels/],
  ['another version of JSON-RPC', CALL.replace('2.0', '1.0'), -32600, 1, /not a JSON-RPC 2\.0/],
  [
    'params that are no object',
    '{"jsonrpc":"2.0","id":"a","method":"x","params":[1]}',
    -32600,
    'a',
    /not a JSON-RPC 2\.0/,
  ],
  ['an id that is none', '{"jsonrpc":"2.0","id":1.5,"method":"x"}', -32600, null, /not a JSON-RPC 2\.0/],
  [
    'a progress token that is none',
    CALL.replace('"name"', '"_meta":{"progressToken":{}},"name"'),
    -32600,
    1,
    /not a JSON-RPC/,
  ],
];
for (const [what, line, code, id, message] of refused) {
  test(`refuses ${what} with ${code}, and the link survives`, async () => {
    ends.write(`${line}\n`);
    const { error, ...rest } = await ends.answer();
    assert.equal(rest, { jsonrpc: '2.0', id });
    assert.is((error as JsonObject).code, code);
    assert.match((error as { readonly message: string }).message, message);
    assert.equal(await handled(), []);
  });
}

test('refuses what is not UTF-8', async () => {
  ends.write(Buffer.from(`${CALL.replace('/a', '\u00ff')}\n`, 'latin1'));
  assert.equal(await ends.answer(), {
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32700, message: 'The message is not UTF-8; send it in that encoding.' },
  });
});

test('passes over a refused notification without an answer', async () => {
  ends.write('{"jsonrpc":"2.0","method":"notifications/x","params":{"a":1,"a":2}}\n');
  assert.equal(await handled(), []);
  await ends.transport.send({ jsonrpc: '2.0', id: 'last', result: {} });
  assert.is((await ends.answer()).id, 'last');
});

const tooLong = {
  jsonrpc: '2.0',
  error: {
    code: -32600,
    message: 'The message is larger than 1000 bytes, which is the limit; send less at once.',
  },
};

test('answers a line over the limit with the id from its beginning', async () => {
  ends.write(`${CALL.replace('/a', 'x'.repeat(100_000))}\n`);
  assert.equal(await ends.answer(), { id: 1, ...tooLong });
  assert.equal(await handled(), []);
});

test('answers a line over the limit with the id from its end, where clients of the SDK put it', async () => {
  ends.write(
    `{"method":"tools/call","params":{"arguments":{"id":7,"x":"${'x'.repeat(100_000)}"}},"jsonrpc":"2.0","id":"b"}\n`,
  );
  assert.equal(await ends.answer(), { id: 'b', ...tooLong });
});

test('does not take an id of the arguments for that of the message', async () => {
  ends.write(`{"params":{"arguments":{"id":5,"x":"${'x'.repeat(2000)}"},"id":6},"method":"x"}\n`);
  assert.equal(await ends.answer(), { id: null, ...tooLong });
});

test('takes a line of exactly the limit', async () => {
  const text = CALL.replace('/a', 'x'.repeat(1000 - CALL.length + 2));
  assert.is(text.length, 1000);
  ends.write(`${text}\n`);
  assert.is((await handled()).length, 1);
});

test('sends many large messages at once without a warning', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const text = 'x'.repeat(200_000);
  const sent = Promise.all(
    Array.from({ length: 50 }, (_, id) => ends.transport.send({ jsonrpc: '2.0', id, result: { text } })),
  );
  for (let id = 0; id < 50; id += 1) assert.is((await ends.answer()).id, id);
  await sent;
  process.off('warning', note);
  assert.equal(warnings, []);
});

test('reads nothing more from a client that does not read, and goes on when it does', async () => {
  const slow = await open(1000, 10_000);
  slow.client.pause();
  const sent = slow.transport.send({ jsonrpc: '2.0', id: 1, result: { text: 'x'.repeat(3_000_000) } });
  assert.ok(slow.server.isPaused());
  slow.client.resume();
  await slow.answer();
  await sent;
  assert.not(slow.server.isPaused());
  slow.client.destroy();
  await slow.closed;
});

test('answers what is under way after the client has ended its side, and then closes', async () => {
  ends.write(`${CALL}\n`);
  await handled();
  ends.client.end();
  await ends.transport.send({ jsonrpc: '2.0', id: 1, result: {} });
  await ends.transport.send({ jsonrpc: '2.0', id: 'last', result: {} });
  assert.is((await ends.answer()).id, 1);
  assert.is((await ends.answer()).id, 'last');
  await ends.closed;
});

test('closes when the client ends with nothing under way', async () => {
  ends.client.end();
  await ends.closed;
});

test('closes when the client vanishes', async () => {
  ends.client.destroy();
  await ends.closed;
});

test.run();
