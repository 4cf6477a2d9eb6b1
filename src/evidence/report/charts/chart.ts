import { escapedHtml } from '../../../core/reveal-html.ts';
import { revealedLine } from '../../../core/reveal.ts';
import { html, raw, type Html } from '../html.ts';

/** Units across, which are pixels where a chart is shown as large as it was meant. */
export const WIDTH = 420;

export interface ChartWords {
  /** Of the page, once. */
  readonly id: string;
  readonly title: string;
  /** What it shows, for who cannot see it; names in it are hostile. */
  readonly description: string;
}

/** A drawing that says what it is. @param shapes SVG of ours, with every text in it escaped */
export function chart({ id, title, description }: ChartWords, height: number, shapes: string): Html {
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${revealedLine(description)}</desc>
${raw(shapes)}</svg>`;
}

export function rectangle(kind: string, x: number, y: number, width: number, height: number): string {
  return `<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/>`;
}

export function label(
  text: string,
  x: number,
  y: number,
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escapedHtml(revealedLine(text))}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<path class="rule" d="M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}"/>`;
}

/** The least of 2, 4, 6, 8 or 10 times a power of ten that is not below `most`; half of it is a whole number. */
export function niceTop(most: number): number {
  for (let power = 1; ; power *= 10) {
    for (const step of [2, 4, 6, 8, 10]) {
      if (step * power >= most) return step * power;
    }
  }
}

/** The same bytes on every machine: no more than two decimals. */
function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
