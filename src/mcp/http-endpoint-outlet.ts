/** The body of one response that stays open: what is pushed leaves as fast as the other side reads. */
export interface Outlet {
  readonly body: ReadableStream<Uint8Array>;
  push(pieces: readonly Uint8Array[]): void;
  /** What was pushed still leaves. */
  end(): void;
  /** Bytes that the other side has not taken yet, with what it costs to keep them. */
  unread(): number;
}

/** So much is handed on before anybody reads. */
const AHEAD_BYTES = 64 * 1024;
/** What it costs to keep a piece, besides its bytes. */
const PIECE_COST = 128;

export function createOutlet(told: {
  /** The other side has read something. */
  readonly read: () => void;
  /** Nothing can be pushed any more: it was ended, or the other side is gone. Told once. */
  readonly closed: () => void;
}): Outlet {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      pull: () => told.read(),
      cancel: close,
    },
    { highWaterMark: AHEAD_BYTES, size: (piece) => piece.length + PIECE_COST },
  );

  function close(): void {
    if (!controller) return;
    controller = undefined;
    told.closed();
  }

  return {
    body,
    push(pieces) {
      for (const piece of pieces) controller?.enqueue(piece);
    },
    end() {
      controller?.close();
      close();
    },
    unread: () => (controller ? AHEAD_BYTES - (controller.desiredSize ?? AHEAD_BYTES) : 0),
  };
}
