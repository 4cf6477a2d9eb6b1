import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { retryAfter } from '../core/retry-after.ts';
import { SinkError } from './sink.ts';

export interface Posting {
  /** Over TLS, or in clear on this machine. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** PEM; without it, whom Node trusts. */
  readonly ca?: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** The beginning of it. */
  readonly body: string;
  readonly retry_after_ms?: number;
}

export interface Poster {
  /** @throws SinkError `unreachable` where there is no whole answer in time */
  post(posting: Posting): Promise<Answer>;
  close(): void;
}

const TIMEOUT_MS = 30_000;
const ANSWER_MAX_BYTES = 16_384;

/** Posts over one connection that is kept; follows no redirect, and waits and reads only so much. */
export async function createPoster(url: URL): Promise<Poster> {
  const { Agent, request } =
    url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  return {
    async post({ url: to, headers, body, ca, clock, signal }) {
      let fail = (_what: string): void => undefined;
      const stop = (): void => fail('was not waited for, as Placet is ending');
      const cancel = clock.after(TIMEOUT_MS, () => fail(`did not answer in ${TIMEOUT_MS / 1000} seconds`));
      signal.addEventListener('abort', stop, { once: true });
      try {
        return await new Promise<Answer>((resolve, reject) => {
          const sent: ClientRequest = request(to, {
            method: 'POST',
            agent,
            // Said, because Node lets the environment switch it off.
            rejectUnauthorized: true,
            headers: { 'User-Agent': 'Placet', 'Content-Length': Buffer.byteLength(body), ...headers },
            ...(ca === undefined ? {} : { ca }),
          });
          fail = (what) => {
            reject(new SinkError('unreachable', `The receiver ${what}.`));
            sent.destroy();
          };
          sent.on('response', (response) => {
            beginningOf(response).then(
              (text) => resolve(answerOf(response, text, clock.now())),
              (error: unknown) => fail(`did not answer whole${codeOf(error)}`),
            );
          });
          sent.on('error', (error) => fail(`cannot be reached${codeOf(error)}`));
          if (signal.aborted) stop();
          else sent.end(body);
        });
      } finally {
        cancel();
        signal.removeEventListener('abort', stop);
      }
    },
    close: () => agent.destroy(),
  };
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: string, now: number): Answer {
  const wait = retryAfter(headers['retry-after'] ?? null, now);
  return { status: statusCode, body, ...(wait === undefined ? {} : { retry_after_ms: wait }) };
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= ANSWER_MAX_BYTES) chunks.push(chunk);
    // The connection ends with it: nobody is served who talks on and on.
    else break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Such as ` (ECONNREFUSED)`; never the text, which may quote the address. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? ` (${code})` : '';
}
