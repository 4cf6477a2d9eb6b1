import { createHmac, timingSafeEqual } from 'node:crypto';
import { linkDigest } from '../core/link.ts';

/** What a page knew when it was served, and its form brings back unchanged. */
export interface Served {
  readonly card_digest: string;
  /** RFC 3339, UTC. */
  readonly opened_at: string;
}

/**
 * The hidden field of the decision form, against forgery: what was served, with an HMAC over it and the link, so
 * that only a page served for this very link can be posted to it. Nothing is stored, so it survives a restart.
 */
export function sealForm(key: Uint8Array, token: string, served: Served): string {
  const opened = Date.parse(served.opened_at);
  return `${opened}.${served.card_digest}.${mac(key, token, opened, served.card_digest)}`;
}

/** What was served, or nothing when the field was not made by `sealForm` for this link. */
export function openForm(key: Uint8Array, token: string, field: string): Served | undefined {
  const match = /^([0-9]{1,15})\.([0-9a-f]{64})\.([0-9a-f]{64})$/.exec(field);
  if (!match?.[1] || !match[2] || !match[3]) return undefined;
  const opened = Number(match[1]);
  const expected = Buffer.from(mac(key, token, opened, match[2]), 'hex');
  if (!timingSafeEqual(expected, Buffer.from(match[3], 'hex'))) return undefined;
  return { card_digest: match[2], opened_at: new Date(opened).toISOString() };
}

function mac(key: Uint8Array, token: string, opened: number, cardDigest: string): string {
  return createHmac('sha256', key)
    .update(`placet decision form v1\n${linkDigest(token)}\n${cardDigest}\n${opened}`)
    .digest('hex');
}
