import type { Clock } from '../../core/clock.ts';
import type { Driver, PlaceNotice } from '../channel.ts';
import { letterOf } from '../letter.ts';
import { postJson } from '../post.ts';
import { createPostedPlace } from '../posted-place.ts';
import { secretsOf } from '../quoted.ts';
import { refusalOf } from './answer.ts';
import { messageOf, type Message } from './card.ts';

export interface TeamsDriverOptions {
  /** The address of a Workflows webhook; secret, as whoever has it can post. */
  readonly url: string;
  readonly clock: Clock;
}

/**
 * A channel or chat of Microsoft Teams, by a Workflows webhook. It takes messages and gives no ids, so what follows a
 * question is a message of its own.
 */
export function createTeamsDriver({ url, clock }: TeamsDriverOptions): Driver {
  const secrets = secretsOf(url);
  return createPostedPlace({
    name: 'teams',
    post: async (notice, signal) =>
      postJson({
        url,
        service: 'Microsoft Teams',
        body: messageFor(notice, clock.now()),
        secrets,
        clock,
        signal,
      }),
    refusalOf,
    idOf,
  });
}

/** @param now milliseconds since the epoch */
function messageFor(notice: PlaceNotice, now: number): Message {
  const { checkpoint: _checkpoint, ...shown } = notice;
  return messageOf(letterOf(shown, now, 'message'));
}

function idOf(notice: PlaceNotice): string {
  if (notice.kind === 'outcome') return `outcome.${notice.request.id}`;
  return `${notice.round === 0 ? 'ask' : `reminder-${notice.round}`}.${notice.request.id}`;
}
