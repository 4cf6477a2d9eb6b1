import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Person } from '../../core/person.ts';
import {
  DeliveryError,
  type Channel,
  type Delivered,
  type Driver,
  type Notice,
  type PlaceNotice,
} from '../channel.ts';
import { letterOf } from '../letter.ts';
import { decideButtons, reviewButton } from './buttons.ts';
import { briefMessage, cardMessage, type Message } from './card.ts';
import { createSlackClient } from './client.ts';
import { digestMessage } from './digest.ts';
import { SlackFailure } from './failure.ts';
import { messageId, readMessageId, type MessageId } from './message-id.ts';
import { watched } from './watched.ts';

export interface SlackDriverOptions {
  readonly settings: { readonly botToken: string; readonly apiUrl: string };
  /** The account in the bot's workspace that a person linked, where they did. */
  readonly accountOf?: (person: string) => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** A room by its name or id, as a rule names it. */
const PLACE = /^slack:(#[\p{L}\p{N}_-]{1,80}|[CG][A-Z0-9]{5,30})$/u;
/** The first message is gone, or cannot be changed any more: what was to stand in it is posted anew. */
const NOT_THERE = new Set([
  'message_not_found',
  'thread_not_found',
  'cant_update_message',
  'edit_window_closed',
]);

/** Reviewers in Slack, each by a message of their own, and rooms that several people read. */
export function createSlackDriver(options: SlackDriverOptions): Driver & { readonly channel: Channel } {
  const { settings, clock, log, accountOf = () => undefined } = options;
  const { botToken: token, apiUrl } = settings;
  const client = watched(createSlackClient({ token, apiUrl, clock }), log);

  const post = async (
    to: string,
    message: Message,
    more: { readonly thread_ts?: string; readonly reply_broadcast?: boolean; readonly shared?: boolean } = {},
  ): Promise<Delivered> => {
    const { shared = false, ...thread } = more;
    const { channel, ts } = await client.call('chat.postMessage', {
      channel: to,
      ...message,
      ...INERT,
      ...UNSEEN,
      ...thread,
    });
    const posted = readMessageId(
      typeof channel === 'string' && typeof ts === 'string' ? `${channel}/${ts}` : '',
    );
    if (posted) return { message_id: messageId({ ...posted, shared }) };
    throw new SlackFailure('Slack does not say where it put the message.', { kind: 'later' });
  };

  /** Puts the outcome where the question stood, so that nobody presses what is over. */
  const putOutcome = async (message: Message, first: MessageId): Promise<Delivered> => {
    const { channel, ts, shared } = first;
    if (shared) return post(channel, message, { thread_ts: ts });
    await client.call('chat.update', { channel, ts, ...message, ...INERT });
    return { message_id: messageId(first) };
  };

  /** Does what belongs to an earlier message, or posts anew where that is gone. */
  const orAnew = async (to: string, message: Message, following: Promise<Delivered>): Promise<Delivered> => {
    try {
      return await following;
    } catch (thrown) {
      if (!(thrown instanceof SlackFailure) || !NOT_THERE.has(thrown.answer ?? '')) throw thrown;
      return post(to, message);
    }
  };

  const send = async (to: string, notice: Notice | PlaceNotice): Promise<Delivered> => {
    const letter = letterOf(notice, clock.now(), 'message');
    const first = readMessageId(notice.first);
    if (notice.kind === 'outcome') {
      const message = cardMessage(letter, []);
      return first ? orAnew(to, message, putOutcome(message, first)) : post(to, message);
    }
    const review = reviewButton(notice.link);
    const message = cardMessage(letter, [review, ...decideButtons(notice.request)]);
    if (notice.round === 0 || !first) return post(to, message);
    // In the thread alone hardly anybody would see it.
    const thread = { thread_ts: first.ts, reply_broadcast: true };
    return orAnew(to, message, post(first.channel, briefMessage(letter, [review]), thread));
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

  const toPerson = (person: Person, deliver: (to: string) => Promise<Delivered>) => {
    const to = addressOf(person);
    if (to !== undefined) return inWords(deliver(to));
    return Promise.reject(new DeliveryError(`${person.id} has no account in Slack.`, true));
  };

  return {
    channel: {
      name: 'slack',
      reaches: (person) => addressOf(person) !== undefined,
      deliver: (notice) => toPerson(notice.to, (to) => send(to, notice)),
      digest: (digest) =>
        toPerson(digest.to, (to) => post(to, digestMessage(digest, clock.now()), { shared: true })),
    },
    place(name) {
      const room = PLACE.exec(name)?.[1];
      return room === undefined ? undefined : { name, post: (notice) => inWords(send(room, notice)) };
    },
    problems: () => client.problems(),
    async close() {
      client.close();
    },
  };
}

/** Nothing in the text becomes a link or a mention. */
const INERT = { link_names: false, parse: 'none' } as const;
/** Slack fetches no page that is linked, and reads no markup; what is changed later stays so. */
const UNSEEN = { unfurl_links: false, unfurl_media: false, mrkdwn: false } as const;
