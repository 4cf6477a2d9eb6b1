import { excerpt, type Excerpt } from '../core/argument-rows.ts';
import { cautions } from '../core/cautions.ts';
import { shortened } from '../core/characters.ts';
import { effectWords } from '../core/effect-words.ts';
import { revealedLine } from '../core/reveal.ts';
import { standing } from '../core/standing.ts';
import { counted, untilInWords, utc } from '../core/time-words.ts';
import type { AskNotice, Notice, PlaceAsk, PlaceNotice } from './channel.ts';

/** What a channel sends, before it is text, HTML or blocks. Every string is one line with nothing hidden in it, and none is HTML. */
export interface Letter {
  readonly subject: string;
  readonly kicker: string;
  readonly heading: string;
  /** Whose words the heading is, where they are not ours. */
  readonly heading_note?: string;
  readonly tone: 'waiting' | 'good' | 'bad' | 'unsure';
  readonly facts: readonly (readonly [string, string])[];
  readonly cautions: readonly string[];
  readonly excerpt?: { readonly note: string; readonly of: Excerpt };
  /** The one link of the message, and what it is for in a few words. */
  readonly link?: { readonly href: string; readonly label: string };
  readonly closing: readonly string[];
}

const EXCERPT_CHARACTERS = 600;
const SUBJECT_MAX = 120;
const NAME_MAX = 80;
const REASON_MAX = 300;

/** What the message is called in its own text. */
export type Medium = 'mail' | 'message';

/** @param now milliseconds since the epoch */
export function letterOf(notice: Notice | PlaceNotice, now: number, medium: Medium = 'mail'): Letter {
  return notice.kind === 'ask' ? ask(notice, now, medium) : outcome(notice, medium);
}

function ask(notice: AskNotice | PlaceAsk, now: number, medium: Medium): Letter {
  const { card, request } = notice;
  const of = excerpt(notice.args, EXCERPT_CHARACTERS);
  return {
    subject: subjectOf(notice),
    kicker: kickerOf(notice),
    heading: card.summary === undefined ? asks(notice) : shortened(revealedLine(card.summary), REASON_MAX),
    ...(card.summary === undefined
      ? {}
      : { heading_note: `The tool’s own summary of this call to ${toolOf(notice)}` }),
    tone: 'waiting',
    facts: [
      ['Tool', toolOf(notice)],
      ['Effect', effectWords(card.effects).sentence],
      ['Agent', agentOf(notice)],
      [
        'Needs',
        request.terms.map((terms) => `${counted(terms.quorum, 'approval')} (rule ${terms.rule})`).join('; '),
      ],
      [
        'Expires',
        `${utc(request.expires_at)}, ${untilInWords(request.expires_at, now)} after this ${medium} was sent`,
      ],
    ],
    cautions: cautions(card, notice.args),
    excerpt: { note: excerptNote(of), of },
    link: { href: notice.link, label: 'Review this request' },
    closing: [
      ...('to' in notice
        ? [`The link is for ${notice.to.name} alone: do not forward it. Opening it decides nothing.`]
        : ['The link opens the console, for those who were asked. Opening it decides nothing.']),
      'Nothing runs until the request is approved.',
      ...keepsake(notice, medium),
    ],
  };
}

function kickerOf({ round, escalated }: AskNotice | PlaceAsk): string {
  if (round > 0) return `Approval request, reminder ${round}`;
  if (escalated === 'time') return 'Approval request, not decided in time';
  return escalated === 'unreachable' ? 'Approval request, nobody else was reached' : 'Approval request';
}

function outcome(
  notice: Extract<Notice | PlaceNotice, { readonly kind: 'outcome' }>,
  medium: Medium,
): Letter {
  const { request } = notice;
  const now = standing(request);
  return {
    subject: `Re: ${subjectOf(notice)}`,
    kicker: now.title,
    heading: shortened(revealedLine(now.sentence), REASON_MAX),
    tone: now.tone,
    facts: [
      ['Asked', asks(notice)],
      ['Agent', agentOf(notice)],
      ...request.decisions.map((decision): readonly [string, string] => [
        decision.decision === 'approve' ? 'Approved by' : 'Rejected by',
        `${notice.names[decision.reviewer] ?? decision.reviewer}, ${utc(decision.at)}${decision.reason ? `: “${shortened(revealedLine(decision.reason), REASON_MAX)}”` : ''}`,
      ]),
    ],
    cautions: [],
    closing: [whyTold(notice), ...keepsake(notice, medium)],
  };
}

function whyTold(notice: Extract<Notice | PlaceNotice, { readonly kind: 'outcome' }>): string {
  if (!('to' in notice)) return 'The question was put here, so here stands how it ended.';
  return notice.as === 'owner'
    ? 'The agent acts for you, and you want to be told how its requests end.'
    : 'You were asked about this request, so you are told how it ended.';
}

/** What the attachment of a mail is for. */
export function keepsake(
  { checkpoint }: { readonly checkpoint?: string },
  medium: Medium = 'mail',
): readonly string[] {
  return checkpoint === undefined || medium !== 'mail'
    ? []
    : ['Keep this mail: its attachment will show whether the journal has been rewritten since.'];
}

function subjectOf(notice: Notice | PlaceNotice): string {
  const tail = ` (${notice.request.id.slice(-6)})`;
  return `${shortened(`Approval needed: ${asks(notice)}`, SUBJECT_MAX - tail.length)}${tail}`;
}

function asks({ card }: Pick<Notice, 'card'>): string {
  return `${name(card.agent)} wants to run ${name(card.tool_name)} on ${name(card.server)}`;
}

export function toolOf({ card }: Pick<Notice, 'card'>): string {
  return `${name(card.tool_name)} on ${name(card.server)}`;
}

export function agentOf({ card }: Pick<Notice, 'card'>): string {
  const identity =
    card.identity === 'claimed' ? 'name claimed by client configuration' : 'name authenticated';
  return `${name(card.agent)} for ${card.owner.name} (${identity})`;
}

/** How much of the arguments an excerpt shows, in a sentence. */
export function excerptNote(of: Excerpt): string {
  if (of.total === 0) return 'The call has no arguments.';
  if (of.shown === of.total) return `All of them, ${counted(of.total, 'character')}.`;
  const rows = of.rows_left_out === 0 ? '' : `, and not ${counted(of.rows_left_out, 'further argument')}`;
  return `An excerpt, showing ${of.shown.toLocaleString('en')} of ${counted(of.total, 'character')}${rows}; the page shows all.`;
}

function name(text: string): string {
  return shortened(revealedLine(text), NAME_MAX);
}
