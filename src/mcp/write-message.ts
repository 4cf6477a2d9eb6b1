import type { JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import type { Message } from './message.ts';

/** Larger texts are not copied once more to stand in one piece. */
const COPIED = 16 * 1024;

/**
 * A message as one line: the envelope written anew, and whatever has a text of its own as it came.
 *
 * @returns UTF-8, in pieces that belong together, the last of which ends with the line feed
 */
export function writeMessage(message: Message): readonly Uint8Array[] {
  switch (message.kind) {
    case 'result':
      return around(`{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":`, message.result);
    case 'error':
      return line({ jsonrpc: '2.0', id: message.id, error: message.error });
    case 'request':
    case 'notification': {
      const { method, params } = message;
      const id = message.kind === 'request' ? `"id":${JSON.stringify(message.id)},` : '';
      const head = `{"jsonrpc":"2.0",${id}"method":${JSON.stringify(method)}`;
      if (params === undefined) return [Buffer.from(`${head}}\n`)];
      if (params instanceof Verbatim) return around(`${head},"params":`, params);
      return [Buffer.from(`${head},"params":${JSON.stringify(params)}}\n`)];
    }
  }
}

function around(head: string, { text }: Verbatim): readonly Uint8Array[] {
  if (text.length > COPIED) return [Buffer.from(head), text, CLOSED];
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(head) + text.length + CLOSED.length);
  const at = bytes.write(head);
  bytes.set(text, at);
  bytes.set(CLOSED, at + text.length);
  return [bytes];
}

const CLOSED = Buffer.from('}\n');

function line(value: object): readonly Uint8Array[] {
  return [Buffer.from(`${JSON.stringify(value)}\n`)];
}

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
