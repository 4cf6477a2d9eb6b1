import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';

/** What signs checkpoints, as far as notices have to do with it. */
export interface NoteSigner {
  /** The newest; nothing before the first. */
  readonly newest: () => { readonly note: string } | undefined;
  /** One that covers all that is durable. */
  readonly cover: () => Promise<{ readonly note: string }>;
}

/** Asking people must not wait longer than that for a signature. */
const SIGN_MS = 5000;

/**
 * Gives the signed note that goes out with a notice: one that covers what the notice is about. Where none can be had
 * in time, the newest, and the reason is logged once until it changes: people are asked all the same.
 */
export function createCheckpointSource(parts: {
  readonly checkpoints: NoteSigner;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}): () => Promise<string | undefined> {
  const { checkpoints, clock, log } = parts;
  let told: string | undefined;

  const covering = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const stop = clock.after(SIGN_MS, () => {
        reject(new Error(`It took longer than ${SIGN_MS / 1000} seconds.`));
      });
      void checkpoints
        .cover()
        .then(({ note }) => resolve(note), reject)
        .finally(stop);
    });

  return async () => {
    try {
      const note = await covering();
      told = undefined;
      return note;
    } catch (error) {
      const why = messageOf(error);
      if (why !== told)
        log(`notify: No checkpoint covers what is sent, so an older one goes with it, or none: ${why}`);
      told = why;
      return checkpoints.newest()?.note;
    }
  };
}
