import type { SignOnReceipt } from '../core/entry.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { People } from '../core/person.ts';
import { refused } from './sso-refusal.ts';

/** How far the provider's clock may be ahead of ours, and behind it where an age is asked. */
const SKEW_MS = 30 * 1000;
/** OpenID Connect Core 1.0, section 2: a subject has 255 characters at most. */
const TEXT_MAX = 255;

/**
 * What an ID token says, as it is journalled. Its signature, issuer, audience and nonce were checked.
 *
 * @throws IdentityError `sso_refused` where what was asked for is not in it
 */
export function receiptOf(
  token: { readonly claims: JsonObject | undefined; readonly id_token_sha256: string },
  asked: {
    readonly issuer: string;
    readonly groupsClaim: string;
    /** One of them must be answered; empty when any will do. */
    readonly acr: readonly string[];
    readonly people: People;
    /** Milliseconds since the epoch. */
    readonly now: number;
    /** How long ago the person may have proved who they are, in seconds. */
    readonly maxAge: number | undefined;
  },
): SignOnReceipt {
  const { claims } = token;
  if (!claims) throw refused('there is no ID token in it');
  const subject = textOf(claims['sub']);
  if (subject === undefined || subject === '') throw refused('it does not say whose account it is');
  const acr = textOf(claims['acr']);
  if (asked.acr.length > 0 && (acr === undefined || !asked.acr.includes(acr))) {
    throw refused(`you did not sign on in a way that is asked for here (${asked.acr.join(', ')})`);
  }
  return {
    kind: 'sso',
    issuer: asked.issuer,
    subject,
    auth_time: authTime(claims, asked),
    ...(acr === undefined ? {} : { acr }),
    groups: groupsOf(claimOf(claims, asked.groupsClaim), asked.people),
    id_token_sha256: token.id_token_sha256,
  };
}

/** Without `auth_time` the person proved who they are before the token was issued: how long before was not asked. */
function authTime(
  claims: JsonObject,
  asked: { readonly now: number; readonly maxAge: number | undefined },
): string {
  const { now, maxAge } = asked;
  const seconds = maxAge === undefined ? (claims['auth_time'] ?? claims['iat']) : claims['auth_time'];
  if (typeof seconds !== 'number' || !(seconds >= 0))
    throw refused('it does not say when you proved who you are');
  const at = Math.floor(seconds) * 1000;
  if (at > now + SKEW_MS) throw refused('it names a time to come as the one when you proved who you are');
  if (maxAge !== undefined && now - at > maxAge * 1000 + SKEW_MS)
    throw refused('you proved who you are too long ago');
  return new Date(at).toISOString();
}

/** Of the groups that the provider names, those that people.yaml speaks of. */
function groupsOf(claim: Json | undefined, { group_claims }: People): readonly string[] {
  const named = Array.isArray(claim) ? claim : [claim];
  return [...new Set(Object.values(group_claims ?? {}))].filter((group) => named.includes(group));
}

function claimOf(claims: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

function textOf(claim: Json | undefined): string | undefined {
  return typeof claim === 'string' && claim.length <= TEXT_MAX && claim.isWellFormed() ? claim : undefined;
}
