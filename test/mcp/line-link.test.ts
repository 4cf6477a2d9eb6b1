import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../src/core/json.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import { createLineLink, type LineLinkOptions } from '../../src/mcp/line-link.ts';
import type { Link } from '../../src/mcp/link.ts';
import type { Message, MessageId } from '../../src/mcp/message.ts';
import { readMessage } from '../../src/mcp/read-message.ts';
import { messagesOf } from '../support/lines.ts';
import { socketPair } from '../support/socket-pair.ts';

interface Ends {
  readonly client: Socket;
  readonly server: Socket;
  readonly link: Link;
  /** What the link told, in order. */
  readonly told: string[];
  readonly received: Message[];
  readonly closed: Promise<void>;
  write(text: string | Uint8Array): void;
  answer(): Promise<JsonObject>;
  /** Resolves when so many messages have been handed on. */
  came(count: number): Promise<void>;
}

let ends: Ends;

async function open(over: Partial<LineLinkOptions> = {}): Promise<Ends> {
  const { client, server } = await socketPair();
  const link = createLineLink({
    input: server,
    output: server,
    maxBytes: 1000,
    maxBacklogBytes: 1_000_000,
    read: (bytes) =>
      bytes.toString() === '"no"'
        ? { kind: 'refused', code: -32600, message: 'No.', id: null }
        : bytes.toString() === '"hush"'
          ? { kind: 'refused', code: -32600, message: 'Hush.' }
          : readMessage(bytes),
    readTooLong: (id) => ({ kind: 'refused', code: -32600, message: 'Too long.', id: id ?? null }),
    atEnd: 'answer',
    ...over,
  });
  const told: string[] = [];
  const received: Message[] = [];
  const watchers = new Set<() => void>();
  const closed = new Promise<void>((resolve) => {
    void link.start({
      message(message) {
        received.push(message);
        for (const look of watchers) look();
      },
      trouble: (what, id) => void told.push(`trouble: ${what}${id === undefined ? '' : ` (${id})`}`),
      failed: (message, error, sent) => void told.push(`failed: ${message.kind} ${sent} ${error.message}`),
      congested: (on) => void told.push(on ? 'congested' : 'caught up'),
      closed() {
        told.push('closed');
        resolve();
      },
    });
  });
  return {
    client,
    server,
    link,
    told,
    received,
    closed,
    write: (text) => void client.write(text),
    answer: messagesOf(client),
    came: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (received.length >= count) resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}

test.before.each(async () => {
  ends = await open();
});
test.after.each(async () => {
  ends.client.destroy();
  await ends.link.close();
});

const CALL =
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{"path":"/a"}}}';
const PING = '{"jsonrpc":"2.0","id":"last","method":"ping"}';
const result = (id: MessageId, value: JsonObject = {}): Message => ({
  kind: 'result',
  id,
  result: Verbatim.of(value),
});

test('hands a message on', async () => {
  ends.write(`${CALL}\n`);
  await ends.came(1);
  assert.equal(ends.received, [
    { kind: 'request', id: 1, method: 'tools/call', params: { name: 'read', arguments: { path: '/a' } } },
  ]);
});

test('puts messages together from any pieces, and passes over empty lines', async () => {
  for (const byte of Buffer.from(`${CALL}\n\r\n\n \t\n${CALL}\r\n`)) ends.write(Uint8Array.of(byte));
  await ends.came(2);
  assert.equal(ends.told, []);
});

test('answers what is refused, where an answer is due, and goes on', async () => {
  ends.write(`"hush"\n"no"\n${PING}\n`);
  assert.equal(await ends.answer(), { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'No.' } });
  await ends.came(1);
  assert.equal(ends.told, ['trouble: Hush.']);
});

test('answers a line over the limit with the id from its beginning', async () => {
  ends.write(`${CALL.replace('/a', 'x'.repeat(100_000))}\n`);
  assert.is((await ends.answer()).id, 1);
});

test('answers a line over the limit with the id from its end, where clients of the SDK put it', async () => {
  ends.write(`{"method":"x","params":{"id":7,"x":"${'x'.repeat(100_000)}"},"jsonrpc":"2.0","id":"b"}\n`);
  assert.is((await ends.answer()).id, 'b');
});

test('does not take an id of the arguments for that of the message', async () => {
  ends.write(`{"params":{"arguments":{"id":5,"x":"${'x'.repeat(2000)}"},"id":6},"method":"x"}\n`);
  assert.is((await ends.answer()).id, null);
});

test('takes a line of exactly the limit, and refuses one byte more', async () => {
  const line = (length: number): string => CALL.replace('/a', 'x'.repeat(length - CALL.length + 2));
  ends.write(`${line(1000)}\n${line(1001)}\n`);
  await ends.answer();
  assert.is(ends.received.length, 1);
});

test('sends many large messages at once without a warning, in order', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const text = 'x'.repeat(200_000);
  for (let id = 0; id < 50; id += 1) ends.link.send(result(id, { text }));
  for (let id = 0; id < 50; id += 1) assert.is((await ends.answer()).id, id);
  process.off('warning', note);
  assert.equal(warnings, []);
});

test('tells that the other side does not read, and that it has caught up', async () => {
  ends.client.pause();
  ends.link.send(result(1, { text: 'x'.repeat(3_000_000) }));
  assert.equal(ends.told, ['congested']);
  ends.client.resume();
  await ends.answer();
  while (ends.told.length < 2) await turn();
  assert.equal(ends.told, ['congested', 'caught up']);
});

test('reads nothing while it is paused, so that the other side has to wait', async () => {
  ends.link.pause();
  const line = `${CALL}\n`;
  let written = 0;
  while (ends.client.write(line.repeat(100)) || ends.client.writableLength < 1_000_000) written += 100;
  const stuck = ends.client.writableLength;
  for (let i = 0; i < 50; i += 1) await turn();
  assert.is(ends.received.length, 0);
  assert.is(ends.client.writableLength > stuck / 2, true);
  ends.link.resume();
  await ends.came(written);
  assert.ok(ends.received.length >= written);
});

test('lets others have their turn between the messages of one chunk', async () => {
  ends.write(`${CALL}\n`.repeat(500));
  await ends.came(1);
  const first = ends.received.length;
  assert.ok(first <= 32, `${first} at once`);
  await turn();
  assert.ok(ends.received.length <= 96);
  await ends.came(500);
  assert.is(ends.received.length, 500);
});

test('answers what is under way after the client has ended its side, and then closes', async () => {
  ends.write(`${CALL}\n${PING}\n`);
  await ends.came(2);
  ends.client.end();
  ends.link.send(result(1));
  assert.is((await ends.answer()).id, 1);
  assert.equal(ends.told, []);
  ends.link.send(result('last'));
  assert.is((await ends.answer()).id, 'last');
  await ends.closed;
});

test('does not wait for the answer of a request that the client cancelled', async () => {
  ends.write(`${CALL}\n{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}\n`);
  ends.client.end();
  await ends.closed;
});

test('closes when the client ends with nothing under way', async () => {
  ends.client.end();
  await ends.closed;
  assert.equal(ends.told, ['closed']);
});

test('closes when the client vanishes', async () => {
  ends.client.destroy();
  await ends.closed;
});

test('closes at the first answer that nobody takes any more, whatever else is under way', async () => {
  ends.write(`${CALL}\n${PING}\n`);
  await ends.came(2);
  ends.client.destroy();
  ends.link.send(result(1));
  await ends.closed;
});

test('hands on all that a server wrote before it ended', async () => {
  const server = await open({ atEnd: 'close' });
  server.client.end(`${CALL}\n`.repeat(500));
  await server.closed;
  assert.is(server.received.length, 500);
  server.client.destroy();
});

test('says that a message did not leave when the other side is gone', async () => {
  await ends.link.close();
  ends.link.send(result(1));
  assert.equal(ends.told, ['closed', 'failed: result false The other side is gone.']);
});

test('an answer that cannot be written is answered with an error', async () => {
  let deep: JsonObject = {};
  for (let i = 0; i < 100_000; i += 1) deep = { deep };
  ends.link.send(result(1, deep));
  ends.link.send({ kind: 'notification', method: 'x', params: deep });
  assert.equal(await ends.answer(), {
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32603, message: 'There is an answer, but it cannot be written as JSON.' },
  });
  assert.match(ends.told[0] ?? '', /^failed: notification false/);
});

test.run();
