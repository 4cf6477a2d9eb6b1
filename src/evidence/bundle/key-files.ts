import { createPublicKey } from 'node:crypto';
import type { NamedKey } from '../log-keys.ts';

/** The verifier keys of the log, a line each, the newest last. */
export function keyLines(keys: readonly NamedKey[]): string {
  return keys.map(({ key }) => `${key}\n`).join('');
}

/** The same key for openssl (RFC 8410, PEM). @param vkey `name+id+base64`, of an Ed25519 key */
export function keyPem(vkey: string): string {
  const material = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64');
  const x = material.subarray(1).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
