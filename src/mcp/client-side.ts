import type { JsonObject } from '../core/json.ts';
import type { Verbatim } from '../core/verbatim.ts';
import { RpcError } from '../guard/ports.ts';
import type { MessageId } from './message.ts';

/** What a client said of itself in its handshake, every member as it came. Its downstreams are told the same. */
export interface ClientHello {
  readonly protocolVersion: string;
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject;
}

/** A request that a downstream makes of the client. */
export interface ServerRequest {
  readonly server: string;
  readonly method: string;
  readonly params?: JsonObject;
  /** Aborted when the downstream cancels it or is gone. */
  readonly signal: AbortSignal;
  /** The client's own request that most likely caused it. */
  readonly related?: MessageId;
}

/** A notification of a downstream, but for those that Placet answers itself (progress of a request, cancellation). */
export interface ServerNotification {
  readonly server: string;
  readonly method: string;
  readonly params?: JsonObject;
  readonly related?: MessageId;
}

/**
 * The client in whose name connections to downstreams are made. Each client session is one; connections of the
 * host's own have one that declares nothing and refuses every request.
 */
export interface ClientSide {
  hello(): ClientHello;
  /** @throws RpcError with which the client answered, or with which it is answered in its place */
  request(request: ServerRequest): Promise<Verbatim>;
  notified(notification: ServerNotification): void;
}

const METHOD_NOT_FOUND = -32601;

/** A client that said this, and is not there: whatever it is asked it refuses as a client that cannot do it. */
export function nobody(hello: ClientHello): ClientSide {
  return {
    hello: () => hello,
    request: () => Promise.reject(new RpcError({ code: METHOD_NOT_FOUND, message: 'Method not found' })),
    notified: () => undefined,
  };
}
