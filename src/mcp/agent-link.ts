import type { Duplex } from 'node:stream';
import { INVALID_REQUEST, readFromClient } from './incoming.ts';
import { createLineLink } from './line-link.ts';
import type { Link } from './link.ts';

/** How many objects and arrays may stand inside each other in a message. */
export const MAX_DEPTH = 64;
/** With so much unread by a client, nothing more is made for it. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;

/**
 * An agent's end of a stream of lines, each judged strictly. What is refused is answered with a JSON-RPC error, and
 * the link survives; when the client ends its side, what is under way is still answered.
 *
 * @param maxBytes the largest message that the client may send
 */
export function agentLink(stream: Duplex, maxBytes: number): Link {
  return createLineLink({
    input: stream,
    output: stream,
    maxBytes,
    maxBacklogBytes: MAX_BACKLOG_BYTES,
    read: (bytes) => readFromClient(bytes, MAX_DEPTH),
    readTooLong: (id) => ({
      kind: 'refused',
      code: INVALID_REQUEST,
      message: `The message is larger than ${maxBytes} bytes, which is the limit; send less at once.`,
      id: id ?? null,
    }),
    atEnd: 'answer',
  });
}
