import type { DigestItem, DigestLetter } from '../digest-letter.ts';
import { button, escape, factLines, framed, inert } from './html-frame.ts';
import { unlinked } from '../unlinked.ts';

const REVIEW = 'Review this request';

export function digestText({ kicker, heading, items, rest, closing }: DigestLetter): string {
  const blocks = [
    kicker.toUpperCase(),
    heading,
    ...items.map(textItem),
    ...(rest === undefined ? [] : [`${rest.sentence}\n${rest.href}`]),
    closing.join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function textItem({ heading, facts, caution, link }: DigestItem, index: number): string {
  return [
    `${index + 1}. ${unlinked(heading)}`,
    ...facts.map(([label, value]) => `${`${label}:`.padEnd(13)} ${unlinked(value)}`),
    ...(caution === undefined ? [] : [caution.toUpperCase()]),
    `${REVIEW}:`,
    link,
  ].join('\n');
}

export function digestHtml(letter: DigestLetter): string {
  const { items, rest } = letter;
  return framed(
    { ...letter, tone: 'waiting' },
    `${items.map(htmlItem).join('\n')}${
      rest === undefined
        ? ''
        : `<p style="margin:24px 0 0;font-size:15px">${escape(rest.sentence)} <a class="way" href="${escape(rest.href)}" style="color:#1b5342;font-weight:600">What waits for you</a></p>`
    }`,
  );
}

function htmlItem({ heading, facts, caution, link }: DigestItem, index: number): string {
  return `<div class="line" style="margin:20px 0 0;padding:16px 0 0;border-top:2px solid #dcd8ce">
<h2 style="margin:0 0 2px;font-size:17px;line-height:1.35;font-weight:600"><span class="soft" style="color:#5d5a53;font-weight:400">${index + 1}</span> ${inert(heading)}</h2>
${factLines(facts, 'margin:0 0 12px')}${
  caution === undefined
    ? ''
    : `<p class="look" style="margin:0 0 12px;padding:8px 14px;background:#fdf3d9;border:1px solid #b98a1d;border-left-width:4px;border-radius:6px;color:#664600;font-size:15px">${escape(caution)}</p>\n`
}${button({ href: link, label: REVIEW })}</div>`;
}
