import type { Clock } from '../../core/clock.ts';

/** What to do after a try that failed. */
export interface Verdict {
  /** How many there have been. */
  readonly tries: number;
  /** In milliseconds; nothing when it is to be given up. */
  readonly wait_ms?: number;
}

export interface Tries {
  /** Another try of this message failed. */
  failed(id: string): Verdict;
  /** Nothing more is to be tried. */
  over(id: string): void;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** After each try but the last: ten within a day, the first of them in quick succession. */
const WAITS_MS: readonly number[] = [
  5000,
  15_000,
  MINUTE,
  4 * MINUTE,
  15 * MINUTE,
  HOUR,
  3 * HOUR,
  7 * HOUR,
  12 * HOUR,
];
const GIVE_UP_MS = 24 * HOUR;

/**
 * Counts the tries of messages: one is given up after the tenth, or when it has been tried for a day. The count is in
 * memory, so a restart begins anew.
 */
export function createTries(clock: Clock): Tries {
  const counts = new Map<string, { readonly since: number; tries: number }>();
  /** Those that nobody came back for, as their request was over before. */
  const forgetOld = (now: number): void => {
    for (const [id, { since }] of counts) if (now - since > 2 * GIVE_UP_MS) counts.delete(id);
  };
  return {
    failed(id) {
      const now = clock.now();
      forgetOld(now);
      const count = counts.get(id) ?? { since: now, tries: 0 };
      count.tries += 1;
      counts.set(id, count);
      const wait = WAITS_MS[count.tries - 1];
      if (wait !== undefined && now - count.since < GIVE_UP_MS) return { tries: count.tries, wait_ms: wait };
      counts.delete(id);
      return { tries: count.tries };
    },
    over: (id) => void counts.delete(id),
  };
}
