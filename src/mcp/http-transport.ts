import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike, Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { BadAnswer, NoAnswer, NotSent } from './answer-marks.ts';
import { findId } from './message-id.ts';
import type { HttpConfig } from './servers.ts';

export interface HttpTransportOptions {
  readonly config: HttpConfig;
  /** The longest response that is read, in bytes. */
  readonly maxBytes: number;
  /** The response to this request has ended; if it held no answer, none will come. */
  readonly onEnd: (id: string | number, mark: NoAnswer) => void;
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

/** A downstream over streamable HTTP. */
export function createHttpTransport({ config, maxBytes, onEnd }: HttpTransportOptions): Transport {
  const watchedFetch: FetchLike = async (url, init) => {
    const response = await fetch(url, init);
    const id = requestId(init);
    if (id === undefined || !response.ok || !response.body) return response;
    return watch(response, maxBytes, (mark) => onEnd(id, mark));
  };
  const inner = new StreamableHTTPClientTransport(new URL(config.url), {
    requestInit: { headers: { ...config.headers } },
    fetch: watchedFetch,
  });
  const send = inner.send.bind(inner);
  inner.send = async (message: JSONRPCMessage, options) => {
    try {
      await send(message, options);
    } catch (error) {
      throw failureOf(error);
    }
  };
  return inner;
}

function requestId(init: RequestInit | undefined): string | number | undefined {
  if (init?.method !== 'POST' || typeof init.body !== 'string') return undefined;
  return findId(init.body.slice(0, 4096), init.body.slice(-256));
}

/**
 * Tells apart what never reached the server, what it answered illegally, and links that broke. The server's own
 * words stay in the cause: they may repeat what is secret in the request.
 */
function failureOf(error: unknown): unknown {
  if (error instanceof StreamableHTTPError) {
    const { code = -1 } = error;
    if (REFUSED.has(code))
      return new NotSent(`it refused the request with HTTP status ${code}`, { cause: error });
    const what = code < 0 ? 'its response is of no known type' : `it answered with HTTP status ${code}`;
    return new BadAnswer(what, { cause: error });
  }
  const code = codeOf(error);
  if (code !== undefined && NEVER_CONNECTED.has(code)) {
    return new NotSent(`it cannot be reached (${code})`, { cause: error });
  }
  return error instanceof SyntaxError || error instanceof z.core.$ZodError
    ? new BadAnswer('its response is no legal JSON message', { cause: error })
    : error;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = (error.cause ?? error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function watch(response: Response, maxBytes: number, ended: (mark: NoAnswer) => void): Response {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  if (!reader) return response;
  let size = 0;
  let resumable = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          // A stream whose events have ids is resumed by the SDK.
          if (!resumable) ended(new NoAnswer('downstream_died', 'it ended its response without an answer'));
          return;
        }
        if (size === 0) resumable = hasEventId(value);
        size += value.length;
        if (size > maxBytes) throw new NoAnswerError(maxBytes);
        controller.enqueue(value);
      } catch (error) {
        controller.error(error);
        if (error instanceof NoAnswerError) {
          ended(new NoAnswer('downstream_garbage', error.message));
          await reader.cancel();
        } else if (!resumable) {
          ended(new NoAnswer('downstream_died', 'its response broke off'));
        }
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(body, { status: response.status, headers: response.headers });
}

class NoAnswerError extends Error {
  constructor(maxBytes: number) {
    super(`its answer is larger than ${maxBytes} bytes, which is the limit`);
  }
}

function hasEventId(chunk: Uint8Array): boolean {
  return /^id:/m.test(Buffer.from(chunk).toString('latin1'));
}
