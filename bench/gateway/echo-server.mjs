// The downstream of the benchmark: two tools that give their text back, one to be allowed and one to be held.
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const inputSchema = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] };
const server = new Server({ name: 'echo', version: '1.0.0' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [
    { name: 'echo', description: 'Gives its text back.', inputSchema },
    { name: 'change', description: 'Gives its text back too, but is held.', inputSchema },
  ],
}));
server.setRequestHandler(CallToolRequestSchema, (request) => ({
  content: [{ type: 'text', text: request.params.arguments.text }],
  // When it was reached, so that what comes before can be told from what comes after.
  ...(request.params.name === 'change' ? { _meta: { reached: Date.now() } } : {}),
}));
await server.connect(new StdioServerTransport());
