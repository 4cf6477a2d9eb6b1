import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';

/** The demo's agent: an ordinary MCP client that was configured with `placet stdio`. */
export interface DemoAgent {
  tools(): Promise<readonly string[]>;
  call(name: string, args: Record<string, unknown>): Promise<CallToolResult>;
  close(): Promise<void>;
}

export async function startAgent(options: {
  readonly program: readonly [string, ...string[]];
  readonly workspace: string;
  readonly agent: string;
}): Promise<DemoAgent> {
  const [command, ...args] = options.program;
  const client = new Client({ name: 'placet-demo-agent', version: '1.0.0' });
  await client.connect(
    new StdioClientTransport({
      command,
      args: [...args, 'stdio', '--dir', options.workspace, '--agent', options.agent],
      stderr: 'inherit',
    }),
  );
  return {
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: (name, toolArgs) =>
      client.request({ method: 'tools/call', params: { name, arguments: toolArgs } }, CallToolResultSchema),
    close: () => client.close(),
  };
}

/** The text of a result's first part. */
export function textOf(result: CallToolResult): string {
  const [first] = result.content;
  return first?.type === 'text' ? first.text : '';
}
