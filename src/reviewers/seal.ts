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
