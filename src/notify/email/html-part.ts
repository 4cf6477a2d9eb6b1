import { LINE_FEED, TAB, type Segment } from '../../core/reveal.ts';
import type { Row } from '../../core/argument-rows.ts';
import { counted } from '../../core/time-words.ts';
import type { Letter } from '../letter.ts';
import { button, escape, factLines, framed, inert, MONO, SANS } from './html-frame.ts';

export function htmlPart(letter: Letter): string {
  return framed(
    letter,
    `${factLines(letter.facts, 'margin:16px 0 0;border-top:1px solid #dcd8ce')}${look(letter)}${letter.excerpt ? excerptBlock(letter.excerpt) : ''}${letter.link ? `<p style="margin:24px 0 6px">${button(letter.link)}</p>` : ''}`,
  );
}

function look(letter: Letter): string {
  if (letter.cautions.length === 0) return '';
  return `<div class="look" style="margin:16px 0 0;padding:10px 14px;background:#fdf3d9;border:1px solid #b98a1d;border-left-width:4px;border-radius:6px;color:#664600;font-size:15px"><b>Look twice</b>${letter.cautions
    .map((sentence) => `<p style="margin:4px 0 0">${inert(sentence)}</p>`)
    .join('')}</div>\n`;
}

function excerptBlock({ note, of }: NonNullable<Letter['excerpt']>): string {
  return `<p style="margin:20px 0 0;font-size:16px;font-weight:600">Arguments <span class="hostile" style="margin-left:6px;padding:1px 8px;font-size:12px;border:1px solid #b98a1d;border-radius:99px;background:#fdf3d9;color:#664600;white-space:nowrap">written by the agent</span></p>
<p class="soft" style="margin:2px 0 0;font-size:13px;color:#5d5a53">${escape(note)}</p>
${of.rows.map(argument).join('\n')}
`;
}

function argument(row: Row): string {
  const left =
    row.left_out > 0
      ? `<p class="soft" style="margin:2px 0 0;font-size:13px;color:#5d5a53">… ${counted(row.left_out, 'character')} left out here</p>`
      : '';
  const value = row.value.length === 0 ? '<i>empty text</i>' : segments(row.value);
  return `<p style="margin:10px 0 3px;font-size:13px"><code style="font:600 14px ${MONO}">${segments(row.path)}</code> <span class="soft" style="color:#5d5a53">${escape(row.type)}</span></p>
<div class="well" dir="ltr" style="padding:8px 10px;background:#f8f7f3;border:1px solid #dcd8ce;border-radius:6px;font:13px/1.5 ${MONO};white-space:pre-wrap;unicode-bidi:isolate"><code style="font-family:inherit">${value}</code></div>${left}`;
}

function segments(all: readonly Segment[]): string {
  return all
    .map((segment) => {
      if (segment.kind === 'text') return inert(segment.text);
      if (segment.codePoint === LINE_FEED) return '<span class="soft" style="color:#5d5a53">↵</span>\n';
      if (segment.codePoint === TAB) return '<span class="soft" style="color:#5d5a53">⇥</span>\t';
      const times = segment.times > 1 ? ` ×${segment.times.toLocaleString('en')}` : '';
      return `<span class="mark" style="padding:0 4px;margin:0 1px;border-radius:3px;background:#ffdfa8;color:#552a00;font:600 12px ${SANS}">${escape(segment.label)}${times}</span>`;
    })
    .join('');
}
