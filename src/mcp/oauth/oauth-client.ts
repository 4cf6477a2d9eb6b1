import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import type { Clock } from '../../core/clock.ts';
import { DownstreamError } from '../../core/errors.ts';
import type { Grant, GrantStore } from './grant-file.ts';
import { issuerOf, mustBeTrusted } from './trusted-issuer.ts';

/** What mcp.json says of how to sign in at a downstream, under `placet.oauth`; everything may be left out. */
export interface OAuthConfig {
  /** A client that was registered by hand; without it the workspace registers itself. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** The only authorization server that is believed, whatever the downstream names. */
  readonly issuer?: string;
  readonly scope?: string;
  /** `client_credentials`: nobody signs in, the client itself is trusted. Default `authorization_code`. */
  readonly grant: 'authorization_code' | 'client_credentials';
}

const BY_SIGN_IN: OAuthConfig = { grant: 'authorization_code' };

/** A person who signs in, in a browser. */
export interface SignIn {
  /** Where the browser comes back to. */
  readonly redirectUrl: string;
  readonly state: string;
  /** Sends the browser there. */
  readonly show: (url: URL) => void;
}

export interface OAuthClientOptions {
  readonly server: string;
  /** The downstream's address. */
  readonly url: string;
  readonly config?: OAuthConfig | undefined;
  readonly grants: GrantStore;
  readonly clock: Clock;
  /** Absent in the host, where nobody can sign in. */
  readonly signIn?: SignIn;
}

/** This workspace as an OAuth client of one downstream, as the MCP SDK's flow asks for it. */
export function createOAuthClient(options: OAuthClientOptions): OAuthClientProvider {
  const { server, url: address, config = BY_SIGN_IN, grants, clock, signIn } = options;
  const own = config.clientId === undefined ? undefined : ownClient(config.clientId, config);
  const machine = config.grant === 'client_credentials';
  let verifier: string | undefined;

  const metadata: OAuthClientMetadata = {
    client_name: 'Placet',
    redirect_uris: signIn ? [signIn.redirectUrl] : [],
    grant_types: machine ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    ...(machine ? {} : { response_types: ['code'] }),
    token_endpoint_auth_method: config.clientSecret === undefined ? 'none' : 'client_secret_basic',
    ...(config.scope === undefined ? {} : { scope: config.scope }),
  };

  function keep(change: (standing: Grant) => Grant): void {
    grants.update(change);
  }

  return {
    // The SDK takes a client without one for a machine. In the host it is never followed.
    get redirectUrl() {
      return machine
        ? undefined
        : (signIn?.redirectUrl ?? grants.read()?.redirect_url ?? 'http://localhost/');
    },
    get clientMetadata() {
      return metadata;
    },
    ...(signIn ? { state: () => signIn.state } : {}),
    // The SDK calls this before it sends anything that is secret.
    saveDiscoveryState({ authorizationServerUrl: named }) {
      mustBeTrusted(named, { server, url: address, config, pinned: issuerOf(grants.read()) });
    },
    clientInformation: () => own ?? grants.read()?.client,
    ...(own
      ? {}
      : {
          saveClientInformation(client) {
            // A host that may not register anew would only be refused later, by a person's browser.
            if (!signIn && grants.read()?.client === undefined) throw mustSignIn(server);
            keep((standing) => ({
              ...standing,
              client,
              ...(signIn ? { redirect_url: signIn.redirectUrl } : {}),
            }));
          },
        }),
    tokens: () => grants.read()?.tokens,
    saveTokens(tokens) {
      keep(({ url, client: registered, redirect_url, tokens: before }) => ({
        url,
        ...(tokens.issuer === undefined ? {} : { issuer: tokens.issuer }),
        ...(registered === undefined ? {} : { client: registered }),
        ...(redirect_url === undefined ? {} : { redirect_url }),
        // A refresh that names no new refresh token leaves the old one.
        tokens: {
          ...(before?.refresh_token === undefined ? {} : { refresh_token: before.refresh_token }),
          ...tokens,
        },
        ...(tokens.expires_in === undefined ? {} : { expires_at: clock.now() + tokens.expires_in * 1000 }),
      }));
    },
    redirectToAuthorization(url) {
      if (!signIn) throw mustSignIn(server);
      signIn.show(url);
    },
    saveCodeVerifier(value) {
      verifier = value;
    },
    codeVerifier() {
      if (verifier === undefined) throw mustSignIn(server);
      return verifier;
    },
    ...(machine
      ? {
          prepareTokenRequest: (scope?: string) =>
            new URLSearchParams({
              grant_type: 'client_credentials',
              ...(scope === undefined ? {} : { scope }),
            }),
        }
      : {}),
    invalidateCredentials(scope) {
      const pinned = issuerOf(grants.read());
      keep(({ client, tokens, expires_at, ...standing }) => ({
        ...standing,
        ...(pinned === undefined ? {} : { issuer: pinned }),
        ...(client === undefined || scope === 'all' || scope === 'client' ? {} : { client }),
        ...(tokens === undefined || scope === 'all' || scope === 'tokens' ? {} : { tokens }),
        ...(expires_at === undefined || scope === 'all' || scope === 'tokens' ? {} : { expires_at }),
      }));
    },
  };
}

function ownClient(clientId: string, { clientSecret, issuer }: OAuthConfig): OAuthClientInformationMixed {
  return {
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

export function mustSignIn(server: string): DownstreamError {
  return new DownstreamError(
    'downstream_unavailable',
    `The server ${server} asks for a sign-in: a person has to run "placet connect ${server}" once.`,
  );
}
