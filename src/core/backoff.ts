import type { Random } from './ids.ts';

/** How long to wait at first and at the most, in milliseconds. */
export interface Patience {
  readonly first_ms: number;
  readonly most_ms: number;
}

/**
 * How long to wait after so many failures in a row (from 1), in milliseconds: twice as long each time, of which a
 * random part between half and all, so that many do not come back at once.
 */
export function backoff(failures: number, { first_ms, most_ms }: Patience, random: Random): number {
  const full = Math.min(most_ms, first_ms * 2 ** Math.min(failures - 1, 20));
  return Math.round(full * (0.5 + (random(1)[0] ?? 0) / 510));
}
