import { argumentRows, type Row } from './argument-rows.ts';
import type { JsonObject } from './json.ts';
import { LINE_FEED, type Segment } from './reveal.ts';

/** A value over either is long: it is shown by its beginning, and has to be opened before an approval. */
const LONG_CHARACTERS = 3000;
const LONG_LINES = 40;

/** The paths of the arguments that have to be opened before an approval, such as `content`, in their order. */
export function longArguments(args: JsonObject): readonly string[] {
  return argumentRows(args)
    .filter(isLong)
    .map((row) => row.key);
}

export function isLong(row: Row): boolean {
  return row.characters > LONG_CHARACTERS || linesOf(row) > LONG_LINES;
}

/** How many lines a value takes. */
export function linesOf(row: Row): number {
  return row.value.filter(isLineEnd).length + 1;
}

/** The line feeds of indented JSON are text of ours; those of a value are marks. */
export function isLineEnd(segment: Segment): boolean {
  return segment.kind === 'text' ? segment.text === '\n' : segment.codePoint === LINE_FEED;
}
