import { html, raw } from 'hono/html';
import { revealedHtml, segmentsAsHtml } from '../../core/reveal-html.ts';
import type { Segment } from '../../core/reveal.ts';
import { utc } from '../../core/time-words.ts';

/** A piece of HTML whose variable parts were escaped. */
export type Html = ReturnType<typeof html>;

/** Hostile text as HTML: escaped, with everything that would not be seen drawn as a mark. */
export function revealed(text: string): Html {
  return raw(revealedHtml(text));
}

export function segmentsHtml(segments: readonly Segment[]): Html {
  return raw(segmentsAsHtml(segments));
}

/** @param time RFC 3339, UTC */
export function moment(time: string): Html {
  return html`<time datetime="${time}">${utc(time)}</time>`;
}

export function number(value: number): string {
  return value.toLocaleString('en');
}
