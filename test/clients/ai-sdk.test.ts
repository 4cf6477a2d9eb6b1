import { createMCPClient } from '@ai-sdk/mcp';
import { Experimental_StdioMCPTransport } from '@ai-sdk/mcp/mcp-stdio';
import { test } from 'uvu';
import { shownByAiSdk } from './ai-sdk-client.ts';
import { clientSuite } from './client-suite.ts';

await clientSuite(async (server) =>
  shownByAiSdk(await createMCPClient({ transport: new Experimental_StdioMCPTransport(server) })),
);

test.run();
