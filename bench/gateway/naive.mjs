// What is written first when a gateway is wanted: a client of the SDK, a server of the SDK, and nothing between them.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const client = new Client({ name: 'naive', version: '1.0.0' });
await client.connect(
  new StdioClientTransport({
    command: process.execPath,
    args: process.argv.slice(2),
    stderr: 'inherit',
    maxBufferSize: 64 * 1024 * 1024,
  }),
);
const server = new Server({ name: 'naive', version: '1.0.0' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, ({ params }) => client.listTools(params));
server.setRequestHandler(CallToolRequestSchema, ({ params }) => client.callTool(params));
// oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's callbacks are properties
server.onclose = () => void client.close();
await server.connect(new StdioServerTransport());
