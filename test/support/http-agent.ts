import { serveHost } from './host.ts';
import type { TestWorkspace } from './workspace.ts';

/** Where an agent reaches a served workspace over HTTP, and the key that lets it in. */
export interface HttpAgent {
  readonly url: string;
  readonly key: string;
  /** Ends the host. */
  close(): Promise<void>;
}

/** Starts `placet serve` in the workspace and issues a key to this agent, as an operator does. */
export async function serveOverHttp(
  workspace: TestWorkspace,
  { agent = 'claude', env = {} }: { readonly agent?: string; readonly env?: Record<string, string> } = {},
): Promise<HttpAgent> {
  const host = await serveHost(workspace.dir, { env });
  const { code, stdout, stderr } = await workspace.placet('people', 'agent-key', 'issue', agent, '--json');
  if (code !== 0) throw new Error(`No key was issued: ${stderr}`);
  const { key, mcp_url: url } = JSON.parse(stdout) as { key: string; mcp_url: string };
  return {
    url,
    key,
    async close() {
      host.child.kill();
      await host.ended;
    },
  };
}
