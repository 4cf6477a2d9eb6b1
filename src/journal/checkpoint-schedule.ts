import type { Clock } from '../core/clock.ts';
import type { Entry } from '../core/entry.ts';

/** How long an entry may stand without a checkpoint over it. */
const WITHIN_MS = 2000;
const RETRY_MS = 3000;

export interface CheckpointSchedule {
  /** A checkpoint over all that is durable is being made. */
  begun(): void;
  failed(): void;
  close(): void;
}

/** Asks for a checkpoint at once after what resolves a request or executes it, and soon after anything else. */
export function scheduleCheckpoints({
  changes,
  clock,
  cover,
}: {
  readonly changes: { subscribe(listener: (entry: Entry) => void): () => void };
  readonly clock: Clock;
  readonly cover: () => Promise<unknown>;
}): CheckpointSchedule {
  let timer: { readonly at: number; readonly cancel: () => void } | undefined;
  let closed = false;
  // Why one failed is kept, and told, by whoever makes them.
  const ask = (): void => void cover().catch(() => undefined);
  const stop = (): void => {
    timer?.cancel();
    timer = undefined;
  };
  const within = (ms: number): void => {
    const at = clock.now() + ms;
    if (closed || (timer && timer.at <= at)) return;
    stop();
    const cancel = clock.after(ms, () => {
      timer = undefined;
      ask();
    });
    timer = { at, cancel };
  };
  const unsubscribe = changes.subscribe((entry) => (isUrgent(entry) ? ask() : within(WITHIN_MS)));
  return {
    begun: stop,
    failed: () => within(RETRY_MS),
    close() {
      closed = true;
      unsubscribe();
      stop();
    },
  };
}

function isUrgent({ type }: Entry): boolean {
  return type === 'approval.resolved' || type === 'log.key' || type.startsWith('execution.');
}
