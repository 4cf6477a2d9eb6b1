import type { Readable, Writable } from 'node:stream';
import { createLineReader, type Line } from './line-reader.ts';
import { createLineWriter } from './line-writer.ts';
import type { Link, LinkEvents } from './link.ts';
import { findId } from './message-id.ts';
import type { Message, MessageId } from './message.ts';
import type { Read } from './read-message.ts';

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
const INTERNAL_ERROR = -32603;

/** MCP's stdio framing, a JSON message a line, over any pair of streams. */
export function createLineLink(options: LineLinkOptions): Link {
  const { input, output, maxBytes, maxBacklogBytes, read, readTooLong, atEnd } = options;
  const reader = createLineReader(maxBytes);
  const writer = createLineWriter(output);
  const underWay = new Set<MessageId>();
  let events: LinkEvents | undefined;
  let waiting: readonly Line[] = [];
  let paused = false;
  let turnIsDue = false;
  let congested = false;
  let ended = false;
  let closed = false;

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
      if (!paused) nextTurn();
    } else if (!paused) {
      input.resume();
      closeWhenDone();
    }
  }

  function nextTurn(): void {
    if (turnIsDue) return;
    turnIsDue = true;
    setImmediate(turn);
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
    try {
      writer.write(message);
    } catch (error) {
      unwritable(message, error as Error);
      return;
    }
    if (!congested && writer.backlog() > maxBacklogBytes) {
      congested = true;
      events?.congested(true);
    }
    if (underWay.size > 0 && (message.kind === 'result' || message.kind === 'error') && message.id !== null) {
      underWay.delete(message.id);
    }
    closeWhenDone();
  }

  /** Nested so deeply that it cannot be written: whoever waits for it is told that. */
  function unwritable(message: Message, error: Error): void {
    const { kind } = message;
    if ((kind === 'result' || kind === 'error') && message.id !== null) {
      const told = { code: INTERNAL_ERROR, message: 'There is an answer, but it cannot be written as JSON.' };
      send({ kind: 'error', id: message.id, error: told });
    } else {
      events?.failed(message, error, false);
    }
  }

  function caughtUp(): void {
    if (!congested) return;
    congested = false;
    events?.congested(false);
  }

  /** The other side says nothing more; what it has said is still handed on. */
  function inputOver(): void {
    ended = true;
    closeWhenDone();
  }

  function closeWhenDone(): void {
    if (!ended || closed || waiting.length > 0) return;
    if (atEnd === 'close' || underWay.size === 0) void close();
  }

  function finish(): void {
    if (closed) return;
    closed = true;
    reader.clear();
    waiting = [];
    events?.closed();
  }

  function close(): Promise<void> {
    writer.flush();
    if (output.writableFinished) output.destroy();
    else output.once('finish', () => output.destroy());
    output.end();
    finish();
    // Whoever still writes is not held up in ending.
    input.resume();
    return Promise.resolve();
  }

  return {
    start(given) {
      events = given;
      input.on('data', (chunk: Buffer) => {
        if (closed) return;
        const lines = reader.push(chunk);
        waiting = waiting.length === 0 ? lines : [...waiting, ...lines];
        if (!turnIsDue && waiting.length > 0) turn();
      });
      const broken = (error: Error): void => events?.trouble(error.message);
      input.on('error', broken);
      if ((output as unknown) !== input) output.on('error', broken);
      output.on('drain', caughtUp);
      input.once('end', inputOver);
      input.once('close', inputOver);
      // A client that is gone is answered no more; what a process wrote before it ended still counts.
      if (atEnd === 'answer') output.once('close', finish);
      return Promise.resolve();
    },
    send,
    backlog: () => writer.backlog(),
    pause() {
      paused = true;
      input.pause();
    },
    resume() {
      if (!paused) return;
      paused = false;
      nextTurn();
    },
    close,
  };
}

function isBlank(bytes: Buffer): boolean {
  const first = bytes[0];
  if (first !== undefined && first !== 0x20 && first !== 0x09 && first !== 0x0d) return false;
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
