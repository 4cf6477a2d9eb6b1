import { argumentRows } from './argument-rows.ts';
import type { Card } from './card.ts';
import { shortened } from './characters.ts';
import { differenceWords } from './difference-words.ts';
import { encodedOf } from './encoded.ts';
import type { JsonObject } from './json.ts';
import { hasRightToLeft, mixedScripts } from './mixed-scripts.ts';
import { marksIn } from './secret-places.ts';
import { isLayout, revealedLine, reveal, type Segment } from './reveal.ts';

/** One text that a reviewer reads, and what to call it. */
interface Part {
  readonly name: string;
  /** How many characters in it would not be seen, or would pass for another. */
  readonly hidden: number;
  /** Without them, but for a space where one parts words: letters around an invisible one are one word. */
  readonly text: string;
}

const SPACE: Segment = { kind: 'text', text: ' ' };
const LISTED = 5;
const WORD_MAX = 40;
const PATH_MAX = 80;
const SIGNS_MAX = 120;
/** Of a definition, what stands on the card itself, where every mark in it is counted. */
const SHOWN_PARTS: ReadonlySet<string> = new Set(['name', 'title', 'description']);

/**
 * What a reviewer should be warned of before reading on, a sentence each, every hidden character in them spelt
 * out: what could not be checked, characters that cannot be seen, words that are not what they look like.
 */
export function cautions(card: Card, args: JsonObject): readonly string[] {
  const parts = partsOf(card, args);
  const sentences: string[] = [];
  if (card.input_check !== 'valid') {
    sentences.push(
      `The arguments could not be checked against the tool's input schema: ${revealedLine(card.input_check.unchecked)}`,
    );
  }
  if (card.summary_trouble !== undefined) {
    sentences.push(
      `The tool offers a summary, but none could be made: ${revealedLine(card.summary_trouble)}`,
    );
  }
  if (card.difference !== undefined) sentences.push(...differenceWords(card.difference));
  const concealed = (card.hidden ?? []).filter(({ path }) => !SHOWN_PARTS.has(path));
  if (concealed.length > 0) {
    sentences.push(
      `Text of the tool's definition is not what it looks like: ${listed(concealed.map(({ path, signs }) => `${shortened(revealedLine(path), PATH_MAX)} (${shortened(signs.join(', '), SIGNS_MAX)})`))}.`,
    );
  }
  sentences.push(...maskedWords(args));
  const encoded = argumentRows(args).flatMap((row) => {
    const found = row.type === 'text' ? encodedOf(row.text) : undefined;
    return found?.decoded === undefined || found.encoding === 'percent-encoded'
      ? []
      : [`${shortened(revealedLine(row.key), WORD_MAX)} (${found.encoding})`];
  });
  if (encoded.length > 0) {
    sentences.push(`Text that is encoded, so that it cannot be read as it stands: ${listed(encoded)}.`);
  }
  const hidden = parts.filter((part) => part.hidden > 0);
  if (hidden.length > 0) {
    const count = hidden.reduce((total, part) => total + part.hidden, 0);
    sentences.push(
      `${count === 1 ? 'One character' : `${count.toLocaleString('en')} characters`} that would not be seen, or would pass for another, ${count === 1 ? 'is' : 'are'} marked in ${listed(hidden.map((part) => part.name))}.`,
    );
  }
  const mixed = parts.flatMap((part) =>
    mixedScripts(part.text).map(
      ({ word, scripts }) => `“${shortened(word, WORD_MAX)}” (${scripts.join(' and ')}) in ${part.name}`,
    ),
  );
  if (mixed.length > 0) {
    sentences.push(`Letters that may not be what they look like: ${listed(mixed)}.`);
  }
  const leftward = parts.filter((part) => hasRightToLeft(part.text));
  if (leftward.length > 0) {
    sentences.push(
      `Letters that are written from right to left can stand in another order than the one that is sent: ${listed(leftward.map((part) => part.name))}.`,
    );
  }
  return sentences;
}

/** What a mark may hide that is no secret. */
function maskedWords(args: JsonObject): readonly string[] {
  const marks = marksIn(args).map((mark) => ({
    ...mark,
    name: shortened(revealedLine(mark.path.join('.')), PATH_MAX),
  }));
  const imitated = marks.filter(({ kind }) => kind === 'imitated mark');
  const unusual = marks.filter((mark) => mark.unusual);
  return [
    ...(imitated.length === 0
      ? []
      : [`The agent wrote what looks like one of Placet's marks of a secret: ${listed(namesOf(imitated))}.`]),
    ...(unusual.length === 0
      ? []
      : [
          `What is masked holds more than a secret of its kind has to, and may be meant to do something: ${listed(namesOf(unusual))}. Have it shown, or ask what it is, before you approve.`,
        ]),
  ];
}

function namesOf(marks: readonly { readonly name: string }[]): readonly string[] {
  return [...new Set(marks.map(({ name }) => name))];
}

function partsOf(card: Card, args: JsonObject): readonly Part[] {
  const named: readonly (readonly [string, string | undefined])[] = [
    ["the tool's name", card.tool_name],
    ['the name under which the agent calls it', card.tool === card.tool_name ? undefined : card.tool],
    ["the server's name", card.server],
    ["the tool's title", card.title],
    ["the tool's description", card.description],
    ['the summary', card.summary],
    ["the agent's name", card.agent],
    ["the client's name", card.client],
  ];
  return [
    ...named.flatMap(([name, text]) => (text === undefined ? [] : [partOf(name, reveal(text))])),
    ...Object.keys(args).map((key) =>
      partOf(
        `the argument ${shortened(revealedLine(key), WORD_MAX)}`,
        argumentRows({ [key]: args[key] ?? null }).flatMap((row) => [
          ...row.path,
          SPACE,
          ...row.value,
          SPACE,
        ]),
      ),
    ),
  ];
}

function partOf(name: string, segments: readonly Segment[]): Part {
  let hidden = 0;
  let text = '';
  for (const segment of segments) {
    if (segment.kind === 'text') text += segment.text;
    else if (isLayout(segment.codePoint)) text += ' ';
    else {
      hidden += segment.times;
      if (segment.codePoint === 0x20) text += ' ';
    }
  }
  return { name, hidden, text };
}

function listed(names: readonly string[]): string {
  const few = names.slice(0, LISTED);
  const more = names.length - few.length;
  return `${few.join('; ')}${more > 0 ? `; and ${more.toLocaleString('en')} more` : ''}`;
}
