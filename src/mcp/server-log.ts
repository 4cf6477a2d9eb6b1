import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { brief } from './brief.ts';

const SHOWN_CHARACTERS = 500;
const BUDGET_CHARACTERS = 64 * 1024;
const BUDGET_MS = 60_000;

/**
 * A log for what one downstream says or does wrong: each line bears its name, is shortened, and shows what would
 * hide. A downstream that says too much (64 K characters a minute) is passed over for the rest of the minute.
 */
export function createServerLog(name: string, clock: Clock, log: Log): Log {
  let since = clock.now();
  let spent = 0;
  let silenced = false;
  return (text) => {
    if (clock.now() - since >= BUDGET_MS) {
      since = clock.now();
      spent = 0;
      silenced = false;
    }
    const line = brief(text, SHOWN_CHARACTERS);
    spent += line.length;
    if (spent <= BUDGET_CHARACTERS) {
      log(`[${name}] ${line}`);
    } else if (!silenced) {
      silenced = true;
      log(`[${name}] There is more than fits the log; the rest of this minute is left out.`);
    }
  };
}
