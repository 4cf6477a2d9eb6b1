import { createHash } from 'node:crypto';
import { canonicalJson } from './json.ts';

/** SHA-256 as 64 lower-case hexadecimal characters. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
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
  return sha256(salt, bytes);
}
