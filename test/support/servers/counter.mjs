// A downstream that appends one line to a file for each call, so that a test can count what really happened.
import { appendFileSync } from 'node:fs';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const [file] = process.argv.slice(2);
const server = new Server({ name: 'counter', version: '1.0.0' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [
    {
      name: 'add',
      description: 'Adds a line.',
      inputSchema: { type: 'object', properties: { line: { type: 'string' } }, required: ['line'] },
    },
  ],
}));
server.setRequestHandler(CallToolRequestSchema, (request) => {
  appendFileSync(file, `${String(request.params.arguments?.line)}\n`);
  return { content: [{ type: 'text', text: 'added' }] };
});
await server.connect(new StdioServerTransport());
