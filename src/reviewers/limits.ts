// The package's own index loads its stores for every database.
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js';
import { LimitError } from '../core/errors.ts';

/**
 * What is counted: `link` unknown links by address, `confirm` failed decisions by link or session, `sign_in` failed
 * sign-ins by address, `code` wrong invitation codes by address, `api` all requests of one session or address,
 * `hook` what came to the endpoint of a chat platform and was not signed by it, by address, `key` all requests with one
 * reviewer's key, `bearer` refused keys by address.
 */
export type LimitKind = 'link' | 'confirm' | 'sign_in' | 'code' | 'api' | 'hook' | 'key' | 'bearer';

/** How much of a limit is used. */
export interface Quota {
  /** How many are allowed within `window` seconds. */
  readonly limit: number;
  readonly window: number;
  /** How many of them are left, and after how many seconds all are allowed again. */
  readonly left: number;
  readonly reset: number;
}

/** Rate limits and lockouts. Kept in memory: a restart forgets them, which only an operator can bring about. */
export interface Limits {
  /** Refuses without counting. @throws LimitError when there were too many failures lately */
  check(kind: LimitKind, key: string): Promise<void>;
  /** Counts one. @throws LimitError when that was one too many */
  count(kind: LimitKind, key: string): Promise<Quota>;
}

const MINUTE = 60;

/** How many within how many seconds. */
const ALLOWED: Readonly<Record<LimitKind, { readonly points: number; readonly duration: number }>> = {
  link: { points: 60, duration: 5 * MINUTE },
  confirm: { points: 10, duration: 15 * MINUTE },
  sign_in: { points: 20, duration: 15 * MINUTE },
  code: { points: 20, duration: 60 * MINUTE },
  api: { points: 600, duration: MINUTE },
  hook: { points: 60, duration: 5 * MINUTE },
  key: { points: 300, duration: MINUTE },
  bearer: { points: 20, duration: 15 * MINUTE },
};

/** Of each kind. Who has more addresses than that has more tries, too, than a count by address could keep from them. */
const KEYS_KEPT = 10_000;

/**
 * By the machine's own time, which the library reads. Memory is bounded: where too many keys were counted, those that
 * were counted longest ago are forgotten.
 */
export function createLimits(): Limits {
  const limiters = new Map<LimitKind, Limiter>();
  for (const kind of Object.keys(ALLOWED) as LimitKind[]) {
    limiters.set(kind, {
      memory: new RateLimiterMemory({ keyPrefix: kind, ...ALLOWED[kind] }),
      keys: new Set(),
    });
  }
  const of = (kind: LimitKind): Limiter => {
    const limiter = limiters.get(kind);
    if (!limiter) throw new TypeError(`There is no limit ${kind}.`);
    return limiter;
  };

  return {
    async check(kind, key) {
      const spent = await of(kind).memory.get(key);
      if (spent && spent.consumedPoints >= ALLOWED[kind].points) throw exceeded(spent);
    },
    async count(kind, key) {
      const { memory, keys } = of(kind);
      keys.delete(key);
      keys.add(key);
      const [oldest] = keys;
      if (keys.size > KEYS_KEPT && oldest !== undefined) {
        keys.delete(oldest);
        await memory.delete(oldest);
      }
      try {
        const { remainingPoints: left, msBeforeNext } = await memory.consume(key);
        const { points: limit, duration: window } = ALLOWED[kind];
        return { limit, window, left, reset: Math.ceil(msBeforeNext / 1000) };
      } catch (refused) {
        throw refused instanceof RateLimiterRes ? exceeded(refused) : refused;
      }
    },
  };
}

interface Limiter {
  readonly memory: RateLimiterMemory;
  /** In the order in which they were last counted. */
  readonly keys: Set<string>;
}

function exceeded({ msBeforeNext }: RateLimiterRes): LimitError {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  const wait = seconds < 2 * MINUTE ? `${seconds} seconds` : `${Math.ceil(seconds / MINUTE)} minutes`;
  return new LimitError(`There were too many tries in a short time. Try again in ${wait}.`, seconds);
}
