import { fileURLToPath } from 'node:url';
import type { Log } from '../../../src/core/log.ts';
import { safeEnvironment } from '../../../src/environment.ts';
import { connectDownstream, type ConnectOptions } from '../../../src/mcp/connect.ts';
import { nobody, type ClientHello } from '../../../src/mcp/client-side.ts';
import type { Downstream } from '../../../src/mcp/server-side.ts';
import type { ServerConfig } from '../../../src/mcp/servers.ts';
import { realClock } from '../real-clock.ts';

const PROGRAM = fileURLToPath(new URL('./fixture.mjs', import.meta.url));

/** The configuration of the fixture server; what it does is set by its environment (see fixture.mjs). */
export function fixtureServer(
  env: Readonly<Record<string, string>> = {},
  over: Partial<Pick<ServerConfig, 'name' | 'prefix' | 'tags'>> = {},
): ServerConfig {
  return {
    name: 'fixture',
    prefix: 'fixture',
    tags: {},
    ...over,
    transport: {
      kind: 'process',
      command: process.execPath,
      args: [PROGRAM],
      env,
      cwd: process.cwd(),
      cwdIsConfigured: false,
    },
  };
}

/** What a client that can do nothing says. */
export const HELLO: ClientHello = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1.0.0' },
};

/** Lines of a log, and a way to wait for one. */
export interface LogLines {
  readonly lines: string[];
  readonly log: Log;
  /** Resolves when a line matches, also one that was logged before. */
  readonly seen: (pattern: RegExp) => Promise<string>;
}

export function logLines(): LogLines {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  return {
    lines,
    log(line) {
      lines.push(line);
      for (const look of waiting) look();
    },
    seen: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

export function connectTo(server: ServerConfig, over: Partial<ConnectOptions> = {}): Promise<Downstream> {
  return connectDownstream({
    server,
    environment: safeEnvironment(),
    client: nobody(HELLO),
    clock: realClock,
    log: () => undefined,
    ...over,
  });
}

/** Runs a test's body with a connection to the fixture server, which is closed in any case. */
export async function withFixture(
  body: (downstream: Downstream) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
  over: Partial<ConnectOptions> = {},
): Promise<void> {
  const downstream = await connectTo(fixtureServer(env), over);
  try {
    await body(downstream);
  } finally {
    await downstream.close();
  }
}
