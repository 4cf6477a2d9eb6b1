import type { SignOnReceipt } from '../core/entry.ts';
import type { Person } from '../core/person.ts';

/** What a sign-on is for: it serves for nothing else. */
export type SignOnPurpose =
  | { readonly kind: 'sign_in' }
  /** A decision behind a link. */
  | { readonly kind: 'link'; readonly token: string }
  /** A decision, or a word on an unknown outcome, of somebody who is signed in. */
  | { readonly kind: 'session'; readonly person: string; readonly request_id: string };

/** OpenID Connect: authorization code with PKCE, state, nonce, `max_age` and `acr`. */
export interface SingleSignOn {
  readonly issuer: string;
  /** The origin that browsers are sent to, for the content security policy; nothing before the first discovery. */
  origin(): string | undefined;
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
