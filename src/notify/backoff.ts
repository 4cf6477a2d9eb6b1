import type { Random } from '../core/ids.ts';

const FIRST_MS = 2000;
const LONGEST_MS = 5 * 60_000;

/**
 * How long to wait after the attempt of this number (from 1) failed, in milliseconds: twice as long each time up
 * to five minutes, of which a random part between half and all, so that many do not come back at once.
 */
export function backoff(attempt: number, random: Random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  return Math.round(full * (0.5 + (random(1)[0] ?? 0) / 510));
}
