import { escapedHtml, revealedHtml, segmentsAsHtml } from '../../core/reveal-html.ts';
import type { Segment } from '../../core/reveal.ts';
import { utc } from '../../core/time-words.ts';

/** A piece of HTML whose variable parts were escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | readonly Part[];

/** A template whose strings are escaped, and whose pieces of HTML stand as they are. Attributes have to be quoted. */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(template.map((text, index) => text + textOf(parts[index] ?? '')).join(''));
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escapedHtml(part);
  return typeof part === 'number' ? String(part) : part.map(textOf).join('');
}

/** What is HTML already, by our own hand. */
export function raw(text: string): Html {
  return new Html(text);
}

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

/** To the second. */
export function exactMoment(time: string): Html {
  const seconds = new Date(time).toISOString().slice(17, 19);
  return html`<time datetime="${time}">${utc(time).replace(' UTC', `:${seconds} UTC`)}</time>`;
}

export function number(value: number): string {
  return value.toLocaleString('en');
}
