import { html, raw } from 'hono/html';
import { segmentsAsHtml } from '../../core/reveal-html.ts';
import { reveal, type Segment } from '../../core/reveal.ts';

/** A piece of HTML whose variable parts were escaped. */
export type Html = ReturnType<typeof html>;

/** Hostile text as HTML: escaped, with everything that would not be seen drawn as a mark. */
export function revealed(text: string): Html {
  return segmentsHtml(reveal(text));
}

/** By plain strings: a megabyte of short lines is half a million segments, for which templates take seconds. */
export function segmentsHtml(segments: readonly Segment[]): Html {
  return raw(segmentsAsHtml(segments));
}
