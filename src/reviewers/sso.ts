import { authorizationCodeGrant, buildAuthorizationUrl, calculatePKCECodeChallenge } from 'openid-client';
import type { Clock } from '../core/clock.ts';
import { sha256 } from '../core/digest.ts';
import type { SignOnReceipt } from '../core/entry.ts';
import { IdentityError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { personOfSignOn, type People, type Person } from '../core/person.ts';
import type { Seals } from './seal.ts';
import { createSsoProvider } from './sso-provider.ts';
import { receiptOf } from './sso-receipt.ts';
import { signOnRefusal } from './sso-refusal.ts';

/** What a sign-on is for: it serves for nothing else. */
export type SignOnPurpose =
  | { readonly kind: 'sign_in' }
  /** A decision behind a link. */
  | { readonly kind: 'link'; readonly token: string }
  /** A decision, or a word on an unknown outcome, of somebody who is signed in. */
  | { readonly kind: 'session'; readonly person: string; readonly request_id: string }
  /** To accept a definition, by somebody who is signed in. */
  | { readonly kind: 'acceptance'; readonly person: string; readonly definition: string }
  /** To make a key for the API, by somebody who is signed in; `draft` says which, sealed. */
  | { readonly kind: 'key'; readonly person: string; readonly draft: string }
  /** To link an account elsewhere; `state` says which. */
  | { readonly kind: 'account'; readonly person: string; readonly state: string };

/** OpenID Connect: authorization code with PKCE, state, nonce, `max_age` and `acr`. */
export interface SingleSignOn {
  readonly issuer: string;
  /**
   * Where to send the browser. `cookie` is sealed and goes with it: only the browser that began can finish.
   *
   * @throws IdentityError `sso_unavailable`
   */
  start(options: {
    readonly purpose: SignOnPurpose;
    /** How long ago the person may have proved who they are, in milliseconds. */
    readonly maxAgeMs?: number;
  }): Promise<{ readonly url: string; readonly cookie: string }>;
  /**
   * Checks the provider's answer: state, nonce, issuer, audience, signature, `auth_time` and `acr`.
   *
   * @param options.url the whole address that the browser came back to
   * @returns whose account it is; no person where people.yaml links it to nobody
   * @throws IdentityError `sso_refused` with the reason in words, `sso_unavailable`
   */
  finish(options: { readonly url: string; readonly cookie: string }): Promise<{
    readonly purpose: SignOnPurpose;
    readonly sign_on: SignOnReceipt;
    readonly person?: Person;
  }>;
}

export interface SingleSignOnOptions {
  /** The issuer identifier, character for character as the provider writes it. */
  readonly issuer: string;
  readonly clientId: string;
  /** Nothing for a public client. */
  readonly clientSecret?: string;
  /** Separated by spaces; `openid` is among them. */
  readonly scope: string;
  /** The claim of the ID token that lists groups: an array of texts, or one text. */
  readonly groupsClaim: string;
  /** One of these authentication contexts must be answered; empty when any will do. */
  readonly acr: readonly string[];
  /** Where the provider sends browsers back to, as it knows it. */
  readonly redirectUri: string;
  readonly seals: Seals;
  readonly people: () => People;
  readonly clock: Clock;
  readonly random: Random;
}

/** How long somebody may take at the provider. */
const UNDER_WAY_MS = 10 * 60 * 1000;
const SEAL = 'sso';

/** What the browser keeps, sealed, while its person is at the provider. */
interface UnderWay {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly purpose: SignOnPurpose;
  /** In seconds, as the provider was asked. */
  readonly max_age?: number;
}

/**
 * Single sign-on at one OpenID Connect provider (Core 1.0; PKCE of RFC 7636, issuer of RFC 9207). The provider is
 * first asked about itself when somebody signs on, so a start needs no network.
 *
 * @throws ConfigError where the issuer is neither https nor on this machine
 */
export function createSingleSignOn(options: SingleSignOnOptions): SingleSignOn {
  const { issuer, acr, redirectUri, seals, clock } = options;
  const provider = createSsoProvider(options);
  const unguessable = () => Buffer.from(options.random(32)).toString('base64url');

  const receive = async (url: string, begun: UnderWay): Promise<SignOnReceipt> => {
    const configuration = await provider.configuration();
    const answer = new URL(redirectUri);
    answer.search = new URL(url).search;
    try {
      const tokens = await authorizationCodeGrant(configuration, answer, {
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        pkceCodeVerifier: begun.verifier,
        idTokenExpected: true,
        ...(begun.max_age === undefined ? {} : { maxAge: begun.max_age }),
      });
      return receiptOf(
        { claims: tokens.claims() as JsonObject | undefined, id_token_sha256: sha256(tokens.id_token ?? '') },
        { ...options, people: options.people(), now: clock.now(), maxAge: begun.max_age },
      );
    } catch (thrown) {
      throw signOnRefusal(thrown, { issuer, stage: 'answer' });
    }
  };

  return {
    issuer,
    async start({ purpose, maxAgeMs }) {
      const configuration = await provider.configuration();
      const begun: UnderWay = {
        state: unguessable(),
        nonce: unguessable(),
        verifier: unguessable(),
        purpose,
        ...(maxAgeMs === undefined ? {} : { max_age: Math.floor(maxAgeMs / 1000) }),
      };
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: options.scope,
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
        ...(begun.max_age === undefined ? {} : { max_age: String(begun.max_age) }),
        ...(acr.length === 0 ? {} : { acr_values: acr.join(' ') }),
      });
      const cookie = seals.seal(SEAL, begun as unknown as Json, clock.now() + UNDER_WAY_MS);
      return { url: url.href, cookie };
    },
    async finish({ url, cookie }) {
      // Only what was sealed here for this purpose opens, so its shape is known.
      const begun = seals.open(SEAL, cookie) as unknown as UnderWay | undefined;
      if (!begun) {
        throw new IdentityError(
          'sso_refused',
          'This browser did not begin this sign-on, or too long ago. Begin again, and allow the cookies of this site.',
        );
      }
      const sign_on = await receive(url, begun);
      const person = personOfSignOn(sign_on, options.people());
      return { purpose: begun.purpose, sign_on, ...(person ? { person } : {}) };
    },
  };
}
