import { createCipheriv, createDecipheriv } from 'node:crypto';
import { commitmentTo } from '../core/digest.ts';
import { JournalError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';

/**
 * One payload as it stands in a file:
 *
 *     magic 4 | length of the body 4, big-endian | commitment 32 | wrap 92 | body
 *
 * `wrap` is nonce 12 | key 32 and salt 32, encrypted | tag 16, under the workspace's key for payloads. `body` is
 * the payload | tag 16, encrypted under that key, which encrypts nothing else, so its nonce is zero. Both are
 * AES-256-GCM with the commitment as additional data. To erase the payload is to overwrite `wrap` by zeros.
 */
export const HEADER_BYTES = 132;
export const WRAP_AT = 40;
export const WRAP_BYTES = 92;

const MAGIC = Buffer.from('PLC1');
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const SALT_BYTES = 32;
const NO_NONCE = Buffer.alloc(NONCE_BYTES);

export interface Sealed {
  /** In hexadecimal. */
  readonly commit: string;
  readonly record: Buffer;
}

export function seal(bytes: Uint8Array, key: Buffer, random: Random): Sealed {
  const secrets = random(KEY_BYTES + SALT_BYTES);
  const commit = commitmentTo(secrets.subarray(KEY_BYTES), bytes);
  const record = Buffer.allocUnsafe(HEADER_BYTES + bytes.length + TAG_BYTES);
  MAGIC.copy(record);
  record.writeUInt32BE(bytes.length + TAG_BYTES, 4);
  record.write(commit, 8, 'hex');
  const data = record.subarray(8, WRAP_AT);
  const nonce = random(NONCE_BYTES);
  record.set(nonce, WRAP_AT);
  encryptInto(record, WRAP_AT + NONCE_BYTES, { key, nonce, data, bytes: secrets });
  encryptInto(record, HEADER_BYTES, { key: secrets.subarray(0, KEY_BYTES), nonce: NO_NONCE, data, bytes });
  return { commit, record };
}

export interface Header {
  readonly commit: string;
  /** Of the body. */
  readonly length: number;
  readonly erased: boolean;
}

/** @throws JournalError `payload_corrupt` */
export function readHeader(header: Buffer): Header {
  if (header.length !== HEADER_BYTES || !header.subarray(0, 4).equals(MAGIC)) {
    throw corrupt('it does not begin as one');
  }
  return {
    commit: header.toString('hex', 8, WRAP_AT),
    length: header.readUInt32BE(4),
    erased: header.subarray(WRAP_AT).every((byte) => byte === 0),
  };
}

/**
 * The payload, checked against its commitment.
 *
 * @throws JournalError `payload_corrupt`
 */
export function unseal(header: Buffer, body: Buffer, key: Buffer): Buffer {
  const { commit } = readHeader(header);
  const data = Buffer.from(commit, 'hex');
  const wrap = header.subarray(WRAP_AT);
  try {
    const secrets = decrypt(key, wrap.subarray(0, NONCE_BYTES), data, wrap.subarray(NONCE_BYTES));
    const bytes = decrypt(secrets.subarray(0, KEY_BYTES), NO_NONCE, data, body);
    if (commitmentTo(secrets.subarray(KEY_BYTES), bytes) === commit) return bytes;
  } catch (error) {
    throw corrupt('it cannot be decrypted; it was changed, or the key of the workspace was', error);
  }
  throw corrupt('it is not what was committed to');
}

export function corrupt(why: string, cause?: unknown): JournalError {
  return new JournalError('payload_corrupt', `A stored payload cannot be believed: ${why}.`, { cause });
}

/** Writes what was encrypted and its tag, which take as many bytes as were given and 16. */
function encryptInto(
  record: Buffer,
  at: number,
  {
    key,
    nonce,
    data,
    bytes,
  }: {
    readonly key: Uint8Array;
    readonly nonce: Uint8Array;
    readonly data: Buffer;
    readonly bytes: Uint8Array;
  },
): void {
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(data);
  // In this mode the last step gives no bytes.
  record.set(cipher.update(bytes), at);
  cipher.final();
  record.set(cipher.getAuthTag(), at + bytes.length);
}

function decrypt(key: Buffer, nonce: Uint8Array, data: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(data);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
}
