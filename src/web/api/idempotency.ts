import type { Clock } from '../../core/clock.ts';

/** An answer, and whether it was given before. */
export type Once<T> =
  | { readonly kind: 'answered'; readonly answer: T; readonly again: boolean }
  /** Something else was asked for under the same key. */
  | { readonly kind: 'reused' };

/**
 * Lets what is asked for under one key be done once, however often it is asked (draft-ietf-httpapi-idempotency-key-
 * header). Kept in memory, and not for ever: what must hold beyond that is the journal's.
 */
export interface Idempotency<T> {
  /**
   * @param asked.fingerprint of all that is asked for
   * @param act done at most once at a time; where it throws, nothing is kept
   */
  once(
    asked: { readonly key: string; readonly fingerprint: string },
    act: () => Promise<T>,
  ): Promise<Once<T>>;
}

interface Kept<T> {
  readonly fingerprint: string;
  readonly at: number;
  readonly answer: Promise<T>;
}

const KEPT_MS = 24 * 60 * 60 * 1000;
const KEPT_MAX = 10_000;

export function createIdempotency<T>(clock: Clock, max = KEPT_MAX): Idempotency<T> {
  /** Oldest first. */
  const kept = new Map<string, Kept<T>>();

  const forgetOld = (): void => {
    for (const [key, { at }] of kept) {
      if (kept.size < max && at > clock.now() - KEPT_MS) break;
      kept.delete(key);
    }
  };

  return {
    async once({ key, fingerprint }, act) {
      forgetOld();
      const known = kept.get(key);
      if (known) {
        if (known.fingerprint !== fingerprint) return { kind: 'reused' };
        return { kind: 'answered', answer: await known.answer, again: true };
      }
      const answer = act();
      kept.set(key, { fingerprint, at: clock.now(), answer });
      try {
        return { kind: 'answered', answer: await answer, again: false };
      } catch (thrown) {
        if (kept.get(key)?.answer === answer) kept.delete(key);
        throw thrown;
      }
    },
  };
}
