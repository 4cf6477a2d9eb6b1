import { html, number, revealed, type Html } from '../html.ts';
import { totalOf, type Bar } from './bars.ts';

export interface Series {
  readonly name: string;
  /** At the head of a column of numbers. */
  readonly short: string;
  /** The class of its shapes. */
  readonly kind: string;
}

export interface FigureWords {
  readonly title: string;
  /** A sentence under the title. */
  readonly note: string;
  /** What a row of the table is. */
  readonly of: string;
  readonly series: readonly Series[];
}

/** Rows of a table that stand one under another before the next ones go beside them. */
const ROWS_BESIDE = 16;

/** A chart with its table: who cannot see the one reads the other. */
export function figure(words: FigureWords, drawn: Html, rows: readonly Bar[]): Html {
  const many = rows.length > ROWS_BESIDE;
  return html`<figure${many ? html` class="many"` : ''}>
<figcaption><b>${words.title}</b> <span class="note">${words.note}</span></figcaption>
<div class="drawn">${drawn}
${words.series.length < 2 ? '' : html`<p class="legend">${words.series.map(({ name, kind }) => html`<span><i class="swatch ${kind}"></i>${name}</span>`)}</p>`}</div>
<div class="tables">${chunks(rows, many).map((chunk) => table(words, chunk))}</div>
</figure>`;
}

/** Where there was nothing to draw. */
export function emptyFigure({ title }: FigureWords, why: string): Html {
  return html`<figure><figcaption><b>${title}</b></figcaption><p class="note">${why}</p></figure>`;
}

function table({ of, series, title }: FigureWords, rows: readonly Bar[]): Html {
  const several = series.length > 1;
  return html`<table class="numbers"><caption class="away">${title}</caption>
<thead><tr><th scope="col">${of}</th>${series.map(({ short }) => html`<th scope="col" class="num">${short}</th>`)}${several ? html`<th scope="col" class="num">All</th>` : ''}</tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row">${revealed(row.name)}</th>${row.values.map((value) => html`<td class="num">${number(value)}</td>`)}${several ? html`<td class="num">${number(totalOf(row))}</td>` : ''}</tr>`)}</tbody></table>`;
}

function chunks(rows: readonly Bar[], many: boolean): readonly (readonly Bar[])[] {
  if (!many) return [rows];
  const size = Math.ceil(rows.length / 3);
  return [0, 1, 2]
    .map((third) => rows.slice(third * size, (third + 1) * size))
    .filter((each) => each.length > 0);
}
