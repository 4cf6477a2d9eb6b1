import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** What is signed (Standard Webhooks): the id, when it is sent, and the body as it is sent. */
export interface Signed {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly seconds: number;
  readonly body: string;
}

/** One entry of `webhook-signature`, such as `v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=`. */
export type Signer = (message: Signed) => string;

/** What stands before a seed in the DER of a private key (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

/**
 * Reads a secret of Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes (HMAC-SHA-256, `v1`), or `whsk_` and
 * that of an Ed25519 private key (`v1a`): its seed of 32 bytes, the seed with the public key behind it, or PKCS #8 in
 * DER, as OpenSSL writes it. Nothing where it is none.
 */
export function signerOf(secret: string): Signer | undefined {
  const [prefix, text = '', ...more] = secret.split('_');
  const bytes = Buffer.from(text, 'base64');
  if (more.length > 0 || bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, ''))
    return undefined;
  if (prefix === 'whsec') return bytes.length >= 24 && bytes.length <= 64 ? hmacSigner(bytes) : undefined;
  return prefix === 'whsk' ? ed25519Signer(bytes) : undefined;
}

function hmacSigner(key: Buffer): Signer {
  const webhook = new Webhook(key, { format: 'raw' });
  return ({ id, seconds, body }) => webhook.sign(id, new Date(seconds * 1000), body);
}

function ed25519Signer(bytes: Buffer): Signer | undefined {
  const key = privateKeyOf(bytes);
  if (!key) return undefined;
  return ({ id, seconds, body }) =>
    `v1a,${sign(null, Buffer.from(`${id}.${seconds}.${body}`), key).toString('base64')}`;
}

function privateKeyOf(bytes: Buffer): KeyObject | undefined {
  const isBare = bytes.length === SEED_BYTES || bytes.length === 2 * SEED_BYTES;
  const der = isBare ? Buffer.concat([PKCS8_HEAD, bytes.subarray(0, SEED_BYTES)]) : bytes;
  try {
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    if (key.asymmetricKeyType !== 'ed25519') return undefined;
    // A public key that does not belong to the seed is a slip that would only be seen by whoever verifies.
    if (bytes.length === 2 * SEED_BYTES && !publicBytes(key).equals(bytes.subarray(SEED_BYTES)))
      return undefined;
    return key;
  } catch {
    return undefined;
  }
}

function publicBytes(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES);
}
