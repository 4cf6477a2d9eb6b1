import type { Clock } from '../core/clock.ts';
import { DownstreamError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError } from '../guard/ports.ts';
import { brief } from './brief.ts';
import { BadAnswer, NotSent } from './failures.ts';
import type { Link } from './link.ts';
import type { ErrorMessage, MessageId, ResultMessage } from './message.ts';
import { createTaskOrigins } from './task-origins.ts';

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
  /**
   * The client's request to which something is put down that the server asks or says: the one that made the task which
   * it names, else of those under way the one that was made first.
   */
  related(params: JsonObject | undefined): MessageId | undefined;
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
/** More than a client can have under way: with so much unread by the server nothing more is asked of it. */
const MAX_BACKLOG_BYTES = 160 * 1024 * 1024;

export function createAsking(options: {
  readonly link: Link;
  readonly server: { readonly name: string };
  readonly clock: Clock;
  readonly report: (what: string) => void;
}): Asking {
  const { link, clock, report } = options;
  const { name } = options.server;
  const pending = new Map<number, Pending>();
  const tasks = createTaskOrigins();
  let strays = 0;
  let next = 1;
  let alive = true;

  function ask(asked: Ask): Promise<Verbatim> {
    const { method, params, timeout_ms, signal, onProgress } = asked;
    if (!alive) return Promise.reject(unavailable('its connection has ended'));
    if (signal?.aborted === true) {
      return Promise.reject(unavailable('the call was cancelled before it was sent'));
    }
    const backlog = link.backlog();
    if (backlog > MAX_BACKLOG_BYTES) {
      return Promise.reject(unavailable(`it has not read the last ${backlog} bytes that it was sent`));
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
      if (message.kind === 'error') {
        waiting.settle(new RpcError(message.error));
        return;
      }
      const { message_id, onProgress } = waiting.ask;
      tasks.answered(message.result.value, { token: Number(message.id), message_id, onProgress });
      waiting.settle(message.result);
    },

    spoiled(id, what) {
      const waiting = find(id);
      waiting?.settle(failed('downstream_garbage', `gave no usable answer: ${what}`));
      return waiting !== undefined;
    },

    progressed(params = {}) {
      const { progressToken, ...progress } = params;
      const token = Number(progressToken);
      const onProgress = pending.get(token)?.ask.onProgress ?? tasks.byToken(token)?.onProgress;
      if (onProgress) {
        onProgress(progress);
        return;
      }
      strays += 1;
      // A server that tells of nothing else must not fill the log.
      if (Number.isInteger(Math.log10(strays))) {
        report(`It told of the progress of requests that are not under way: ${strays} times so far.`);
      }
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

    related(params) {
      const origin = tasks.of(params)?.message_id;
      if (origin !== undefined) return origin;
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
