import type { Clock } from '../../src/core/clock.ts';

/** The machine's own time, for tests with real processes. Its timers keep no process from ending. */
export const realClock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
