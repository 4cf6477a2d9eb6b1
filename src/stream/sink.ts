import { PlacetError } from '../core/errors.ts';
import type { Severity } from '../events/reading.ts';

/** An event on its way. */
export interface Outgoing {
  readonly seq: number;
  /** Of the entry; the same however often it is sent. */
  readonly id: string;
  readonly type: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly severity: Severity;
  /** As its format writes it, without a line feed. */
  readonly event: string;
}

/** Where events go. Drivers stand in `sinks/`. */
export interface Sink {
  /**
   * Hands over all of them, in order. MUST NOT resolve before the receiver has taken them; when it throws, any of them
   * may have arrived, and all are sent again.
   *
   * @throws SinkError
   */
  send(batch: readonly Outgoing[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * - `unreachable`: it may go well the next time.
 * - `refused`: somebody has to mend something: the token, the address, the receiver.
 * - `unacceptable`: one of these events, whatever is mended.
 */
export type SinkFault = 'unreachable' | 'refused' | 'unacceptable';

/** A sentence about the receiver, that quotes neither its address nor what it answered. */
export class SinkError extends PlacetError {
  declare readonly code: SinkFault;
  /** Not before so many milliseconds. */
  readonly retry_after_ms?: number;

  constructor(code: SinkFault, message: string, retryAfterMs?: number) {
    super(code, message);
    if (retryAfterMs !== undefined) this.retry_after_ms = retryAfterMs;
  }
}
