import { html } from 'hono/html';
import { compareArguments, type ComparedRow } from '../../core/argument-diff.ts';
import { argumentRows, type Row } from '../../core/argument-rows.ts';
import type { JsonObject } from '../../core/json.ts';
import { isLong, linesOf } from '../../core/long-arguments.ts';
import { counted } from '../../core/time-words.ts';
import { argumentValue } from './argument-value.ts';
import { segmentsHtml, type Html } from './segments.ts';

export interface ArgumentsShown {
  readonly args: JsonObject;
  /** Those of the last approved call of this agent to this tool. */
  readonly last?: JsonObject;
  /** The form to which a long value is ticked as read; nothing where nothing is to be decided. */
  readonly form?: string;
  /** Keys of those that were ticked. */
  readonly seen: readonly string[];
}

/** All arguments, none of them cut: a long one can be unfolded, and says how long it is. */
export function argumentsSection(shown: ArgumentsShown): Html {
  const { args, last } = shown;
  const compared = last === undefined ? undefined : compareArguments(args, last);
  const rows: readonly ComparedRow[] =
    compared?.rows ?? argumentRows(args).map((row) => ({ row, change: 'same' }));
  const differ = compared !== undefined;
  return html`<section aria-labelledby="arguments">
<div class="head"><h2 id="arguments">Arguments</h2><span class="tag hostile">written by the agent</span></div>
${compared === undefined ? '' : html`<p class="small">${differences(compared.differences)}</p>`}
${rows.length === 0 ? html`<p class="muted">The call has no arguments.</p>` : rows.map((each, index) => argument(each, index, shown, differ))}
${compared?.removed.map(removed) ?? ''}
</section>`;
}

function differences(count: number): string {
  if (count === 0) return 'The same as in the last approved call of this agent to this tool.';
  return `${counted(count, 'difference')} to the last approved call of this agent to this tool.`;
}

function argument(compared: ComparedRow, index: number, shown: ArgumentsShown, differ: boolean): Html {
  const { row, change, was } = compared;
  const mark = differ && change !== 'same' ? change : undefined;
  const long = isLong(row);
  const value = argumentValue(row, long && shown.form !== undefined ? tick(row, index, shown) : '');
  return html`<div class="arg${mark ? ` ${mark}` : ''}"${long ? html` id="argument-${index}"` : ''}>
<p class="arg-head"><code dir="ltr">${segmentsHtml(row.path)}</code><span class="muted">${mark ? html`<b class="tag ${mark}">${mark}</b> ` : ''}${sizeOf(row)}</span></p>
${value}
${was === undefined ? '' : html`<div class="was"><p class="small">Before, ${sizeOf(was)}:</p>${argumentValue(was)}</div>`}
</div>`;
}

function removed(row: Row): Html {
  return html`<div class="arg removed">
<p class="arg-head"><code dir="ltr">${segmentsHtml(row.path)}</code><span class="muted"><b class="tag removed">removed</b> ${sizeOf(row)}</span></p>
<div class="was"><p class="small">Before, and not in this call:</p>${argumentValue(row)}</div>
</div>`;
}

function tick(row: Row, index: number, shown: ArgumentsShown): Html {
  return html`<p class="tick"><input type="checkbox" id="seen-${index}" name="seen" value="${row.key}" form="${shown.form ?? ''}"${shown.seen.includes(row.key) ? html` checked` : ''}> <label for="seen-${index}">I have read all of it</label></p>`;
}

function sizeOf(row: Row): string {
  if (row.type !== 'text' && row.type !== 'JSON') return row.type;
  const lines = linesOf(row);
  return `${row.type}, ${counted(row.characters, 'character')}${lines > 1 ? `, ${counted(lines, 'line')}` : ''}`;
}

/** The long arguments, as links to where they stand. @param seen keys of those that need no mention */
export function unreadLinks(args: JsonObject, seen: readonly string[]): readonly Html[] {
  return argumentRows(args).flatMap((row, index) =>
    isLong(row) && !seen.includes(row.key)
      ? [html`<a href="#argument-${index}"><code dir="ltr">${segmentsHtml(row.path)}</code></a>`]
      : [],
  );
}
