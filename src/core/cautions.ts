import { argumentRows } from './argument-rows.ts';
import type { Card } from './card.ts';
import { shortened } from './characters.ts';
import type { JsonObject } from './json.ts';
import { hasRightToLeft, mixedScripts } from './mixed-scripts.ts';
import { isLayout, revealedLine, reveal, type Segment } from './reveal.ts';

/** One text that a reviewer reads, and what to call it. */
interface Part {
  readonly name: string;
  readonly segments: readonly Segment[];
}

const SPACE: Segment = { kind: 'text', text: ' ' };
const LISTED = 5;
const WORD_MAX = 40;

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
  const hidden = parts.filter((part) => hiddenIn(part) > 0);
  if (hidden.length > 0) {
    const count = hidden.reduce((total, part) => total + hiddenIn(part), 0);
    sentences.push(
      `${count === 1 ? 'One character' : `${count.toLocaleString('en')} characters`} that would not be seen, or would pass for another, ${count === 1 ? 'is' : 'are'} marked in ${listed(hidden.map((part) => part.name))}.`,
    );
  }
  const mixed = parts.flatMap((part) =>
    mixedScripts(textOf(part)).map(
      ({ word, scripts }) => `“${shortened(word, WORD_MAX)}” (${scripts.join(' and ')}) in ${part.name}`,
    ),
  );
  if (mixed.length > 0) {
    sentences.push(`Letters that may not be what they look like: ${listed(mixed)}.`);
  }
  const leftward = parts.filter((part) => hasRightToLeft(textOf(part)));
  if (leftward.length > 0) {
    sentences.push(
      `Letters that are written from right to left can stand in another order than the one that is sent: ${listed(leftward.map((part) => part.name))}.`,
    );
  }
  return sentences;
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
    ...named.flatMap(([name, text]) => (text === undefined ? [] : [{ name, segments: reveal(text) }])),
    ...Object.keys(args).map((key) => ({
      name: `the argument ${shortened(revealedLine(key), WORD_MAX)}`,
      segments: argumentRows({ [key]: args[key] ?? null }).flatMap((row) => [
        ...row.path,
        SPACE,
        ...row.value,
        SPACE,
      ]),
    })),
  ];
}

function hiddenIn(part: Part): number {
  return part.segments.reduce(
    (count, segment) =>
      segment.kind === 'mark' && !isLayout(segment.codePoint) ? count + segment.times : count,
    0,
  );
}

/** A mark parts words only where it is a space or a line's end: letters around an invisible one are one word. */
function textOf(part: Part): string {
  return part.segments
    .map((segment) => {
      if (segment.kind === 'text') return segment.text;
      return isLayout(segment.codePoint) || segment.codePoint === 0x20 ? ' ' : '';
    })
    .join('');
}

function listed(names: readonly string[]): string {
  const few = names.slice(0, LISTED);
  const more = names.length - few.length;
  return `${few.join('; ')}${more > 0 ? `; and ${more.toLocaleString('en')} more` : ''}`;
}
