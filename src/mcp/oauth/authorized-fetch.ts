import {
  auth,
  extractWWWAuthenticateParams,
  type OAuthClientProvider,
} from '@modelcontextprotocol/sdk/client/auth.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Clock } from '../../core/clock.ts';
import { DownstreamError } from '../../core/errors.ts';
import type { GrantStore } from './grant-file.ts';
import { mustSignIn } from './oauth-client.ts';

export interface AuthorizedFetchOptions {
  readonly server: string;
  /** The downstream's address. Its token goes to that origin and to no other. */
  readonly url: string;
  readonly client: OAuthClientProvider;
  readonly grants: GrantStore;
  readonly clock: Clock;
  readonly fetch: FetchLike;
}

/** A token that ends this soon is renewed before it is used. */
const ALMOST_OVER_MS = 30_000;

/**
 * Adds the workspace's token for a downstream to each request, renews it when it is over or refused, and repeats the
 * request once. All connections of the workspace share it: of many that are refused at once one renews, as a refresh
 * token that is used twice is taken for stolen.
 */
export function createAuthorizedFetch(options: AuthorizedFetchOptions): FetchLike {
  const { server, url, client, grants, clock } = options;
  const { origin } = new URL(url);
  let renewing: Promise<void> | undefined;

  function renew(refusal?: Response): Promise<void> {
    renewing ??= authorize(refusal).finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  async function authorize(refusal: Response | undefined): Promise<void> {
    // A machine has no place to come back to; who has one and no refresh token needs a person.
    if (client.redirectUrl !== undefined && grants.read()?.tokens?.refresh_token === undefined) {
      throw mustSignIn(server);
    }
    const { resourceMetadataUrl, scope } = refusal ? extractWWWAuthenticateParams(refusal) : {};
    let result: Awaited<ReturnType<typeof auth>>;
    try {
      result = await auth(client, {
        serverUrl: url,
        fetchFn: options.fetch,
        ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }),
        ...(scope === undefined ? {} : { scope }),
      });
    } catch (error) {
      if (error instanceof DownstreamError) throw error;
      // What the authorization server said stays in the cause: it may repeat what is secret.
      throw new DownstreamError(
        'downstream_unavailable',
        `The server ${server} could not be authorised: its authorization server refused or did not answer. Run "placet connect ${server}" if this goes on.`,
        { cause: error },
      );
    }
    if (result !== 'AUTHORIZED') throw mustSignIn(server);
  }

  function send(target: string | URL, init: RequestInit | undefined): Promise<Response> {
    const token = new URL(target).origin === origin ? grants.read()?.tokens?.access_token : undefined;
    if (token === undefined) return options.fetch(target, init);
    const headers = new Headers(init?.headers);
    headers.set('Authorization', `Bearer ${token}`);
    return options.fetch(target, { ...init, headers });
  }

  return async (target, init) => {
    const before = grants.read();
    if (
      before?.tokens?.refresh_token !== undefined &&
      before.expires_at !== undefined &&
      before.expires_at - clock.now() < ALMOST_OVER_MS
    ) {
      await renew();
    }
    const used = grants.read()?.tokens?.access_token;
    const response = await send(target, init);
    if (response.status !== 401 || new URL(target).origin !== origin) return response;
    // Another request, or a person at the command line, may have renewed it meanwhile.
    if (grants.read()?.tokens?.access_token === used) await renew(response);
    await response.body?.cancel();
    return send(target, init);
  };
}
