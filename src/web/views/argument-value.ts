import { html } from 'hono/html';
import type { Row } from '../../core/argument-rows.ts';
import { encodedOf } from '../../core/encoded.ts';
import { isLineEnd, isLong } from '../../core/long-arguments.ts';
import { reveal, type Segment } from '../../core/reveal.ts';
import { countCharacters, firstCharacters, lastCharacters } from '../../core/characters.ts';
import { counted } from '../../core/time-words.ts';
import { segmentsHtml, type Html } from './segments.ts';

const HEAD = { characters: 600, lines: 10 };
const TAIL = { characters: 240, lines: 5 };

/** A value in full; a long one folded, with its beginning, its end and its length in sight. */
export function argumentValue(row: Row, foot: Html | '' = ''): Html {
  return html`${isLong(row) ? folded(row.value, row.characters, foot) : whole(row.value, row.characters)}${decoded(row)}`;
}

function whole(value: readonly Segment[], characters: number): Html {
  if (characters === 0) return html`<p class="value none">empty text</p>`;
  return html`<pre class="value" dir="ltr">${segmentsHtml(value)}</pre>`;
}

function folded(value: readonly Segment[], characters: number, foot: Html | ''): Html {
  const { head, tail } = endsOf(value);
  return html`<details class="long">
<summary><span class="ends"><code class="value head-of" dir="ltr">${segmentsHtml(head)}</code><span class="gap">This is only the beginning and the end. Left out: the middle of ${counted(characters, 'character')}</span><code class="value tail-of" dir="ltr">${segmentsHtml(tail)}</code></span><span class="more"><span class="when-shut">Show all ${counted(characters, 'character')}</span><span class="when-open">Fold these ${counted(characters, 'character')}</span></span></summary>
<pre class="value" dir="ltr">${segmentsHtml(value)}</pre>
${foot}
</details>`;
}

/** What a value says that does not say it openly. */
function decoded(row: Row): Html | '' {
  const encoded = row.type === 'text' ? encodedOf(row.text) : undefined;
  if (!encoded) return '';
  const kind =
    encoded.encoding === 'percent-encoded' ? 'is percent-encoded' : `looks like ${encoded.encoding}`;
  if (encoded.decoded === undefined) {
    return html`<p class="decoded">This value ${kind}, and does not decode to text: nobody can read here what it says.</p>`;
  }
  const segments = reveal(encoded.decoded);
  const characters = countCharacters(encoded.decoded);
  const like = { ...row, value: segments, characters };
  return html`<div class="decoded"><p>This value ${kind}. It decodes to ${counted(characters, 'character')} of text:</p>
${isLong(like) ? folded(segments, characters, '') : whole(segments, characters)}</div>`;
}

interface Room {
  readonly characters: number;
  readonly lines: number;
}

/** The beginning and the end, which do not overlap where the value is long. */
function endsOf(segments: readonly Segment[]) {
  const head = taken(segments, HEAD);
  const backwards = taken([...segments].reverse(), TAIL, true);
  return { head, tail: backwards.reverse() };
}

function taken(segments: readonly Segment[], room: Room, fromEnd = false): Segment[] {
  const some: Segment[] = [];
  let characters = 0;
  let lines = 0;
  for (const segment of segments) {
    if (isLineEnd(segment)) lines += 1;
    if (lines >= room.lines || characters >= room.characters) break;
    if (segment.kind === 'text') {
      const left = room.characters - characters;
      const text = fromEnd ? lastCharacters(segment.text, left) : firstCharacters(segment.text, left);
      some.push({ kind: 'text', text });
      characters += countCharacters(text);
    } else {
      some.push(segment);
      characters += 1;
    }
  }
  return some;
}
