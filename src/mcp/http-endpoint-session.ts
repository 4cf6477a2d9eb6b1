import type { Clock } from '../core/clock.ts';
import { createStreams } from './http-endpoint-streams.ts';
import type { Link, LinkEvents } from './link.ts';
import type { Message, MessageId, RequestMessage } from './message.ts';
import { createValve } from './watched-body.ts';

/** One client's session over streamable HTTP: the link that the agent's face holds, and what comes by request. */
export interface HttpSession {
  readonly link: Link;
  /**
   * Takes a message that was posted; a request waits while nothing is to be read from the client.
   *
   * @returns the stream on which the request is answered; `taken` when there is nothing to answer; `id_in_use`;
   * `too_many` when too many wait; `ended`
   */
  post(
    message: Message,
    options: { readonly resumable: boolean; readonly signal: AbortSignal },
  ): Promise<ReadableStream<Uint8Array> | 'taken' | 'id_in_use' | 'too_many' | 'ended'>;
  /** The stream for what belongs to no request. */
  listen(options: { readonly resumable: boolean }): ReadableStream<Uint8Array> | 'taken_up' | 'ended';
  /** The stream of this event, from there on. */
  resume(lastEventId: string): ReadableStream<Uint8Array> | 'gone' | 'ended';
  /** Ends the general stream, so that its client has to come back with a credential that still holds. */
  hangUp(): void;
  /** Nothing is open and no answer is due. */
  isIdle(): boolean;
  keepAlive(): void;
  /** Events that were sent before this time are let go of. */
  forget(before: number): void;
}

/** With so much unread by the client, nothing more is made for it. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
/** Requests that wait to be taken. */
const MAX_HELD = 64;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

export function createHttpSession({ clock }: { readonly clock: Clock }): HttpSession {
  let events: LinkEvents | undefined;
  let congested = false;
  let held = 0;
  let closed = false;
  const valve = createValve();
  const streams = createStreams({ maxKeptBytes: MAX_KEPT_BYTES, clock, eased });

  function eased(): void {
    if (!congested || streams.unread() > MAX_UNREAD_BYTES / 2) return;
    congested = false;
    events?.congested(false);
  }

  function send(message: Message, related?: MessageId): void {
    if (closed) {
      events?.failed(message, new Error('The client is gone.'), false);
      return;
    }
    if (message.kind === 'result' || message.kind === 'error') {
      const stream = message.id === null ? undefined : streams.of(message.id);
      // Whoever cancelled a request, or never made one, waits for no answer.
      if (!stream) return;
      streams.write(stream, message);
      streams.finish(stream);
    } else {
      streams.write((related === undefined ? undefined : streams.of(related)) ?? streams.general, message);
    }
    if (congested || streams.unread() <= MAX_UNREAD_BYTES) return;
    congested = true;
    events?.congested(true);
  }

  function close(): Promise<void> {
    if (closed) return Promise.resolve();
    closed = true;
    streams.close();
    valve.open();
    events?.closed();
    return Promise.resolve();
  }

  /** A cancelled request is answered no more, so its stream ends. */
  function endCancelled(message: Message): void {
    if (message.kind !== 'notification' || message.method !== 'notifications/cancelled') return;
    const { requestId } = (message.params ?? {}) as { readonly requestId?: unknown };
    if (typeof requestId !== 'string' && typeof requestId !== 'number') return;
    const stream = streams.of(requestId);
    if (stream) streams.finish(stream);
  }

  async function mayEnter(signal: AbortSignal): Promise<'too_many' | 'ended' | 'enters'> {
    if (held >= MAX_HELD) return 'too_many';
    held += 1;
    await valve.passed();
    held -= 1;
    return closed || signal.aborted ? 'ended' : 'enters';
  }

  function begin(request: RequestMessage, resumable: boolean): ReadableStream<Uint8Array> | 'id_in_use' {
    if (streams.of(request.id)) return 'id_in_use';
    const body = streams.carry(streams.begin(request.id), { primed: resumable });
    events?.message(request);
    return body;
  }

  return {
    link: {
      start(given) {
        events = given;
        return Promise.resolve();
      },
      send: (message, { related } = {}) => send(message, related),
      backlog: () => streams.unread(),
      pause: valve.shut,
      resume: valve.open,
      close,
    },

    async post(message, { resumable, signal }) {
      if (closed) return 'ended';
      if (message.kind !== 'request') {
        events?.message(message);
        endCancelled(message);
        return 'taken';
      }
      // What the client answers must come through even when it is to ask nothing more.
      const entry = await mayEnter(signal);
      return entry === 'enters' ? begin(message, resumable) : entry;
    },

    listen({ resumable }) {
      if (closed) return 'ended';
      if (streams.general.isOpen()) return 'taken_up';
      return streams.carry(streams.general, { primed: resumable });
    },

    resume: (lastEventId) => (closed ? 'ended' : (streams.resume(lastEventId) ?? 'gone')),
    hangUp: () => streams.endGeneral(),
    isIdle: () => streams.open() === 0 && streams.unanswered() === 0 && held === 0,
    keepAlive: () => streams.keepAlive(),
    forget: (before) => streams.forget(before),
  };
}
