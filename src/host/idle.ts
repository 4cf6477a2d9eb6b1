import type { Clock } from '../core/clock.ts';

const CHECK_MS = 5_000;

/**
 * Ends a host that nobody needs: when `needed` has been false at every look for `afterMs`, `end` is called once.
 *
 * @returns a function that stops watching
 */
export function watchIdle(options: {
  readonly clock: Clock;
  readonly needed: () => boolean;
  readonly afterMs: number;
  readonly end: () => void;
}): () => void {
  const { clock, needed, afterMs, end } = options;
  let idleSince: number | undefined;
  let cancel = clock.after(CHECK_MS, look);

  function look(): void {
    if (needed()) idleSince = undefined;
    else idleSince ??= clock.now();
    if (idleSince !== undefined && clock.now() - idleSince >= afterMs) end();
    else cancel = clock.after(CHECK_MS, look);
  }

  return () => cancel();
}
