import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { CallError } from '../core/errors.ts';

/** Finds the keys with which an issuer signs, by its metadata (RFC 8414, OpenID Connect Discovery). */
export interface IssuerKeys {
  /** @throws CallError `issuer_unreachable` */
  find(): Promise<JWTVerifyGetKey>;
}

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.string() });

/** What was found is asked for anew after this time. */
const FOUND_MS = 60 * 60_000;
/** After a failure the issuer is left alone for so long. */
const PAUSE_MS = 5000;
const FETCH_MS = 5000;
const MAX_BYTES = 512 * 1024;

export function createIssuerKeys(options: { readonly issuer: string; readonly clock: Clock }): IssuerKeys {
  const { issuer, clock } = options;
  let known: { readonly keys: Promise<JWTVerifyGetKey>; readonly until: number } | undefined;

  async function discover(): Promise<JWTVerifyGetKey> {
    let cause: unknown;
    for (const url of metadataUrls(issuer)) {
      try {
        const metadata = metadataSchema.parse(await (await boundedFetch(url)).json());
        if (metadata.issuer !== issuer) throw new Error(`${url} is the metadata of another issuer.`);
        const keys = new URL(metadata.jwks_uri);
        if (!isSafe(keys, issuer)) throw new Error('Its jwks_uri is not https.');
        return createRemoteJWKSet(keys, { timeoutDuration: FETCH_MS, [customFetch]: boundedFetch });
      } catch (error) {
        cause ??= error;
      }
    }
    throw unreachable(cause);
  }

  return {
    find() {
      if (!known || clock.now() >= known.until) {
        const keys = discover();
        known = { keys, until: clock.now() + FOUND_MS };
        keys.catch(() => {
          known = { keys, until: clock.now() + PAUSE_MS };
        });
      }
      return known.keys;
    },
  };
}

export function unreachable(cause: unknown): CallError {
  return new CallError(
    'issuer_unreachable',
    'Tokens cannot be checked at the moment, as their issuer gives no keys; try again later.',
    { cause },
  );
}

function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
      `${origin}/.well-known/openid-configuration${path}`,
    ]),
  ];
}

/** https; an issuer on this machine may have its keys there, too. */
function isSafe({ protocol, hostname }: URL, issuer: string): boolean {
  if (protocol === 'https:') return true;
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'http:' && local && new URL(issuer).protocol === 'http:';
}

/** Follows no redirect and reads no more than half a megabyte. */
async function boundedFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, {
    headers: { Accept: 'application/json' },
    ...init,
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_MS),
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MAX_BYTES) throw new Error(`${url} answers with more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk as Uint8Array);
  }
  if (response.status !== 200) throw new Error(`${url} answers with HTTP status ${response.status}.`);
  return new Response(Buffer.concat(chunks), { status: 200 });
}
