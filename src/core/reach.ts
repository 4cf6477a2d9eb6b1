import { listeners, placesOf } from './audience.ts';
import type { Request } from './request.ts';

/**
 * Whether a pending request has reached nobody and nothing more is tried: for each person who is to be asked, by each
 * channel, and for each place the journal says that the question failed for good, and nowhere that it was put.
 */
export function isUnreached(request: Request): boolean {
  const { decisions, notices, phase } = request;
  if (phase.kind !== 'pending' || decisions.length > 0 || notices.some(({ state }) => state === 'sent'))
    return false;
  const asks = notices.filter(({ notice }) => notice === 'ask');
  const failed = (channel: string, person?: string): boolean =>
    asks.some((each) => each.channel === channel && each.reviewer === person);
  return (
    asks.length > 0 &&
    placesOf(request).every((place) => failed(place.channel)) &&
    listeners(request).every(
      ({ reviewer, channels }) =>
        failed('none', reviewer) ||
        (channels !== 'any' && channels.every((channel) => failed(channel, reviewer))),
    )
  );
}
