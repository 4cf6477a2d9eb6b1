import type { Patience } from '../core/backoff.ts';

/** Between tries at whoever is asked here. */
export const PATIENCE: Patience = { first_ms: 2000, most_ms: 5 * 60_000 };
