import type { CallToolResult, MCPClient } from '@ai-sdk/mcp';
import { asText, type RealClient } from './client-suite.ts';

/** The library's tools, executed and shown to a model as `generateText` does. */
export function shownByAiSdk(client: MCPClient): RealClient {
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
