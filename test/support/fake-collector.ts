import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TlsPair } from './tls-pair.ts';

export interface Collected {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface CollectorAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A collector over HTTP that takes whatever it is told to take, and keeps it. */
export interface FakeCollector {
  readonly url: string;
  /** All that came, also what was refused. */
  readonly requests: readonly Collected[];
  /** What was taken. */
  readonly taken: readonly Collected[];
  /** How it answers from now on; `never`: not at all. */
  answer(how: 'never' | ((request: Collected) => CollectorAnswer)): void;
  close(): Promise<void>;
}

export async function openFakeCollector(tls?: TlsPair): Promise<FakeCollector> {
  const requests: Collected[] = [];
  const taken: Collected[] = [];
  let how: 'never' | ((request: Collected) => CollectorAnswer) = () => ({ status: 200 });
  const listener: RequestListener = (request, response) => {
    void text(request).then(
      (body) => {
        const collected = { path: request.url ?? '', headers: request.headers, body };
        requests.push(collected);
        if (how === 'never') return;
        const { status, body: said = '', headers = {} } = how(collected);
        if (status === 200) taken.push(collected);
        response.writeHead(status, headers).end(said);
      },
      () => undefined,
    );
  };
  const server = tls ? createHttps({ key: tls.key, cert: tls.cert }, listener) : createHttp(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://localhost:${port}/`,
    requests,
    taken,
    answer(next) {
      how = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
