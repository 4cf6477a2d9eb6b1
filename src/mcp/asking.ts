import type { Clock } from '../core/clock.ts';
import { DownstreamError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError } from '../guard/ports.ts';
import { brief } from './brief.ts';
import { BadAnswer, NotSent } from './failures.ts';
import type { Link } from './link.ts';
import type { ErrorMessage, MessageId, ResultMessage } from './message.ts';

export interface Ask {
  readonly method: string;
  readonly params: JsonObject | Verbatim;
  readonly timeout_ms: number;
  readonly signal?: AbortSignal;
  /** The client's own id, when a client asks. */
  readonly message_id?: MessageId;
  readonly onProgress?: (progress: JsonObject) => void;
}

/** The requests that are under way on one connection to one server, under ids of our own. */
export interface Asking {
  /** @throws RpcError, DownstreamError */
  ask(ask: Ask): Promise<Verbatim>;
  /** For questions of our own, to which an error is no answer. @throws DownstreamError */
  inquire(ask: Ask): Promise<Verbatim>;
  answered(message: ResultMessage | ErrorMessage): void;
  /** What came was to be the answer to this one, and is none. @returns false when it was not asked */
  spoiled(id: MessageId, what: string): boolean;
  progressed(params: JsonObject | undefined): void;
  unsent(id: MessageId, error: Error, sent: boolean): void;
  /** Of the client requests under way, the one that was made first: what the server asks meanwhile is put down to it. */
  oldest(): MessageId | undefined;
  isAlive(): boolean;
  /** Nothing can be asked any more; what is under way has no answer. */
  close(): void;
}

interface Pending {
  readonly ask: Ask;
  readonly settle: (end: Verbatim | Error) => void;
}

/** The longest time that a timer of Node's can run. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export function createAsking(options: {
  readonly link: Link;
  readonly server: { readonly name: string };
  readonly clock: Clock;
  readonly report: (what: string) => void;
}): Asking {
  const { link, clock, report } = options;
  const { name } = options.server;
  const pending = new Map<number, Pending>();
  let next = 1;
  let alive = true;

  function ask(asked: Ask): Promise<Verbatim> {
    const { method, params, timeout_ms, signal, onProgress } = asked;
    if (!alive) return Promise.reject(unavailable('its connection has ended'));
    if (signal?.aborted === true) {
      return Promise.reject(unavailable('the call was cancelled before it was sent'));
    }
    const id = next;
    next += 1;
    return new Promise((resolve, reject) => {
      const cancelled = (): void =>
        give(id, failed('downstream_silent', 'had not answered when the call was cancelled'));
      const stopTimer = clock.after(Math.min(timeout_ms, MAX_TIMEOUT_MS), () =>
        give(id, failed('downstream_silent', `did not answer within ${timeout_ms / 1000} s`)),
      );
      signal?.addEventListener('abort', cancelled);
      pending.set(id, {
        ask: asked,
        settle(end) {
          pending.delete(id);
          stopTimer();
          signal?.removeEventListener('abort', cancelled);
          if (end instanceof Verbatim) resolve(end);
          else reject(end);
        },
      });
      link.send({ kind: 'request', id, method, params: onProgress ? withToken(params, id) : params });
    });
  }

  /** We wait no longer, and the server is told; for a handshake that would not be legal. */
  function give(id: number, error: DownstreamError): void {
    const waiting = pending.get(id);
    if (!waiting) return;
    waiting.settle(error);
    if (waiting.ask.method === 'initialize') return;
    const params = { requestId: id, reason: 'Nobody waits for it any more.' };
    link.send({ kind: 'notification', method: 'notifications/cancelled', params });
  }

  function failed(code: string, what: string, cause?: unknown): DownstreamError {
    return new DownstreamError(code, `The server ${name} ${what}.`, { cause });
  }

  function unavailable(why: string, cause?: unknown): DownstreamError {
    return new DownstreamError('downstream_unavailable', `Nothing was sent to the server ${name}: ${why}.`, {
      cause,
    });
  }

  function find(id: MessageId | null): Pending | undefined {
    // Some servers give numbers back as text.
    return id === null ? undefined : pending.get(Number(id));
  }

  return {
    ask,

    async inquire(asked) {
      try {
        return await ask(asked);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        throw failed(
          'downstream_garbage',
          `answered ${asked.method} with an error: ${brief(error.message)}`,
          error,
        );
      }
    },

    answered(message) {
      const waiting = find(message.id);
      if (!waiting) {
        report('It answered a request that was not asked, or was answered or given up before.');
        return;
      }
      waiting.settle(message.kind === 'result' ? message.result : new RpcError(message.error));
    },

    spoiled(id, what) {
      const waiting = find(id);
      waiting?.settle(failed('downstream_garbage', `gave no usable answer: ${what}`));
      return waiting !== undefined;
    },

    progressed(params) {
      const token = params?.progressToken;
      const waiting = typeof token === 'number' || typeof token === 'string' ? find(token) : undefined;
      if (!params || !waiting?.ask.onProgress) {
        report('It told of the progress of a request that is not under way.');
        return;
      }
      const { progressToken: _, ...progress } = params;
      waiting.ask.onProgress(progress);
    },

    unsent(id, error, sent) {
      // A link that failed to take a message is of no more use; calls that are under way on it may still end.
      alive = false;
      const waiting = find(id);
      if (!waiting) return;
      if (!sent) {
        waiting.settle(
          error.cause instanceof DownstreamError ? error.cause : unavailable(error.message, error),
        );
      } else if (error instanceof BadAnswer) {
        waiting.settle(failed('downstream_garbage', `gave no usable answer: ${error.message}`, error));
      } else {
        waiting.settle(
          failed('downstream_died', `broke off before it answered: ${brief(error.message)}`, error),
        );
      }
    },

    oldest() {
      for (const { ask: asked } of pending.values()) {
        if (asked.message_id !== undefined) return asked.message_id;
      }
      return undefined;
    },

    isAlive: () => alive,

    close() {
      alive = false;
      for (const waiting of pending.values()) {
        waiting.settle(
          failed('downstream_died', 'ended before it answered', new NotSent('its link has ended')),
        );
      }
    },
  };
}

function withToken(params: JsonObject | Verbatim, token: number): JsonObject | Verbatim {
  const value = params instanceof Verbatim ? params.value : params;
  const meta = isJsonObject(value._meta) ? value._meta : {};
  return { ...value, _meta: { ...meta, progressToken: token } };
}
