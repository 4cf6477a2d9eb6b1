import { SocketModeClient } from '@slack/socket-mode';
import { backoff } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { Random } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Log } from '../../core/log.ts';
import { PATIENCE } from '../patience.ts';
import { SILENT } from './client.ts';
import { slackFailure } from './failure.ts';

/** A connection that this host opened to Slack, so that what is pressed reaches it behind a firewall. */
export interface SocketMode {
  problems(): readonly string[];
  close(): Promise<void>;
}

/** What comes over the connection, and the way to answer it. */
interface Envelope {
  readonly ack: (response?: JsonObject) => Promise<void>;
  readonly body?: unknown;
}

const OPEN_MS = 30_000;
const CLOSE_MS = 2_000;

/**
 * Opens the connection, and opens it again whenever it ends. Slack's library does one connection at a time here: what
 * it does by itself after a failure is not to be waited for or stopped.
 *
 * @param options.handle the answer to what was pressed; it does not throw
 */
export function openSocketMode(options: {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly handle: (payload: unknown) => Promise<JsonObject | undefined>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): SocketMode {
  const { clock, random, log, handle } = options;
  let current: SocketModeClient | undefined;
  let closed = false;
  let failures = 0;
  let trouble: string | undefined;
  let cancelRetry: (() => void) | undefined;

  const answer = async ({ ack, body }: Envelope): Promise<void> => {
    try {
      await ack(await handle(body));
    } catch (thrown) {
      log(`slack: an answer could not be given: ${messageOf(thrown)}`);
    }
  };

  const again = (): void => {
    if (closed) return;
    failures += 1;
    cancelRetry = clock.after(backoff(failures, PATIENCE, random), connect);
  };

  const connect = (): void => {
    const client = new SocketModeClient({
      appToken: options.appToken,
      autoReconnectEnabled: false,
      logger: SILENT,
      clientOptions: {
        slackApiUrl: options.apiUrl,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: OPEN_MS,
      },
    });
    current = client;
    let over = false;
    const end = (why?: unknown): void => {
      if (over) return;
      over = true;
      stopTimer();
      if (why !== undefined && !closed) {
        const { message } = slackFailure(why, 'apps.connections.open');
        trouble = `What is pressed in Slack does not reach this host over a connection of its own. ${message}`;
        log(`slack: ${trouble}`);
      }
      again();
    };
    const stopTimer = clock.after(OPEN_MS, () => {
      void client.disconnect().catch(() => undefined);
      end(new TypeError('it did not answer in time'));
    });
    client.on('connected', () => {
      stopTimer();
      failures = 0;
      trouble = undefined;
      if (closed || over) void client.disconnect().catch(() => undefined);
    });
    client.on('interactive', (envelope: Envelope) => void answer(envelope));
    client.on('error', () => undefined);
    client.on('disconnected', () => end());
    client.start().catch((thrown: unknown) => end(thrown ?? new TypeError('it was closed')));
  };

  connect();
  return {
    problems: () => (trouble === undefined ? [] : [trouble]),
    async close() {
      closed = true;
      cancelRetry?.();
      let stopTimer: (() => void) | undefined;
      const late = new Promise<void>((resolve) => {
        stopTimer = clock.after(CLOSE_MS, resolve);
      });
      await Promise.race([current?.disconnect().catch(() => undefined), late]);
      stopTimer?.();
    },
  };
}
