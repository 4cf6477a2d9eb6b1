import type { Excerpt, Row } from '../../core/argument-rows.ts';
import { countCharacters, firstCharacters } from '../../core/characters.ts';
import { LINE_FEED, markText, TAB, type Segment } from '../../core/reveal.ts';
import { counted } from '../../core/time-words.ts';
import { paragraph, runs, sizeOf, type Block, type RunStyle, type TextRun } from './card-parts.ts';

const CODE: RunStyle = { fontType: 'Monospace' };
const MARK: RunStyle = { highlight: true };
const SOFT: RunStyle = { isSubtle: true, size: 'Small' };

/** As much of an excerpt as fits into so many bytes, and what there is of it then. */
export function argumentBlocks(
  of: Excerpt,
  room: number,
): { readonly of: Excerpt; readonly blocks: readonly Block[] } {
  const rows: Row[] = [];
  const blocks: Block[] = [];
  let left = room;
  for (const [index, row] of of.rows.entries()) {
    const fitted = fit(row, Math.floor(left / (of.rows.length - index)));
    if (fitted === undefined) break;
    const drawn = blocksOf(fitted);
    left -= sizeOf(drawn);
    rows.push(fitted);
    blocks.push(...drawn);
  }
  const shown = (all: readonly Row[]): number => all.reduce((sum, row) => sum + lengthOf(row), 0);
  return {
    of: {
      rows,
      rows_left_out: of.rows_left_out + of.rows.length - rows.length,
      shown: of.shown - shown(of.rows) + shown(rows),
      total: of.total,
    },
    blocks,
  };
}

/** The row with as many characters as fit; nothing where not one of its name does. */
function fit(row: Row, room: number): Row | undefined {
  const all = lengthOf(row);
  if (sizeOf(blocksOf(row)) <= room) return row;
  let [fits, tooMany] = [0, all];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (sizeOf(blocksOf(cut(row, middle))) <= room) fits = middle;
    else tooMany = middle;
  }
  return fits === 0 ? undefined : cut(row, fits);
}

function cut(row: Row, characters: number): Row {
  const path = first(row.path, characters);
  const value = first(row.value, characters - charactersOf(path));
  return {
    ...row,
    path,
    value,
    left_out: row.left_out + lengthOf(row) - charactersOf(path) - charactersOf(value),
  };
}

function first(segments: readonly Segment[], characters: number): readonly Segment[] {
  const kept: Segment[] = [];
  let left = characters;
  for (const segment of segments) {
    if (left <= 0) break;
    if (segment.kind === 'text') kept.push({ kind: 'text', text: firstCharacters(segment.text, left) });
    else kept.push({ ...segment, times: Math.min(segment.times, left) });
    left -= charactersOf([segment]);
  }
  return kept;
}

function lengthOf({ path, value }: Row): number {
  return charactersOf(path) + charactersOf(value);
}

function charactersOf(segments: readonly Segment[]): number {
  return segments.reduce(
    (sum, segment) => sum + (segment.kind === 'text' ? countCharacters(segment.text) : segment.times),
    0,
  );
}

function blocksOf(row: Row): readonly Block[] {
  const empty = row.value.length === 0 && row.characters === 0;
  const value = empty ? runs('empty text', { italic: true }) : drawn(row.value, CODE);
  return [
    paragraph([...drawn(row.path, { ...CODE, weight: 'Bolder' }), ...runs(` ${row.type}`, SOFT)], 'Medium'),
    ...(value.length === 0
      ? []
      : [
          {
            type: 'Container' as const,
            style: 'emphasis' as const,
            spacing: 'None' as const,
            items: [paragraph(value)],
          },
        ]),
    ...(row.left_out > 0
      ? [paragraph(runs(`… ${counted(row.left_out, 'character')} left out here`, SOFT), 'None')]
      : []),
  ];
}

/** Marks stand out; a line feed and a tab do what they do, behind a small sign. */
function drawn(segments: readonly Segment[], style: RunStyle): readonly TextRun[] {
  const parts: { text: string; mark: boolean }[] = [];
  for (const segment of segments) {
    const mark = segment.kind === 'mark' && segment.codePoint !== LINE_FEED && segment.codePoint !== TAB;
    const text =
      segment.kind === 'text' ? segment.text : mark ? markText(segment) : layout(segment.codePoint);
    const last = parts.at(-1);
    if (last?.mark === mark) last.text += text;
    else parts.push({ text, mark });
  }
  return parts.flatMap(({ text, mark }) => runs(text, mark ? { ...style, ...MARK } : style));
}

function layout(codePoint: number): string {
  return codePoint === LINE_FEED ? '↵\n' : '⇥\t';
}
