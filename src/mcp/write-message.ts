import type { JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import type { Message } from './message.ts';

/** Larger texts are not copied once more to stand in one piece. */
const COPIED = 16 * 1024;

/** A line in two parts, which a brace and a line feed close. */
export interface Line {
  readonly head: string;
  /** UTF-8. */
  readonly text: Uint8Array;
}

/**
 * A message as a line: the envelope written anew, and whatever has a text of its own as it came.
 *
 * @throws RangeError when it is nested too deeply to be written
 */
export function lineOf(message: Message): Line {
  switch (message.kind) {
    case 'result':
      return {
        head: `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":`,
        text: message.result.text,
      };
    case 'error':
      return {
        head: `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"error":${JSON.stringify(message.error)}`,
        text: NOTHING,
      };
    case 'request':
    case 'notification': {
      const { method, params } = message;
      const id = message.kind === 'request' ? `"id":${JSON.stringify(message.id)},` : '';
      const head = `{"jsonrpc":"2.0",${id}"method":${JSON.stringify(method)}`;
      if (params === undefined) return { head, text: NOTHING };
      if (params instanceof Verbatim) return { head: `${head},"params":`, text: params.text };
      return { head: `${head},"params":${JSON.stringify(params)}`, text: NOTHING };
    }
  }
}

/**
 * The same in UTF-8, in pieces that belong together, the last of which ends with the line feed.
 *
 * @throws RangeError as `lineOf`
 */
export function writeMessage(message: Message): readonly Uint8Array[] {
  const { head, text } = lineOf(message);
  if (text.length > COPIED) return [Buffer.from(head), text, CLOSED];
  return [Buffer.concat([Buffer.from(head), text, CLOSED])];
}

const CLOSED = Buffer.from('}\n');
const NOTHING = new Uint8Array();

/** The same as a value, for carriers that serialise by themselves. */
export function valueOf(message: Message): JsonObject {
  switch (message.kind) {
    case 'result':
      return { jsonrpc: '2.0', id: message.id, result: message.result.value };
    case 'error':
      return { jsonrpc: '2.0', id: message.id, error: message.error as unknown as JsonObject };
    case 'request':
    case 'notification': {
      const { method, params } = message;
      return {
        jsonrpc: '2.0',
        ...(message.kind === 'request' ? { id: message.id } : {}),
        method,
        ...(params === undefined ? {} : { params: params instanceof Verbatim ? params.value : params }),
      };
    }
  }
}
