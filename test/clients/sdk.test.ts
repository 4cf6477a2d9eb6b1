import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { test } from 'uvu';
import { clientSuite } from './client-suite.ts';
import { shownBySdk } from './sdk-client.ts';

await clientSuite(async (server) => {
  const client = new Client({ name: 'test-client', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ ...server, stderr: 'ignore' }));
  return shownBySdk(client);
});

test.run();
