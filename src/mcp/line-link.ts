import type { Readable, Writable } from 'node:stream';
import { createLineReader, type Line } from './line-reader.ts';
import type { Link, LinkEvents } from './link.ts';
import { findId } from './message-id.ts';
import type { Message, MessageId } from './message.ts';
import type { Read } from './read-message.ts';
import { writeMessage } from './write-message.ts';

/** A line that is answered with a JSON-RPC error at once and goes no further. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: number;
  /** One sentence for the sender. */
  readonly message: string;
  /** Null where JSON-RPC asks for it; absent when what was refused expects no answer. */
  readonly id?: MessageId | null;
}

export interface LineLinkOptions {
  readonly input: Readable;
  /** Ended with the link, and destroyed once what was sent has left. */
  readonly output: Writable;
  /** The largest line that is read, in bytes. */
  readonly maxBytes: number;
  /** With more than this many bytes unread by the other side the link is congested. */
  readonly maxBacklogBytes: number;
  readonly read: (bytes: Buffer) => Read | Refused;
  /** What a line over the limit is; of it only the two ends are known. */
  readonly readTooLong: (id: MessageId | undefined) => Read | Refused;
  /** When the other side ends its own side, the link closes: at once, or when all it had asked is answered. */
  readonly atEnd: 'close' | 'answer';
}

/** So many lines are handed on before others have their turn. */
const LINES_A_TURN = 32;

/** MCP's stdio framing, a JSON message a line, over any pair of streams. */
export function createLineLink(options: LineLinkOptions): Link {
  const { input, output, maxBytes, maxBacklogBytes, read, readTooLong, atEnd } = options;
  const reader = createLineReader(maxBytes);
  const underWay = new Set<MessageId>();
  let events: LinkEvents | undefined;
  let waiting: Line[] = [];
  let paused = false;
  let turnIsDue = false;
  let congested = false;
  let ended = false;
  let closed = false;
  let corked = false;

  function turn(): void {
    turnIsDue = false;
    let count = 0;
    for (const line of waiting) {
      if (count === LINES_A_TURN || isHeldUp()) break;
      count += 1;
      receive(line);
    }
    waiting = count === waiting.length ? [] : waiting.slice(count);
    if (closed) return;
    if (waiting.length > 0) {
      input.pause();
      if (!paused && !turnIsDue) {
        turnIsDue = true;
        setImmediate(turn);
      }
    } else if (!paused) {
      input.resume();
      if (ended) closeWhenDone();
    }
  }

  function isHeldUp(): boolean {
    return paused || closed;
  }

  function receive(line: Line): void {
    if (line.kind === 'line' && isBlank(line.bytes)) return;
    const found = line.kind === 'line' ? read(line.bytes) : readTooLong(findId(line.head, line.tail));
    switch (found.kind) {
      case 'refused':
        if (found.id === undefined) events?.trouble(found.message);
        else send({ kind: 'error', id: found.id, error: { code: found.code, message: found.message } });
        return;
      case 'trouble':
        events?.trouble(found.what, found.id);
        return;
      case 'message':
        note(found.message);
        events?.message(found.message);
    }
  }

  /** A cancelled request gets no answer. */
  function note(message: Message): void {
    if (atEnd !== 'answer') return;
    if (message.kind === 'request') underWay.add(message.id);
    else if (message.kind === 'notification' && message.method === 'notifications/cancelled') {
      const id = (message.params as { readonly requestId?: unknown } | undefined)?.requestId;
      if (typeof id === 'string' || typeof id === 'number') underWay.delete(id);
    }
  }

  function send(message: Message): void {
    if (closed || !output.writable) {
      events?.failed(message, new Error('The other side is gone.'), false);
      return;
    }
    // What is sent in one breath leaves in one write.
    if (!corked) {
      corked = true;
      output.cork();
      process.nextTick(uncork);
    }
    for (const piece of writeMessage(message)) output.write(piece);
    if (!congested && output.writableLength > maxBacklogBytes) {
      congested = true;
      events?.congested(true);
    }
    if (underWay.size > 0 && (message.kind === 'result' || message.kind === 'error') && message.id !== null) {
      underWay.delete(message.id);
    }
    if (ended) closeWhenDone();
  }

  function uncork(): void {
    corked = false;
    output.uncork();
  }

  function caughtUp(): void {
    if (!congested) return;
    congested = false;
    events?.congested(false);
  }

  function closeWhenDone(): void {
    if (!closed && waiting.length === 0 && underWay.size === 0) void close();
  }

  function finish(): void {
    if (closed) return;
    closed = true;
    reader.clear();
    waiting = [];
    events?.closed();
  }

  function close(): Promise<void> {
    if (corked) uncork();
    if (output.writableFinished) output.destroy();
    else output.once('finish', () => output.destroy());
    output.end();
    finish();
    return Promise.resolve();
  }

  return {
    start(given) {
      events = given;
      input.on('data', (chunk: Buffer) => {
        waiting.push(...reader.push(chunk));
        if (!turnIsDue && waiting.length > 0) turn();
      });
      const broken = (error: Error): void => events?.trouble(error.message);
      input.on('error', broken);
      if ((output as unknown) !== input) output.on('error', broken);
      output.on('drain', caughtUp);
      input.once('end', () => {
        ended = true;
        if (atEnd === 'close') finish();
        else closeWhenDone();
      });
      input.once('close', finish);
      output.once('close', finish);
      return Promise.resolve();
    },
    send,
    pause() {
      paused = true;
      input.pause();
    },
    resume() {
      if (!paused) return;
      paused = false;
      if (!turnIsDue) {
        turnIsDue = true;
        setImmediate(turn);
      }
    },
    close,
  };
}

function isBlank(bytes: Buffer): boolean {
  const first = bytes[0];
  if (first !== undefined && first !== 0x20 && first !== 0x09 && first !== 0x0d) return false;
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
