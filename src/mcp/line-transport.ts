import type { Duplex } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { INVALID_REQUEST, judgeLine } from './incoming.ts';
import { createLineReader, type Line } from './line-reader.ts';
import { findId } from './message-id.ts';

export interface LineTransportOptions {
  /** One client's end: bytes in, bytes out. It is closed with the transport. */
  readonly stream: Duplex;
  /** The largest message that is accepted, in bytes. */
  readonly maxBytes: number;
  /** How many objects and arrays may stand inside each other in one message. */
  readonly maxDepth: number;
  /** With more than this many bytes unread by the client nothing more is read from it. */
  readonly maxBacklogBytes: number;
  readonly log: Log;
}

/**
 * MCP's stdio framing, a JSON message a line, over any stream. What comes in is judged strictly and answered with
 * a JSON-RPC error when it is refused; a line over the limit is passed over without being collected, and the
 * link survives either. When the client ends its side, what is under way is still answered.
 */
export function createLineTransport(options: LineTransportOptions): Transport {
  const { stream, maxBytes, maxDepth, maxBacklogBytes, log } = options;
  const reader = createLineReader(maxBytes);
  const underWay = new Set<string | number>();
  let drained: Promise<void> | undefined;
  let ended = false;
  let closed = false;

  const transport: Transport = {
    async start() {
      stream.on('data', (chunk: Buffer) => {
        for (const line of reader.push(chunk)) receive(line);
      });
      stream.on('error', (error) => transport.onerror?.(error));
      stream.once('end', () => {
        ended = true;
        closeWhenDone();
      });
      stream.once('close', finish);
    },

    async send(message) {
      await write(message);
      if (!('method' in message) && message.id !== undefined) underWay.delete(message.id);
      closeWhenDone();
    },

    async close() {
      if (stream.writableFinished) stream.destroy();
      else stream.once('finish', () => stream.destroy());
      stream.end();
      finish();
    },
  };

  function receive(line: Line): void {
    if (line.kind === 'too_long') {
      const message = `The message is larger than ${maxBytes} bytes, which is the limit; send less at once.`;
      refuse(INVALID_REQUEST, message, findId(line.head, line.tail) ?? null);
      return;
    }
    if (isBlank(line.bytes)) return;
    const incoming = judgeLine(line.bytes, maxDepth);
    if (incoming.kind === 'refused') {
      refuse(incoming.code, incoming.message, incoming.id);
      return;
    }
    const { message } = incoming;
    if ('method' in message) {
      if ('id' in message) underWay.add(message.id);
      // A cancelled request gets no answer.
      else if (message.method === 'notifications/cancelled') forget(message.params?.requestId);
    }
    transport.onmessage?.(message);
  }

  function forget(id: unknown): void {
    if (typeof id === 'string' || typeof id === 'number') underWay.delete(id);
  }

  function refuse(code: number, message: string, id: string | number | null | undefined): void {
    if (id === undefined) {
      log(`A client's message without an id was passed over: ${message}`);
      return;
    }
    write({ jsonrpc: '2.0', id, error: { code, message } }).catch((error: unknown) =>
      log(`A client could not be told that its message was refused: ${messageOf(error)}`),
    );
  }

  /** All who wait for the stream to drain wait for one event, however many they are. */
  function write(message: JSONRPCMessage | { readonly id: string | number | null }): Promise<void> {
    if (closed || !stream.writable) return Promise.reject(new Error('The client is gone.'));
    if (stream.write(`${JSON.stringify(message)}\n`)) return Promise.resolve();
    if (stream.writableLength > maxBacklogBytes) stream.pause();
    drained ??= new Promise<void>((resolve) => {
      const done = (): void => {
        stream.off('drain', done);
        stream.off('close', done);
        drained = undefined;
        stream.resume();
        resolve();
      };
      stream.on('drain', done);
      stream.on('close', done);
    });
    return drained;
  }

  function closeWhenDone(): void {
    if (!ended || closed || underWay.size > 0) return;
    transport.close().catch((error: unknown) => log(`A client's stream did not close: ${messageOf(error)}`));
  }

  function finish(): void {
    if (closed) return;
    closed = true;
    reader.clear();
    transport.onclose?.();
  }

  return transport;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
