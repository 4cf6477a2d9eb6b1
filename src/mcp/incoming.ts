import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { judgeJson } from '../core/strict-json.ts';
import type { Refused } from './line-link.ts';
import { membersOf } from './json-members.ts';
import { findId } from './message-id.ts';
import type { Message, MessageId } from './message.ts';
import { isId, readMessage, type Read } from './read-message.ts';

const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;

/** What came over the line: a message written anew from what was judged, or why there is none. */
export type Incoming = { readonly kind: 'message'; readonly message: Message } | Refused;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads one line of a client. Its answers to what it was asked are passed on as they came; everything that asks for
 * something is judged.
 */
export function readFromClient(bytes: Buffer, maxDepth: number): Read | Refused {
  if (couldAnswer(bytes)) {
    const found = readMessage(bytes);
    if (found.kind === 'message' && (found.message.kind === 'result' || found.message.kind === 'error'))
      return found;
  }
  return judgeLine(bytes, maxDepth);
}

/** Forms have fields of any name: only a method of the message itself makes it a request. */
function couldAnswer(bytes: Buffer): boolean {
  if (!bytes.includes('"method"')) return true;
  if (!bytes.includes('"result"') && !bytes.includes('"error"')) return false;
  const members = membersOf(bytes);
  return members !== undefined && members.has('id') && !members.has('method');
}

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
  if (judged.ok) return envelope(judged.value, bytes.length);
  if (judged.code === 'json_invalid') return refused(PARSE_ERROR, judged.message, null);
  if (judged.code === 'json_batch') return refused(INVALID_REQUEST, judged.message, null);
  return refused(
    judged.path[0] === 'params' ? INVALID_PARAMS : INVALID_REQUEST,
    judged.message,
    looseId(text),
  );
}

function envelope(value: Json, bytes: number): Incoming {
  if (!isJsonObject(value)) return refused(INVALID_REQUEST, 'The message is not a JSON object.', null);
  const message = requestOf(value, bytes);
  if (message) return { kind: 'message', message };
  return refused(
    INVALID_REQUEST,
    'The message is not a JSON-RPC 2.0 request, notification or response with legal members.',
    value.method === undefined ? undefined : idOf(value),
  );
}

function requestOf({ jsonrpc, id, method, params }: JsonObject, bytes: number): Message | undefined {
  if (jsonrpc !== '2.0' || typeof method !== 'string') return undefined;
  if (params !== undefined && (!isJsonObject(params) || !hasLegalMeta(params))) return undefined;
  const given = params === undefined ? {} : { params };
  if (id === undefined) return { kind: 'notification', method, ...given };
  return isLegalId(id) ? { kind: 'request', id, method, ...given, bytes } : undefined;
}

function hasLegalMeta({ _meta: meta }: JsonObject): boolean {
  if (meta === undefined) return true;
  return isJsonObject(meta) && (meta.progressToken === undefined || isLegalId(meta.progressToken));
}

function isLegalId(id: Json): id is MessageId {
  return isId(id) && (typeof id === 'string' || Number.isInteger(id));
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
