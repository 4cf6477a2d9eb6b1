import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

/** A FAKE OAuth issuer: its metadata, its keys, and any token that a test wants signed. */
export interface FakeTokenIssuer {
  readonly issuer: string;
  /** A token that is good for an hour from `now`, with these members of its claims and header changed. */
  token(
    claims?: Readonly<Record<string, unknown>>,
    header?: { readonly alg?: string; readonly kid?: string; readonly typ?: string },
  ): Promise<string>;
  /** From now on it signs with a new key and gives that alone. */
  rotate(): Promise<void>;
  /** Its answers to questions for metadata and keys, or errors. */
  answers: boolean;
  /** What its metadata says that it is. */
  claimedIssuer: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  close(): void;
}

/** @param where its metadata stands: as of an OAuth server (RFC 8414), or of an OpenID provider */
export async function openFakeTokenIssuer(options: {
  readonly audience: string;
  readonly now: () => number;
  readonly where?: 'oauth' | 'openid';
  /** A path of the issuer, such as `/tenant`. */
  readonly path?: string;
}): Promise<FakeTokenIssuer> {
  const { audience, now, where = 'oauth', path = '' } = options;
  const asked: string[] = [];
  let kid = 0;
  let pair = await generateKeyPair('ES256');
  const metadataPath =
    where === 'oauth'
      ? `/.well-known/oauth-authorization-server${path}`
      : `${path}/.well-known/openid-configuration`;
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    void (async () => {
      const body =
        request.url === metadataPath
          ? { issuer: fake.claimedIssuer, jwks_uri: `${base}/keys` }
          : request.url === '/keys'
            ? { keys: [{ ...(await exportJWK(pair.publicKey)), kid: `k${kid}`, use: 'sig' }] }
            : undefined;
      response.writeHead(fake.answers ? (body ? 200 : 404) : 500, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(body ?? {}));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${base}${path}`;

  async function sign(
    claims: JWTPayload,
    header: { alg: string; kid: string; typ: string },
  ): Promise<string> {
    const text = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    if (header.alg === 'none') return `${text(header)}.${text(claims)}.`;
    // The old trick: the public key, as the secret of a symmetric signature.
    const key: CryptoKey | Uint8Array = header.alg.startsWith('HS')
      ? Buffer.from(JSON.stringify(await exportJWK(pair.publicKey)))
      : pair.privateKey;
    return new SignJWT(claims).setProtectedHeader(header).sign(key);
  }

  const fake: FakeTokenIssuer = {
    issuer,
    answers: true,
    claimedIssuer: issuer,
    asked,
    token(claims = {}, header = {}) {
      const at = Math.floor(now() / 1000);
      const usual = {
        iss: issuer,
        aud: audience,
        sub: 'subject-1',
        client_id: 'claude',
        iat: at,
        exp: at + 3600,
      };
      return sign(JSON.parse(JSON.stringify({ ...usual, ...claims })) as JWTPayload, {
        alg: 'ES256',
        kid: `k${kid}`,
        typ: 'at+jwt',
        ...header,
      });
    },
    async rotate() {
      kid += 1;
      pair = await generateKeyPair('ES256');
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return fake;
}
