import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  discovery,
  enableNonRepudiationChecks,
  None,
  type ClientAuth,
  type Configuration,
} from 'openid-client';
import type { Clock } from '../core/clock.ts';
import { ConfigError, IdentityError } from '../core/errors.ts';
import { signOnRefusal } from './sso-refusal.ts';

/** What an identity provider says of itself, asked for when it is first needed. */
export interface SsoProvider {
  /** @throws IdentityError `sso_unavailable` */
  configuration(): Promise<Configuration>;
}

/** For how long what the provider said of itself is believed. A failure is not kept: the next sign-on asks again. */
const BELIEVED_MS = 60 * 60 * 1000;
/** How long each of its answers may take, in seconds. */
const PATIENCE_S = 10;

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * OpenID Connect Discovery 1.0 for one issuer.
 *
 * @throws ConfigError where the issuer is neither https nor on this machine
 */
export function createSsoProvider(options: {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly clock: Clock;
}): SsoProvider {
  const { issuer, clientId, clientSecret, clock } = options;
  const isLocal = isPlainLoopback(issuer);
  if (!isLocal && !isHttps(issuer)) {
    throw new ConfigError(
      'bad_setting',
      'PLACET_OIDC_ISSUER must begin with https:// unless it is on this machine. Mend it in .env or in the environment.',
    );
  }
  const discover = async (): Promise<Configuration> => {
    try {
      const found = await discovery(new URL(issuer), clientId, undefined, authenticate(clientSecret), {
        timeout: PATIENCE_S,
        execute: [enableNonRepudiationChecks, ...(isLocal ? [allowInsecureRequests] : [])],
      });
      checkMetadata(issuer, isLocal, found);
      return found;
    } catch (thrown) {
      throw signOnRefusal(thrown, { issuer, stage: 'discovery' });
    }
  };

  let current: { readonly at: number; readonly found: Promise<Configuration> } | undefined;
  return {
    async configuration() {
      if (!current || clock.now() - current.at >= BELIEVED_MS) {
        current = { at: clock.now(), found: discover() };
      }
      const asked = current;
      try {
        return await asked.found;
      } catch (thrown) {
        if (current === asked) current = undefined;
        throw thrown;
      }
    },
  };
}

/** `client_secret_basic` is what a provider takes that does not say otherwise. */
function authenticate(secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const offered = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (offered.includes('client_secret_basic') ? basic : post)(server, client, body, headers);
  };
}

function checkMetadata(issuer: string, isLocal: boolean, found: Configuration): void {
  const metadata = found.serverMetadata();
  if (metadata.issuer !== issuer) {
    throw new IdentityError(
      'sso_unavailable',
      `The identity provider names itself otherwise than PLACET_OIDC_ISSUER does, which is ${issuer}. Whoever runs Placet has to write it there as the provider does, to the character.`,
    );
  }
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    const address = metadata[name];
    if (address !== undefined && (isHttps(address) || (isLocal && isPlainLoopback(address)))) continue;
    throw new IdentityError(
      'sso_unavailable',
      `The identity provider at ${issuer} names no ${name} that begins with https://, so nobody is sent there.`,
    );
  }
}

function isHttps(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:';
}

function isPlainLoopback(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && LOOPBACK.has(hostname);
}
