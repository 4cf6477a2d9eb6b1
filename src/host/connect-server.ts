import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { openGrantFile, type GrantStore } from '../mcp/oauth/grant-file.ts';
import { createOAuthClient } from '../mcp/oauth/oauth-client.ts';
import { readServers, type HttpConfig } from '../mcp/servers.ts';

/** Where the grants of a workspace stand, one file a downstream. */
export function grantOf(data: string, server: string, config: HttpConfig): GrantStore {
  return openGrantFile(join(data, 'grants', `${server}.json`), config.url);
}

/** A person has so long to sign in. */
const SIGN_IN_MS = 10 * 60_000;

/**
 * Lets a person sign in at a downstream and keeps what it grants. The browser comes back to this very process.
 *
 * @returns `not_needed` when the server asks for no sign-in
 * @throws ConfigError `no_such_server`, `sign_in_failed`
 */
export async function connectServer(options: {
  readonly settings: Settings;
  readonly server: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Shows the person where to go. */
  readonly show: (url: URL) => void;
}): Promise<'connected' | 'not_needed'> {
  const { settings, server, clock, random, show } = options;
  const config = findServer(settings, server);
  const grants = grantOf(settings.data, server, config);
  const state = Buffer.from(random(32)).toString('base64url');
  const callback = await openCallback(state, grants.read()?.redirect_url);
  const stopTimer = clock.after(SIGN_IN_MS, () => callback.giveUp());
  try {
    const { signInAt } = await import('../mcp/oauth/sign-in.ts');
    return await signInAt({
      server,
      url: config.url,
      headers: config.headers,
      client: createOAuthClient({
        server,
        url: config.url,
        config: config.oauth,
        grants,
        clock,
        signIn: { redirectUrl: callback.url, state, show },
      }),
      code: callback.code,
    });
  } finally {
    stopTimer();
    callback.close();
  }
}

function findServer(settings: Settings, name: string): HttpConfig {
  const { workspace, variables } = settings;
  const servers = readServers({ file: join(workspace, 'mcp.json'), workspace, env: variables });
  const found = servers.find((each) => each.name === name)?.transport;
  if (found?.kind === 'http') return found;
  const others = servers.flatMap((each) => (each.transport.kind === 'http' ? [each.name] : []));
  throw new ConfigError(
    'no_such_server',
    found
      ? `The server ${name} is a process on this machine, which asks for no sign-in.`
      : `mcp.json names no server ${JSON.stringify(name)} with a url; ${others.length === 0 ? 'it names none with one' : `it names ${others.join(', ')}`}.`,
  );
}

interface Callback {
  readonly url: string;
  /** The authorization code. @throws ConfigError `sign_in_failed` */
  readonly code: Promise<string>;
  giveUp(): void;
  close(): void;
}

/** Listens on the loopback address (RFC 8252, 7.3), at the port that was registered before where it is free. */
async function openCallback(state: string, before: string | undefined): Promise<Callback> {
  let resolve: (code: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const code = new Promise<string>((...settle) => {
    [resolve, reject] = settle;
  });
  // Nobody may be waiting for it when it fails.
  code.catch(() => undefined);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method !== 'GET' || pathname !== '/callback')
      return answer(response, 404, 'There is nothing here.');
    if (!isSame(searchParams.get('state'), state)) {
      return answer(response, 400, 'This sign-in was not begun here. Run "placet connect" again.');
    }
    const given = searchParams.get('code');
    if (given === null) {
      answer(response, 400, 'The sign-in was refused. Look at the terminal.');
      return reject(failed('the authorization server gave no code; it was refused or cancelled'));
    }
    answer(response, 200, 'Done. You can close this page.');
    resolve(given);
  });
  const port = await listen(server, before === undefined ? 0 : Number(new URL(before).port));
  return {
    url: `http://127.0.0.1:${port}/callback`,
    code,
    giveUp: () => reject(failed('nobody signed in within ten minutes')),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (port !== 0 && error.code === 'EADDRINUSE') resolve(listen(server, 0));
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    Connection: 'close',
  });
  response.end(`Placet: ${sentence}\n`);
}

function isSame(given: string | null, expected: string): boolean {
  const a = Buffer.from(given ?? '');
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

function failed(why: string): ConfigError {
  return new ConfigError('sign_in_failed', `The sign-in did not succeed: ${why}.`);
}
