import { LogLevel, WebClient, type Logger, type WebClientOptions } from '@slack/web-api';
import type { Clock } from '../../core/clock.ts';
import type { JsonObject } from '../../core/json.ts';
import { retryAfter } from '../../core/retry-after.ts';
import { rateLimited, slackFailure } from './failure.ts';

/** Slack's Web API, one call at a time: what is tried again, and when, is for whoever calls. */
export interface SlackClient {
  /** @throws SlackFailure */
  call(method: string, args: Readonly<Record<string, unknown>>): Promise<JsonObject>;
  /** Gives up what is under way. */
  close(): void;
}

/** However slowly Slack goes on answering, a call takes no longer. */
const CALL_MS = 15_000;

const ANSWER_MAX = 1024 * 1024;

/** @param options.token never repeated in what is thrown */
export function createSlackClient(options: {
  readonly token: string;
  /** With a slash at its end. */
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}): SlackClient {
  const { token, apiUrl, clock, timeoutMs = CALL_MS } = options;
  const underWay = new Set<AbortController>();

  const fetchInTime: NonNullable<WebClientOptions['fetch']> = async (url, init) => {
    const controller = new AbortController();
    underWay.add(controller);
    const stopTimer = clock.after(timeoutMs, () =>
      controller.abort(new TypeError('it did not answer in time')),
    );
    try {
      const { signal } = controller;
      const response = await fetch(url, { ...init, signal });
      const { ok, status, statusText, headers } = response;
      if (status === 429) throw rateLimited(retryAfter(headers.get('retry-after'), clock.now()));
      const text = await beginningOf(response);
      return {
        ok,
        status,
        statusText,
        url: response.url,
        headers,
        text: async () => text,
        json: async () => JSON.parse(text) as unknown,
        arrayBuffer: async () => new TextEncoder().encode(text).buffer,
      };
    } finally {
      stopTimer();
      underWay.delete(controller);
    }
  };

  const web = new WebClient(token, {
    slackApiUrl: apiUrl,
    fetch: fetchInTime,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: SILENT,
  });

  return {
    async call(method, args) {
      try {
        return (await web.apiCall(method, { ...args })) as unknown as JsonObject;
      } catch (thrown) {
        throw slackFailure(thrown, method);
      }
    },
    close() {
      for (const controller of underWay) controller.abort(new TypeError('the host is ending'));
    },
  };
}

/** As much as any answer that is looked at here has. @throws TypeError where it goes on */
async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > ANSWER_MAX) throw new TypeError('the answer is too long');
  }
  return text + decoder.decode();
}

/** Slack's libraries write what they send and receive into their logs. */
export const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
