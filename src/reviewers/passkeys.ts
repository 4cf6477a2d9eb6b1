import {
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { cose, decodeCredentialPublicKey } from '@simplewebauthn/server/helpers';
import { challengeOf } from '../core/challenge.ts';
import type { Passkey } from '../core/credentials.ts';
import type { PasskeyReceipt } from '../core/entry.ts';
import { DecisionError, IdentityError, messageOf } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
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

/** COSE: EdDSA, ES256, RS256. */
const ALGORITHMS = [-8, -7, -257];
const TIMEOUT_MS = 5 * 60_000;
const TRANSPORTS: readonly string[] = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

/** @param options.origin of the reviewers' site, such as `https://placet.example.com` */
export function createPasskeys(options: { readonly origin: string }): Passkeys {
  const { origin } = options;
  const rpId = new URL(origin).hostname;

  return {
    rpId,

    async registrationOptions({ person, nonce, exclude }) {
      const made = await generateRegistrationOptions({
        rpName: 'Placet',
        rpID: rpId,
        userID: new TextEncoder().encode(person.id),
        userName: person.emails[0] ?? person.id,
        userDisplayName: person.name,
        challenge: bytesOf(challengeOf({ act: 'enrol', person: person.id, nonce })),
        timeout: TIMEOUT_MS,
        attestationType: 'none',
        excludeCredentials: exclude.map(described),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        supportedAlgorithmIDs: ALGORITHMS,
      });
      return made as unknown as JsonObject;
    },

    async verifyRegistration({ person, nonce, response }) {
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: response as unknown as RegistrationResponseJSON,
        expectedChallenge: challengeOf({ act: 'enrol', person: person.id, nonce }),
        expectedOrigin: origin,
        expectedRPID: rpId,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      }).catch((error: unknown) => {
        throw new IdentityError('passkey_refused', refusal(error), { cause: error });
      });
      if (!verified) throw new IdentityError('passkey_refused', NOT_PROVEN);
      mustBeTopLevel(response, (message) => new IdentityError('passkey_refused', message));
      const { credential, credentialBackedUp } = registrationInfo;
      const algorithm = decodeCredentialPublicKey(credential.publicKey).get(cose.COSEKEYS.alg);
      if (typeof algorithm !== 'number') throw new IdentityError('passkey_refused', NOT_PROVEN);
      return {
        credential_id: credential.id,
        public_key: Buffer.from(credential.publicKey).toString('base64url'),
        algorithm,
        sign_count: credential.counter,
        transports: (credential.transports ?? []).filter((each) => TRANSPORTS.includes(each)),
        backed_up: credentialBackedUp,
        rp_id: rpId,
      };
    },

    assertionOptions: ({ challenge, allow }) => ({
      challenge,
      rpId,
      timeout: TIMEOUT_MS,
      userVerification: 'required',
      allowCredentials: allow.map((key) => ({ ...described(key), type: 'public-key' })),
    }),

    async verifyAssertion({ assertion, challenge, nonce, passkey }) {
      const response = assertion as unknown as AuthenticationResponseJSON;
      const refused = (message: string, cause?: unknown) =>
        new DecisionError('passkey_refused', message, { cause });
      if (response.id !== passkey.id) throw refused('Another passkey signed than the one that was asked.');
      if (passkey.rp_id !== rpId) {
        throw refused(
          `This passkey was enrolled for ${passkey.rp_id}, and this site is ${rpId} now. Ask for an invitation.`,
        );
      }
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpId,
        requireUserVerification: true,
        // The counter is judged where it is kept: by the fold over the journal.
        credential: { id: passkey.id, publicKey: bytesOf(passkey.public_key), counter: 0 },
      }).catch((error: unknown) => {
        throw refused(refusal(error), error);
      });
      if (!verified) throw refused(NOT_PROVEN);
      mustBeTopLevel(assertion, refused);
      return {
        kind: 'passkey',
        credential_id: passkey.id,
        nonce,
        authenticator_data: response.response.authenticatorData,
        client_data: response.response.clientDataJSON,
        signature: response.response.signature,
        sign_count: authenticationInfo.newCounter,
      };
    },
  };
}

const NOT_PROVEN =
  'The signature does not prove that it is this passkey. Load the page again and sign once more.';

/** The library's errors quote what the browser sent, so people get words of ours. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/challenge/i, 'What was signed is not what this page asks for. Load the page again and sign once more.'],
  [/origin/i, 'It was signed on another site. Open the link of this one.'],
  [/RP ID/i, 'It was signed for another site. Open the link of this one.'],
  [
    /user verification|user could not be verified|user not present/i,
    'The device did not verify you: unlock it with a PIN, a finger or your face when it asks.',
  ],
  [/algorithm|alg\b/i, 'This kind of key is not supported. Use one that signs with EdDSA, ES256 or RS256.'],
];

function refusal(error: unknown): string {
  const message = messageOf(error);
  return REFUSALS.find(([pattern]) => pattern.test(message))?.[1] ?? NOT_PROVEN;
}

/** Our pages stand in no frame, so nothing that was signed in one is ours. */
function mustBeTopLevel(response: JsonObject, refused: (message: string) => Error): void {
  const inner = response['response'] as JsonObject;
  const text = typeof inner['clientDataJSON'] === 'string' ? inner['clientDataJSON'] : '';
  const client: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
  if (isJsonObject(client) && client['crossOrigin'] !== true) return;
  throw refused('It was signed in a frame of another page. Open the link of this site.');
}

function described({ id, transports }: Pick<Passkey, 'id' | 'transports'>): {
  id: string;
  transports: AuthenticatorTransport[];
} {
  return { id, transports: [...transports] as AuthenticatorTransport[] };
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64url, 'base64url'));
}
