import { MCPServerStdio, MCPServerStreamableHttp } from '@openai/agents';
import { test } from 'uvu';
import { httpSuite, stdioSuite } from './client-suite.ts';
import { shownByAgents } from './openai-agents-client.ts';

await stdioSuite((server) => shownByAgents(new MCPServerStdio({ ...server, name: 'placet' })));
await httpSuite((url, headers) =>
  shownByAgents(new MCPServerStreamableHttp({ url, name: 'placet', requestInit: { headers } })),
);

test.run();
