import { timestamp } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { isOver, type Request } from '../core/request.ts';
import type { GuardContext } from './context.ts';
import type { Streams } from './streams.ts';

/** The longest that Node's timers can wait. */
const LONGEST_MS = 2 ** 31 - 1;
const RETRY_MS = 1000;

/** Ends requests whose time is over before they were started. */
export interface Expiry {
  watch(request: Request): void;
  close(): void;
}

export function createExpiry({ changes, clock, ledger, log }: GuardContext, streams: Streams): Expiry {
  const timers = new Map<string, () => void>();

  function arm(requestId: string, ms: number): void {
    timers.get(requestId)?.();
    timers.set(
      requestId,
      clock.after(Math.min(Math.max(ms, 0), LONGEST_MS), () => {
        timers.delete(requestId);
        void expire(requestId);
      }),
    );
  }

  async function expire(requestId: string): Promise<void> {
    const request = ledger.request(requestId);
    if (!request || !canExpire(request)) return;
    if (!isOver(request, timestamp(clock))) return watch(request);
    try {
      await streams.update(requestId, (now) =>
        canExpire(now)
          ? [
              {
                type: 'approval.resolved',
                request_id: requestId,
                resolution: 'expired',
                reason:
                  now.phase.kind === 'pending'
                    ? 'Nobody decided in time.'
                    : 'It was approved but could not be started in time.',
              },
            ]
          : undefined,
      );
    } catch (error) {
      log(`${requestId} could not be expired, and is tried again: ${messageOf(error)}`);
      arm(requestId, RETRY_MS);
    }
  }

  function watch(request: Request): void {
    arm(request.id, Date.parse(request.expires_at) - clock.now());
  }

  const unsubscribe = changes.subscribe((entry) => {
    if (entry.type === 'approval.requested') {
      const request = ledger.request(entry.request_id);
      if (request) watch(request);
    } else if (entry.type === 'approval.resolved' && entry.resolution !== 'approved') {
      timers.get(entry.request_id)?.();
      timers.delete(entry.request_id);
    } else if (entry.type === 'execution.started') {
      timers.get(entry.request_id)?.();
      timers.delete(entry.request_id);
    }
  });

  return {
    watch,
    close() {
      unsubscribe();
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** A claimed one is left to the executor, which repeats the check before it starts anything. */
function canExpire(request: Request): boolean {
  return request.phase.kind === 'pending' || request.phase.kind === 'approved';
}
