import type { Row } from '../../core/argument-rows.ts';
import type { Segment } from '../../core/reveal.ts';
import { argumentText } from '../argument-text.ts';
import { counted } from '../../core/time-words.ts';
import type { Letter } from '../letter.ts';
import {
  BLOCKS_MAX,
  FIELD_MAX,
  FIELDS_MAX,
  fitted,
  HEADER_MAX,
  literal,
  note,
  plain,
  section,
  TEXT_MAX,
  type Block,
  type Button,
} from './blocks.ts';
import { inert, inertMarkup } from './inert.ts';

/** A message as Slack takes it. `text` is what notifications show. */
export interface Message {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** Stands before each line that the agent wrote, so that it cannot pass for a line of ours. */
const QUOTED = '│ ';
/** Of all arguments together, marks spelt out; a message that is too long as a whole is refused. */
const ARGUMENTS_MAX = 6000;
const CAUTIONS_MAX = 4;
/** More than a subject has, however its signs grow when they are escaped. */
const FALLBACK_MAX = 1000;

/** The whole card of a letter, with what can be pressed below it. */
export function cardMessage(letter: Letter, buttons: readonly Button[]): Message {
  return {
    text: fallbackOf(letter),
    blocks: withinBlocks(
      [
        ...headBlocks(letter),
        ...factBlocks(letter),
        ...cautionBlocks(letter),
        ...(letter.excerpt ? argumentBlocks(letter.excerpt) : []),
      ],
      [...actionBlocks(buttons), ...closingBlocks(letter)],
    ),
  };
}

/** A letter without its arguments, for what follows in a thread. */
export function briefMessage(letter: Letter, buttons: readonly Button[]): Message {
  const blocks = [...headBlocks(letter), ...factBlocks(letter), ...actionBlocks(buttons)];
  return { text: fallbackOf(letter), blocks };
}

/** The call itself, as a dialog shows it above what is asked of the person. */
export function callBlocks(letter: Letter): readonly Block[] {
  return [
    section(inert(letter.heading)),
    ...factBlocks(letter),
    ...cautionBlocks(letter),
    ...(letter.excerpt ? argumentBlocks(letter.excerpt) : []),
  ];
}

export function fallbackOf(letter: Pick<Letter, 'kicker' | 'subject'>): string {
  return fitted(`${letter.kicker}: ${inertMarkup(letter.subject)}`, FALLBACK_MAX);
}

function headBlocks(letter: Letter): readonly Block[] {
  return [
    { type: 'header', text: plain(letter.kicker, HEADER_MAX) },
    section(inert(letter.heading)),
    ...(letter.heading_note === undefined ? [] : [note(inert(letter.heading_note))]),
  ];
}

function factBlocks({ facts }: Letter): readonly Block[] {
  const fields = facts.map(([label, value]) => plain(`${label}\n${inert(value)}`, FIELD_MAX));
  const blocks: Block[] = [];
  for (let at = 0; at < fields.length; at += FIELDS_MAX)
    blocks.push({ type: 'section', fields: fields.slice(at, at + FIELDS_MAX) });
  return blocks;
}

function cautionBlocks({ cautions }: Letter): readonly Block[] {
  if (cautions.length === 0) return [];
  const pages: string[] = ['LOOK TWICE'];
  for (const sentence of cautions) {
    const line = fitted(`• ${inert(sentence)}`, TEXT_MAX / 2);
    const page = `${pages.at(-1)}\n${line}`;
    if (page.length <= TEXT_MAX) pages[pages.length - 1] = page;
    else pages.push(line);
  }
  const left = pages.slice(CAUTIONS_MAX).join('\n').split('\n').length;
  return [
    ...pages.slice(0, CAUTIONS_MAX).map(section),
    ...(pages.length > CAUTIONS_MAX
      ? [section(`[… ${counted(left, 'further warning')} left out here: the page of the request has all]`)]
      : []),
  ];
}

function argumentBlocks({ note: words, of }: NonNullable<Letter['excerpt']>): readonly Block[] {
  let room = ARGUMENTS_MAX;
  const rows = of.rows.map((row) => {
    const text = rowText(row, Math.min(TEXT_MAX, Math.max(room, 200)));
    room -= text.length;
    return section(text);
  });
  return [{ type: 'divider' }, note(`Arguments, written by the agent. ${words}`), ...rows];
}

/** Whether a message shows every argument to its end. */
export function showsWhole({ excerpt }: Letter): boolean {
  if (excerpt === undefined) return false;
  const { rows, rows_left_out, shown, total } = excerpt.of;
  const sizes = rows.map((row) => literal(rowText(row, Number.POSITIVE_INFINITY)).length);
  return (
    shown === total &&
    rows_left_out === 0 &&
    sizes.every((size) => size <= TEXT_MAX) &&
    sizes.reduce((sum, size) => sum + size, 0) <= ARGUMENTS_MAX
  );
}

function rowText(row: Row, max: number): string {
  const left = row.left_out > 0 ? `\n[${counted(row.left_out, 'character')} left out]` : '';
  const value = quoted(row.value, QUOTED);
  return `${fitted(`${quoted(row.path, QUOTED)} (${row.type})\n${QUOTED}${value}`, max - left.length)}${left}`;
}

function quoted(segments: readonly Segment[], prefix: string): string {
  return inert(argumentText(segments, prefix));
}

function actionBlocks(buttons: readonly Button[]): readonly Block[] {
  return buttons.length === 0 ? [] : [{ type: 'actions', elements: buttons }];
}

function closingBlocks({ closing }: Letter): readonly Block[] {
  return closing.length === 0 ? [] : [note(closing.join(' '))];
}

/** What stands first gives way to what can be pressed, and that is said. */
function withinBlocks(first: readonly Block[], last: readonly Block[]): readonly Block[] {
  const room = BLOCKS_MAX - last.length;
  if (first.length <= room) return [...first, ...last];
  const left = counted(first.length - room + 1, 'further part');
  return [...first.slice(0, room - 1), note(`[… ${left} left out here: the page has all]`), ...last];
}
