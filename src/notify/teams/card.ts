import { shortened } from '../../core/characters.ts';
import { counted } from '../../core/time-words.ts';
import { excerptNote, type Letter } from '../letter.ts';
import { argumentBlocks } from './argument-blocks.ts';
import {
  paragraph,
  runs,
  sizeOf,
  type AdaptiveCard,
  type Block,
  type Color,
  type ColumnSet,
} from './card-parts.ts';

/** What a Workflows webhook is sent. */
export interface Message {
  readonly type: 'message';
  readonly attachments: readonly [
    {
      readonly contentType: 'application/vnd.microsoft.card.adaptive';
      readonly contentUrl: null;
      readonly content: AdaptiveCard;
    },
  ];
}

/** Teams takes 28 KB, of which it needs some itself. */
const MESSAGE_MAX_BYTES = 27_000;
const FACTS_MAX_BYTES = 8000;
const CAUTIONS_MAX_BYTES = 6000;
/** For the sentences that say what is left out. */
const NOTES_BYTES = 1000;
const LINE_MAX = 400;

const COLORS: Readonly<Record<Letter['tone'], Color>> = {
  waiting: 'Warning',
  good: 'Good',
  bad: 'Attention',
  unsure: 'Warning',
};

/** The letter as a card within the limit of Teams. What does not fit is counted, and the page shows it. */
export function messageOf(letter: Letter): Message {
  const head = headOf(letter);
  const foot = letter.closing.map((line) =>
    paragraph(runs(line, { isSubtle: true, size: 'Small' }), 'Small'),
  );
  const facts = fitting(letter.facts.map(factOf), FACTS_MAX_BYTES, 'fact');
  const cautions = cautionsOf(letter);
  const frame = [...head, ...facts, ...cautions, ...foot];
  const room = MESSAGE_MAX_BYTES - NOTES_BYTES - sizeOf(envelope(frame, letter));
  return envelope([...head, ...facts, ...cautions, ...argumentsOf(letter, room), ...foot], letter);
}

function envelope(body: readonly Block[], { link, subject }: Letter): Message {
  const content: AdaptiveCard = {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    msteams: { width: 'Full' },
    fallbackText: subject.startsWith('Re: ')
      ? 'An approval request is over. This program cannot show the card.'
      : 'An approval request waits. This program cannot show the card.',
    body,
    ...(link === undefined
      ? {}
      : { actions: [{ type: 'Action.OpenUrl', title: link.label, url: link.href }] }),
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

function headOf({ kicker, heading, heading_note: note, tone }: Letter): readonly Block[] {
  return [
    {
      type: 'TextBlock',
      text: kicker,
      wrap: true,
      weight: 'Bolder',
      color: COLORS[tone],
      style: 'heading',
    },
    paragraph(runs(heading, { size: 'Large', weight: 'Bolder' }), 'Small'),
    ...(note === undefined ? [] : [paragraph(runs(note, { isSubtle: true }), 'None')]),
  ];
}

function factOf([label, value]: Letter['facts'][number], index: number): ColumnSet {
  return {
    type: 'ColumnSet',
    spacing: index === 0 ? 'Medium' : 'Small',
    columns: [
      { type: 'Column', width: '100px', items: [paragraph(runs(label, { isSubtle: true }))] },
      { type: 'Column', width: 'stretch', items: [paragraph(runs(shortened(value, LINE_MAX)))] },
    ],
  };
}

function cautionsOf({ cautions }: Letter): readonly Block[] {
  if (cautions.length === 0) return [];
  const lines = cautions.map((sentence) => paragraph(runs(shortened(sentence, LINE_MAX)), 'Small'));
  const title: Block = { type: 'TextBlock', text: 'Look twice', wrap: true, weight: 'Bolder' };
  return [
    {
      type: 'Container',
      style: 'warning',
      spacing: 'Medium',
      items: [title, ...fitting(lines, CAUTIONS_MAX_BYTES, 'warning')],
    },
  ];
}

function argumentsOf({ excerpt }: Letter, room: number): readonly Block[] {
  if (excerpt === undefined) return [];
  const { of, blocks } = argumentBlocks(excerpt.of, room);
  const title: Block = {
    type: 'TextBlock',
    text: 'Arguments, written by the agent',
    wrap: true,
    weight: 'Bolder',
    spacing: 'Large',
  };
  return [title, paragraph(runs(excerptNote(of), { isSubtle: true, size: 'Small' }), 'None'), ...blocks];
}

/** As many blocks as fit, and how many do not. */
function fitting(blocks: readonly Block[], room: number, unit: string): readonly Block[] {
  const kept: Block[] = [];
  let left = room;
  for (const block of blocks) {
    left -= sizeOf(block);
    if (left < 0) break;
    kept.push(block);
  }
  const missing = blocks.length - kept.length;
  if (missing === 0) return kept;
  const words = `${counted(missing, `further ${unit}`)} left out here; the page shows all.`;
  return [...kept, paragraph(runs(words, { isSubtle: true }), 'Small')];
}
