// A downstream over stdio that keeps books. A tool whose name begins with `fail_` answers with an error; one that begins
// with `stall` writes its process into the file `begun-MARK` of the folder that it is given, and never answers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [folder, ...names] = process.argv.slice(2);
const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const text = (words) => ({ content: [{ type: 'text', text: words }] });

const tools = names.map((name) => ({
  name,
  description: `Does to the books what is called ${name}.`,
  inputSchema: {
    type: 'object',
    properties: { entry: { type: 'integer' }, note: { type: 'string' }, mark: { type: 'string' } },
    required: ['entry'],
  },
}));

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const serverInfo = { name: 'ledger', version: '1' };
    write({ id, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo } });
  } else if (method === 'tools/list') {
    write({ id, result: { tools } });
  } else if (method === 'tools/call') {
    const { name, arguments: args } = params;
    if (name.startsWith('stall')) writeFileSync(join(folder, `begun-${args.mark}`), String(process.pid));
    else if (name.startsWith('fail_')) write({ id, result: { ...text(`${name} failed`), isError: true } });
    else write({ id, result: text(`${name} ${args.entry}: done`) });
  }
});

process.stdin.on('end', () => process.exit(0));
