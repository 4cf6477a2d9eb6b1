import type { Clock } from '../core/clock.ts';
import { PlacetError } from '../core/errors.ts';

/** As much of Node's `fetch` as is used. */
export type Fetch = (
  url: string,
  init: {
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array<ArrayBuffer>;
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
  },
) => Promise<Response>;

export interface Posting {
  readonly url: string;
  readonly type: string;
  readonly accept?: string;
  readonly body: Uint8Array;
  /** Longer answers are refused. */
  readonly limit: number;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Ends it before its time. */
  readonly signal: AbortSignal;
}

export interface Posted {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** For the connection, the request and the whole answer. */
const TIMEOUT_MS = 15_000;

/**
 * Posts to somebody who may be hostile: follows no redirect, waits and reads only so much. No error quotes what came
 * or what the address holds.
 *
 * @throws PlacetError `unreachable`, `bad_answer`: sentences without a subject, such as “did not answer in 15 s”
 */
export async function post(posting: Posting): Promise<Posted> {
  const { url, type, accept, body, limit, fetch, clock, signal } = posting;
  const limiter = new AbortController();
  const end = (why: PlacetError): void => limiter.abort(why);
  const stop = (): void => end(new PlacetError('unreachable', 'was not waited for'));
  const cancel = clock.after(TIMEOUT_MS, () =>
    end(new PlacetError('unreachable', `did not answer in ${TIMEOUT_MS / 1000} s`)),
  );
  signal.addEventListener('abort', stop, { once: true });
  const ended = new Promise<never>((_, reject) => {
    limiter.signal.addEventListener('abort', () => reject(limiter.signal.reason as Error), { once: true });
  });
  // Whoever loses the race below is heard by nobody.
  ended.catch(() => undefined);
  try {
    if (signal.aborted) stop();
    const headers = { 'Content-Type': type, ...(accept === undefined ? {} : { Accept: accept }) };
    const asked = fetch(url, {
      method: 'POST',
      headers,
      body: Uint8Array.from(body),
      redirect: 'manual',
      signal: limiter.signal,
    });
    asked.catch(() => undefined);
    const response = await Promise.race([asked, ended]);
    const read = bodyOf(response, limit);
    read.catch(() => undefined);
    const got = await Promise.race([read, ended]);
    const { status } = response;
    if (response.type === 'opaqueredirect' || (status >= 300 && status < 400))
      throw new PlacetError('bad_answer', 'answered with a redirect, which is not followed');
    return { status, type: response.headers.get('content-type') ?? '', body: got };
  } catch (error) {
    if (error instanceof PlacetError) throw error;
    throw new PlacetError('unreachable', `cannot be reached${codeOf(error)}`, { cause: error });
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
    // Lets go of what is left of the answer.
    limiter.abort(new PlacetError('unreachable', 'was not waited for'));
  }
}

async function bodyOf(response: Response, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit)
      throw new PlacetError('bad_answer', `answered with more than ${limit} bytes, which were not read`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Such as ` (ECONNREFUSED)`; never the text, which may quote an address with a password. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? ` (${code})` : '';
}
