import { html } from 'hono/html';
import { LINE_FEED, reveal, TAB, type Segment } from '../../core/reveal.ts';

/** A piece of HTML whose variable parts were escaped. */
export type Html = ReturnType<typeof html>;

/** Hostile text as HTML: escaped, with everything that would not be seen drawn as a mark. */
export function revealed(text: string): Html[] {
  return segmentsHtml(reveal(text));
}

export function segmentsHtml(segments: readonly Segment[]): Html[] {
  return segments.map((segment) => {
    if (segment.kind === 'text') return html`${segment.text}`;
    if (segment.codePoint === LINE_FEED) return html`<i class="lay">↵</i>${'\n'}`;
    if (segment.codePoint === TAB) return html`<i class="lay">⇥</i>${'\t'}`;
    return html`<mark>${segment.label}${segment.times > 1 ? ` ×${segment.times.toLocaleString('en')}` : ''}</mark>`;
  });
}
