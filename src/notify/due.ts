import type { NoticeKind } from '../core/entry.ts';
import type { People, Person } from '../core/person.ts';
import { asked, isOver, isSettled, type Request } from '../core/request.ts';
import type { Channel } from './channel.ts';

/** A notice that the journal does not say was sent or failed. */
export interface Due {
  readonly request: Request;
  readonly reviewer: string;
  readonly notice: NoticeKind;
  /** The channel's name; `none` where no channel reaches the reviewer. */
  readonly channel: string;
  readonly way:
    | { readonly kind: 'send'; readonly channel: Channel; readonly to: Person }
    | { readonly kind: 'fail'; readonly detail: string };
}

export interface Reach {
  readonly people: People;
  readonly channels: readonly Channel[];
  /** RFC 3339, UTC. */
  readonly now: string;
}

/**
 * What a request still owes its reviewers. While it is pending, each who was asked and has not decided is asked on
 * every channel that reaches them. Once it is settled, each to whom a link was issued is told how it ended, where
 * the question went; a question that never arrived is not followed up.
 */
export function dueNotices(request: Request, reach: Reach): readonly Due[] {
  if (request.phase.kind === 'pending') {
    if (isOver(request, reach.now)) return [];
    return asked(request)
      .filter((reviewer) => !request.decisions.some((decision) => decision.reviewer === reviewer))
      .flatMap((reviewer) => owed(request, reviewer, 'ask', reach));
  }
  if (!isSettled(request)) return [];
  const linked = new Set(request.links.map((link) => link.reviewer));
  return [...linked].flatMap((reviewer) => owed(request, reviewer, 'outcome', reach));
}

/** Tells two due notices apart, and one notice from itself never. */
export function keyOf(due: Pick<Due, 'request' | 'reviewer' | 'notice' | 'channel'>): string {
  return JSON.stringify([due.request.id, due.reviewer, due.notice, due.channel]);
}

/** Whether the journal says what became of this notice. */
export function isNoticed(request: Request, due: Pick<Due, 'reviewer' | 'notice' | 'channel'>): boolean {
  return request.notices.some(
    (each) => each.reviewer === due.reviewer && each.notice === due.notice && each.channel === due.channel,
  );
}

function owed(request: Request, reviewer: string, notice: NoticeKind, reach: Reach): readonly Due[] {
  const to = reach.people.people.find((person) => person.id === reviewer);
  const usable = to ? reach.channels.filter((channel) => channel.reaches(to)) : [];
  const channels = notice === 'ask' ? usable : whereAsked(request, reviewer, usable);
  if (!to || channels.length === 0) {
    const lost: Due = {
      request,
      reviewer,
      notice,
      channel: 'none',
      way: { kind: 'fail', detail: whyNot(reviewer, to, notice) },
    };
    const told = request.notices.some((each) => each.reviewer === reviewer && each.notice === notice);
    return told ? [] : [lost];
  }
  return channels
    .map((channel): Due => {
      const way = { kind: 'send' as const, channel, to };
      return { request, reviewer, notice, channel: channel.name, way };
    })
    .filter((due) => !isNoticed(request, due));
}

/** Where the question was sent; where nothing is known of it, a crash may have kept that from the journal. */
function whereAsked(request: Request, reviewer: string, usable: readonly Channel[]): readonly Channel[] {
  const asks = request.notices.filter((each) => each.reviewer === reviewer && each.notice === 'ask');
  if (asks.length === 0) return usable;
  return usable.filter((channel) => asks.some((ask) => ask.channel === channel.name && ask.state === 'sent'));
}

function whyNot(reviewer: string, to: Person | undefined, notice: NoticeKind): string {
  if (!to) return `people.yaml no longer names ${reviewer}.`;
  return notice === 'ask'
    ? `No channel reaches ${reviewer}: give them an address in people.yaml, or set up a channel that has one.`
    : `${reviewer} was not reached by the question, so there is nothing to follow up.`;
}
