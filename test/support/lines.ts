import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { JsonObject } from '../../src/core/json.ts';

/** The JSON messages that come over a stream, one after the other. */
export function messagesOf(stream: Readable): () => Promise<JsonObject> {
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('The stream has ended.');
    return JSON.parse(value) as JsonObject;
  };
}
