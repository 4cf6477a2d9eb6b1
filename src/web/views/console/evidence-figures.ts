import { html } from 'hono/html';
import type { Tally } from '../../../core/evidence.ts';
import { VERIFIED_BY } from '../../../core/story-words.ts';
import { counted, duration } from '../../../core/time-words.ts';
import { revealed, type Html } from '../segments.ts';

/** Rows of a table; the rest is told together. */
const ROWS_MAX = 12;

const OUTCOMES: Readonly<Record<string, string>> = {
  succeeded: 'Done',
  failed: 'Failed',
  outcome_unknown: 'Outcome unknown',
  reconciled_done: 'Done, as a person found out',
  reconciled_not_done: 'Not done, as a person found out',
  denied: 'Denied by policy',
  rejected: 'Rejected',
  expired: 'Expired',
  cancelled: 'Cancelled',
  voided: 'Voided',
  pending: 'Waiting for people',
  under_way: 'Under way',
};

/** The figures of a period. Names of agents and tools are hostile text. */
export function evidenceFigures(tally: Tally, names: ReadonlyMap<string, string>): Html {
  const held = tally.by_verdict['review'] ?? 0;
  const decided = tally.time_to_decision;
  return html`<dl class="facts">
<div><dt>Calls</dt><dd>${tally.calls.toLocaleString('en')}${tally.carried > 0 ? html`<span class="note">${counted(tally.carried, 'of them')} begun before the period</span>` : ''}</dd></div>
<div><dt>Held</dt><dd>${held.toLocaleString('en')} for people to decide</dd></div>
<div><dt>Allowed</dt><dd>${(tally.by_verdict['allow'] ?? 0).toLocaleString('en')} by the policy</dd></div>
<div><dt>Denied</dt><dd>${(tally.by_verdict['deny'] ?? 0).toLocaleString('en')} by the policy</dd></div>
<div><dt>Decided</dt><dd>${decided === undefined ? 'nothing' : html`within ${duration(decided.median)} in the middle, ${duration(decided.p95)} for 95 of 100, ${duration(decided.most)} at the most<span class="note">from the request to its resolution by people, ${counted(decided.count, 'request')}</span>`}</dd></div>
</dl>
${table(
  'Outcomes',
  'Outcome',
  rows(tally.by_outcome, (name) => OUTCOMES[name] ?? name),
)}
${table('Tools', 'Tool', rows(tally.by_tool))}
${table('Agents', 'Agent', rows(tally.by_agent))}
${people(tally, names)}
${table('How decisions were verified', 'Verified by', rows(tally.by_verification, verifiedBy))}`;
}

type Row = readonly [name: string, count: number];

function rows(counts: Readonly<Record<string, number>>, title = (name: string) => name): readonly Row[] {
  return Object.entries(counts)
    .map(([name, count]): Row => [title(name), count])
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

function verifiedBy(name: string): string {
  return Object.hasOwn(VERIFIED_BY, name) ? VERIFIED_BY[name as keyof typeof VERIFIED_BY] : name;
}

function table(title: string, head: string, all: readonly Row[]): Html | '' {
  if (all.length === 0) return '';
  const most = Math.max(...all.map(([, count]) => count));
  const rest = all.slice(ROWS_MAX);
  const more = rest.reduce((sum, [, count]) => sum + count, 0);
  return html`<table class="figures"><caption>${title}</caption>
<thead><tr><th scope="col">${head}</th><th scope="col" class="number">Number</th><td></td></tr></thead>
<tbody>${all
    .slice(0, ROWS_MAX)
    .map(
      ([name, count]) =>
        html`<tr><th scope="row">${revealed(name)}</th><td class="number">${count.toLocaleString('en')}</td><td class="bar">${bar(count, most)}</td></tr>`,
    )}${rest.length === 0 ? '' : html`<tr><th scope="row">${rest.length.toLocaleString('en')} more</th><td class="number">${more.toLocaleString('en')}</td><td></td></tr>`}</tbody></table>`;
}

/** The number stands beside it. */
function bar(count: number, most: number): Html {
  const width = Math.max(1, Math.round((100 * count) / Math.max(1, most)));
  return html`<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="8"/></svg>`;
}

function people({ by_person }: Tally, names: ReadonlyMap<string, string>): Html | '' {
  const all = Object.entries(by_person).sort(
    ([a, x], [b, y]) => y.approve + y.reject - (x.approve + x.reject) || (a < b ? -1 : 1),
  );
  if (all.length === 0) return '';
  return html`<table class="figures"><caption>People</caption>
<thead><tr><th scope="col">Person</th><th scope="col" class="number">Approved</th><th scope="col" class="number">Rejected</th></tr></thead>
<tbody>${all.map(
    ([id, { approve, reject }]) =>
      html`<tr><th scope="row">${revealed(names.get(id) ?? id)}</th><td class="number">${approve.toLocaleString('en')}</td><td class="number">${reject.toLocaleString('en')}</td></tr>`,
  )}</tbody></table>`;
}
