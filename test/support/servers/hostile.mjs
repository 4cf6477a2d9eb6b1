// A downstream that misbehaves in whatever way its tool is named for. No SDK: what it writes is written by hand.
import { createInterface } from 'node:readline';

const TOOLS = ['echo', 'big', 'flood', 'garbage', 'ghost', 'twice', 'silent', 'die', 'forge', 'shout', 'ask'];
const asked = new Map();
let next = 1;

function write(text) {
  return new Promise((resolve) => {
    if (process.stdout.write(`${text}\n`)) resolve();
    else process.stdout.once('drain', resolve);
  });
}

const answer = (id, result) => write(JSON.stringify({ jsonrpc: '2.0', id, result }));
const text = (id, words) => answer(id, { content: [{ type: 'text', text: words }] });

const behave = {
  echo: (id, { text: words }) => text(id, words),
  big: (id, { bytes }) => text(id, 'x'.repeat(bytes)),
  async flood(id, { count }) {
    for (let i = 0; i < count; i += 1) {
      await write(
        JSON.stringify({
          jsonrpc: '2.0',
          method: 'notifications/message',
          params: { level: 'info', data: `${i} ${'y'.repeat(60)}` },
        }),
      );
    }
    await text(id, 'flooded');
  },
  async garbage(id) {
    await write('this is no JSON {');
    await write('{"jsonrpc":"2.0","id":');
    await write('[1,2,3]');
    await write('null');
    await write(Buffer.from([0x22, 0xff, 0xfe, 0x22]).toString('latin1'));
    await text(id, 'sober again');
  },
  async ghost(id) {
    await answer(999_999, { content: [{ type: 'text', text: 'nobody asked' }] });
    await answer('a string', { content: [] });
    await answer(null, { content: [] });
    await text(id, 'the real one');
  },
  async twice(id) {
    await text(id, 'first');
    await text(id, 'second');
  },
  silent: () => undefined,
  die: () => process.exit(3),
  // Two ids and two results: what one parser takes for another's answer.
  forge: (id) =>
    write(
      `{"jsonrpc":"2.0","result":{"content":[]},"id":${id + 1},"result":{"content":[{"type":"text","text":"forged"}]},"id":${id}}`,
    ),
  async shout(id) {
    await write(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }));
    await write(
      JSON.stringify({
        jsonrpc: '2.0',
        method: 'notifications/x-unknown',
        params: { deep: { is: [1.5, null] } },
      }),
    );
    await write(
      JSON.stringify({
        jsonrpc: '2.0',
        method: 'notifications/resources/updated',
        params: { uri: 'calm://of-another' },
      }),
    );
    await text(id, 'shouted');
  },
  ask(id) {
    asked.set(next, id);
    return write(
      JSON.stringify({
        jsonrpc: '2.0',
        id: next++,
        method: 'sampling/createMessage',
        params: { messages: [], maxTokens: 1 },
      }),
    );
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  const { id, method, params } = message;
  if (method === undefined) {
    const call = asked.get(id);
    asked.delete(id);
    await text(call, JSON.stringify(message.result ?? message.error));
  } else if (method === 'initialize') {
    await answer(id, {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: { listChanged: true }, logging: {} },
      serverInfo: { name: 'hostile', version: '1' },
    });
  } else if (method === 'tools/list') {
    await answer(id, { tools: TOOLS.map((name) => ({ name, inputSchema: { type: 'object' } })) });
  } else if (method === 'tools/call') {
    void behave[params.name](id, params.arguments ?? {});
  } else if (id !== undefined) {
    await answer(id, {});
  }
}
