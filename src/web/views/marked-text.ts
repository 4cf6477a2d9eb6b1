import { html } from 'hono/html';
import { reveal, type Segment } from '../../core/reveal.ts';
import { segmentsHtml, type Html } from './segments.ts';

/** A stretch of a text, in UTF-16 code units. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Hostile text as HTML, with one stretch of it marked as come or gone. The text is made visible whole: what ends a
 * line, or stands in a row, does not do so in a part of it.
 */
export function markedText(text: string, { from, to }: Stretch, tag: 'ins' | 'del'): Html {
  const [before, rest] = splitAt(reveal(text), from);
  const [inside, after] = splitAt(rest, to - from);
  const marked =
    tag === 'ins' ? html`<ins>${segmentsHtml(inside)}</ins>` : html`<del>${segmentsHtml(inside)}</del>`;
  return html`${segmentsHtml(before)}${from === to ? '' : marked}${segmentsHtml(after)}`;
}

function splitAt(
  segments: readonly Segment[],
  at: number,
): readonly [readonly Segment[], readonly Segment[]] {
  const before: Segment[] = [];
  const after: Segment[] = [];
  let left = at;
  for (const segment of segments) {
    const size = sizeOf(segment);
    if (left >= size) before.push(segment);
    else if (left <= 0) after.push(segment);
    else {
      before.push(part(segment, 0, left));
      after.push(part(segment, left, size));
    }
    left -= size;
  }
  return [before, after];
}

function part(segment: Segment, from: number, to: number): Segment {
  if (segment.kind === 'text') return { kind: 'text', text: segment.text.slice(from, to) };
  return { ...segment, times: (to - from) / unitsOf(segment.codePoint) };
}

function sizeOf(segment: Segment): number {
  return segment.kind === 'text' ? segment.text.length : segment.times * unitsOf(segment.codePoint);
}

function unitsOf(codePoint: number): number {
  return codePoint > 0xffff ? 2 : 1;
}
