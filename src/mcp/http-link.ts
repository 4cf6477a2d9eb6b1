import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { DownstreamError, messageOf } from '../core/errors.ts';
import { BadAnswer, NotSent } from './failures.ts';
import type { Link, LinkEvents } from './link.ts';
import type { Message, MessageId, RequestMessage } from './message.ts';
import { findId } from './message-id.ts';
import { createSdkLink } from './sdk-link.ts';
import type { HttpConfig } from './servers.ts';
import { createValve, watchBody } from './watched-body.ts';

export interface HttpLinkOptions {
  readonly config: HttpConfig;
  /** The longest response that is read, in bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Default: the platform's. */
  readonly fetch?: FetchLike | undefined;
}

/** Connecting failed, so no byte of the request was taken. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** The request itself was refused: not authorised, no such session or path, too many. */
const REFUSED = new Set([401, 403, 404, 405, 429]);
/** A server is told for so long that its session is over. */
const GOODBYE_MS = 2000;
/** What has been read of a response is handed on within this time after its end. */
const GRACE_MS = 100;

/** A downstream over streamable HTTP. */
export function createHttpLink({ config, maxBytes, clock, fetch: given }: HttpLinkOptions): Link {
  const asked = new Map<MessageId, RequestMessage>();
  const valve = createValve();
  const send: FetchLike = given ?? fetch;
  let events: LinkEvents | undefined;

  const watchedFetch: FetchLike = async (url, init) => {
    const response = await send(url, init);
    if (!response.ok || !response.body) return response;
    const id = idOf(init);
    return watchBody(response, {
      maxBytes,
      valve,
      ended: (error) => {
        if (id !== undefined) clock.after(GRACE_MS, () => giveUp(id, error));
      },
    });
  };

  /** The response to this request has ended; if it held no answer, none will come. */
  function giveUp(id: MessageId, error: Error): void {
    const request = asked.get(id);
    if (request && asked.delete(id)) events?.failed(request, error, true);
  }

  const transport = new StreamableHTTPClientTransport(new URL(config.url), {
    requestInit: { headers: { ...config.headers } },
    fetch: watchedFetch,
  });
  const inner = createSdkLink({ transport, failureOf });

  return {
    ...inner,
    start(told) {
      events = {
        ...told,
        message(message: Message) {
          if (message.kind === 'result' || message.kind === 'error') asked.delete(message.id ?? '');
          told.message(message);
        },
        failed(message, error, sent) {
          if (message.kind === 'request') asked.delete(message.id);
          told.failed(message, error, sent);
        },
      };
      return inner.start(events);
    },
    send(message, options) {
      if (message.kind === 'request') asked.set(message.id, message);
      inner.send(message, options);
    },
    pause: valve.shut,
    resume: valve.open,
    async close() {
      valve.open();
      await new Promise<void>((resolve) => {
        const stop = clock.after(GOODBYE_MS, resolve);
        // The server frees what it keeps of the session; one that does not take it well changes nothing for us.
        transport
          .terminateSession()
          .catch(() => undefined)
          .finally(() => {
            stop();
            resolve();
          });
      });
      await inner.close();
    },
  };
}

function idOf(init: RequestInit | undefined): MessageId | undefined {
  if (init?.method !== 'POST' || typeof init.body !== 'string') return undefined;
  return findId(init.body.slice(0, 4096), init.body.slice(-256));
}

/**
 * Tells apart what never reached the server, what it answered illegally, and links that broke. The server's own
 * words stay in the cause: they may repeat what is secret in the request.
 */
function failureOf(thrown: unknown): { readonly error: Error; readonly sent: boolean } {
  const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
  if (error instanceof StreamableHTTPError) {
    const { code = -1 } = error;
    if (REFUSED.has(code)) return unsent(`it refused the request with HTTP status ${code}`, error);
    const what = code < 0 ? 'its response is of no known type' : `it answered with HTTP status ${code}`;
    return { error: new BadAnswer(what, { cause: error }), sent: true };
  }
  // There is no token for it, so nothing was sent that it would have taken.
  if (error instanceof DownstreamError)
    return { error: new NotSent(error.message, { cause: error }), sent: false };
  const code = codeOf(error);
  if (code !== undefined && NEVER_CONNECTED.has(code)) return unsent(`it cannot be reached (${code})`, error);
  return error instanceof SyntaxError || error instanceof z.core.$ZodError
    ? { error: new BadAnswer('its response is no legal JSON message', { cause: error }), sent: true }
    : { error, sent: true };
}

function unsent(why: string, cause: Error): { readonly error: Error; readonly sent: boolean } {
  return { error: new NotSent(why, { cause }), sent: false };
}

function codeOf(error: Error): string | undefined {
  const { code } = (error.cause ?? error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
