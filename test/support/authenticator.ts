import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { challengeOf, type Act } from '../../src/core/challenge.ts';
import type { Passkey } from '../../src/core/credentials.ts';
import type { Draft, PasskeyReceipt } from '../../src/core/entry.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { cbor } from './cbor.ts';

/** COSE: EdDSA over Ed25519, ES256 over P-256, RS256. */
export type Algorithm = -8 | -7 | -257;

export interface AuthenticatorOptions {
  /** Default -8. */
  readonly algorithm?: Algorithm;
  /** Default `localhost`. */
  readonly rpId?: string;
  /** Default `http://localhost:7447`. */
  readonly origin?: string;
  /** It counts its signatures from here; one that is left out keeps no counter and always says 0. */
  readonly counter?: number;
}

/** What one answer does differently from what an honest browser and authenticator would. */
export interface Knobs {
  /** The user was not verified: false. */
  readonly uv?: boolean;
  /** Nobody touched it: false. */
  readonly up?: boolean;
  readonly origin?: string;
  readonly rpId?: string;
  /** base64url. */
  readonly challenge?: string;
  readonly counter?: number;
  /** The signature has a bit wrong. */
  readonly tampered?: boolean;
  readonly credentialId?: string;
  /** Such as `webauthn.create` where `webauthn.get` is right. */
  readonly type?: string;
  /** The page stood in a frame of another site. */
  readonly crossOrigin?: boolean;
  /** Members that the client data has besides. */
  readonly client?: JsonObject;
  /** The id of the person for whom it says that it was made. */
  readonly userHandle?: string;
  /** Another COSE_Key than its own, base64url. */
  readonly publicKey?: string;
  /** Default `none`. */
  readonly attestation?: string;
}

/** A passkey in software, with the browser before it. Never used outside tests. */
export interface Authenticator {
  /** base64url. */
  readonly id: string;
  /** COSE_Key, base64url. */
  readonly publicKey: string;
  readonly algorithm: Algorithm;
  /** RegistrationResponseJSON. @param challenge base64url, or the options that carry it */
  register(challenge: string | JsonObject, knobs?: Knobs): JsonObject;
  /** AuthenticationResponseJSON. @param challenge base64url, or the options that carry it */
  assert(challenge: string | JsonObject, knobs?: Knobs): JsonObject;
  /** What the journal keeps of an assertion for this act. */
  receipt(act: Act, knobs?: Knobs): PasskeyReceipt;
  /** As the journal's fold knows it once it is enrolled. */
  passkey(person: string, more?: Partial<Passkey>): Passkey;
  /** Everything from the invitation to the enrolment, for one append. @param sentAt RFC 3339 */
  enrolment(person: string, sentAt: string): readonly Draft[];
}

export function createAuthenticator(options: AuthenticatorOptions = {}): Authenticator {
  const { algorithm = -8, rpId = 'localhost', origin = 'http://localhost:7447' } = options;
  const { publicKey, privateKey } = generateKey(algorithm);
  const id = randomBytes(16).toString('base64url');
  const cose = coseKey(publicKey, algorithm);
  let counter = options.counter;

  const clientData = (type: string, challenge: string | JsonObject, knobs: Knobs): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: knobs.type ?? type,
        challenge: knobs.challenge ?? challengeIn(challenge),
        origin: knobs.origin ?? origin,
        crossOrigin: knobs.crossOrigin ?? false,
        ...knobs.client,
      }),
    );

  const authData = (knobs: Knobs, attested?: Buffer): Buffer => {
    const { uv = true, up = true } = knobs;
    const flags = (up ? 0x01 : 0) | (uv ? 0x04 : 0) | (attested ? 0x40 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(knobs.counter ?? counter ?? 0);
    return Buffer.concat([
      hashed(knobs.rpId ?? rpId),
      Buffer.of(flags),
      count,
      ...(attested ? [attested] : []),
    ]);
  };

  const register: Authenticator['register'] = (challenge, knobs = {}) => {
    const rawId = Buffer.from(knobs.credentialId ?? id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(rawId.length);
    const key = knobs.publicKey === undefined ? cose : Buffer.from(knobs.publicKey, 'base64url');
    const attested = Buffer.concat([Buffer.alloc(16), length, rawId, key]);
    const attestation = new Map<string, unknown>([
      ['fmt', knobs.attestation ?? 'none'],
      ['attStmt', new Map()],
      ['authData', authData(knobs, attested)],
    ]);
    return {
      id: knobs.credentialId ?? id,
      rawId: knobs.credentialId ?? id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData('webauthn.create', challenge, knobs).toString('base64url'),
        attestationObject: cbor(attestation).toString('base64url'),
        transports: ['internal'],
      },
    };
  };

  const answer = (challenge: string | JsonObject, knobs: Knobs) => {
    if (counter !== undefined) counter += 1;
    const data = authData(knobs);
    const client = clientData('webauthn.get', challenge, knobs);
    const signed = Buffer.concat([data, hashed(client)]);
    const signature = sign(algorithm === -8 ? null : 'sha256', signed, privateKey);
    if (knobs.tampered) signature[20] = (signature[20] ?? 0) ^ 1;
    return {
      authenticator_data: data.toString('base64url'),
      client_data: client.toString('base64url'),
      signature: signature.toString('base64url'),
      sign_count: data.readUInt32BE(33),
    };
  };

  return {
    id,
    publicKey: cose.toString('base64url'),
    algorithm,
    register,
    assert(challenge, knobs = {}) {
      const { authenticator_data, client_data, signature } = answer(challenge, knobs);
      return {
        id: knobs.credentialId ?? id,
        rawId: knobs.credentialId ?? id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          authenticatorData: authenticator_data,
          clientDataJSON: client_data,
          signature,
          ...(knobs.userHandle === undefined
            ? {}
            : { userHandle: Buffer.from(knobs.userHandle).toString('base64url') }),
        },
      };
    },
    receipt: (act, knobs = {}) => ({
      kind: 'passkey',
      credential_id: knobs.credentialId ?? id,
      nonce: act.nonce,
      ...answer(challengeOf(act), knobs),
    }),
    passkey: (person, more = {}) => ({
      id,
      person,
      public_key: cose.toString('base64url'),
      algorithm,
      sign_count: options.counter ?? 0,
      name: 'Laptop',
      transports: ['internal'],
      backed_up: false,
      rp_id: rpId,
      enrolled_at: '2026-11-23T10:00:00.000Z',
      ...more,
    }),
    enrolment(person, sentAt) {
      const invitation = `inv_${id}`;
      const digest = createHash('sha256').update(id).digest('hex');
      return [
        {
          type: 'passkey.invited',
          invitation,
          person,
          by: 'operator',
          code_digest: digest,
          needs_approval: false,
        },
        { type: 'passkey.invitation_linked', invitation, link_sha256: digest },
        {
          type: 'passkey.invitation_sent',
          invitation,
          channel: 'fake',
          message_id: '<enrol@fake>',
          expires_at: new Date(Date.parse(sentAt) + 24 * 60 * 60 * 1000).toISOString(),
        },
        {
          type: 'passkey.enrolled',
          person,
          credential_id: id,
          public_key: cose.toString('base64url'),
          algorithm,
          sign_count: options.counter ?? 0,
          name: 'Laptop',
          transports: ['internal'],
          backed_up: false,
          rp_id: rpId,
          invitation,
        },
      ];
    },
  };
}

function challengeIn(challenge: string | JsonObject): string {
  const found = typeof challenge === 'string' ? challenge : challenge['challenge'];
  if (typeof found !== 'string') throw new TypeError('There is no challenge in these options.');
  return found;
}

function hashed(bytes: string | Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function generateKey(algorithm: Algorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  switch (algorithm) {
    case -8:
      return generateKeyPairSync('ed25519');
    case -7:
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case -257:
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
  }
}

/** COSE_Key (RFC 9053) of a public key. */
function coseKey(key: KeyObject, algorithm: Algorithm): Buffer {
  const jwk = key.export({ format: 'jwk' });
  const bytes = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');
  switch (algorithm) {
    case -8:
      return cbor(
        new Map<number, unknown>([
          [1, 1],
          [3, -8],
          [-1, 6],
          [-2, bytes(jwk.x)],
        ]),
      );
    case -7:
      return cbor(
        new Map<number, unknown>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, bytes(jwk.x)],
          [-3, bytes(jwk.y)],
        ]),
      );
    case -257:
      return cbor(
        new Map<number, unknown>([
          [1, 3],
          [3, -257],
          [-1, bytes(jwk.n)],
          [-2, bytes(jwk.e)],
        ]),
      );
  }
}
