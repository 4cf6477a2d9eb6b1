import { createHmac } from 'node:crypto';
import type { Random } from '../core/ids.ts';

/** Crockford's base 32: no letter that passes for a digit, and no word by accident. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 8;

/** A code such as `7K3M-Q9TX`: 40 random bits, to be told by voice or chat. */
export function newCode(random: Random): string {
  const letters = [...random(LENGTH)].map((byte) => ALPHABET.charAt(byte % 32)).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** What the journal keeps of a code: under a key, since 40 bits could be guessed. In hexadecimal. */
export function codeDigest(key: Uint8Array, invitation: string, code: string): string {
  return createHmac('sha256', key)
    .update(`placet invitation code v1\n${invitation}\n${folded(code)}`)
    .digest('hex');
}

/** As a person may type it: in any case, with or without the hyphen, O for 0, I or L for 1. */
function folded(code: string): string {
  return code
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
}
