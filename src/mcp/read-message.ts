import { isUtf8 } from 'node:buffer';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import type { RpcErrorObject } from '../guard/ports.ts';
import { brief } from './brief.ts';
import { membersOf, type Span } from './json-members.ts';
import type { Message, MessageId } from './message.ts';
import { plainAnswer } from './plain-answer.ts';

/** What came, or why it is none; `id` where it was to be the answer to a request of ours. */
export type Read =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'trouble'; readonly what: string; readonly id?: MessageId };

/**
 * Reads what a server wrote, or a client in answer to one. It is parsed once; of a result the bytes are kept in which
 * it came. Unknown members are no fault. Answers that two parsers could take for answers to different requests are:
 * their bytes would stand in an envelope of ours.
 */
export function readMessage(bytes: Uint8Array): Read {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const plain = plainAnswer(buffer);
  if (plain) return resultOf(plain.id, plain.value, buffer, plain.span);
  const text = buffer.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Servers that print to standard output are common; the line is told, shortened.
  }
  if (!isJsonObject(value)) return trouble(`a line that is no JSON message: ${brief(text, 120)}`);
  if (value.method !== undefined) return asked(value);
  const { id, result } = value;
  if (!isId(id)) return withoutId(value);
  if (value.error !== undefined) return failed(value, id);
  const span = isJsonObject(result) ? membersOf(buffer)?.get('result') : undefined;
  return span
    ? resultOf(id, result as JsonObject, buffer, span)
    : trouble('its answer is not a legal JSON-RPC result', id);
}

function resultOf(id: MessageId, value: JsonObject, buffer: Buffer, { start, end }: Span): Read {
  const text = buffer.subarray(start, end);
  const result = isReadAlike(text) ? Verbatim.asItCame(value, oneLine(text)) : Verbatim.of(value);
  return { kind: 'message', message: { kind: 'result', id, result } };
}

/**
 * Whether every reader takes this for what was read here: bytes that are no text break some, and of a `_meta` that
 * stands twice, in which servers would say things in Placet's name, some believe the first.
 */
function isReadAlike(text: Buffer): boolean {
  if (!isUtf8(text)) return false;
  const canHide = text.includes('"_meta"') || text.includes(String.raw`\u`);
  return !canHide || membersOf(text) !== undefined;
}

/** The same of a value that was parsed elsewhere, where nothing is known of its text. */
export function readValue(value: unknown): Read {
  if (!isJsonObject(value)) return trouble('a message that is no JSON object');
  if (value.method !== undefined) return asked(value);
  const { id, result } = value;
  if (!isId(id)) return withoutId(value);
  if (value.error !== undefined) return failed(value, id);
  if (!isJsonObject(result)) return trouble('its answer is not a legal JSON-RPC result', id);
  return { kind: 'message', message: { kind: 'result', id, result: Verbatim.of(result) } };
}

function asked({ id, method, params }: JsonObject): Read {
  if (typeof method !== 'string' || (params !== undefined && !isJsonObject(params))) {
    return trouble('a message that is no legal JSON-RPC request or notification');
  }
  const given = params === undefined ? {} : { params };
  if (id === undefined) return { kind: 'message', message: { kind: 'notification', method, ...given } };
  if (!isId(id)) return trouble('a request whose id is neither a text nor a number');
  return { kind: 'message', message: { kind: 'request', id, method, ...given } };
}

function withoutId({ result, error }: JsonObject): Read {
  if (isJsonObject(error) && typeof error.message === 'string') {
    return trouble(`an error that answers nothing: ${brief(error.message, 120)}`);
  }
  return trouble(
    result === undefined
      ? 'a message that is neither a request nor an answer'
      : 'an answer to a request that was not asked',
  );
}

function failed({ result, error }: JsonObject, id: MessageId): Read {
  return result === undefined && isRpcError(error)
    ? { kind: 'message', message: { kind: 'error', id, error } }
    : trouble('its answer is not a legal JSON-RPC error', id);
}

export function isId(id: unknown): id is MessageId {
  return typeof id === 'string' || typeof id === 'number';
}

function isRpcError(error: unknown): error is RpcErrorObject & JsonObject {
  return isJsonObject(error) && Number.isSafeInteger(error.code) && typeof error.message === 'string';
}

function trouble(what: string, id?: MessageId): Read {
  return { kind: 'trouble', what, ...(id === undefined ? {} : { id }) };
}

/** A carriage return between tokens is space to JSON and the end of a line to some readers. */
function oneLine(text: Uint8Array): Uint8Array {
  if (!text.includes(0x0d)) return text;
  return text.map((byte) => (byte === 0x0d ? 0x20 : byte));
}
