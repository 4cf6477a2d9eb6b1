// A downstream over stdio whose tools misbehave. The description of `change` stands in a file.
import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [definition, log] = process.argv.slice(2);
const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const result = (id, text) => write({ id, result: { content: [{ type: 'text', text }] } });

const calls = {
  die: () => process.exit(1),
  hang: () => undefined,
  garbage(id) {
    process.stdout.write('Have a nice day!\n{"half": \n');
    result(id, 'after garbage');
  },
  nonsense: (id) => write({ id, result: 'not an object' }),
  change: (id) => result(id, 'changed'),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const capabilities = { tools: { listChanged: true } };
    write({
      id,
      result: { protocolVersion: '2025-06-18', capabilities, serverInfo: { name: 'unruly', version: '1' } },
    });
  } else if (method === 'tools/list') {
    const description = readFileSync(definition, 'utf8');
    const tools = Object.keys(calls).map((name) => ({ name, description, inputSchema: { type: 'object' } }));
    write({ id, result: { tools } });
  } else if (method === 'tools/call') {
    appendFileSync(log, `${params.name}\n`);
    calls[params.name](id);
  }
});
