import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Socket } from 'node:net';
import type { JsonObject } from '../../src/core/json.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import { agentLink } from '../../src/mcp/agent-link.ts';
import type { Link } from '../../src/mcp/link.ts';
import type { Message } from '../../src/mcp/message.ts';
import { messagesOf } from '../support/lines.ts';
import { socketPair } from '../support/socket-pair.ts';

interface Ends {
  readonly client: Socket;
  readonly link: Link;
  readonly received: Message[];
  write(text: string | Uint8Array): void;
  answer(): Promise<JsonObject>;
}

let ends: Ends;
let onPing: () => void;

test.before.each(async () => {
  const { client, server } = await socketPair();
  const link = agentLink(server, 1000);
  const received: Message[] = [];
  await link.start({
    message(message) {
      if (message.kind === 'request' && message.method === 'ping') onPing();
      else received.push(message);
    },
    trouble: () => undefined,
    failed: () => undefined,
    congested: () => undefined,
    closed: () => undefined,
  });
  ends = { client, link, received, write: (text) => void client.write(text), answer: messagesOf(client) };
});
test.after.each(async () => {
  ends.client.destroy();
  await ends.link.close();
});

/** Sends a ping and returns what came before it. */
async function handled(): Promise<readonly Message[]> {
  const arrived = new Promise<void>((resolve) => {
    onPing = resolve;
  });
  ends.write('{"jsonrpc":"2.0","id":"last","method":"ping"}\n');
  await arrived;
  return ends.received;
}

const CALL =
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{"path":"/a"}}}';

test('writes the envelope anew: members that JSON-RPC does not know are gone, those of params stay', async () => {
  ends.write('{"jsonrpc":"2.0","id":1,"method":"x","params":{"odd":[null]},"extra":1}\n');
  assert.equal(await handled(), [
    { kind: 'request', id: 1, method: 'x', params: { odd: [null] }, bytes: 71 },
  ]);
});

test('an answer to what a server asked is handed on as it came, numbers and all', async () => {
  ends.write('{"jsonrpc":"2.0","id":"placet-1","result":{"n":1.0,"big":9007199254740993,"n2":-0}}\n');
  const [answer] = await handled();
  assert.is(answer?.kind, 'result');
  const { result } = answer as { readonly result: Verbatim };
  assert.is(Buffer.from(result.text).toString(), '{"n":1.0,"big":9007199254740993,"n2":-0}');
});

for (const line of [
  '{"jsonrpc":"2.0","id":"placet-1","result":{},"m\\u0065thod":"tools/call","params":{"name":"x"}}',
  '{"jsonrpc":"2.0","id":"placet-1","result":{},"id":"placet-2"}',
]) {
  test(`what could be read as an answer and as something else is neither: ${line}`, async () => {
    ends.write(`${line}\n`);
    const [other] = await handled();
    assert.is.not(other?.kind, 'result');
  });
}

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
  ['deep nesting', CALL.replace('"/a"', '['.repeat(70) + ']'.repeat(70)), -32602, 1, /deeper than 64 levels/],
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
  ends.link.send({ kind: 'result', id: 'last', result: Verbatim.of({}) });
  assert.is((await ends.answer()).id, 'last');
});

test.run();
