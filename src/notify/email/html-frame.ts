import type { Letter } from '../letter.ts';

export const SANS = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const SERIF = "Georgia,'Times New Roman',serif";
export const MONO = "ui-monospace,Menlo,Consolas,'Liberation Mono',monospace";

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
.way{color:#8fd6b8!important}
}`;

const TONES: Readonly<Record<Letter['tone'], string>> = {
  waiting: '#664600',
  good: '#1b5342',
  bad: '#8a2226',
  unsure: '#664600',
};

/** A mail around what it is about. `inside` is HTML, everything else is text. */
export function framed(
  letter: Pick<Letter, 'subject' | 'kicker' | 'heading' | 'heading_note' | 'tone' | 'closing'>,
  inside: string,
): string {
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
${inside}
${letter.closing.map((line) => `<p class="soft" style="margin:10px 0 0;font-size:13px;color:#5d5a53">${escape(line)}</p>`).join('\n')}
</div></div></body></html>
`;
}

/** Names and what they are, a line each. */
export function factLines(facts: Letter['facts'], style: string): string {
  return `<div class="line" style="${style}">${facts
    .map(
      ([label, value]) =>
        `<p class="line" style="margin:0;padding:8px 0;border-bottom:1px solid #dcd8ce;font-size:15px"><span class="soft" style="color:#5d5a53;font-size:13px;display:block">${escape(label)}</span>${inert(value)}</p>`,
    )
    .join('\n')}</div>\n`;
}

/** A link that looks like a button. */
export function button({ href, label }: NonNullable<Letter['link']>): string {
  return `<a class="go" href="${escape(href)}" style="display:block;padding:14px 20px;background:#1f5c4a;border-radius:8px;color:#ffffff;font-size:17px;font-weight:600;text-align:center;text-decoration:none">${escape(label)}</a>`;
}

/** Escaped, and cut up where mail clients look for addresses to make links of. */
export function inert(text: string): string {
  return text.replace(/[.:@]|[^.:@]+/g, (part) =>
    part.length === 1 && '.:@'.includes(part) ? `<span>${part}</span>` : escape(part),
  );
}

export function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
