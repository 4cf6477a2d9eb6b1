import { MCPServerStdio } from '@openai/agents';
import { test } from 'uvu';
import { clientSuite } from './client-suite.ts';
import { shownByAgents } from './openai-agents-client.ts';

await clientSuite(async (server) => {
  const mcp = new MCPServerStdio({ ...server, name: 'placet' });
  await mcp.connect();
  return shownByAgents(mcp);
});

test.run();
