import type { EscalationCause, NoticeKind } from '../core/entry.ts';
import type { People, Person } from '../core/person.ts';
import type { Request } from '../core/request.ts';
import type { Channel, Place } from './channel.ts';

/** A notice that the journal does not say was sent or failed. */
export interface Due {
  readonly request: Request;
  /** Whom it is for; absent where it goes to a place. */
  readonly reviewer?: string;
  readonly notice: NoticeKind;
  /** The number of a reminder. */
  readonly round?: number;
  /** The channel's name as a rule names it; `none` where no channel reaches the reviewer. */
  readonly channel: string;
  /** Why they are asked, where it was not from the beginning. */
  readonly escalated?: EscalationCause;
  readonly way: Way;
}

export type Way =
  | { readonly kind: 'send'; readonly channel: Channel; readonly to: Person }
  | { readonly kind: 'post'; readonly place: Place }
  | { readonly kind: 'fail'; readonly detail: string };

export interface Reach {
  readonly people: People;
  readonly channels: readonly Channel[];
  readonly place: (name: string) => Place | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Someone whom nothing reaches; it is said once. Without a detail they are in people.yaml no more. */
export function lost(
  about: Omit<Due, 'way' | 'channel' | 'reviewer'> & { readonly reviewer: string },
  detail = `people.yaml no longer names ${about.reviewer}.`,
): readonly Due[] {
  const told = about.request.notices.some(
    ({ reviewer, notice }) => reviewer === about.reviewer && notice === about.notice,
  );
  return told ? [] : [failing({ ...about, channel: 'none' }, detail)];
}

/** By which way a person gets this notice, if any. */
export function toPerson(due: Omit<Due, 'way'> & { readonly reviewer: string }, reach: Reach): Due {
  const to = personOf(due.reviewer, reach);
  if (!to) return failing(due, `people.yaml no longer names ${due.reviewer}.`);
  const channel = reach.channels.find(({ name }) => name === due.channel);
  if (!channel) return failing(due, notSetUp(due.channel));
  return channel.reaches(to)
    ? { ...due, way: { kind: 'send', channel, to } }
    : failing(
        due,
        `The channel ${channel.name} has no address for ${to.id}: give them one in people.yaml, or name another channel in the rule.`,
      );
}

/** The same for a place. */
export function toPlace(due: Omit<Due, 'way'>, reach: Reach): Due {
  const place = reach.place(due.channel);
  return place ? { ...due, way: { kind: 'post', place } } : failing(due, notSetUp(due.channel));
}

function failing(due: Omit<Due, 'way'>, detail: string): Due {
  return { ...due, way: { kind: 'fail', detail } };
}

function notSetUp(channel: string): string {
  return `The channel ${channel} is not set up: give its settings in .env, or name another in the rule.`;
}

export function personOf(id: string, { people }: Reach): Person | undefined {
  return people.people.find((person) => person.id === id);
}
