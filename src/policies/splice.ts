import { isMap, isNode, isPair, isSeq, type YAMLSeq } from 'yaml';

/** A piece of text that takes the place of another. Offsets are those of the text as it was. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function spliced(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.start - a.start)
    .reduce((now, { start, end, text: piece }) => now.slice(0, start) + piece + now.slice(end), text);
}

/**
 * Puts an item at the end of a list, in the style of that list.
 *
 * @param lines of a mapping, or one line of a value
 * @returns nothing where the list cannot be edited in its style
 */
export function insertItem(
  text: string,
  list: YAMLSeq | undefined,
  lines: readonly string[],
): Splice | undefined {
  if (!list?.range) return undefined;
  const last = list.items.length - 1;
  if (list.flow) {
    const item = lines.length > 1 ? `{ ${lines.join(', ')} }` : lines.join('');
    const end = last < 0 ? list.range[1] - 1 : rangeOf(list, last)?.[1];
    return end === undefined ? undefined : { start: end, end, text: last < 0 ? item : `, ${item}` };
  }
  const block = blockItem(text, list, last);
  if (!block) return undefined;
  const feed = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = ' '.repeat(block.column);
  const before = text[block.end - 1] === '\n' ? '' : feed;
  const item = lines.map((line, i) => `${indent}${i === 0 ? '- ' : '  '}${line}${feed}`).join('');
  return { start: block.end, end: block.end, text: before + item };
}

/**
 * Takes items out of a list; when none is left, an empty list stands there.
 *
 * @returns nothing where the list cannot be edited in its style
 */
export function removeItem(
  text: string,
  list: YAMLSeq | undefined,
  indexes: readonly number[],
): Splice | undefined {
  const [index, ...others] = indexes;
  // One at a time: the same id twice in one group is nobody's habit.
  if (!list?.range || index === undefined || others.length > 0) return undefined;
  const { length } = list.items;
  if (list.flow) {
    if (length === 1) return { start: list.range[0] + 1, end: list.range[1] - 1, text: '' };
    const isLast = index === length - 1;
    const start = isLast ? rangeOf(list, index - 1)?.[1] : rangeOf(list, index)?.[0];
    const end = isLast ? rangeOf(list, index)?.[1] : rangeOf(list, index + 1)?.[0];
    return start === undefined || end === undefined ? undefined : { start, end, text: '' };
  }
  const block = blockItem(text, list, index);
  if (!block) return undefined;
  const { start, end, column } = block;
  return { start, end, text: length === 1 ? `${' '.repeat(column + 2)}[]\n` : '' };
}

interface BlockItem {
  /** Where its first line begins. */
  readonly start: number;
  /** Behind its last line, comments that are indented as its parts among them. */
  readonly end: number;
  /** Of the dash, from zero. */
  readonly column: number;
}

function blockItem(text: string, list: YAMLSeq, index: number): BlockItem | undefined {
  const range = rangeOf(list, index);
  if (!range) return undefined;
  const start = text.lastIndexOf('\n', range[0] - 1) + 1;
  const dash = /^( *)- +$/.exec(text.slice(start, range[0]));
  if (!dash) return undefined;
  const column = dash[1]?.length ?? 0;
  let end = endOfLine(text, lastOffset(list.items[index]) ?? range[1]);
  for (;;) {
    const next = text.slice(end, endOfLine(text, end + 1));
    const comment = /^( +)#/.exec(next);
    if (!comment || (comment[1]?.length ?? 0) <= column) return { start, end, column };
    end += next.length;
  }
}

function rangeOf(list: YAMLSeq, index: number) {
  const item: unknown = list.items[index];
  return isNode(item) ? (item.range ?? undefined) : undefined;
}

/** Where the last value inside a node ends. */
function lastOffset(node: unknown): number | undefined {
  if (isPair(node)) return lastOffset(node.value) ?? lastOffset(node.key);
  if ((isMap(node) || isSeq(node)) && !node.flow && node.items.length > 0)
    return lastOffset(node.items.at(-1));
  return isNode(node) ? node.range?.[1] : undefined;
}

/** Behind the line feed of the line in which the character before `offset` stands. */
function endOfLine(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset - 1);
  return feed < 0 ? text.length : feed + 1;
}
