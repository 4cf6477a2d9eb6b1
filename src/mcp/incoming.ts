import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from '@modelcontextprotocol/sdk/types.js';
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { judgeJson } from '../core/strict-json.ts';
import { findId } from './message-id.ts';

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const INVALID_PARAMS = -32602;

/** What came over the line: a message written anew from what was judged, or why there is none. */
export type Incoming =
  | { readonly kind: 'message'; readonly message: JSONRPCMessage }
  | {
      readonly kind: 'refused';
      readonly code: number;
      /** One sentence for the sender. */
      readonly message: string;
      /** Null where JSON-RPC asks for it; absent when what was refused expects no answer. */
      readonly id?: string | number | null;
    };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Judges one line strictly and makes the message from the judged value: its known members and nothing else.
 * All messages are judged alike, as a parser that reads another method than Placet did is the very danger.
 */
export function judgeLine(bytes: Buffer, maxDepth: number): Incoming {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    // Decoding fails for one reason only, which the answer states.
    const id = findId(
      bytes.toString('latin1', 0, 4096),
      bytes.toString('latin1', Math.max(0, bytes.length - 256)),
    );
    return refused(PARSE_ERROR, 'The message is not UTF-8; send it in that encoding.', id ?? null);
  }
  const judged = judgeJson(text, { maxDepth });
  if (judged.ok) return envelope(judged.value);
  if (judged.code === 'json_invalid') return refused(PARSE_ERROR, judged.message, null);
  if (judged.code === 'json_batch') return refused(INVALID_REQUEST, judged.message, null);
  return refused(
    judged.path[0] === 'params' ? INVALID_PARAMS : INVALID_REQUEST,
    judged.message,
    looseId(text),
  );
}

function envelope(value: Json): Incoming {
  if (!isJsonObject(value)) return refused(INVALID_REQUEST, 'The message is not a JSON object.', null);
  const { id, method, params, result, error } = value;
  const message: unknown = {
    jsonrpc: value.jsonrpc,
    ...given({ id, method, params, result, error }),
  };
  if (
    isJSONRPCRequest(message) ||
    isJSONRPCNotification(message) ||
    isJSONRPCResultResponse(message) ||
    isJSONRPCErrorResponse(message)
  ) {
    return { kind: 'message', message };
  }
  return refused(
    INVALID_REQUEST,
    'The message is not a JSON-RPC 2.0 request, notification or response with legal members.',
    method === undefined ? undefined : idOf(value),
  );
}

function given(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value;
  return kept;
}

function refused(code: number, message: string, id: string | number | null | undefined): Incoming {
  return { kind: 'refused', code, message, ...(id === undefined ? {} : { id }) };
}

/** The id of a message that was refused for what else stands in it. */
function looseId(text: string): string | number | null | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && value.method !== undefined ? idOf(value) : undefined;
  } catch {
    // Judging stopped at the first fault; a later one can be that it is no JSON at all.
    return null;
  }
}

function idOf(value: JsonObject): string | number | null | undefined {
  const { id } = value;
  if (id === undefined) return undefined;
  return typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id)) ? id : null;
}
