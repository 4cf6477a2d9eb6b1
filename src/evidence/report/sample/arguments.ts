import { argumentRows, type Row } from '../../../core/argument-rows.ts';
import { encodedOf } from '../../../core/encoded.ts';
import { isLong, linesOf } from '../../../core/long-arguments.ts';
import { counted } from '../../../core/time-words.ts';
import { isJsonObject } from '../../../core/json.ts';
import type { SampledCall } from '../../bundle/report-input.ts';
import { html, revealed, segmentsHtml, type Html } from '../html.ts';
import { goneWords } from './gone-words.ts';

/** The arguments as they are kept, none of them cut; a long one is folded. */
export function argumentsSection({ args }: SampledCall): Html {
  return html`<section aria-labelledby="arguments">
<h2 id="arguments">Arguments <span class="tag">written by the agent</span></h2>
<p class="note">As they are kept: what is secret in them is masked. Characters that would not be seen are named in a box.</p>
${args.state === 'kept' ? rowsOf(argumentRows(isJsonObject(args.value) ? args.value : { value: args.value })) : html`<p>${goneWords('They', args.state)}</p>`}
</section>`;
}

function rowsOf(rows: readonly Row[]): Html {
  if (rows.length === 0) return html`<p>The call has no arguments.</p>`;
  return html`${rows.map(
    (
      row,
    ) => html`<div class="arg"><p><code dir="ltr">${segmentsHtml(row.path)}</code><span class="note">${sizeOf(row)}</span></p>
${valueOf(row)}${decoded(row)}</div>`,
  )}`;
}

function valueOf(row: Row): Html {
  if (row.characters === 0) return html`<p class="value">empty text</p>`;
  const whole = html`<pre class="value" dir="ltr">${segmentsHtml(row.value)}</pre>`;
  return isLong(row)
    ? html`<details><summary>Show all of it: ${sizeOf(row)}</summary>${whole}</details>`
    : whole;
}

/** What a value says that does not say it openly. */
function decoded(row: Row): Html | '' {
  const encoded = row.type === 'text' ? encodedOf(row.text) : undefined;
  if (encoded?.decoded === undefined) return '';
  return html`<details><summary>It looks ${encoded.encoding}; decoded it says</summary><pre class="value" dir="ltr">${revealed(encoded.decoded)}</pre></details>`;
}

function sizeOf(row: Row): string {
  if (row.type !== 'text' && row.type !== 'JSON') return row.type;
  const lines = linesOf(row);
  return `${row.type}, ${counted(row.characters, 'character')}${lines > 1 ? `, ${counted(lines, 'line')}` : ''}`;
}
