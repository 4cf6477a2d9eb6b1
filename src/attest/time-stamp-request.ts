import { createHash } from 'node:crypto';

/** Of a nonce, in bytes. */
export const NONCE_BYTES = 8;

/** SEQUENCE { version 1, SEQUENCE { SEQUENCE { sha256, NULL }, OCTET STRING of 32 bytes … in DER. */
const HEAD = Buffer.from('30430201013031300d060960864801650304020105000420', 'hex');
const NONCE = Buffer.of(0x02, NONCE_BYTES);
/** That the authority adds its certificate: BOOLEAN TRUE. */
const CERT_REQ = Buffer.of(0x01, 0x01, 0xff);

/**
 * A TimeStampReq (RFC 3161, 2.4.1) for the SHA-256 of a message. As everything in it has a fixed length, its DER is
 * the same but for the hash and the nonce.
 *
 * @param nonce 8 bytes, as `nonceFrom` makes them
 */
export function timeStampRequest(message: Uint8Array, nonce: Uint8Array): Buffer {
  return Buffer.concat([HEAD, createHash('sha256').update(message).digest(), NONCE, nonce, CERT_REQ]);
}

/** A positive number of just 8 bytes in DER. @param random 8 random bytes */
export function nonceFrom(random: Uint8Array): Buffer {
  const nonce = Buffer.from(random);
  nonce[0] = ((nonce[0] ?? 0) & 0x3f) | 0x40;
  return nonce;
}
