// A downstream over stdio whose tools stand in a file, as a JSON list of definitions, and change with it. Calls give
// their arguments back.
import { readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';

const [file] = process.argv.slice(2);
const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const capabilities = { tools: { listChanged: true } };
    const serverInfo = { name: 'shifting', version: '1' };
    write({ id, result: { protocolVersion: '2025-06-18', capabilities, serverInfo } });
    // The file is replaced by another one, which only its folder tells of.
    watch(dirname(file), (_, name) => {
      if (name === basename(file)) write({ method: 'notifications/tools/list_changed' });
    });
  } else if (method === 'tools/list') {
    write({ id, result: { tools: JSON.parse(readFileSync(file, 'utf8')) } });
  } else if (method === 'tools/call') {
    write({ id, result: { content: [{ type: 'text', text: JSON.stringify(params.arguments) }] } });
  }
});

process.stdin.on('end', () => process.exit(0));
