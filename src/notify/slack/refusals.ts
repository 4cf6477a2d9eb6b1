import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { counted, utc } from '../../core/time-words.ts';

/** What came to the endpoint and was not Slack's. Anybody can send it, so it fills neither the journal nor the log. */
export interface Refusals {
  /** @param why as the rest of a sentence */
  note(why: string): void;
  problems(): readonly string[];
}

const LINE_EVERY_MS = 60_000;
const TOLD_MS = 60 * 60_000;

export function createRefusals({ clock, log }: { readonly clock: Clock; readonly log: Log }): Refusals {
  let unsaid = 0;
  let saidAt = -Infinity;
  let last: { readonly at: number; readonly why: string } | undefined;
  return {
    note(why) {
      const now = clock.now();
      last = { at: now, why };
      unsaid += 1;
      if (now - saidAt < LINE_EVERY_MS) return;
      log(`slack: ${counted(unsaid, 'message')} to /hooks/slack refused: ${why}.`);
      saidAt = now;
      unsaid = 0;
    },
    problems: () =>
      last === undefined || clock.now() - last.at > TOLD_MS
        ? []
        : [
            `What came to /hooks/slack was refused, last at ${utc(new Date(last.at).toISOString())}: ${last.why}. If buttons in Slack do not work, compare PLACET_SLACK_SIGNING_SECRET with the app's.`,
          ],
  };
}
