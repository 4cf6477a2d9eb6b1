import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { LimitError } from '../core/errors.ts';

/**
 * What is counted: `link` unknown links by address, `confirm` failed decisions by link or session, `sign_in` failed
 * sign-ins by address, `code` wrong invitation codes by address, `api` all requests of one session or address.
 */
export type LimitKind = 'link' | 'confirm' | 'sign_in' | 'code' | 'api';

/** Rate limits and lockouts. Kept in memory: a restart forgets them, which only an operator can bring about. */
export interface Limits {
  /** Refuses without counting. @throws LimitError when there were too many failures lately */
  check(kind: LimitKind, key: string): Promise<void>;
  /** Counts one. @throws LimitError when that was one too many */
  count(kind: LimitKind, key: string): Promise<void>;
}

const MINUTE = 60;

/** How many within how many seconds. */
const ALLOWED: Readonly<Record<LimitKind, { readonly points: number; readonly duration: number }>> = {
  link: { points: 60, duration: 5 * MINUTE },
  confirm: { points: 10, duration: 15 * MINUTE },
  sign_in: { points: 20, duration: 15 * MINUTE },
  code: { points: 20, duration: 60 * MINUTE },
  api: { points: 600, duration: MINUTE },
};

/** By the machine's own time, which the library reads. */
export function createLimits(): Limits {
  const limiters = new Map<LimitKind, RateLimiterMemory>();
  for (const [kind, { points, duration }] of Object.entries(ALLOWED) as [
    LimitKind,
    (typeof ALLOWED)[LimitKind],
  ][]) {
    limiters.set(kind, new RateLimiterMemory({ keyPrefix: kind, points, duration }));
  }
  const of = (kind: LimitKind): RateLimiterMemory => {
    const limiter = limiters.get(kind);
    if (!limiter) throw new TypeError(`There is no limit ${kind}.`);
    return limiter;
  };

  return {
    async check(kind, key) {
      const spent = await of(kind).get(key);
      if (spent && spent.consumedPoints >= ALLOWED[kind].points) throw exceeded(spent);
    },
    async count(kind, key) {
      try {
        await of(kind).consume(key);
      } catch (refused) {
        throw refused instanceof RateLimiterRes ? exceeded(refused) : refused;
      }
    },
  };
}

function exceeded({ msBeforeNext }: RateLimiterRes): LimitError {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  const wait = seconds < 2 * MINUTE ? `${seconds} seconds` : `${Math.ceil(seconds / MINUTE)} minutes`;
  return new LimitError(`There were too many tries in a short time. Try again in ${wait}.`, seconds);
}
