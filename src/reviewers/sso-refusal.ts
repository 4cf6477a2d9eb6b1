import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { IdentityError, messageOf } from '../core/errors.ts';

/** Failures of openid-client that are the provider's or the network's, not of the answer that a browser brought. */
const OUT_OF_ORDER: ReadonlySet<string | undefined> = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_HTTP_REQUEST_FORBIDDEN',
  'OAUTH_REQUEST_PROTOCOL_FORBIDDEN',
  'OAUTH_MISSING_SERVER_METADATA',
  'OAUTH_INVALID_SERVER_METADATA',
]);

/** Errors of RFC 6749 (4.1.2.1, 5.2) that say the same. */
const PROVIDER_ERRORS: ReadonlySet<string> = new Set(['server_error', 'temporarily_unavailable']);
const CLIENT_ERRORS: ReadonlySet<string> = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_response_type',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_request',
]);

/** What a claim of the ID token that does not hold means. */
const CLAIMS: Readonly<Record<string, string>> = {
  nonce: 'it was made for another sign-on',
  iss: 'it is from another provider',
  aud: 'it was made for another program',
  azp: 'it was made for another program',
  auth_time: 'you proved who you are too long ago',
  exp: 'it is out of date',
  nbf: 'it is not valid yet',
};

/** What went wrong in a sign-on, in words; of the cause only what holds no token and no code. */
export function signOnRefusal(
  thrown: unknown,
  { issuer, stage }: { readonly issuer: string; readonly stage: 'discovery' | 'answer' },
): IdentityError {
  if (thrown instanceof IdentityError) return thrown;
  if (thrown instanceof AuthorizationResponseError || thrown instanceof ResponseBodyError) {
    return ofProvider(thrown, issuer);
  }
  if (thrown instanceof WWWAuthenticateChallengeError) return notThisClient(issuer, thrown);
  if (stage === 'answer' && thrown instanceof ClientError && !OUT_OF_ORDER.has(thrown.code)) {
    return refused(whyOf(thrown), thrown);
  }
  return unavailable(issuer, thrown);
}

/** An answer that is not believed. */
export function refused(why: string, cause?: unknown): IdentityError {
  return new IdentityError(
    'sso_refused',
    `The answer of the identity provider was refused: ${why}. Begin the sign-on again.`,
    causeOf(cause),
  );
}

function ofProvider(thrown: AuthorizationResponseError | ResponseBodyError, issuer: string): IdentityError {
  const code = /^[a-z_]{1,60}$/.test(thrown.error) ? thrown.error : 'an unknown error';
  if (PROVIDER_ERRORS.has(code)) return unavailable(issuer, thrown);
  if (CLIENT_ERRORS.has(code)) return notThisClient(issuer, thrown);
  if (code === 'access_denied')
    return refused('it says that the sign-on was called off or not allowed', thrown);
  if (code === 'invalid_grant') return refused('it was used before, or is too old', thrown);
  return refused(`it says ${code}`, thrown);
}

function notThisClient(issuer: string, thrown: unknown): IdentityError {
  return new IdentityError(
    'sso_unavailable',
    `The identity provider at ${issuer} does not accept this site as it is set up. Whoever runs Placet has to compare PLACET_OIDC_CLIENT_ID, PLACET_OIDC_CLIENT_SECRET, PLACET_OIDC_SCOPE and the redirect address with what the provider knows.`,
    causeOf(thrown),
  );
}

function unavailable(issuer: string, thrown: unknown): IdentityError {
  return new IdentityError(
    'sso_unavailable',
    `The identity provider at ${issuer} does not answer as it should. Try again in a while.`,
    causeOf(thrown),
  );
}

function whyOf(thrown: ClientError): string {
  const inner = thrown.cause;
  const detail: unknown = inner instanceof Error ? inner.cause : undefined;
  const claim =
    typeof detail === 'object' && detail !== null && 'claim' in detail ? String(detail.claim) : undefined;
  if (claim !== undefined && Object.hasOwn(CLAIMS, claim)) return CLAIMS[claim] ?? claim;
  return inner instanceof Error ? inner.message : thrown.message;
}

/** The library keeps whole answers in its errors, tokens included: only its words go on. */
function causeOf(thrown: unknown): ErrorOptions | undefined {
  if (thrown === undefined) return undefined;
  const words: string[] = [];
  for (let each: unknown = thrown; each instanceof Error && words.length < 3; each = each.cause) {
    words.push(
      'code' in each && typeof each.code === 'string' ? `${each.code}: ${each.message}` : each.message,
    );
  }
  return { cause: new Error(words.length === 0 ? messageOf(thrown) : words.join('; ')) };
}
