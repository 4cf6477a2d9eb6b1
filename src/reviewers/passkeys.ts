import type { Passkey } from '../core/credentials.ts';
import type { PasskeyReceipt } from '../core/entry.ts';
import type { JsonObject } from '../core/json.ts';
import type { Person } from '../core/person.ts';

/** A key as its authenticator made it, checked; whose it is and how it came about is the caller's to add. */
export type NewPasskey = Pick<
  Passkey,
  'public_key' | 'algorithm' | 'sign_count' | 'transports' | 'backed_up' | 'rp_id'
> & { readonly credential_id: string };

/** WebAuthn (Level 3) with user verification, for one relying party: the host name of the reviewers' site. */
export interface Passkeys {
  readonly rpId: string;
  /**
   * Options for `navigator.credentials.create`, as PublicKeyCredentialCreationOptionsJSON. The challenge is that of
   * the act `enrol`.
   */
  registrationOptions(question: {
    readonly person: Person;
    readonly nonce: string;
    /** Keys that the person has already. */
    readonly exclude: readonly Passkey[];
  }): Promise<JsonObject>;
  /** @throws IdentityError `passkey_refused` with the reason in words */
  verifyRegistration(answer: {
    readonly person: Person;
    readonly nonce: string;
    /** RegistrationResponseJSON, as the browser posted it: nothing of it has been checked. */
    readonly response: JsonObject;
  }): Promise<NewPasskey>;
  /**
   * Options for `navigator.credentials.get`, as PublicKeyCredentialRequestOptionsJSON.
   *
   * @param question.challenge base64url, of `challengeOf`
   * @param question.allow the keys that will do; empty for any that the person's device offers
   */
  assertionOptions(question: { readonly challenge: string; readonly allow: readonly Passkey[] }): JsonObject;
  /**
   * Checks an AuthenticationResponseJSON: signature, challenge, origin, relying party, user verification. Whether
   * the counter went back is the journal's fold to judge.
   *
   * @throws DecisionError `passkey_refused` with the reason in words
   */
  readonly verifyAssertion: (question: {
    readonly assertion: JsonObject;
    readonly challenge: string;
    readonly nonce: string;
    readonly passkey: Passkey;
  }) => Promise<PasskeyReceipt>;
}
