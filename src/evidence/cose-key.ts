import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

/** A passkey's public key, to check signatures with. */
export interface CoseKey {
  readonly algorithm: number;
  /** Whether this key made the signature, in the form WebAuthn gives it, over these bytes. */
  verifies(signed: Uint8Array, signature: Uint8Array): boolean;
}

const EDDSA = -8;
const ES256 = -7;
const RS256 = -257;

/** Labels of a COSE_Key's members. For EC2 and OKP -1 is the curve; for RSA -1 and -2 are n and e. */
const KTY = 1;
const ALG = 3;

/**
 * Reads a COSE_Key (RFC 9052, 7; RFC 9053, 7; RFC 8230, 4) of Ed25519, P-256 or RSA.
 *
 * @param text base64url
 * @throws TypeError saying what cannot be used about it
 */
export function readCoseKey(text: string): CoseKey {
  const members = readMap(Buffer.from(text, 'base64url'));
  const algorithm = members.get(ALG);
  if (algorithm === EDDSA && members.get(KTY) === 1 && members.get(-1) === 6) {
    return keyOf(algorithm, null, { kty: 'OKP', crv: 'Ed25519', x: bytes(members, -2) });
  }
  if (algorithm === ES256 && members.get(KTY) === 2 && members.get(-1) === 1) {
    const point = { x: bytes(members, -2), y: bytes(members, -3) };
    return keyOf(algorithm, 'sha256', { kty: 'EC', crv: 'P-256', ...point });
  }
  if (algorithm === RS256 && members.get(KTY) === 3) {
    return keyOf(algorithm, 'sha256', { kty: 'RSA', n: bytes(members, -1), e: bytes(members, -2) });
  }
  throw new TypeError('it is of no algorithm that is known here');
}

function keyOf(algorithm: number, digest: 'sha256' | null, jwk: JsonWebKey): CoseKey {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk, format: 'jwk' });
  } catch (cause) {
    throw new TypeError('it is no public key of its algorithm', { cause });
  }
  return { algorithm, verifies: (signed, signature) => verify(digest, signed, key, signature) };
}

function bytes(members: ReadonlyMap<number, unknown>, label: number): string {
  const value = members.get(label);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url');
  throw new TypeError(`it lacks the member ${label}`);
}

/** A CBOR map (RFC 8949) of integers to integers and byte strings, and nothing before or after it. */
function readMap(cbor: Buffer): ReadonlyMap<number, number | Uint8Array> {
  let at = 0;
  const take = (count: number): Buffer => {
    if (at + count > cbor.length) throw new TypeError('it ends too early');
    at += count;
    return cbor.subarray(at - count, at);
  };
  const head = (): { readonly major: number; readonly count: number } => {
    const first = take(1).readUInt8();
    const info = first & 0x1f;
    const major = first >> 5;
    if (info < 24) return { major, count: info };
    if (info > 26) throw new TypeError('it holds what no key holds');
    return { major, count: take(2 ** (info - 24)).readUIntBE(0, 2 ** (info - 24)) };
  };
  const value = (): number | Uint8Array => {
    const { major, count } = head();
    if (major === 0) return count;
    if (major === 1) return -1 - count;
    if (major === 2) return take(count);
    throw new TypeError('it holds what no key holds');
  };
  const { major, count } = head();
  if (major !== 5) throw new TypeError('it is no map');
  const members = new Map<number, number | Uint8Array>();
  for (let n = 0; n < count; n += 1) {
    const label = value();
    if (typeof label !== 'number' || members.has(label)) throw new TypeError('its members are ambiguous');
    members.set(label, value());
  }
  if (at < cbor.length) throw new TypeError('something follows it');
  return members;
}
