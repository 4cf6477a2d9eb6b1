import { createHash, hash } from 'node:crypto';
import { canonicalJson } from './json.ts';

/** To copy more than so many bytes takes longer than to hash them in two pieces. */
const PIECED_BYTES = 4096;

/** SHA-256 as 64 lower-case hexadecimal characters. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const [first = '', ...more] = parts;
  // Of one piece, in one go, it takes half as long.
  if (more.length === 0) return hash('sha256', first, 'hex');
  const several = createHash('sha256').update(first);
  for (const part of more) several.update(part);
  return several.digest('hex');
}

/** SHA-256 over the canonical JSON (RFC 8785) of `value`. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/**
 * A salted commitment to `bytes`: SHA-256(salt ‖ bytes), in hexadecimal. Without the salt (32 random bytes) a
 * guess of the bytes cannot be tested, so destroying the salt erases what was committed to.
 */
export function commitmentTo(salt: Uint8Array, bytes: Uint8Array | string): string {
  return typeof bytes === 'string' || bytes.length > PIECED_BYTES
    ? sha256(salt, bytes)
    : sha256(Buffer.concat([salt, bytes]));
}
