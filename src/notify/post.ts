import type { Clock } from '../core/clock.ts';
import { DeliveryError } from './channel.ts';
import { quoted } from './quoted.ts';
import { retryAfter } from '../core/retry-after.ts';

export interface Posting {
  readonly url: string;
  /** Of whom errors speak, at the beginning of a sentence: `PagerDuty`. */
  readonly service: string;
  readonly body: unknown;
  /** What no error repeats, though an answer may quote it. */
  readonly secrets: readonly string[];
  readonly clock: Clock;
  /** Ends it before its time. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** The beginning of what was answered, as it is. */
  readonly body: string;
  /** The same as it can be quoted in an error: one line, short, without secrets. */
  readonly said: string;
  /** What a header asks, in milliseconds from now. */
  readonly retry_after_ms?: number;
}

/** For the connection, the message and the answer together. */
const TIMEOUT_MS = 30_000;
const ANSWER_MAX_BYTES = 16_384;

/**
 * Posts JSON to a service: follows no redirect, and waits and reads only so much.
 *
 * @throws DeliveryError where there is no answer, or a redirect; always worth another try
 */
export async function postJson(posting: Posting): Promise<Answer> {
  const { url, service, body, secrets, clock, signal } = posting;
  const limiter = new AbortController();
  const end = (why: string): void => limiter.abort(new DeliveryError(`${service} ${why}.`, false));
  const stop = (): void => end('was not waited for, as Placet is ending');
  const cancel = clock.after(TIMEOUT_MS, () => end(`did not answer in ${TIMEOUT_MS / 1000} seconds`));
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'User-Agent': 'Placet' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: limiter.signal,
    });
    const text = await beginningOf(response);
    if (response.status >= 300 && response.status < 400) {
      throw new DeliveryError(`${service} answered with a redirect, which is not followed.`, false);
    }
    const wait = retryAfter(response.headers.get('retry-after'), clock.now());
    return {
      status: response.status,
      body: text,
      said: quoted(text, secrets),
      ...(wait === undefined ? {} : { retry_after_ms: wait }),
    };
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    if (limiter.signal.reason instanceof DeliveryError) throw limiter.signal.reason;
    throw new DeliveryError(`${service} cannot be reached${codeOf(error)}.`, false);
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
    limiter.abort();
  }
}

async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= ANSWER_MAX_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_MAX_BYTES).toString('utf8');
}

/** Such as ` (ECONNREFUSED)`; never the text, which may quote the address. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? ` (${code})` : '';
}
