import { cautions } from '../core/cautions.ts';
import { counted, untilInWords, utc } from '../core/time-words.ts';
import type { DigestNotice } from './channel.ts';
import { DIGEST_MOST } from './digest.ts';
import { agentOf, keepsake, toolOf, type Letter } from './letter.ts';

/** One question of a digest. The strings are as in a letter. */
export interface DigestItem {
  readonly heading: string;
  readonly facts: Letter['facts'];
  /** How many warnings its page shows, in words. */
  readonly caution?: string;
  /** The address of its own request page: secret. */
  readonly link: string;
}

/** What a channel sends for many questions at once, before it is text or HTML. */
export interface DigestLetter extends Pick<Letter, 'subject' | 'kicker' | 'heading' | 'closing'> {
  /** The most urgent first. */
  readonly items: readonly DigestItem[];
  /** What is not among the items, and where it is. */
  readonly rest?: { readonly sentence: string; readonly href: string };
}

/** @param now milliseconds since the epoch */
export function digestLetter(digest: DigestNotice, now: number): DigestLetter {
  const { asks, to, console: href } = digest;
  const left = asks.length - DIGEST_MOST;
  const waiting = `${counted(asks.length, 'request')} ${asks.length === 1 ? 'waits' : 'wait'} for you`;
  return {
    subject: `Approval needed: ${waiting} (${digest.id.slice(-6)})`,
    kicker: 'Approval requests, gathered',
    heading: waiting,
    items: asks.slice(0, DIGEST_MOST).map((ask) => item(ask, now)),
    ...(left > 0
      ? {
          rest: {
            sentence: `${counted(left, 'more request')} that will expire later ${left === 1 ? 'is' : 'are'} not listed here: sign in to see what waits for you.`,
            href,
          },
        }
      : {}),
    closing: [
      'So many came within a few minutes that they are put to you together.',
      `The links are for ${to.name} alone: do not forward them. Opening one decides nothing.`,
      'Nothing runs until its request is approved.',
      ...keepsake(digest),
    ],
  };
}

function item(ask: DigestNotice['asks'][number], now: number): DigestItem {
  const { card, request, args, round, link } = ask;
  const count = cautions(card, args).length;
  return {
    // The end of its id tells it from others of the same tool, here and in what follows.
    heading: `${toolOf(ask)} (${request.id.slice(-6)})`,
    facts: [
      ['Agent', agentOf(ask)],
      [
        'Expires',
        `${utc(request.expires_at)}, ${untilInWords(request.expires_at, now)} after this mail was sent`,
      ],
      ...(round === 0 ? [] : [['Asked before', `This is reminder ${round}`] as const]),
    ],
    ...(count === 0 ? {} : { caution: `Look twice: ${counted(count, 'warning')} on its page` }),
    link,
  };
}
