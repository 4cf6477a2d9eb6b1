import { excerpt, type Excerpt } from '../../core/argument-rows.ts';
import { cautions } from '../../core/cautions.ts';
import { shortened } from '../../core/characters.ts';
import { effectWords } from '../../core/effect-words.ts';
import { revealedLine } from '../../core/reveal.ts';
import { standing } from '../../core/standing.ts';
import { counted, untilInWords, utc } from '../../core/time-words.ts';
import type { AskNotice, Notice, OutcomeNotice } from '../channel.ts';

/** A mail before it is text or HTML. Every string is one line with nothing hidden in it, and none is HTML. */
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
  /** The one link of the mail, and what it is for in a few words. */
  readonly link?: { readonly href: string; readonly label: string };
  readonly closing: readonly string[];
}

const EXCERPT_CHARACTERS = 600;
const SUBJECT_MAX = 120;
const NAME_MAX = 80;
const REASON_MAX = 300;

/** @param now milliseconds since the epoch */
export function letterOf(notice: Notice, now: number): Letter {
  return notice.kind === 'ask' ? ask(notice, now) : outcome(notice);
}

function ask(notice: AskNotice, now: number): Letter {
  const { card, request } = notice;
  const of = excerpt(notice.args, EXCERPT_CHARACTERS);
  return {
    subject: subjectOf(notice),
    kicker: 'Approval request',
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
        `${utc(request.expires_at)}, ${untilInWords(request.expires_at, now)} after this mail was sent`,
      ],
    ],
    cautions: cautions(card, notice.args),
    excerpt: { note: excerptNote(of), of },
    link: { href: notice.link, label: 'Review this request' },
    closing: [
      `The link is for ${notice.to.name} alone: do not forward it. Opening it decides nothing.`,
      'Nothing runs until the request is approved.',
      ...keepsake(notice),
    ],
  };
}

function outcome(notice: OutcomeNotice): Letter {
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
    closing: ['You were asked about this request, so you are told how it ended.', ...keepsake(notice)],
  };
}

/** What the attachment is for. */
export function keepsake({ checkpoint }: { readonly checkpoint?: string }): readonly string[] {
  return checkpoint === undefined
    ? []
    : ['Keep this mail: its attachment will show whether the journal has been rewritten since.'];
}

function subjectOf(notice: Notice): string {
  const tail = ` (${notice.request.id.slice(-6)})`;
  return `${shortened(`Approval needed: ${asks(notice)}`, SUBJECT_MAX - tail.length)}${tail}`;
}

function asks({ card }: Notice): string {
  return `${name(card.agent)} wants to run ${name(card.tool_name)} on ${name(card.server)}`;
}

function toolOf({ card }: Notice): string {
  return `${name(card.tool_name)} on ${name(card.server)}`;
}

function agentOf({ card }: Notice): string {
  const identity =
    card.identity === 'claimed' ? 'name claimed by client configuration' : 'name authenticated';
  return `${name(card.agent)} for ${card.owner.name} (${identity})`;
}

function excerptNote(of: Excerpt): string {
  if (of.total === 0) return 'The call has no arguments.';
  if (of.shown === of.total) return `All of them, ${counted(of.total, 'character')}.`;
  const rows = of.rows_left_out === 0 ? '' : `, and not ${counted(of.rows_left_out, 'further argument')}`;
  return `An excerpt, showing ${of.shown.toLocaleString('en')} of ${counted(of.total, 'character')}${rows}; the page shows all.`;
}

function name(text: string): string {
  return shortened(revealedLine(text), NAME_MAX);
}
