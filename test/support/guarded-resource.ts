import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP resource that opens to a bearer token, and says where to get one (RFC 9728). */
export interface GuardedResource {
  readonly url: string;
  /** The Authorization header of each request, in order. */
  readonly presented: (string | undefined)[];
  close(): Promise<void>;
}

export async function openGuardedResource(options: {
  readonly issuer: () => string;
  readonly accepts: (token: string | undefined) => boolean;
  /** What it answers to a message that was posted with a token that opens it. */
  readonly answer?: (message: { readonly id?: number; readonly method: string }) => object | undefined;
}): Promise<GuardedResource> {
  const presented: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', url);
    if (pathname === '/.well-known/oauth-protected-resource/mcp') {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ resource: url, authorization_servers: [options.issuer()] }));
      return;
    }
    const { authorization } = request.headers;
    presented.push(authorization);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    if (options.accepts(authorization?.replace(/^Bearer /, ''))) {
      request.once('end', () => open(Buffer.concat(chunks).toString(), response));
      return;
    }
    const metadata = new URL('/.well-known/oauth-protected-resource/mcp', url).href;
    response.writeHead(401, { 'WWW-Authenticate': `Bearer resource_metadata="${metadata}"` }).end();
  });
  function open(body: string, response: ServerResponse): void {
    if (!options.answer) {
      response.writeHead(200).end('open');
      return;
    }
    if (body === '') {
      response.writeHead(405).end();
      return;
    }
    const answer = options.answer(JSON.parse(body) as { id?: number; method: string });
    if (!answer) response.writeHead(202).end();
    else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  return {
    url,
    presented,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
