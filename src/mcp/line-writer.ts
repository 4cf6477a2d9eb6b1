import type { Writable } from 'node:stream';
import type { Message } from './message.ts';
import { lineOf } from './write-message.ts';

/** Puts messages on a stream, a line each. Small ones that are written in one breath leave in one piece. */
export interface LineWriter {
  /** @throws RangeError when it is nested too deeply to be written */
  write(message: Message): void;
  /** What was written leaves now. */
  flush(): void;
  /** What waits to leave, in bytes, by what it costs in memory. */
  backlog(): number;
}

const ROOM_BYTES = 16 * 1024;
/** Larger lines are not copied to stand beside others. */
const SMALL_BYTES = 4 * 1024;
/** What a message that waits to leave costs besides its text. */
const MESSAGE_BYTES = 400;
const CLOSED = Buffer.from('}\n');

export function createLineWriter(output: Writable): LineWriter {
  let room = Buffer.alloc(0);
  let start = 0;
  let end = 0;
  let messages = 0;
  let unread = 0;
  let corked = false;
  let due = false;

  function write(message: Message): void {
    const { head, text } = lineOf(message);
    const most = head.length * 3 + text.length + CLOSED.length;
    if (most > SMALL_BYTES) leaveInPieces(head, text);
    else putBeside(head, text, most);
    unread += 1;
    if (due) return;
    due = true;
    process.nextTick(flush);
  }

  function putBeside(head: string, text: Uint8Array, most: number): void {
    if (end + most > room.length) {
      leave();
      room = Buffer.allocUnsafeSlow(ROOM_BYTES);
      start = 0;
      end = 0;
    }
    end += room.write(head, end);
    room.set(text, end);
    end += text.length;
    room.set(CLOSED, end);
    end += CLOSED.length;
    messages += 1;
  }

  function leaveInPieces(head: string, text: Uint8Array): void {
    leave();
    if (!corked) output.cork();
    corked = true;
    output.write(head);
    if (text.length > 0) output.write(text);
    output.write(CLOSED, left(1));
  }

  function leave(): void {
    if (end === start) return;
    const count = messages;
    messages = 0;
    output.write(room.subarray(start, end), left(count));
    start = end;
  }

  function left(count: number): () => void {
    return () => {
      unread -= count;
    };
  }

  function flush(): void {
    due = false;
    leave();
    if (corked) output.uncork();
    corked = false;
  }

  return {
    write,
    flush,
    backlog: () => output.writableLength + end - start + unread * MESSAGE_BYTES,
  };
}
