import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Clock } from '../core/clock.ts';
import { ConfigError, messageOf } from '../core/errors.ts';
import { secure } from './headers.ts';

export interface ServeOptions {
  readonly app: { fetch(request: Request, env: object): Response | Promise<Response> };
  /** A loopback name or address means both loopback addresses. */
  readonly host: string;
  /** 0 picks a port that is free on every address. */
  readonly port: number;
  readonly clock: Clock;
}

export interface Serving {
  readonly port: number;
  /** Takes no new connections, lets requests under way finish for five seconds, then closes what is left. */
  close(): Promise<void>;
}

const LOOPBACK = ['127.0.0.1', '::1'];
const TRIES = 20;
const DRAIN_MS = 5000;

/**
 * Listens on all addresses or on none: on a loopback address that is left to others, a stranger's process could
 * catch the links of this site. A machine that has no IPv6 is served on IPv4 alone.
 *
 * @throws ConfigError `port_in_use`, `port_forbidden`, `host_unusable`
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const hosts = ['localhost', ...LOOPBACK].includes(options.host) ? LOOPBACK : [options.host];
  for (let attempt = 1; ; attempt += 1) {
    const servers: Server[] = [];
    try {
      let port = options.port;
      for (const host of hosts) {
        const server = newServer(options.app);
        const listening = await listen(server, host, port);
        if (!listening) continue;
        servers.push(server);
        port = (server.address() as AddressInfo).port;
      }
      return { port, close: () => close(servers, options.clock) };
    } catch (error) {
      await Promise.all(servers.map(shut));
      const retry = options.port === 0 && error instanceof ConfigError && error.code === 'port_in_use';
      if (!retry || attempt === TRIES) throw error;
    }
  }
}

function newServer(app: ServeOptions['app']): Server {
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
    errorHandler: () => {
      const answer = new Response('This request cannot be understood.\n', { status: 400 });
      secure(answer.headers, false);
      return answer;
    },
  });
  return createServer({ requestTimeout: 30_000, headersTimeout: 15_000 }, (request, response) => {
    void listener(request, response);
  });
}

/** Whether it listens; false where the machine lacks IPv6. */
function listen(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT';
      if (host === '::1' && missing) resolve(false);
      else reject(listenError(error, host, port));
    });
    server.listen({ host, port, exclusive: true }, () => resolve(true));
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ConfigError {
  const cause = { cause: error };
  switch (error.code) {
    case 'EADDRINUSE':
      return new ConfigError(
        'port_in_use',
        `Port ${port} on ${host} is in use by another program; choose another with PLACET_PORT, or set PLACET_PORT=0 to have a free one picked.`,
        cause,
      );
    case 'EACCES':
      return new ConfigError(
        'port_forbidden',
        `This account may not use port ${port} on ${host}; choose one above 1023 with PLACET_PORT.`,
        cause,
      );
    default:
      return new ConfigError(
        'host_unusable',
        `The reviewer site cannot listen on ${host}, port ${port} (${error.code ?? messageOf(error)}); set PLACET_HOST to an address of this machine.`,
        cause,
      );
  }
}

async function close(servers: readonly Server[], clock: Clock): Promise<void> {
  const cancel = clock.after(DRAIN_MS, () => {
    for (const server of servers) server.closeAllConnections();
  });
  await Promise.all(servers.map(shut));
  cancel();
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
