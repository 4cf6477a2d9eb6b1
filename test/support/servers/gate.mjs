// A downstream whose one tool writes `begun` into a folder and answers when somebody has put `open` beside it.
import { existsSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const [folder] = process.argv.slice(2);
const server = new Server({ name: 'gate', version: '1.0.0' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [{ name: 'pass', description: 'Waits at the gate.', inputSchema: { type: 'object' } }],
}));
server.setRequestHandler(CallToolRequestSchema, async () => {
  const watcher = watch(folder);
  const opened = new Promise((resolve) => {
    const look = () => existsSync(join(folder, 'open')) && resolve();
    watcher.on('change', look);
    look();
  });
  writeFileSync(join(folder, 'begun'), '');
  await opened;
  watcher.close();
  return { content: [{ type: 'text', text: 'passed' }] };
});
await server.connect(new StdioServerTransport());
