import type { Random } from '../core/ids.ts';

const FIRST_MS = 1000;
const MOST_MS = 5 * 60_000;

/** How long to wait after the given number of failures (from one): doubling, a quarter of it random. */
export function backoff(failures: number, random: Random): number {
  const full = Math.min(FIRST_MS * 2 ** (failures - 1), MOST_MS);
  const [byte = 0] = random(1);
  return Math.round(full * (0.75 + (0.25 * byte) / 255));
}
