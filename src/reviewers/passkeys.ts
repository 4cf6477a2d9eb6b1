import { createHash } from 'node:crypto';
import type { AuthenticatorTransport } from '@simplewebauthn/server';
import { challengeOf } from '../core/challenge.ts';
import type { Passkey } from '../core/credentials.ts';
import type { PasskeyReceipt } from '../core/entry.ts';
import { DecisionError, IdentityError, messageOf } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Person } from '../core/person.ts';
import { readAssertion, readRegistration } from './browser-answer.ts';
import { readPublicKey } from './public-key.ts';

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
   * Checks an AuthenticationResponseJSON: signature, challenge, origin, relying party, user verification, and that
   * the key was made for its person. Whether the counter went back is the journal's fold to judge.
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

/** Loaded when a passkey is first used: a host starts sooner without. */
const webauthn = () => import('@simplewebauthn/server');
const helpers = () => import('@simplewebauthn/server/helpers');

/** @param options.origin of the reviewers' site, such as `https://placet.example.com` */
export function createPasskeys(options: { readonly origin: string }): Passkeys {
  const { origin, hostname: rpId } = new URL(options.origin);

  return {
    rpId,

    async registrationOptions({ person, nonce, exclude }) {
      const { generateRegistrationOptions } = await webauthn();
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
      const challenge = challengeOf({ act: 'enrol', person: person.id, nonce });
      const refused = (message: string, cause?: unknown) =>
        new IdentityError('passkey_refused', message, { cause });
      const answer = readRegistration(response);
      if (!answer) throw refused(NO_ANSWER);
      const fault = faultOf(answer.client, { type: 'webauthn.create', challenge, origin });
      if (fault !== undefined) throw refused(fault);
      const { id, clientDataJSON, transports } = answer;
      try {
        const { verifyRegistrationResponse } = await webauthn();
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response: {
            ...envelope(id),
            response: { clientDataJSON, attestationObject: await unattested(answer.attestationObject) },
          },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpId,
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        });
        if (!verified || registrationInfo.credential.id !== id) throw new TypeError(NOT_PROVEN);
        const { credential, credentialBackedUp } = registrationInfo;
        return {
          credential_id: id,
          public_key: Buffer.from(credential.publicKey).toString('base64url'),
          algorithm: (await readPublicKey(credential.publicKey)).algorithm,
          sign_count: credential.counter,
          transports,
          backed_up: credentialBackedUp,
          rp_id: rpId,
        };
      } catch (error) {
        throw refused(refusal(error, NOT_MADE), error);
      }
    },

    assertionOptions: ({ challenge, allow }) => ({
      challenge,
      rpId,
      timeout: TIMEOUT_MS,
      userVerification: 'required',
      allowCredentials: allow.map((key) => ({ ...described(key), type: 'public-key' })),
    }),

    async verifyAssertion({ assertion, challenge, nonce, passkey }) {
      const refused = (message: string, cause?: unknown) =>
        new DecisionError('passkey_refused', message, { cause });
      const answer = readAssertion(assertion);
      if (!answer) throw refused(NO_ANSWER);
      if (answer.id !== passkey.id) throw refused('Another passkey signed than the one that was asked.');
      if (passkey.rp_id !== rpId) {
        throw refused(
          `This passkey was enrolled for ${passkey.rp_id}, and this site is ${rpId} now. Ask for an invitation.`,
        );
      }
      if (answer.userHandle !== undefined && answer.userHandle !== handleOf(passkey.person))
        throw refused('This passkey was made for somebody else than the person it is enrolled for.');
      const fault = faultOf(answer.client, { type: 'webauthn.get', challenge, origin });
      if (fault !== undefined) throw refused(fault);
      const { id, authenticatorData, clientDataJSON, signature } = answer;
      try {
        const { verifyAuthenticationResponse } = await webauthn();
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response: { ...envelope(id), response: { authenticatorData, clientDataJSON, signature } },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpId,
          requireUserVerification: true,
          // The counter is judged where it is kept: by the fold over the journal.
          credential: { id, publicKey: bytesOf(passkey.public_key), counter: 0 },
        });
        // The library takes ways to write a signature that other verifiers of the journal do not.
        if (!verified || !(await isStrict(answer, passkey))) throw new TypeError(NOT_PROVEN);
        return {
          kind: 'passkey',
          credential_id: id,
          nonce,
          authenticator_data: authenticatorData,
          client_data: clientDataJSON,
          signature,
          sign_count: authenticationInfo.newCounter,
        };
      } catch (error) {
        throw refused(refusal(error, NOT_PROVEN), error);
      }
    },
  };
}

const NO_ANSWER = 'What the browser sent is no answer of a passkey. Load the page again and try once more.';
const NOT_MADE = 'The passkey that was made cannot be used here. Load the page again, or use another device.';
const NOT_PROVEN =
  'The signature does not prove that it is this passkey. Load the page again and sign once more.';

/** The library's words are for programmers, so people get ours. Nothing that it says here quotes the browser. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/RP ID/i, 'It was signed for another site. Open the link of this one.'],
  [
    /user verification|user could not be verified|user not present|user was not present/i,
    'The device did not verify you: unlock it with a PIN, a finger or your face when it asks.',
  ],
  [/public key alg\b/i, 'This kind of key is not supported. Use one that signs with EdDSA, ES256 or RS256.'],
];

function refusal(error: unknown, otherwise: string): string {
  const message = messageOf(error);
  return REFUSALS.find(([pattern]) => pattern.test(message))?.[1] ?? otherwise;
}

/** What is wrong with the client data (WebAuthn Level 3, 5.8.1). */
function faultOf(
  client: JsonObject,
  asked: { readonly type: string; readonly challenge: string; readonly origin: string },
): string | undefined {
  const { type, challenge, origin, crossOrigin = false, topOrigin } = client;
  if (type !== asked.type || challenge !== asked.challenge)
    return 'What was signed is not what this page asks for. Load the page again and sign once more.';
  if (origin !== asked.origin) return 'It was signed on another site. Open the link of this one.';
  // Our pages stand in no frame, so nothing that was signed in one is ours.
  if (crossOrigin !== false || topOrigin !== undefined)
    return 'It was signed in a frame of another page. Open the link of this site.';
  return undefined;
}

async function isStrict(
  answer: { readonly authenticatorData: string; readonly clientDataJSON: string; readonly signature: string },
  { public_key }: Passkey,
): Promise<boolean> {
  const client = createHash('sha256').update(bytesOf(answer.clientDataJSON)).digest();
  const signed = Buffer.concat([bytesOf(answer.authenticatorData), client]);
  const key = await readPublicKey(bytesOf(public_key));
  return key.verifies(signed, bytesOf(answer.signature));
}

/**
 * The attestation object without its statement, base64url. None was asked for and none is believed, so the parsers of
 * certificates that would judge it are never shown one.
 */
async function unattested(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoCBOR } = await helpers();
  const authData = decodeAttestationObject(bytesOf(attestationObject)).get('authData');
  const bare = new Map<string | number, Parameters<typeof isoCBOR.encode>[0]>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ]);
  return Buffer.from(isoCBOR.encode(bare)).toString('base64url');
}

function envelope(id: string) {
  return { id, rawId: id, type: 'public-key', clientExtensionResults: {} } as const;
}

/** What a person's passkeys name them by, as the browser tells it: the UTF-8 of the id, base64url. */
function handleOf(person: string): string {
  return Buffer.from(person, 'utf8').toString('base64url');
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
