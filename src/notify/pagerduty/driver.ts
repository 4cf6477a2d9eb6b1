import type { Clock } from '../../core/clock.ts';
import type { Driver, PlaceNotice } from '../channel.ts';
import { postJson } from '../post.ts';
import { createPostedPlace } from '../posted-place.ts';
import { refusalOf } from './answer.ts';
import { resolveOf, triggerOf, type Event } from './event.ts';

export interface PagerDutyDriverOptions {
  /** The integration key; secret. */
  readonly routingKey: string;
  /** `https://events.pagerduty.com`, or that of another region. */
  readonly url: string;
  readonly clock: Clock;
}

/** Pages whoever is on call: a question opens an incident, and its outcome resolves it. Nothing there decides. */
export function createPagerDutyDriver({ routingKey, url, clock }: PagerDutyDriverOptions): Driver {
  return createPostedPlace({
    name: 'pagerduty',
    post: async (notice, signal) =>
      postJson({
        url: `${url}/v2/enqueue`,
        service: 'PagerDuty',
        body: { routing_key: routingKey, ...eventFor(notice, clock.now()) },
        secrets: [routingKey],
        clock,
        signal,
      }),
    refusalOf,
    idOf: (notice) => notice.request.id,
  });
}

/** @param now milliseconds since the epoch */
function eventFor(notice: PlaceNotice, now: number): Event {
  return notice.kind === 'ask' ? triggerOf(notice, now) : resolveOf(notice.request.id);
}
