import type { Stream } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { brief } from './brief.ts';
import { createLineReader } from './line-reader.ts';

const LINE_BYTES = 64 * 1024;
const SHOWN_CHARACTERS = 500;
const BUDGET_BYTES = 64 * 1024;
const BUDGET_MS = 60_000;

export interface StderrOptions {
  readonly name: string;
  readonly stream: Stream;
  readonly clock: Clock;
  readonly log: Log;
}

/** Puts what a downstream writes to standard error into the host's log: shortened, and at most 64 KB a minute. */
export function relayStderr({ name, stream, clock, log }: StderrOptions): void {
  const reader = createLineReader(LINE_BYTES);
  let since = clock.now();
  let spent = 0;
  let silenced = false;

  function tell(text: string): void {
    if (clock.now() - since >= BUDGET_MS) {
      since = clock.now();
      spent = 0;
      silenced = false;
    }
    const line = brief(text, SHOWN_CHARACTERS);
    spent += line.length;
    if (spent <= BUDGET_BYTES) log(`[${name}] ${line}`);
    else if (!silenced) {
      silenced = true;
      log(`[${name}] writes more than 64 KB a minute to standard error; the rest is left out.`);
    }
  }

  stream.on('data', (chunk: Buffer) => {
    for (const line of reader.push(chunk)) {
      tell(line.kind === 'line' ? line.bytes.toString('utf8').trimEnd() : `${line.head}…`);
    }
  });
}
