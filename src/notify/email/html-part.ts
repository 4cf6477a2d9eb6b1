import { LINE_FEED, TAB, type Segment } from '../../core/reveal.ts';
import type { Row } from '../../core/argument-rows.ts';
import { counted } from '../../core/time-words.ts';
import type { Letter } from '../letter.ts';

const SANS = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const SERIF = "Georgia,'Times New Roman',serif";
const MONO = "ui-monospace,Menlo,Consolas,'Liberation Mono',monospace";

/** Styles stand inline, as most clients want them; this only turns them dark where a client can. */
const DARK = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#131412!important}
.sheet{background:#1c1d1b!important;border-color:#383833!important;color:#ecebe6!important}
.soft{color:#a9a69c!important}
.line{border-color:#383833!important}
.well{background:#131412!important;border-color:#383833!important;color:#ecebe6!important}
.look,.hostile{background:#33290f!important;border-color:#c69a37!important;color:#f1d48c!important}
.mark{background:#5d3c0c!important;color:#ffe2b3!important}
.good{color:#8fd6b8!important}.bad{color:#f5aba6!important}.unsure,.waiting{color:#f1d48c!important}
.go{background:#2b7a60!important}
}`;

const TONES: Readonly<Record<Letter['tone'], string>> = {
  waiting: '#664600',
  good: '#1b5342',
  bad: '#8a2226',
  unsure: '#664600',
};

export function htmlPart(letter: Letter): string {
  return `<!doctype html>
<html lang="en" dir="ltr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${escape(letter.subject)}</title><style>${DARK}</style></head>
<body class="page" style="margin:0;padding:0;background:#f5f4f0">
<div class="page" style="padding:24px 12px;background:#f5f4f0">
<div class="sheet" style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #dcd8ce;border-radius:10px;color:#1d1c1a;font:16px/1.5 ${SANS};overflow-wrap:anywhere;word-break:break-word">
<p class="${letter.tone}" style="margin:0 0 6px;font-size:14px;font-weight:600;color:${TONES[letter.tone]}">${escape(letter.kicker)}</p>
<h1 style="margin:0 0 4px;font:600 22px/1.3 ${SERIF}">${inert(letter.heading)}</h1>
${letter.heading_note ? `<p class="soft" style="margin:0;font-size:14px;color:#5d5a53">${inert(letter.heading_note)}</p>` : ''}
${facts(letter)}${look(letter)}${letter.excerpt ? excerptBlock(letter.excerpt) : ''}${button(letter)}
${letter.closing.map((line) => `<p class="soft" style="margin:10px 0 0;font-size:13px;color:#5d5a53">${escape(line)}</p>`).join('\n')}
</div></div></body></html>
`;
}

function facts(letter: Letter): string {
  return `<div class="line" style="margin:16px 0 0;border-top:1px solid #dcd8ce">${letter.facts
    .map(
      ([label, value]) =>
        `<p class="line" style="margin:0;padding:8px 0;border-bottom:1px solid #dcd8ce;font-size:15px"><span class="soft" style="color:#5d5a53;font-size:13px;display:block">${escape(label)}</span>${inert(value)}</p>`,
    )
    .join('\n')}</div>\n`;
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

function button(letter: Letter): string {
  if (letter.link === undefined) return '';
  return `<p style="margin:24px 0 6px"><a class="go" href="${escape(letter.link.href)}" style="display:block;padding:14px 20px;background:#1f5c4a;border-radius:8px;color:#ffffff;font-size:17px;font-weight:600;text-align:center;text-decoration:none">${escape(letter.link.label)}</a></p>`;
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

/** Escaped, and cut up where mail clients look for addresses to make links of. */
function inert(text: string): string {
  return text.replace(/[.:@]|[^.:@]+/g, (part) =>
    part.length === 1 && '.:@'.includes(part) ? `<span>${part}</span>` : escape(part),
  );
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
