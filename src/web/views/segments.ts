import { html, raw } from 'hono/html';
import { LINE_FEED, reveal, TAB, type Segment } from '../../core/reveal.ts';

/** A piece of HTML whose variable parts were escaped. */
export type Html = ReturnType<typeof html>;

/** Hostile text as HTML: escaped, with everything that would not be seen drawn as a mark. */
export function revealed(text: string): Html {
  return segmentsHtml(reveal(text));
}

/** By plain strings: a megabyte of short lines is half a million segments, for which templates take seconds. */
export function segmentsHtml(segments: readonly Segment[]): Html {
  return raw(segments.map(segmentHtml).join(''));
}

function segmentHtml(segment: Segment): string {
  if (segment.kind === 'text') return escaped(segment.text);
  if (segment.codePoint === LINE_FEED) return '<i class="lay">↵</i>\n';
  if (segment.codePoint === TAB) return '<i class="lay">⇥</i>\t';
  const times = segment.times > 1 ? ` ×${segment.times.toLocaleString('en')}` : '';
  return `<mark>${escaped(segment.label)}${times}</mark>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}
