import { counted, utc } from '../../core/time-words.ts';
import type { DigestNotice } from '../channel.ts';
import { letterOf } from '../letter.ts';
import { HEADER_MAX, note, plain, type Block } from './blocks.ts';
import { pageButton, REVIEW } from './buttons.ts';
import { fallbackOf, type Message } from './card.ts';
import { inert } from './inert.ts';

/** So many fit into one message beside what stands above and below them. */
const LISTED = 40;
const LINE_MAX = 400;

/** Many questions as one message, each with its own button. @param now milliseconds since the epoch */
export function digestMessage({ to, asks, console: page }: DigestNotice, now: number): Message {
  const kicker = `${counted(asks.length, 'approval request')} wait${asks.length === 1 ? 's' : ''} for you`;
  const listed = asks.slice(0, LISTED).map((ask): Block => {
    const letter = letterOf({ ...ask, to }, now, 'message');
    return {
      type: 'section',
      text: plain(`${inert(letter.heading)}\nExpires ${utc(ask.request.expires_at)}`, LINE_MAX),
      accessory: pageButton(`${REVIEW}_${ask.request.id}`, 'Review', ask.link),
    };
  });
  const more = asks.length - listed.length;
  return {
    text: fallbackOf({ kicker, subject: 'open each one to see and decide it' }),
    blocks: [
      { type: 'header', text: plain(kicker, HEADER_MAX) },
      ...listed,
      ...(more > 0 ? [note(`${counted(more, 'further request')} left out here: the console has all`)] : []),
      { type: 'actions', elements: [pageButton('placet_console', 'All that waits', page)] },
      note(`The links are for ${to.name} alone: do not forward them. Opening one decides nothing.`),
    ],
  };
}
