import { listeners, placesOf, type AskedPlace, type Listener } from '../core/audience.ts';
import type { Terms } from '../core/entry.ts';
import type { Person } from '../core/person.ts';
import { leftInPeace } from '../core/quiet.ts';
import { isSettled, placesAsked, type NoticeState, type Request } from '../core/request.ts';
import { lost, personOf, toPerson, toPlace, type Due, type Reach } from './ways.ts';

export interface Owed {
  readonly due: readonly Due[];
  /** When more falls due although nothing happens, in milliseconds since the epoch. */
  readonly next?: number;
  /** What waits for the end of somebody's quiet hours. */
  readonly asleep: readonly { readonly due: Due; readonly until: number }[];
}

/** One question is followed by no more reminders. */
const ROUNDS = 3;

const NOTHING: Owed = { due: [], asleep: [] };

/**
 * What a request owes now. While it is pending: the question, to each person by each channel that their terms name, and
 * to each place; and reminders where it was put and not answered. Once it is settled: how it ended, where the question
 * went, and to the owner where they want to know. A question that never arrived is not followed up.
 */
export function dueNotices(request: Request, reach: Reach): Owed {
  if (request.phase.kind === 'pending') {
    return Date.parse(request.expires_at) <= reach.now ? NOTHING : questions(request, reach);
  }
  if (!isSettled(request)) return NOTHING;
  const linked = [...new Set(request.links.map((link) => link.reviewer))];
  return {
    due: [
      ...linked.flatMap((reviewer) => outcomes(request, reviewer, reach)),
      ...placesAsked(request).map((channel) => toPlace({ request, channel, notice: 'outcome' }, reach)),
      ...ownerOutcomes(request, reach),
    ].filter((due) => !isNoticed(request, due)),
    asleep: [],
  };
}

/** Tells two due notices apart, and one notice from itself never. */
export function keyOf({ request, reviewer, notice, round, channel }: Omit<Due, 'way'>): string {
  return JSON.stringify([request.id, reviewer ?? null, notice, round ?? 0, channel]);
}

/** Whether the journal says what became of this notice. */
export function isNoticed(request: Request, due: Omit<Due, 'way' | 'request'>): boolean {
  return request.notices.some(
    (each) => each.notice === due.notice && each.round === due.round && isAt(each, due),
  );
}

/** The question that this notice follows, where it was put. */
export function questionOf(
  request: Request,
  due: Pick<Due, 'reviewer' | 'channel'>,
): NoticeState | undefined {
  return request.notices.find((each) => isQuestion(each) && isAt(each, due));
}

function questions(request: Request, reach: Reach): Owed {
  const all = listeners(request);
  const peace = leftInPeace(request, all, reach.people, reach.now);
  const due: Due[] = [];
  const asleep: { due: Due; until: number }[] = [];
  const later: number[] = [];
  for (const listener of all) {
    const { reviewer } = listener;
    if (request.decisions.some((decision) => decision.reviewer === reviewer)) continue;
    const again = reminders(request, listener, reach.now);
    later.push(...again.later);
    const owed = [
      ...asks(request, listener, reach),
      ...again.due.map(({ channel, round }) =>
        toPerson({ request, reviewer, notice: 'reminder', round, channel, ...why(listener) }, reach),
      ),
    ].filter((each) => !isNoticed(request, each));
    const until = peace.get(reviewer);
    for (const each of owed) {
      if (until !== undefined && each.way.kind === 'send') asleep.push({ due: each, until });
      else due.push(each);
    }
  }
  for (const place of placesOf(request)) {
    const { channel } = place;
    const again = reminders(request, place, reach.now);
    later.push(...again.later);
    due.push(
      ...[
        toPlace({ request, notice: 'ask', channel, ...why(place) }, reach),
        ...again.due.map(({ round }) =>
          toPlace({ request, notice: 'reminder', round, channel, ...why(place) }, reach),
        ),
      ].filter((each) => !isNoticed(request, each)),
    );
  }
  const next = Math.min(...later, ...asleep.map(({ until }) => until));
  return { due, asleep, ...(Number.isFinite(next) ? { next } : {}) };
}

function asks(request: Request, listener: Listener, reach: Reach): readonly Due[] {
  const { reviewer, channels, named } = listener;
  const about = { request, reviewer, notice: 'ask', ...why(listener) } as const;
  const to = personOf(reviewer, reach);
  if (to && named && channels !== 'any')
    return channels.map((channel) => toPerson({ ...about, channel }, reach));
  if (channels !== 'any' && channels.length === 0) return [];
  const usable = to ? usableFor(to, channels, reach) : [];
  if (usable.length > 0) return usable.map((channel) => toPerson({ ...about, channel }, reach));
  return lost(
    about,
    to &&
      `No channel reaches ${reviewer}: give them an address in people.yaml, or set up a channel that has one.`,
  );
}

function usableFor(to: Person, channels: Listener['channels'], reach: Reach): readonly string[] {
  return reach.channels
    .filter((channel) => (channels === 'any' || channels.includes(channel.name)) && channel.reaches(to))
    .map(({ name }) => name);
}

/**
 * The rounds that are due where the question was put, and when the next ones are. Of several that were missed only the
 * last is made up for.
 */
function reminders(request: Request, asked: Listener | AskedPlace, now: number) {
  const due: { channel: string; round: number }[] = [];
  const later: number[] = [];
  const every = shortest(asked.terms);
  if (every === undefined) return { due, later };
  const questions = request.notices.filter(
    (each) =>
      isQuestion(each) &&
      ('reviewer' in asked
        ? each.reviewer === asked.reviewer
        : each.reviewer === undefined && each.channel === asked.channel),
  );
  for (const { channel, at } of questions) {
    if (at === undefined) continue;
    const round = Math.min(ROUNDS, Math.floor((now - Date.parse(at)) / every));
    if (round > 0) due.push({ channel, round });
    if (round < ROUNDS) later.push(Date.parse(at) + (round + 1) * every);
  }
  return { due, later };
}

function shortest(terms: readonly Terms[]): number | undefined {
  const all = terms.flatMap(({ remind_ms }) => remind_ms ?? []);
  return all.length === 0 ? undefined : Math.min(...all);
}

/** Where the question was sent; where nothing is known of it, a crash may have kept that from the journal. */
function outcomes(request: Request, reviewer: string, reach: Reach): readonly Due[] {
  const about = { request, reviewer, notice: 'outcome' } as const;
  const to = personOf(reviewer, reach);
  if (!to) return lost(about);
  const known = request.notices.filter((each) => each.reviewer === reviewer && each.notice === 'ask');
  const wanted = listeners(request).find((each) => each.reviewer === reviewer)?.channels ?? 'any';
  const channels =
    known.length > 0
      ? known.filter(({ state }) => state === 'sent').map(({ channel }) => channel)
      : usableFor(to, wanted, reach);
  if (channels.length > 0) return channels.map((channel) => toPerson({ ...about, channel }, reach));
  return lost(about, `${reviewer} was not reached by the question, so there is nothing to follow up.`);
}

function ownerOutcomes(request: Request, reach: Reach): readonly Due[] {
  return (request.owner_channels ?? []).map((channel) =>
    toPerson({ request, reviewer: request.owner, notice: 'owner_outcome', channel }, reach),
  );
}

function why({ escalated }: Listener | AskedPlace): Pick<Due, 'escalated'> {
  return escalated === undefined ? {} : { escalated };
}

function isQuestion({ notice, state }: NoticeState): boolean {
  return notice === 'ask' && state === 'sent';
}

function isAt(each: NoticeState, due: Pick<Due, 'reviewer' | 'channel'>): boolean {
  return each.reviewer === due.reviewer && each.channel === due.channel;
}
