import type { NoticeState, Request } from '../core/request.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SHOWN_DAYS = 7;
const LISTED = 10;

const KINDS: Readonly<Record<NoticeState['notice'], string>> = {
  ask: 'question',
  reminder: 'reminder',
  outcome: 'outcome',
  owner_outcome: 'outcome',
};

/**
 * What places were not told for good in the last seven days, a sentence each, the newest first: a fold over the journal,
 * so a restart forgets none. There are only so many; the last sentence counts the rest.
 *
 * @param now milliseconds since the epoch
 */
export function deadLetters(requests: Iterable<Request>, now: number): readonly string[] {
  const dead: { readonly at: number; readonly sentence: string }[] = [];
  for (const { id, notices } of requests) {
    for (const { reviewer, state, at, channel, notice, detail = '' } of notices) {
      // Who gets none is listed as such elsewhere; entries of earlier versions have no time, and no places.
      if (reviewer !== undefined || state !== 'failed' || at === undefined) continue;
      const time = Date.parse(at);
      if (now - time > SHOWN_DAYS * DAY_MS) continue;
      dead.push({ at: time, sentence: `${channel} was not told the ${KINDS[notice]} of ${id}: ${detail}` });
    }
  }
  const sentences = dead.sort((a, b) => b.at - a.at).map(({ sentence }) => sentence);
  const more = sentences.length - LISTED;
  return more <= 0
    ? sentences
    : [
        ...sentences.slice(0, LISTED),
        `Places were not told ${more} more in the last ${SHOWN_DAYS} days; see notice.failed in the journal.`,
      ];
}
