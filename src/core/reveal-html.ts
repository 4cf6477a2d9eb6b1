import { LINE_FEED, reveal, TAB, type Segment } from './reveal.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Hostile text as HTML: escaped, with everything that would not be seen drawn as a mark. */
export function revealedHtml(text: string): string {
  return segmentsAsHtml(reveal(text));
}

export function segmentsAsHtml(segments: readonly Segment[]): string {
  return segments.map(segmentHtml).join('');
}

export function escapedHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}

function segmentHtml(segment: Segment): string {
  if (segment.kind === 'text') return escapedHtml(segment.text);
  if (segment.codePoint === LINE_FEED) return '<i class="lay">↵</i>\n';
  if (segment.codePoint === TAB) return '<i class="lay">⇥</i>\t';
  const times = segment.times > 1 ? ` ×${segment.times.toLocaleString('en')}` : '';
  return `<mark>${escapedHtml(segment.label)}${times}</mark>`;
}
