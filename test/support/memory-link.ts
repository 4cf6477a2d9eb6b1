import type { Link, LinkEvents, SendOptions } from '../../src/mcp/link.ts';
import type { Message } from '../../src/mcp/message.ts';

/** A FAKE link: a test says what comes over it, and reads what was sent. */
export interface MemoryLink {
  readonly link: Link;
  readonly sent: { readonly message: Message; readonly options: SendOptions }[];
  /** What the other side is told to do, in order. */
  readonly holds: ('pause' | 'resume')[];
  readonly events: () => LinkEvents;
}

export function memoryLink(): MemoryLink {
  const sent: { message: Message; options: SendOptions }[] = [];
  const holds: ('pause' | 'resume')[] = [];
  let events: LinkEvents | undefined;
  return {
    sent,
    holds,
    events() {
      if (!events) throw new Error('The link was not started.');
      return events;
    },
    link: {
      start(given) {
        events = given;
        return Promise.resolve();
      },
      send: (message, options = {}) => void sent.push({ message, options }),
      backlog: () => 0,
      pause: () => void holds.push('pause'),
      resume: () => void holds.push('resume'),
      close() {
        events?.closed();
        return Promise.resolve();
      },
    },
  };
}
