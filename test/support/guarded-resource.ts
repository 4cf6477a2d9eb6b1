import { createServer } from 'node:http';
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
}): Promise<GuardedResource> {
  const presented: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', url);
    if (pathname === '/.well-known/oauth-protected-resource/mcp') {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ resource: url, authorization_servers: [options.issuer()] }));
      return;
    }
    request.resume();
    const { authorization } = request.headers;
    presented.push(authorization);
    if (options.accepts(authorization?.replace(/^Bearer /, ''))) {
      response.writeHead(200).end('open');
      return;
    }
    const metadata = new URL('/.well-known/oauth-protected-resource/mcp', url).href;
    response.writeHead(401, { 'WWW-Authenticate': `Bearer resource_metadata="${metadata}"` }).end();
  });
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
