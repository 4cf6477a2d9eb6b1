import type { MessageId, RequestMessage } from './message.ts';

/** The requests of one client: some are worked on at once, the next wait in order. */
export interface ClientQueue {
  /** @returns false when its id is in use, and it is not taken */
  take(request: RequestMessage): boolean;
  isUnderWay(id: MessageId): boolean;
  /** One that waits is forgotten, of one that is worked on the signal is aborted. */
  cancel(id: MessageId): void;
  /** Resolves when all were answered. */
  idle(): Promise<void>;
  /** The client is gone. */
  close(): void;
}

export interface ClientQueueOptions {
  /** Never rejects. */
  readonly work: (request: RequestMessage, signal: AbortSignal) => Promise<void>;
  /** So much waits that nothing more should be read (true), until half of it has gone (false). */
  readonly onFull: (isFull: boolean) => void;
}

interface Lot {
  readonly count: number;
  readonly bytes: number;
}

const UNDER_WAY: Lot = { count: 128, bytes: 64 * 1024 * 1024 };
const WAITING: Lot = { count: 1024, bytes: 32 * 1024 * 1024 };

export function createClientQueue({ work, onFull }: ClientQueueOptions): ClientQueue {
  const underWay = new Map<MessageId, AbortController>();
  const waiting = new Map<MessageId, RequestMessage>();
  let bytesUnderWay = 0;
  let bytesWaiting = 0;
  let full = false;
  let onIdle: (() => void)[] = [];

  /** One that is larger than all may be together is worked on alone. */
  function hasPlaceFor({ bytes = 0 }: RequestMessage): boolean {
    if (underWay.size === 0) return true;
    return underWay.size < UNDER_WAY.count && bytesUnderWay + bytes <= UNDER_WAY.bytes;
  }

  function begin(request: RequestMessage): void {
    const { id, bytes = 0 } = request;
    const controller = new AbortController();
    underWay.set(id, controller);
    bytesUnderWay += bytes;
    void work(request, controller.signal).then(() => {
      underWay.delete(id);
      bytesUnderWay -= bytes;
      goOn();
    });
  }

  function goOn(): void {
    for (const request of waiting.values()) {
      if (!hasPlaceFor(request)) break;
      forget(request.id);
      begin(request);
    }
    const { count, bytes } = WAITING;
    if (full && waiting.size < count / 2 && bytesWaiting < bytes / 2) {
      full = false;
      onFull(false);
    }
    if (underWay.size > 0) return;
    for (const tell of onIdle) tell();
    onIdle = [];
  }

  function forget(id: MessageId): void {
    bytesWaiting -= waiting.get(id)?.bytes ?? 0;
    waiting.delete(id);
  }

  return {
    take(request) {
      const { id, bytes = 0 } = request;
      if (underWay.has(id) || waiting.has(id)) return false;
      if (waiting.size === 0 && hasPlaceFor(request)) {
        begin(request);
        return true;
      }
      waiting.set(id, request);
      bytesWaiting += bytes;
      if (!full && (waiting.size >= WAITING.count || bytesWaiting >= WAITING.bytes)) {
        full = true;
        onFull(true);
      }
      return true;
    },

    isUnderWay: (id) => underWay.has(id),

    cancel(id) {
      forget(id);
      underWay.get(id)?.abort();
    },

    async idle() {
      if (underWay.size === 0) return;
      await new Promise<void>((resolve) => {
        onIdle.push(resolve);
      });
    },

    close() {
      waiting.clear();
      bytesWaiting = 0;
      for (const controller of underWay.values()) controller.abort();
    },
  };
}
