import type { Message, MessageId } from './message.ts';

/** What the side that holds a link is told. None of these may throw. */
export interface LinkEvents {
  message(message: Message): void;
  /** The other side sent something that is no message; `id` where a request of ours can be told to have failed by it. */
  trouble(what: string, id?: MessageId): void;
  /**
   * A message that was given to `send` did not leave.
   *
   * `sent`: whether the other side may have taken it all the same.
   */
  failed(message: Message, error: Error, sent: boolean): void;
  /** So much is unread by the other side (true) that nothing more should be made for it, until it has caught up (false). */
  congested(on: boolean): void;
  /** Nothing comes or leaves any more. Told once. */
  closed(): void;
}

/** Which of the other side's requests a message belongs to: over HTTP it goes out on that request's stream. */
export interface SendOptions {
  readonly related?: MessageId;
}

/**
 * One end of an MCP connection: messages in, messages out, in order, whatever carries them. Drivers: lines over a
 * stream (`line-link.ts`), and the MCP SDK's transports for HTTP (`sdk-link.ts`).
 */
export interface Link {
  /** Takes up the connection. @throws Error in words, when it cannot be made */
  start(events: LinkEvents): Promise<void>;
  /** Never waits and never throws; a failure is told by `failed`. */
  send(message: Message, options?: SendOptions): void;
  /** Bytes that were sent and that the other side has not taken yet, as far as the carrier knows. */
  backlog(): number;
  /** Reads nothing more from the other side, as far as the carrier can, until `resume`. */
  pause(): void;
  resume(): void;
  /** The handshake has settled on this revision, which some carriers repeat with each message. */
  agreed?(protocolVersion: string): void;
  /** What was sent still leaves. */
  close(): Promise<void>;
}
