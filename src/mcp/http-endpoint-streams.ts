import type { Clock } from '../core/clock.ts';
import { createOutlet, type Outlet } from './http-endpoint-outlet.ts';
import type { Message, MessageId } from './message.ts';
import { writeMessage } from './write-message.ts';

/**
 * One stream of server-sent events: that of a request, which ends with its answer, or the session's general one. A
 * response carries it as long as its connection lasts; another one takes it up where that broke off.
 */
export interface Stream {
  readonly key: string;
  /** Nothing for the general one. */
  readonly request?: MessageId;
  readonly isOpen: () => boolean;
}

/** The streams of one session, with the events that may be asked for again. */
export interface Streams {
  readonly general: Stream;
  of(request: MessageId): Stream | undefined;
  begin(request: MessageId): Stream;
  /** A response that carries the stream from here on, with what nobody was sent yet. */
  carry(stream: Stream, options: { readonly primed: boolean }): ReadableStream<Uint8Array>;
  /** A response that goes on after this event; nothing when what followed it is no longer kept. */
  resume(lastEventId: string): ReadableStream<Uint8Array> | undefined;
  write(stream: Stream, message: Message): void;
  /** No more is written to it. */
  finish(stream: Stream): void;
  /** Bytes that were written to responses and not read yet. */
  unread(): number;
  /** Responses that are open. */
  open(): number;
  /** Requests whose answer is still to be written. */
  unanswered(): number;
  /** Sends a comment, so that nobody on the way takes the connections for dead. */
  keepAlive(): void;
  /** Lets go of events that were sent before this time, in milliseconds since the epoch. */
  forget(before: number): void;
  /** Ends the response of the general stream, which may be taken up again. */
  endGeneral(): void;
  close(): void;
}

interface State extends Stream {
  outlet: Outlet | undefined;
  finished: boolean;
  /** Of its events all up to this one may be gone. */
  lostUpTo: number;
  sentUpTo: number;
  kept: number;
}

interface Event {
  readonly state: State;
  readonly pieces: readonly Uint8Array[];
  readonly size: number;
  readonly at: number;
}

const GENERAL = 'g';
/** What it costs to keep an event, besides its bytes. */
const EVENT_COST = 256;
/** A client that was cut off comes back after this time. */
const RETRY_MS = 1000;
const COMMENT = Buffer.from(': \n\n');
const LINE_FEED = Buffer.from('\n');
const EVENT_ID = /^([0-9a-z]{1,12})-(\d{1,15})$/;

export function createStreams(options: {
  /** Of events that may be asked for again, the oldest go first. In bytes. */
  readonly maxKeptBytes: number;
  readonly clock: Clock;
  /** Something was read, or a response is gone: `unread` may have become less. */
  readonly eased: () => void;
}): Streams {
  const { maxKeptBytes, clock, eased } = options;
  const states = new Map<string, State>();
  const byRequest = new Map<MessageId, State>();
  /** By number, oldest first. */
  const events = new Map<number, Event>();
  const outlets = new Set<Outlet>();
  let lastKey = 0;
  let lastEvent = 0;
  let keptBytes = 0;
  const general = add(GENERAL);

  function add(key: string, request?: MessageId): State {
    const state: State = {
      key,
      ...(request === undefined ? {} : { request }),
      isOpen: () => state.outlet !== undefined,
      outlet: undefined,
      finished: false,
      lostUpTo: 0,
      sentUpTo: 0,
      kept: 0,
    };
    states.set(key, state);
    return state;
  }

  function stateOf({ key }: Stream): State | undefined {
    return states.get(key);
  }

  function openOutlet(state: State): Outlet {
    state.outlet?.end();
    const outlet = createOutlet({
      read: eased,
      closed() {
        outlets.delete(outlet);
        if (state.outlet === outlet) state.outlet = undefined;
        eased();
      },
    });
    state.outlet = outlet;
    outlets.add(outlet);
    return outlet;
  }

  /** Sends what is kept of a stream after this event. */
  function replay(state: State, outlet: Outlet, after: number): void {
    for (const [number, event] of events) {
      if (event.state !== state || number <= after) continue;
      outlet.push(event.pieces);
      state.sentUpTo = Math.max(state.sentUpTo, number);
    }
  }

  function keep(number: number, event: Event): void {
    events.set(number, event);
    event.state.kept += 1;
    keptBytes += event.size;
    for (const [oldest, { size }] of events) {
      if (keptBytes <= maxKeptBytes) return;
      drop(oldest, size);
    }
  }

  function drop(number: number, size: number): void {
    const event = events.get(number);
    if (!event || !events.delete(number)) return;
    const { state } = event;
    keptBytes -= size;
    state.kept -= 1;
    state.lostUpTo = number;
    forgetIfOver(state);
  }

  function forgetIfOver(state: State): void {
    if (state.finished && state.kept === 0) states.delete(state.key);
  }

  return {
    general,
    of: (request) => byRequest.get(request),

    begin(request) {
      lastKey += 1;
      const state = add(lastKey.toString(36).padStart(2, '0'), request);
      byRequest.set(request, state);
      return state;
    },

    carry(stream, { primed }) {
      const state = stateOf(stream) ?? general;
      const outlet = openOutlet(state);
      if (primed) {
        // An event without data, so that the client has a place from which to go on.
        const after = state.kept === 0 ? lastEvent : state.sentUpTo;
        outlet.push([Buffer.from(`id: ${state.key}-${after}\nretry: ${RETRY_MS}\ndata: \n\n`)]);
      }
      replay(state, outlet, state.sentUpTo);
      return outlet.body;
    },

    resume(lastEventId) {
      const [, key = '', number = ''] = EVENT_ID.exec(lastEventId) ?? [];
      const state = states.get(key);
      const after = Number(number);
      if (!state || after < state.lostUpTo || after > lastEvent) return undefined;
      const outlet = openOutlet(state);
      replay(state, outlet, after);
      if (state.finished) outlet.end();
      return outlet.body;
    },

    write(stream, message) {
      const state = stateOf(stream);
      if (!state) return;
      lastEvent += 1;
      const pieces = eventOf(`${state.key}-${lastEvent}`, message);
      if (state.outlet) {
        state.outlet.push(pieces);
        state.sentUpTo = lastEvent;
      }
      const size = EVENT_COST + pieces.reduce((sum, { length }) => sum + length, 0);
      keep(lastEvent, { state, pieces, size, at: clock.now() });
    },

    finish(stream) {
      const state = stateOf(stream);
      if (!state) return;
      state.finished = true;
      if (state.request !== undefined) byRequest.delete(state.request);
      state.outlet?.end();
      forgetIfOver(state);
    },

    unread: () => [...outlets].reduce((sum, outlet) => sum + outlet.unread(), 0),
    open: () => outlets.size,
    unanswered: () => byRequest.size,

    keepAlive() {
      for (const outlet of outlets) if (outlet.unread() === 0) outlet.push([COMMENT]);
    },

    forget(before) {
      for (const [number, { state, size, at }] of events) {
        if (at >= before) return;
        if (number <= state.sentUpTo) drop(number, size);
      }
    },

    endGeneral: () => general.outlet?.end(),

    close() {
      for (const outlet of outlets) outlet.end();
      states.clear();
      byRequest.clear();
      events.clear();
      keptBytes = 0;
    },
  };
}

/** One server-sent event. A message is one line, so it is one line of data. */
function eventOf(id: string, message: Message): readonly Uint8Array[] {
  const head = Buffer.from(`id: ${id}\nevent: message\ndata: `);
  const [line, ...more] = writeMessage(message);
  if (line && more.length === 0) return [Buffer.concat([head, line, LINE_FEED])];
  return [head, ...(line ? [line] : []), ...more, LINE_FEED];
}
