import { firstCharacters, shortened } from '../../core/characters.ts';
import { LINE_FEED, markText, TAB, type Segment } from '../../core/reveal.ts';
import { counted } from '../../core/time-words.ts';
import type { PlaceAsk } from '../channel.ts';
import { letterOf, type Letter } from '../letter.ts';
import { unlinked } from '../unlinked.ts';

/** What the Events API v2 is sent (https://developer.pagerduty.com/docs/events-api-v2/trigger-events/), without its key. */
export type Event = Trigger | Resolve;

export interface Trigger {
  readonly event_action: 'trigger';
  /** The request's id: one incident for each, however often it is triggered. */
  readonly dedup_key: string;
  readonly client: 'Placet';
  readonly client_url: string;
  readonly links: readonly [{ readonly href: string; readonly text: string }];
  readonly payload: {
    readonly summary: string;
    /** The host of the console. */
    readonly source: string;
    readonly severity: 'warning' | 'critical';
    /** RFC 3339. */
    readonly timestamp: string;
    readonly component: string;
    readonly class: 'approval request';
    readonly custom_details: Readonly<Record<string, string>>;
  };
}

export interface Resolve {
  readonly event_action: 'resolve';
  readonly dedup_key: string;
}

/** PagerDuty takes 1,024 characters, and it may count in UTF-16. */
const SUMMARY_MAX = 500;
const DETAIL_MAX = 4000;
const COMPONENT_MAX = 80;

/**
 * A question as an incident to be opened. It is critical where it was escalated: somebody did not decide in time, or
 * nobody else was reached.
 *
 * @param now milliseconds since the epoch
 */
export function triggerOf(notice: PlaceAsk, now: number): Trigger {
  const { checkpoint: _checkpoint, ...shown } = notice;
  const letter = letterOf(shown, now, 'message');
  const { request, link } = notice;
  return {
    event_action: 'trigger',
    dedup_key: request.id,
    client: 'Placet',
    client_url: link,
    links: [{ href: link, text: 'Review this request' }],
    payload: {
      summary: unlinked(shortened(`${letter.kicker}: ${letter.heading}`, SUMMARY_MAX)),
      source: new URL(link).host,
      severity: notice.escalated === undefined ? 'warning' : 'critical',
      timestamp: request.requested_at,
      component: unlinked(shortened(factOf(letter, 'Tool'), COMPONENT_MAX)),
      class: 'approval request',
      custom_details: detailsOf(letter),
    },
  };
}

export function resolveOf(requestId: string): Resolve {
  return { event_action: 'resolve', dedup_key: requestId };
}

/** Plain strings under names of ours: the names of arguments are the agent's, so they stand in the text. */
function detailsOf(letter: Letter): Readonly<Record<string, string>> {
  const warnings = letter.cautions.map((caution) => `- ${caution}`).join('\n');
  const entries: readonly (readonly [string, string])[] = [
    ['Request', letter.heading],
    ...(letter.heading_note === undefined ? [] : [['Whose words', letter.heading_note] as const]),
    ...letter.facts,
    ...(warnings === '' ? [] : [['Look twice', warnings] as const]),
    ...(letter.excerpt === undefined
      ? []
      : [['Arguments, written by the agent', argumentsOf(letter.excerpt)] as const]),
    ['What to do', letter.closing.join(' ')],
  ];
  return Object.fromEntries(entries.map(([label, text]) => [label, detail(text)]));
}

function argumentsOf({ note, of }: NonNullable<Letter['excerpt']>): string {
  const rows = of.rows.map((row) => {
    const left = row.left_out > 0 ? ` [${counted(row.left_out, 'character')} left out]` : '';
    return `${plain(row.path)} (${row.type}): ${plain(row.value)}${left}`;
  });
  return [note, ...rows].join('\n');
}

function plain(segments: readonly Segment[]): string {
  return segments
    .map((segment) => {
      if (segment.kind === 'text') return segment.text;
      if (segment.codePoint === LINE_FEED) return '↵';
      return segment.codePoint === TAB ? '⇥' : markText(segment);
    })
    .join('');
}

function detail(text: string): string {
  const whole = unlinked(text);
  const first = firstCharacters(whole, DETAIL_MAX);
  return first === whole ? whole : `${first}… The rest is left out here; the page shows all.`;
}

function factOf(letter: Letter, name: string): string {
  return letter.facts.find(([label]) => label === name)?.[1] ?? '';
}
