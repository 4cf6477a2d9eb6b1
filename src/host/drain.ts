import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';

/** How long calls that were sent may take to be answered once the host is to end. */
const DRAIN_MS = 10_000;

/** Waits for what is under way, but not for ever: an approved call left behind has an unknown outcome. */
export async function withinLimit(
  drained: Promise<unknown>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<void> {
  let cancel = (): void => undefined;
  const late = new Promise<'late'>((resolve) => {
    cancel = clock.after(DRAIN_MS, () => resolve('late'));
  });
  if ((await Promise.race([drained, late])) === 'late') {
    log('A call is still unanswered; the host ends without its outcome.');
  }
  cancel();
}
