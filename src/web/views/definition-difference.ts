import { html } from 'hono/html';
import { countCharacters } from '../../core/characters.ts';
import type { DefinitionChange, DefinitionDifference, Piece } from '../../core/definition-diff.ts';
import { textChange } from '../../core/text-change.ts';
import { counted } from '../../core/time-words.ts';
import { markedText } from './marked-text.ts';
import { revealed, type Html } from './segments.ts';

/** What is different in a tool's definition, part by part. All of it is the server's word, and hostile. */
export function differenceSection(difference: DefinitionDifference): Html | '' {
  const { changes, left_out: leftOut } = difference;
  if (changes.length === 0) return '';
  const whole = difference.kind === 'new' || difference.lost === true;
  return html`<section aria-labelledby="difference">
<div class="head"><h2 id="difference">${whole ? 'The tool as it is defined' : 'What is different in the tool'}</h2><span class="tag hostile">written by the server</span></div>
${changes.map((change) => changed(change, whole))}
${leftOut === 0 ? '' : html`<p class="note">${counted(leftOut, 'further part')} ${leftOut === 1 ? 'is' : 'are'} not listed here.</p>`}
</section>`;
}

function changed({ change, path, was, now }: DefinitionChange, whole: boolean): Html {
  const shown = now ?? was;
  const between = was?.type === 'text' && now?.type === 'text' ? textChange(was.text, now.text) : undefined;
  const from = between?.before.length ?? 0;
  const come = between && { from, to: from + between.now.length };
  const gone = between && { from, to: from + between.was.length };
  return html`<div class="arg${whole ? '' : ` ${change}`}">
<p class="arg-head"><code dir="ltr">${path === '' ? 'all of it' : revealed(path)}</code><span class="muted">${whole ? '' : html`<b class="tag ${change}">${change}</b> `}${shown ? sizeOf(shown) : ''}</span></p>
${now === undefined ? '' : value(now, come && markedText(now.text, come, 'ins'))}
${
  was === undefined
    ? ''
    : html`<div class="was"><p class="small">${now === undefined ? 'Before, and not any more:' : html`Before, ${sizeOf(was)}:`}</p>
${value(was, gone && markedText(was.text, gone, 'del'))}</div>`
}
</div>`;
}

function value(part: Piece, marked?: Html): Html {
  if (part.text === '') return html`<p class="value none">empty text</p>`;
  return html`${gap(part.before, 'before')}<pre class="value" dir="ltr">${marked ?? revealed(part.text)}</pre>${gap(part.after, 'after')}`;
}

function gap(characters: number | undefined, where: string): Html | '' {
  if (characters === undefined) return '';
  return html`<p class="gap">Left out ${where} this: ${counted(characters, 'character')}</p>`;
}

function sizeOf({ type, text, before = 0, after = 0 }: Piece): string {
  return `${type}, ${counted(before + countCharacters(text) + after, 'character')}`;
}
