import { sha256 } from './digest.ts';
import type { Random } from './ids.ts';

/** A new link: the token goes to one person, its hash into the journal, and nothing else is kept. */
export interface MintedLink {
  /** 32 random bytes as base64url: 43 characters. Secret. */
  readonly token: string;
  /** SHA-256 over the token's characters, in hexadecimal. */
  readonly sha256: string;
}

export function mintLink(random: Random): MintedLink {
  const token = Buffer.from(random(32)).toString('base64url');
  return { token, sha256: linkDigest(token) };
}

/** What the journal keeps of a link. */
export function linkDigest(token: string): string {
  return sha256(token);
}

/** Whether this can be a token at all; one that cannot is looked up nowhere. */
export function isLinkToken(token: string): boolean {
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(token);
}
