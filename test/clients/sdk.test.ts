import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { test } from 'uvu';
import { asText, httpSuite, stdioSuite, type RealClient } from './client-suite.ts';

/** The SDK's client, which checks every result against the output schemas that it was once told. */
async function shownBySdk(transport: Transport): Promise<RealClient> {
  const client = new Client({ name: 'test-client', version: '1.0.0' });
  await client.connect(transport);
  return {
    async tools() {
      const { tools } = await client.listTools();
      return tools.map(({ name }) => name);
    },
    async call(name, args) {
      const { content } = await client.callTool({ name, arguments: args });
      return asText(content);
    },
    close: () => client.close(),
  };
}

await stdioSuite((server) => shownBySdk(new StdioClientTransport({ ...server, stderr: 'ignore' })));
await httpSuite((url, headers) =>
  shownBySdk(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } })),
);

test.run();
