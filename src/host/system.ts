import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/ids.ts';

/** The machine's own time. A pending timer alone never keeps the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const POOL_BYTES = 4096;

/** Asks the system for many bytes at once, as each asking takes two microseconds; none is handed out twice. */
function pooledRandom(): Random {
  let pool = Buffer.alloc(0);
  let at = 0;
  return (size) => {
    if (size > POOL_BYTES / 8) return randomBytes(size);
    if (at + size > pool.length) {
      pool = randomBytes(POOL_BYTES);
      at = 0;
    }
    const taken = pool.subarray(at, at + size);
    const bytes = new Uint8Array(taken);
    taken.fill(0);
    at += size;
    return bytes;
  };
}

export const systemRandom: Random = pooledRandom();
