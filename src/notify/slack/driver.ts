import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Person } from '../../core/person.ts';
import { DeliveryError, type Channel, type Driver, type Notice, type PlaceNotice } from '../channel.ts';
import { letterOf } from '../letter.ts';
import type { Button } from './blocks.ts';
import { decideButtons, reviewButton } from './buttons.ts';
import { briefMessage, cardMessage, type Message } from './card.ts';
import { createSlackClient } from './client.ts';
import { digestMessage } from './digest.ts';
import { SlackFailure } from './failure.ts';

export interface SlackDriverOptions {
  readonly settings: { readonly botToken: string; readonly apiUrl: string };
  /** The account in the bot's workspace that a person linked, where they did. */
  readonly accountOf?: (person: string) => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** A room by its name or id, as a rule names it. */
const PLACE = /^slack:(#[\p{L}\p{N}_-]{1,80}|[CG][A-Z0-9]{5,30})$/u;
/** Slack calls a message by its channel and the time at which it was posted. */
const MESSAGE = /^([A-Z][A-Z0-9]{2,30})\/(\d{1,12}\.\d{1,8})$/;
/** The first message is gone, or cannot be changed any more: what was to stand in it is posted anew. */
const NOT_THERE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);

/** Reviewers in Slack, each by a message of their own, and rooms that several people read. */
export function createSlackDriver(options: SlackDriverOptions): Driver & { readonly channel: Channel } {
  const { settings, clock, log, accountOf = () => undefined } = options;
  const client = createSlackClient({ token: settings.botToken, apiUrl: settings.apiUrl, clock });
  /** What whoever set up the app has to mend, until a call succeeds. */
  let trouble: string | undefined;

  const call = async (method: string, args: Readonly<Record<string, unknown>>) => {
    try {
      const answer = await client.call(method, args);
      trouble = undefined;
      return answer;
    } catch (thrown) {
      if (!(thrown instanceof SlackFailure)) throw thrown;
      if (thrown.kind === 'operator' && trouble !== thrown.message) {
        trouble = thrown.message;
        log(`slack: ${trouble}`);
      }
      throw thrown;
    }
  };

  const post = async (
    to: string,
    message: Message,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<{ readonly message_id: string }> => {
    const { channel, ts } = await call('chat.postMessage', {
      channel: to,
      ...message,
      ...INERT,
      ...UNSEEN,
      ...more,
    });
    const message_id = `${String(channel)}/${String(ts)}`;
    if (MESSAGE.test(message_id)) return { message_id };
    throw new SlackFailure('Slack does not say where it put the message.', { kind: 'later' });
  };

  /** Puts the outcome where the question stood, so that nobody presses what is over. */
  const update = async (to: string, message: Message, first: string | undefined) => {
    const [, channel, ts] = MESSAGE.exec(first ?? '') ?? [];
    if (first === undefined || channel === undefined) return post(to, message);
    try {
      await call('chat.update', { channel, ts, ...message, ...INERT });
      return { message_id: first };
    } catch (thrown) {
      if (!(thrown instanceof SlackFailure) || !NOT_THERE.has(thrown.answer ?? '')) throw thrown;
      return post(to, message);
    }
  };

  const send = async (to: string, notice: Notice | PlaceNotice) => {
    const letter = letterOf(notice, clock.now(), 'message');
    if (notice.kind === 'outcome') return update(to, cardMessage(letter, []), notice.first);
    const review = reviewButton(notice.link);
    const [, channel, thread_ts] = MESSAGE.exec(notice.first ?? '') ?? [];
    if (notice.round > 0 && channel !== undefined)
      // In the thread alone hardly anybody would see it.
      return post(channel, briefMessage(letter, [review]), { thread_ts, reply_broadcast: true });
    const buttons: readonly Button[] = [review, ...decideButtons(notice.request)];
    return post(to, cardMessage(letter, buttons));
  };

  const addressOf = (person: Person): string | undefined => person.slack ?? accountOf(person.id);

  const inWords = async <T>(delivery: Promise<T>): Promise<T> => {
    try {
      return await delivery;
    } catch (thrown) {
      if (!(thrown instanceof SlackFailure)) throw thrown;
      const { kind, message, retry_after_ms } = thrown;
      throw new DeliveryError(
        message,
        kind === 'refused',
        retry_after_ms === undefined ? {} : { retry_after_ms },
      );
    }
  };

  const toPerson = (person: Person, deliver: (to: string) => Promise<{ readonly message_id: string }>) => {
    const to = addressOf(person);
    if (to !== undefined) return inWords(deliver(to));
    return Promise.reject(new DeliveryError(`${person.id} has no account in Slack.`, true));
  };

  return {
    channel: {
      name: 'slack',
      reaches: (person) => addressOf(person) !== undefined,
      deliver: (notice) => toPerson(notice.to, (to) => send(to, notice)),
      digest: (digest) => toPerson(digest.to, (to) => post(to, digestMessage(digest, clock.now()))),
    },
    place(name) {
      const room = PLACE.exec(name)?.[1];
      return room === undefined ? undefined : { name, post: (notice) => inWords(send(room, notice)) };
    },
    problems: () => (trouble === undefined ? [] : [trouble]),
    async close() {
      client.close();
    },
  };
}

/** Nothing in the text becomes a link or a mention. */
const INERT = { link_names: false, parse: 'none' } as const;
/** Slack fetches no page that is linked, and reads no markup; what is changed later stays so. */
const UNSEEN = { unfurl_links: false, unfurl_media: false, mrkdwn: false } as const;
