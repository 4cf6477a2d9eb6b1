import type { JsonObject } from '../core/json.ts';
import type { Verbatim } from '../core/verbatim.ts';
import type { RpcErrorObject } from '../guard/ports.ts';

/** JSON-RPC allows no other kinds in MCP. */
export type MessageId = string | number;

/**
 * One message of MCP, read once. What a request or notification asks for is data of ours or of whoever sent it; the
 * result of a response keeps the text in which it came.
 */
export type Message = RequestMessage | NotificationMessage | ResultMessage | ErrorMessage;

export interface RequestMessage {
  readonly kind: 'request';
  readonly id: MessageId;
  readonly method: string;
  readonly params?: JsonObject | Verbatim;
  /** How large it was when it came, where that counts. */
  readonly bytes?: number;
}

export interface NotificationMessage {
  readonly kind: 'notification';
  readonly method: string;
  readonly params?: JsonObject | Verbatim;
}

export interface ResultMessage {
  readonly kind: 'result';
  readonly id: MessageId;
  readonly result: Verbatim;
}

export interface ErrorMessage {
  readonly kind: 'error';
  /** Null where a message was refused of which no id could be read. */
  readonly id: MessageId | null;
  readonly error: RpcErrorObject;
}
