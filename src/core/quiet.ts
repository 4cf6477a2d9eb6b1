import type { Listener } from './audience.ts';
import type { People, QuietHours } from './person.ts';
import type { Request } from './request.ts';

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;

/**
 * When the quiet hours end in which this moment lies, in milliseconds since the epoch; nothing where it lies in none.
 * The clock of the place decides: where it is put forward over their end, they end with the jump.
 *
 * @param at milliseconds since the epoch
 */
export function quietUntil(quiet: QuietHours | undefined, at: number): number | undefined {
  if (!quiet) return undefined;
  const wallClock = wallClockOf(quiet.zone);
  const isQuiet = (minute: number): boolean => lies(wallClock(minute), quiet);
  let last = Math.floor(at / MINUTE);
  if (!isQuiet(last)) return undefined;
  let end = last;
  while (isQuiet(end)) {
    last = end;
    end += (quiet.to - wallClock(end) + DAY_MINUTES) % DAY_MINUTES;
  }
  // A clock that was put forward on the way has led beyond the end.
  while (end - last > 1) {
    const middle = Math.floor((last + end) / 2);
    if (isQuiet(middle)) last = middle;
    else end = middle;
  }
  return end * MINUTE;
}

/**
 * Until when people are left in peace about a request, by id. Nobody's quiet hours count for terms of which fewer
 * people than their quorum could be asked before the request expires.
 *
 * @param now milliseconds since the epoch
 */
export function leftInPeace(
  request: Request,
  listeners: readonly Listener[],
  { people }: People,
  now: number,
): ReadonlyMap<string, number> {
  const until = new Map<string, number>();
  for (const { reviewer } of listeners) {
    const end = quietUntil(people.find(({ id }) => id === reviewer)?.quiet, now);
    if (end !== undefined) until.set(reviewer, end);
  }
  if (until.size === 0) return until;
  const expires = Date.parse(request.expires_at);
  const inTime = (listener: Listener): boolean =>
    wasReached(request, listener) ?? (until.get(listener.reviewer) ?? now) < expires;
  const ignored = new Set(
    request.terms.filter((terms) => {
      const could = listeners.filter((each) => each.terms.includes(terms) && inTime(each));
      const people = new Set([...could.map(({ reviewer }) => reviewer), ...decidersOf(request, terms)]);
      return people.size < Math.max(1, terms.quorum);
    }),
  );
  for (const { reviewer, terms } of listeners)
    if (terms.some((each) => ignored.has(each))) until.delete(reviewer);
  return until;
}

/** Whether the question reached this person on some channel, or on none of theirs; nothing where that is still open. */
function wasReached({ notices }: Request, { reviewer, channels }: Listener): boolean | undefined {
  const asks = notices.filter((each) => each.reviewer === reviewer && each.notice === 'ask');
  if (asks.some(({ state }) => state === 'sent')) return true;
  const tried = asks.map(({ channel }) => channel);
  const isLost =
    tried.includes('none') || (channels !== 'any' && channels.every((each) => tried.includes(each)));
  return isLost ? false : undefined;
}

function decidersOf({ decisions }: Request, terms: { readonly reviewers: readonly string[] }): string[] {
  return decisions.map(({ reviewer }) => reviewer).filter((reviewer) => terms.reviewers.includes(reviewer));
}

/** Hours that begin when they end are none. */
function lies(minute: number, { from, to }: QuietHours): boolean {
  return from <= to ? from <= minute && minute < to : minute >= from || minute < to;
}

/** What the clock of a place shows in the minute of this number since the epoch, in minutes since midnight. */
function wallClockOf(zone: string): (minute: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (minute) => {
    const [hours = '', minutes = ''] = format.format(minute * MINUTE).split(':');
    return Number(hours) * 60 + Number(minutes);
  };
}
