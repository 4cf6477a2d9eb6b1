import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { TestWorkspace } from '../workspace.ts';

/** One connection of an agent to the host. */
export interface Connection {
  readonly agent: string;
  call(tool: string, args: Record<string, unknown>): Promise<CallToolResult>;
  close(): Promise<void>;
}

/** Through `placet stdio`, with the name alone. */
export async function overStdio(workspace: TestWorkspace, agent: string): Promise<Connection> {
  const connected = await workspace.agent(agent);
  return {
    agent,
    call: (tool, args) => connected.call(tool, args),
    close: () => connected.close(),
  };
}

/** At `/mcp`, with a key. */
export async function overHttp(url: string, agent: string, key: string): Promise<Connection> {
  const client = new Client({ name: 'workload', version: '1.0.0' });
  const headers = { authorization: `Bearer ${key}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return {
    agent,
    call: (tool, args) =>
      client.request({ method: 'tools/call', params: { name: tool, arguments: args } }, CallToolResultSchema),
    close: () => client.close(),
  };
}

/** Issues a key to an agent, as an operator does. */
export async function issueAgentKey(
  workspace: TestWorkspace,
  agent: string,
): Promise<{ readonly key: string; readonly key_id: string; readonly mcp_url: string }> {
  return JSON.parse(await done(workspace, 'people', 'agent-key', 'issue', agent, '--json')) as {
    key: string;
    key_id: string;
    mcp_url: string;
  };
}

/** Runs a command that has to succeed. @returns what it printed */
export async function done(workspace: TestWorkspace, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await workspace.placet(...args);
  if (code !== 0) throw new Error(`placet ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}
