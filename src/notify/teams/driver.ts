import type { Clock } from '../../core/clock.ts';
import type { Delivered, Driver, Place, PlaceNotice } from '../channel.ts';
import { letterOf } from '../letter.ts';
import { postJson } from '../post.ts';
import { secretsOf } from '../quoted.ts';
import { refusalOf } from './answer.ts';
import { messageOf } from './card.ts';

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
  const ending = new AbortController();
  const underWay = new Set<Promise<Delivered>>();
  const secrets = secretsOf(url);
  let problem: string | undefined;

  const send = async (notice: PlaceNotice): Promise<Delivered> => {
    const { checkpoint: _checkpoint, ...shown } = notice;
    const body = messageOf(letterOf(shown, clock.now(), 'message'));
    const { signal } = ending;
    const answer = await postJson({ url, service: 'Microsoft Teams', body, secrets, clock, signal });
    const refusal = refusalOf(answer);
    problem = refusal?.problem;
    if (refusal !== undefined) throw refusal.error;
    return { message_id: idOf(notice) };
  };

  const place: Place = {
    name: 'teams',
    async post(notice) {
      const sending = send(notice);
      underWay.add(sending);
      try {
        return await sending;
      } finally {
        underWay.delete(sending);
      }
    },
  };

  return {
    place: (name) => (name === place.name ? place : undefined),
    problems: () => (problem === undefined ? [] : [problem]),
    async close() {
      ending.abort();
      await Promise.allSettled(underWay);
    },
  };
}

function idOf(notice: PlaceNotice): string {
  if (notice.kind === 'outcome') return `outcome.${notice.request.id}`;
  return `${notice.round === 0 ? 'ask' : `reminder-${notice.round}`}.${notice.request.id}`;
}
