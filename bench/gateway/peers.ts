import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ROOT } from '../../test/support/workspace.ts';
import { ECHO, type Link, type Side } from './side.ts';

const FOLDER = join(ROOT, 'node_modules/.cache/placet-bench-peers');

/** Another gateway, or why it is not among the sides. */
export type Peer = { readonly side: Side } | { readonly leftOut: string };

/**
 * mcp-proxy from npm, as its README starts it: it serves a stdio server over streamable HTTP, which the client then
 * speaks. It keeps no log.
 */
export function mcpProxy(): Peer {
  const program = join(FOLDER, 'node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs');
  if (!existsSync(program)) {
    mkdirSync(FOLDER, { recursive: true });
    copyFileSync(join(ROOT, 'bench/peers/package.json'), join(FOLDER, 'package.json'));
    const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: FOLDER,
      encoding: 'utf8',
    });
    if (status !== 0) return { leftOut: `mcp-proxy could not be installed: ${stderr.split('\n')[0]}` };
  }
  return { side: { prefix: '', open: () => openOverHttp(program) } };
}

async function openOverHttp(program: string): Promise<Link> {
  const port = await freePort();
  const child = spawn(process.execPath, [program, '--port', String(port), '--', process.execPath, ECHO], {
    stdio: 'ignore',
  });
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  for (;;) {
    const client = new Client({ name: 'bench', version: '1.0.0' });
    try {
      await client.connect(new StreamableHTTPClientTransport(url));
      await client.listTools();
      return {
        client,
        pid: child.pid ?? Number.NaN,
        async close() {
          await client.close();
          child.kill();
        },
      };
    } catch (error) {
      if (child.exitCode !== null) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
