import { Verbatim } from '../core/verbatim.ts';
import type { MessageId, RequestMessage } from './message.ts';

/** Requests of one client that wait for those before them, in order. */
export interface WaitingRequests {
  push(request: RequestMessage): void;
  shift(): RequestMessage | undefined;
  has(id: MessageId): boolean;
  remove(id: MessageId): void;
  clear(): void;
  /** So much waits that nothing more should be read. */
  isFull(): boolean;
  /** Half of that has gone. */
  hasRoom(): boolean;
}

const MAX_WAITING = 1024;
const MAX_BYTES = 32 * 1024 * 1024;

export function createWaitingRequests(): WaitingRequests {
  const waiting = new Map<MessageId, { readonly request: RequestMessage; readonly bytes: number }>();
  let bytes = 0;

  function remove(id: MessageId): void {
    bytes -= waiting.get(id)?.bytes ?? 0;
    waiting.delete(id);
  }

  return {
    push(request) {
      const size = sizeOf(request);
      waiting.set(request.id, { request, bytes: size });
      bytes += size;
    },
    shift() {
      const [first] = waiting.values();
      if (first) remove(first.request.id);
      return first?.request;
    },
    has: (id) => waiting.has(id),
    remove,
    clear() {
      waiting.clear();
      bytes = 0;
    },
    isFull: () => waiting.size >= MAX_WAITING || bytes >= MAX_BYTES,
    hasRoom: () => waiting.size < MAX_WAITING / 2 && bytes < MAX_BYTES / 2,
  };
}

function sizeOf({ params }: RequestMessage): number {
  return params instanceof Verbatim ? params.text.length : JSON.stringify(params ?? {}).length;
}
