/* oxlint-disable unicorn/prefer-add-event-listener -- the MCP SDK's callbacks are properties */
import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { isJsonObject } from '../core/json.ts';
import type { RpcErrorObject } from '../guard/ports.ts';

/** Stands in a failed request's error data when the downstream itself answered with this error. */
export class AnsweredError {
  readonly error: RpcErrorObject;

  constructor(error: RpcErrorObject) {
    this.error = error;
  }
}

/** Stands there when it was sent but no legal answer will come. */
export class NoAnswer {
  readonly code: 'downstream_died' | 'downstream_garbage';
  readonly why: string;

  constructor(code: NoAnswer['code'], why: string) {
    this.code = code;
    this.why = why;
  }
}

/** Thrown by `send` when it is certain that the downstream did not take the message. */
export class NotSent extends Error {}

/** Thrown by `send` when what came back is no legal answer. */
export class BadAnswer extends Error {}

export interface MarkedTransport extends Transport {
  /** Ends a request that is still open; one that was answered stays answered. */
  fail(id: RequestId, mark: NoAnswer): void;
}

/**
 * The SDK gives a closed link, a time-out and an answered error alike as one error class with codes that any
 * server can use. So each answer is marked on its way in, by instances that no downstream can send. Illegal
 * answers, which the SDK would drop so that the caller waits for nothing, end their request.
 */
export function markAnswers(inner: Transport, report: (trouble: string) => void): MarkedTransport {
  const open = new Set<string>();

  const transport: MarkedTransport = {
    start: () => inner.start(),
    close: () => inner.close(),
    setProtocolVersion: (version) => inner.setProtocolVersion?.(version),
    get sessionId() {
      return inner.sessionId;
    },

    async send(message: JSONRPCMessage, options?: TransportSendOptions) {
      if ('method' in message && 'id' in message) open.add(String(message.id));
      await inner.send(message, options);
    },

    fail(id, mark) {
      if (open.has(String(id))) deliver(id, errorWith(id, mark));
    },
  };

  function receive(message: JSONRPCMessage): void {
    if ('method' in message) {
      transport.onmessage?.(message);
      return;
    }
    const { id } = message;
    if (id === undefined || !open.has(String(id))) {
      report('It answered a request that was not asked, or was answered or given up before.');
      return;
    }
    deliver(id, marked(id, message));
  }

  /** One turn later, as the SDK takes up progress one turn later and forgets it once the answer is there. */
  function deliver(id: RequestId, message: JSONRPCMessage): void {
    open.delete(String(id));
    queueMicrotask(() => transport.onmessage?.(message));
  }

  inner.onmessage = receive;
  inner.onclose = () => transport.onclose?.();
  inner.onerror = (error) => transport.onerror?.(error);
  return transport;
}

function marked(id: RequestId, message: object): JSONRPCMessage {
  const { result, error } = message as { readonly result?: unknown; readonly error?: unknown };
  if (error === undefined) {
    const answer: unknown = { jsonrpc: '2.0', id, result };
    return isJSONRPCResultResponse(answer)
      ? answer
      : errorWith(id, new NoAnswer('downstream_garbage', 'its answer is not a legal JSON-RPC result'));
  }
  return result === undefined && isRpcError(error)
    ? errorWith(id, new AnsweredError(error))
    : errorWith(id, new NoAnswer('downstream_garbage', 'its answer is not a legal JSON-RPC error'));
}

function isRpcError(error: unknown): error is RpcErrorObject {
  return isJsonObject(error) && Number.isSafeInteger(error.code) && typeof error.message === 'string';
}

/** The code is never looked at: what counts is the mark. */
function errorWith(id: RequestId, mark: AnsweredError | NoAnswer): JSONRPCMessage {
  return { jsonrpc: '2.0', id, error: { code: 0, message: 'marked', data: mark } };
}
