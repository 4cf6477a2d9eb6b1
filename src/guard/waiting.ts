import type { Clock } from '../core/clock.ts';
import { requestIdOf } from '../core/entry.ts';
import type { Request } from '../core/request.ts';
import type { GuardContext } from './context.ts';

/** Lets callers wait for a request to reach a state. */
export interface Waiting {
  /** Resolves when `reached` holds, when `ms` are over, when `signal` aborts, or when the host drains. */
  until(
    requestId: string,
    reached: (request: Request | undefined) => boolean,
    limits: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<void>;
  /** Ends all waiting, now and from now on. */
  readonly release: () => void;
}

export function createWaiting({
  ledger,
  changes,
  clock,
}: Pick<GuardContext, 'ledger' | 'changes'> & { readonly clock: Clock }): Waiting {
  const waiters = new Map<string, Set<() => void>>();
  let released = false;

  changes.subscribe((entry) => {
    const id = requestIdOf(entry);
    if (id !== undefined) for (const check of waiters.get(id) ?? []) check();
  });

  return {
    until(requestId, reached, { ms, signal }) {
      return new Promise((resolve) => {
        const finish = (): void => {
          cancelTimer();
          signal.removeEventListener('abort', finish);
          const others = waiters.get(requestId);
          others?.delete(check);
          if (others?.size === 0) waiters.delete(requestId);
          resolve();
        };
        const check = (): void => {
          if (released || reached(ledger.request(requestId))) finish();
        };
        const cancelTimer = clock.after(ms, finish);
        signal.addEventListener('abort', finish);
        const mine = waiters.get(requestId) ?? new Set();
        waiters.set(requestId, mine.add(check));
        if (signal.aborted) finish();
        else check();
      });
    },

    release() {
      released = true;
      for (const checks of waiters.values()) for (const check of checks) check();
    },
  };
}
