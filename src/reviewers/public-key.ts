import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

/** A passkey's public key, usable. */
export interface PublicKey {
  /** COSE algorithm: -8 EdDSA, -7 ES256, -257 RS256. */
  readonly algorithm: number;
  /** Whether it made this signature, written in the one form that every verifier takes. */
  verifies(signed: Uint8Array, signature: Uint8Array): boolean;
}

/** Of an RSA modulus. More than the most that an authenticator makes only costs time. */
const RSA_BITS = { least: 2048, most: 8192 };

/**
 * Reads a COSE_Key (RFC 9053, 7; RFC 8230, 4): Ed25519, P-256 or RSA with exactly the members of its kind, as WebAuthn
 * (Level 3, 6.5.1.1) asks. A key that only some verifiers can use is none: what it signs has to be checked by anyone.
 *
 * @throws TypeError
 */
export async function readPublicKey(bytes: Uint8Array<ArrayBuffer>): Promise<PublicKey> {
  const { cose, decodeCredentialPublicKey } = await import('@simplewebauthn/server/helpers');
  const members = decodeCredentialPublicKey(bytes) as unknown as ReadonlyMap<number, unknown>;
  const { kty, alg, crv, x, y, n, e } = cose.COSEKEYS;
  const algorithm = members.get(alg);
  const text = (label: number): string => {
    const value = members.get(label);
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url');
    throw new TypeError('The key lacks a member.');
  };
  const is = (kind: number, size: number, curve?: number): boolean =>
    members.get(kty) === kind && members.size === size && (curve === undefined || members.get(crv) === curve);

  switch (algorithm) {
    case -8:
      if (!is(1, 4, 6)) break;
      return keyOf(algorithm, { kty: 'OKP', crv: 'Ed25519', x: text(x) });
    case -7:
      if (!is(2, 5, 1)) break;
      return keyOf(algorithm, { kty: 'EC', crv: 'P-256', x: text(x), y: text(y) });
    case -257:
      if (!is(3, 4)) break;
      return keyOf(algorithm, { kty: 'RSA', n: text(n), e: text(e) });
  }
  throw new TypeError('The key is of no kind that is supported.');
}

function keyOf(algorithm: number, jwk: JsonWebKey): PublicKey {
  const key: KeyObject = createPublicKey({ key: jwk, format: 'jwk' });
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && (bits < RSA_BITS.least || bits > RSA_BITS.most))
    throw new TypeError('The key is too short or too long.');
  return {
    algorithm,
    verifies: (signed, signature) => verify(algorithm === -8 ? null : 'sha256', signed, key, signature),
  };
}
