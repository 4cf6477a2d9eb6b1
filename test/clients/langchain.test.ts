import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { test } from 'uvu';
import { clientSuite } from './client-suite.ts';
import { shownByLangchain } from './langchain-client.ts';

await clientSuite(async (server) =>
  shownByLangchain(new MultiServerMCPClient({ placet: { transport: 'stdio', ...server } })),
);

test.run();
