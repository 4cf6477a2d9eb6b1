import type { Random } from '../core/ids.ts';

const FIRST_MS = 1000;
const LONGEST_MS = 5 * 60_000;

/**
 * How long to wait after so many failures in a row (from 1), in milliseconds: twice as long each time up to five
 * minutes, of which a random part between half and all.
 */
export function backoff(failures: number, random: Random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(full * (0.5 + (random(1)[0] ?? 0) / 510));
}
