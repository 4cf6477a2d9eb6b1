import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Behaviour } from './channel-bench.ts';

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly body?: string;
  readonly type?: string;
}

export interface FakeService {
  /** Such as `http://127.0.0.1:4711`. */
  readonly origin: string;
  readonly behave: (as: Behaviour) => void;
  readonly asked: () => number;
  readonly strays: () => number;
  readonly close: () => Promise<void>;
}

const STRAY = '/elsewhere';

/**
 * A fake of a service that programs post to, on loopback. What it takes, and how it refuses for good, is the matter of
 * whoever starts it; every other way to behave is here.
 *
 * @param refuse quotes what was asked
 */
export async function startFakeService(
  take: (asked: Asked) => ServiceAnswer,
  refuse: (quote: string) => ServiceAnswer,
): Promise<FakeService> {
  let mode: Behaviour = { kind: 'well' };
  let asked = 0;
  let strays = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url?.startsWith(STRAY)) {
        strays += 1;
        response.writeHead(202).end();
        return;
      }
      asked += 1;
      const { method = '', url: path = '', headers } = request;
      const what = { method, path, headers, body: Buffer.concat(chunks) };
      const quote = `${method} http://${headers.host ?? ''}${path} ${JSON.stringify(headers)} ${what.body.toString('utf8')}`;
      switch (mode.kind) {
        case 'well':
          send(response, take(what));
          return;
        case 'refuse':
          send(response, refuse(quote));
          return;
        case 'busy':
          send(response, { status: 503, body: `Out of order. ${quote}` });
          return;
        case 'limit':
          response.setHeader('Retry-After', mode.retry_after);
          send(response, { status: 429, body: `Too many. ${quote}` });
          return;
        case 'hang':
          return;
        case 'hang up':
          request.socket.destroy();
          return;
        case 'redirect':
          response.setHeader('Location', `${STRAY}${path}`);
          send(response, { status: 307, body: quote });
          return;
        case 'flood': {
          const { status } = take(what);
          response.writeHead(status, { 'Content-Type': 'text/plain' });
          flood(response);
        }
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behave: (as) => {
      mode = as;
    },
    asked: () => asked,
    strays: () => strays,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(
  response: ServerResponse,
  { status, body = '', type = 'application/json' }: ServiceAnswer,
): void {
  response.writeHead(status, { 'Content-Type': type }).end(body);
}

function flood(response: ServerResponse): void {
  const more = (): void => {
    while (response.writable && response.write('x'.repeat(16_384)));
  };
  response.on('drain', more);
  response.on('error', () => undefined);
  more();
}
