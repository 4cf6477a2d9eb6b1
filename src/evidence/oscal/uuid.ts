import { createHash } from 'node:crypto';

/** Of Placet's own; everything that a bundle names in OSCAL is a name in it. */
const NAMESPACE = '6c1b7f0e-5d43-4a7e-9a57-2f6f0c8b41d9';

/** A UUID of version 5 (RFC 9562, 5.5): the same parts always give the same. */
export function uuidOf(...parts: readonly (string | number)[]): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(JSON.stringify(parts))
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
