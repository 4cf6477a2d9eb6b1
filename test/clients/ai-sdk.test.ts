import { createMCPClient, type CallToolResult, type MCPClientConfig } from '@ai-sdk/mcp';
import { Experimental_StdioMCPTransport } from '@ai-sdk/mcp/mcp-stdio';
import { test } from 'uvu';
import { asText, httpSuite, stdioSuite, type RealClient } from './client-suite.ts';

/** The library's tools, executed and shown to a model as `generateText` does. */
async function shownByAiSdk(transport: MCPClientConfig['transport']): Promise<RealClient> {
  const client = await createMCPClient({ transport });
  return {
    tools: async () => Object.keys(await client.tools()),
    async call(name, args) {
      const tool = (await client.tools())[name];
      if (!tool) throw new Error(`No tool ${name} is offered.`);
      const output = (await tool.execute(args, { toolCallId: 'call-1', messages: [] })) as CallToolResult;
      const shown = await tool.toModelOutput?.({ toolCallId: 'call-1', input: args, output });
      return asText(shown !== undefined && 'value' in shown ? shown.value : output);
    },
    close: () => client.close(),
  };
}

await stdioSuite((server) => shownByAiSdk(new Experimental_StdioMCPTransport(server)));
await httpSuite((url, headers) => shownByAiSdk({ type: 'http', url, headers }));

test.run();
