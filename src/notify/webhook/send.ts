import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { PlacetError } from '../../core/errors.ts';
import type { Resolve, Resolved } from './resolve.ts';

export interface Sending {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly resolve: Resolve;
  /** Why the address must not be connected to, as the end of a sentence; nothing where it may. */
  readonly objection: (address: string) => string | undefined;
  readonly clock: Clock;
  /** Ends it before its time. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly retryAfter?: string;
}

/** For the name, the connection and TLS. */
const CONNECT_MS = 10_000;
/** From then on, until the answer has begun. */
const ANSWER_MS = 15_000;
/** For all of it. */
const WHOLE_MS = 30_000;
/** More of an answer is not waited for: its status is all that counts. */
const READ_BYTES = 64 * 1024;

/**
 * Posts to an address. What its host's name leads to is asked once, every address is judged, and the connection goes
 * to one of those that were judged and to no other. No redirect is followed, and no error quotes what came.
 *
 * @throws PlacetError `unreachable`, `not_allowed`: sentences without a subject, such as “does not answer in 15 s.”
 */
export async function send(sending: Sending): Promise<Answer> {
  const { url, clock, signal } = sending;
  const ender = new AbortController();
  const endAfter = (ms: number, why: string): (() => void) =>
    clock.after(ms, () => ender.abort(unreachable(`${why} in ${ms / 1000} s.`)));
  const stop = (): void => ender.abort(unreachable('was not waited for.'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let endStage = endAfter(CONNECT_MS, 'cannot be connected to');
  const endWhole = endAfter(WHOLE_MS, 'does not come to an end');
  try {
    const addresses = await unlessEnded(sending.resolve(url.hostname), ender.signal);
    for (const { address } of addresses) {
      const objection = sending.objection(address);
      if (objection !== undefined) throw new PlacetError('not_allowed', objection);
    }
    return await exchange(sending, addresses, ender.signal, {
      connected: () => {
        endStage();
        endStage = endAfter(ANSWER_MS, 'does not answer');
      },
      answered: () => endStage(),
    });
  } catch (error) {
    if (error instanceof PlacetError) throw error;
    throw unreachable(`cannot be reached${codeOf(error)}.`);
  } finally {
    endStage();
    endWhole();
    signal.removeEventListener('abort', stop);
  }
}

function exchange(
  { url, headers, body }: Sending,
  addresses: readonly Resolved[],
  signal: AbortSignal,
  on: { readonly connected: () => void; readonly answered: () => void },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      agent: false,
      lookup: only(addresses),
    });
    const end = (): void => void request.destroy(signal.reason as Error);
    signal.addEventListener('abort', end, { once: true });
    request.once('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => on.connected());
    });
    let answer: Answer | undefined;
    request.once('response', (response) => {
      on.answered();
      answer = answerOf(response);
      leave(response);
    });
    request.on('error', (error) => (answer ? undefined : reject(error)));
    request.once('close', () => {
      signal.removeEventListener('abort', end);
      // However it ended, what was answered was answered.
      if (answer) resolve(answer);
      else reject(unreachable('ends the connection without an answer.'));
    });
    if (signal.aborted) end();
    else request.end(body);
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): Answer {
  const { 'retry-after': retryAfter } = headers;
  return { status: statusCode, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

/** Lets the other side come to its end, within bounds. */
function leave(response: IncomingMessage): void {
  let read = 0;
  response.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > READ_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
}

/** Answers with addresses that were judged, whatever the name leads to by now. */
function only(addresses: readonly Resolved[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (!first) callback(Object.assign(new Error('There is no address.'), { code: 'ENOTFOUND' }), []);
    else if (options.all) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

function unlessEnded<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

function unreachable(sentence: string): PlacetError {
  return new PlacetError('unreachable', sentence);
}

/** Such as ` (ECONNREFUSED)`; never the text, which may quote an address with a password. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? ` (${code})` : '';
}
