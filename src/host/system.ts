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

export const systemRandom: Random = (size) => randomBytes(size);
