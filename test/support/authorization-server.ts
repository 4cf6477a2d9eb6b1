import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a fake authorization server has seen and may be told to do. */
export interface FakeAuthorizationServer {
  readonly issuer: string;
  /** Whether this access token opens the resource now. */
  readonly accepts: (token: string | undefined) => boolean;
  /** Ends every access token; refresh tokens stay. */
  expireAccess(): void;
  /** Ends everything that was granted. */
  revokeAll(): void;
  readonly seen: { registrations: number; codes: number; refreshes: number; reused: number; machine: number };
  close(): Promise<void>;
}

/**
 * A FAKE authorization server, strict where real ones are: registration (RFC 7591), PKCE with S256 only, exact redirect
 * addresses, the resource indicator demanded (RFC 8707), codes and refresh tokens good for one use, and a refresh
 * token that is used twice ends everything. Whoever comes to its authorization page is signed in at once.
 */
export async function openFakeAuthorizationServer(options: {
  readonly resource: () => string;
  readonly expiresIn?: number;
  /** A client that was registered by hand. */
  readonly known?: { readonly id: string; readonly secret: string };
}): Promise<FakeAuthorizationServer> {
  const clients = new Map<string, readonly string[]>();
  const codes = new Map<
    string,
    { readonly challenge: string; readonly redirect: string; readonly client: string }
  >();
  const access = new Set<string>();
  const refresh = new Map<string, boolean>();
  const seen = { registrations: 0, codes: 0, refreshes: 0, reused: 0, machine: 0 };

  function grant(withRefresh: boolean): object {
    const token = `access-${randomBytes(12).toString('hex')}`;
    access.add(token);
    const next = `refresh-${randomBytes(12).toString('hex')}`;
    if (withRefresh) refresh.set(next, false);
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: options.expiresIn ?? 3600,
      ...(withRefresh ? { refresh_token: next } : {}),
    };
  }

  function token(form: URLSearchParams, authorization: string | undefined): object | undefined {
    if (form.get('resource') !== options.resource()) return undefined;
    switch (form.get('grant_type')) {
      case 'authorization_code': {
        const code = codes.get(form.get('code') ?? '');
        codes.delete(form.get('code') ?? '');
        const proof = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        const legal =
          code?.challenge === proof &&
          code.redirect === form.get('redirect_uri') &&
          code.client === form.get('client_id');
        if (!legal) return undefined;
        seen.codes += 1;
        return grant(true);
      }
      case 'refresh_token': {
        const used = refresh.get(form.get('refresh_token') ?? '');
        if (used === undefined) return undefined;
        if (used) {
          seen.reused += 1;
          access.clear();
          refresh.clear();
          return undefined;
        }
        refresh.set(form.get('refresh_token') ?? '', true);
        seen.refreshes += 1;
        return grant(true);
      }
      case 'client_credentials': {
        const { id, secret } = options.known ?? { id: '', secret: '' };
        if (authorization !== `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`) return undefined;
        seen.machine += 1;
        return grant(false);
      }
      default:
        return undefined;
    }
  }

  const server = createServer((request, response) => {
    void handle(request, response);
  });
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname === '/.well-known/oauth-authorization-server') {
      return json(response, 200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        registration_endpoint: `${issuer}/register`,
        response_types_supported: ['code'],
        grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
      });
    }
    const body = await bodyOf(request);
    if (url.pathname === '/register' && request.method === 'POST') {
      const asked = JSON.parse(body) as { readonly redirect_uris: readonly string[] };
      const id = `client-${randomBytes(6).toString('hex')}`;
      clients.set(id, asked.redirect_uris);
      seen.registrations += 1;
      return json(response, 201, { ...asked, client_id: id });
    }
    if (url.pathname === '/authorize') {
      const asked = url.searchParams;
      const redirect = asked.get('redirect_uri') ?? '';
      const legal =
        clients.get(asked.get('client_id') ?? '')?.includes(redirect) === true &&
        asked.get('code_challenge_method') === 'S256' &&
        asked.get('resource') === options.resource();
      if (!legal) return json(response, 400, { error: 'invalid_request' });
      const code = randomBytes(12).toString('hex');
      codes.set(code, {
        challenge: asked.get('code_challenge') ?? '',
        redirect,
        client: asked.get('client_id') ?? '',
      });
      const back = new URL(redirect);
      back.searchParams.set('code', code);
      back.searchParams.set('state', asked.get('state') ?? '');
      response.writeHead(302, { Location: back.href }).end();
      return;
    }
    if (url.pathname === '/token' && request.method === 'POST') {
      const granted = token(new URLSearchParams(body), request.headers.authorization);
      return granted ? json(response, 200, granted) : json(response, 400, { error: 'invalid_grant' });
    }
    return json(response, 404, {});
  }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    issuer,
    seen,
    accepts: (token) => token !== undefined && access.has(token),
    expireAccess: () => access.clear(),
    revokeAll() {
      access.clear();
      refresh.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
