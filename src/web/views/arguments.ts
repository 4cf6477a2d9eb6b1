import { html } from 'hono/html';
import { argumentRows, type Row } from '../../core/argument-rows.ts';
import { firstCharacters } from '../../core/characters.ts';
import type { JsonObject } from '../../core/json.ts';
import { isLineEnd, isLong, linesOf } from '../../core/long-arguments.ts';
import type { Segment } from '../../core/reveal.ts';
import { counted } from '../../core/time-words.ts';
import { segmentsHtml, type Html } from './segments.ts';

/** What is in sight of a long value. */
const HEAD_CHARACTERS = 600;
const HEAD_LINES = 10;

/** All arguments, none of them cut: a long one can be unfolded, and says how long it is. */
export function argumentsSection(args: JsonObject): Html {
  const rows = argumentRows(args);
  return html`<section aria-labelledby="arguments">
<div class="head"><h2 id="arguments">Arguments</h2><span class="tag hostile">written by the agent</span></div>
${rows.length === 0 ? html`<p class="muted">The call has no arguments.</p>` : rows.map(argument)}
</section>`;
}

function argument(row: Row): Html {
  const lines = linesOf(row);
  const size =
    row.type === 'text' || row.type === 'JSON'
      ? `${row.type}, ${counted(row.characters, 'character')}${lines > 1 ? `, ${counted(lines, 'line')}` : ''}`
      : row.type;
  return html`<div class="arg">
<p class="arg-head"><code dir="ltr">${segmentsHtml(row.path)}</code><span class="muted">${size}</span></p>
${isLong(row) ? folded(row) : value(row)}
</div>`;
}

function value(row: Row): Html {
  if (row.characters === 0) return html`<p class="value none">empty text</p>`;
  return html`<pre class="value" dir="ltr">${segmentsHtml(row.value)}</pre>`;
}

function folded(row: Row): Html {
  return html`<details>
<summary><pre class="value head-of" dir="ltr">${segmentsHtml(headOf(row.value))}</pre><span class="more"><span class="when-shut">This is only the beginning. Show all ${counted(row.characters, 'character')}</span><span class="when-open">Fold these ${counted(row.characters, 'character')}</span></span></summary>
${value(row)}
</details>`;
}

function headOf(segments: readonly Segment[]): readonly Segment[] {
  const head: Segment[] = [];
  let characters = 0;
  let lines = 0;
  for (const segment of segments) {
    if (isLineEnd(segment)) lines += 1;
    if (lines >= HEAD_LINES || characters >= HEAD_CHARACTERS) break;
    if (segment.kind === 'text') {
      const text = firstCharacters(segment.text, HEAD_CHARACTERS - characters);
      head.push({ kind: 'text', text });
      characters += text.length;
    } else {
      head.push(segment);
      characters += 1;
    }
  }
  return head;
}
