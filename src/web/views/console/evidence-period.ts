import { html } from 'hono/html';
import type { Period } from '../../../core/evidence.ts';
import { monthOf, quarterOf, wordsOf } from '../../../core/period.ts';
import { utc } from '../../../core/time-words.ts';
import { evidencePath, type EvidenceQuery } from '../../evidence-query.ts';
import type { Html } from '../segments.ts';

export interface PeriodChoice {
  readonly root: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly query: EvidenceQuery;
}

/** A period in words, its days or times in UTC. */
export function periodTitle(period: Period): string {
  const { first, last } = wordsOf(period);
  const words = (text: string) => (text.length === 10 ? day(text) : utc(text));
  return first === last ? words(first) : `${words(first)} to ${words(last)}`;
}

/** The ways to the evidence of other periods. */
export function periodChoice({ root, now, query }: PeriodChoice): Html {
  const usual: readonly (readonly [string, Period])[] = [
    ['Last month', monthOf(now, -1)],
    ['This month', monthOf(now)],
    ['Last quarter', quarterOf(now, -1)],
    ['This quarter', quarterOf(now)],
  ];
  const isShown = ({ from, to }: Period) => from === query.period.from && to === query.period.to;
  const own = !usual.some(([, period]) => isShown(period));
  return html`<nav class="periods" aria-label="Period"><ul>${usual.map(
    ([title, period]) =>
      html`<li><a href="${root}${evidencePath(wordsOf(period))}"${isShown(period) ? html` aria-current="true"` : ''}>${title}</a></li>`,
  )}</ul></nav>
${query.trouble === undefined ? '' : html`<p class="banner unsure" role="alert">${query.trouble}</p>`}
<details class="about"${own ? html` open` : ''}><summary>Own dates</summary>
<form class="filter" method="get" action="${root}console/evidence"><div class="grid">
<div><label for="from">From <span class="muted">UTC</span></label><input id="from" type="date" name="from" required value="${dayIn(query.first)}"></div>
<div><label for="to">To <span class="muted">UTC, that day included</span></label><input id="to" type="date" name="to" required value="${dayIn(query.last)}"></div>
</div><p class="field"><button type="submit">Show</button></p></form></details>`;
}

/** Where the evidence itself cannot be shown. */
export function unseenMain(choice: PeriodChoice | undefined): Html {
  return html`<h1>Evidence</h1>
${choice === undefined ? '' : periodChoice(choice)}`;
}

function dayIn(text: string): string {
  return text.slice(0, 10);
}

/** A day such as `30 Nov 2026`. */
function day(text: string): string {
  return utc(`${text}T00:00:00.000Z`).replace(/,.*$/, '');
}
