import type { Terms } from './entry.ts';
import type { Person } from './person.ts';
import { asked, type Request } from './request.ts';

const PERSONAL: readonly string[] = ['email', 'slack'];

/** Where terms put the question. */
export function notifiedBy({ notify = ['email'] }: Pick<Terms, 'notify'>): readonly string[] {
  return notify;
}

/** Whether a channel is one by which people are reached one by one; the others are places. */
export function isPersonal(channel: string): boolean {
  return PERSONAL.includes(channel);
}

/**
 * Whether a pending request has reached nobody and nothing more is tried: for each person who was asked and each place
 * the journal says that the question failed for good, and nowhere that it was put.
 *
 * @param people as people.yaml has them: who has no address on a channel is not asked there
 */
export function isUnreached(request: Request, people: readonly Person[]): boolean {
  const { decisions, notices, phase } = request;
  if (phase.kind !== 'pending' || decisions.length > 0 || notices.some(({ state }) => state === 'sent'))
    return false;
  const failed = (channel: string, reviewer?: string): boolean =>
    notices.some((each) => each.notice === 'ask' && each.channel === channel && each.reviewer === reviewer);
  const places = request.terms.flatMap(notifiedBy).filter((channel) => !isPersonal(channel));
  return (
    notices.some(({ notice }) => notice === 'ask') &&
    places.every((place) => failed(place)) &&
    reviewersAsked(request).every(([reviewer, channels]) => {
      if (failed('none', reviewer)) return true;
      const person = people.find(({ id }) => id === reviewer);
      const owed = channels.filter((channel) => person === undefined || hasAddress(person, channel));
      return owed.length > 0 && owed.every((channel) => failed(channel, reviewer));
    })
  );
}

/** Those who are asked themselves, each with all channels by which some terms reach them. */
function reviewersAsked({
  terms,
}: Pick<Request, 'terms'>): readonly (readonly [string, readonly string[]])[] {
  return asked({ terms }).flatMap((reviewer) => {
    const own = terms.filter(
      ({ reviewers, away = [] }) => reviewers.includes(reviewer) && !away.includes(reviewer),
    );
    const channels = [...new Set(own.flatMap(notifiedBy))].filter(isPersonal);
    return channels.length === 0 ? [] : [[reviewer, channels] as const];
  });
}

function hasAddress({ emails, slack }: Person, channel: string): boolean {
  return channel === 'email' ? emails.length > 0 : slack !== undefined;
}
