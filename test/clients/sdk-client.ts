import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { asText, type RealClient } from './client-suite.ts';

/** The SDK's client, which checks every result against the output schemas that it was once told. */
export function shownBySdk(client: Client): RealClient {
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
