import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test makes the provider do. Everything else is as a good provider does it. */
export interface Misdeeds {
  /** Over the claims that are right; `undefined` leaves one out. */
  claims?: Readonly<Record<string, unknown>>;
  /** Over the metadata that is right. */
  metadata?: Readonly<Record<string, unknown>>;
  /** Changes the ID token after it was signed. */
  tamper?: (token: string) => string;
  /** Signs with a key that it does not publish. */
  foreignKey?: boolean;
  /** Answers every request with this status. */
  status?: number;
}

export interface RogueProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly misdeeds: Misdeeds;
  /** The paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** What came to the token endpoint. */
  readonly redeemed: readonly {
    readonly body: URLSearchParams;
    readonly authorization: string | undefined;
  }[];
  /** Where it sends the browser that comes with this address, as a good provider does. */
  readonly answer: (url: string) => URL;
  readonly close: () => Promise<void>;
}

const CLIENT_ID = 'placet';

/** An OpenID Connect provider that can lie, for what a real one cannot be made to do. */
export async function openRogueProvider(): Promise<RogueProvider> {
  const published = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const misdeeds: Misdeeds = {};
  const asked: string[] = [];
  const redeemed: { body: URLSearchParams; authorization: string | undefined }[] = [];
  const begun = new Map<string, { readonly nonce: string; readonly challenge: string }>();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const idToken = (nonce: string): string => {
    const now = Math.floor(Date.now() / 1000);
    const right = {
      iss: issuer,
      sub: 'alice-at-idp',
      aud: CLIENT_ID,
      nonce,
      iat: now,
      exp: now + 600,
      auth_time: now,
    };
    const token = signedJwt(
      { ...right, ...misdeeds.claims },
      (misdeeds.foreignKey ? foreign : published).privateKey,
    );
    return misdeeds.tamper?.(token) ?? token;
  };
  const redeem = (body: URLSearchParams) => {
    const of = begun.get(body.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    if (of?.challenge !== challenge) return { error: 'invalid_grant' };
    return { access_token: 'opaque', token_type: 'Bearer', id_token: idToken(of.nonce) };
  };
  const metadata = () => ({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    ...misdeeds.metadata,
  });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    asked.push(path);
    let answer: unknown = {};
    if (path === '/.well-known/openid-configuration') answer = metadata();
    if (path === '/jwks') {
      answer = {
        keys: [{ ...published.publicKey.export({ format: 'jwk' }), kid: 'rogue', use: 'sig', alg: 'ES256' }],
      };
    }
    if (path === '/token') {
      const body = new URLSearchParams(await bodyOf(request));
      redeemed.push({ body, authorization: request.headers.authorization });
      answer = redeem(body);
    }
    const status = misdeeds.status ?? (typeof answer === 'object' && answer && 'error' in answer ? 400 : 200);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy());
  });

  return {
    issuer,
    clientId: CLIENT_ID,
    misdeeds,
    asked,
    redeemed,
    answer(url) {
      const query = new URL(url).searchParams;
      const code = `code-${begun.size + 1}`;
      begun.set(code, { nonce: query.get('nonce') ?? '', challenge: query.get('code_challenge') ?? '' });
      const back = new URL(query.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', query.get('state') ?? '');
      return back;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A JWT by ES256. */
function signedJwt(claims: Readonly<Record<string, unknown>>, key: KeyObject): string {
  const signed = `${encoded({ alg: 'ES256', typ: 'JWT', kid: 'rogue' })}.${encoded(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

export function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
