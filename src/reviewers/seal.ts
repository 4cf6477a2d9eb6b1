import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/ids.ts';
import type { Json } from '../core/json.ts';

/**
 * Small values that travel through a browser and come back unread and unchanged (AES-256-GCM), for one purpose and a
 * limited time. Nothing is stored, so they survive a restart.
 */
export interface Seals {
  /** @param expiresAt milliseconds since the epoch @returns base64url */
  seal(purpose: string, value: Json, expiresAt: number): string;
  /** The value, or nothing when it was not sealed here for this purpose, or its time is over. */
  open(purpose: string, sealed: string): Json | undefined;
}

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** @param key 32 secret bytes that stay the same over restarts */
export function createSeals(key: Uint8Array, clock: Clock, random: Random): Seals {
  const aad = (purpose: string): Buffer => Buffer.from(`placet seal v${VERSION}\n${purpose}`);
  return {
    seal(purpose, value, expiresAt) {
      const iv = random(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad(purpose));
      const body = Buffer.concat([cipher.update(JSON.stringify([expiresAt, value]), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, body, cipher.getAuthTag()]).toString('base64url');
    },

    open(purpose, sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length <= IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(aad(purpose))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      let text: string;
      try {
        text = Buffer.concat([
          decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)),
          decipher.final(),
        ]).toString('utf8');
      } catch {
        // Not sealed under this key for this purpose.
        return undefined;
      }
      const [expiresAt, value] = JSON.parse(text) as [number, Json];
      return expiresAt > clock.now() ? value : undefined;
    },
  };
}
