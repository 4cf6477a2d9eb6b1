import { html } from 'hono/html';
import type { HistoryItem, HistoryOutcome, HistoryPage } from '../../../core/history.ts';
import { counted } from '../../../core/time-words.ts';
import { moment } from '../moment.ts';
import { revealed, type Html } from '../segments.ts';

/** What was looked for, as the form shows it again. */
export interface HistoryFilter {
  readonly text: string;
  readonly agent: string;
  readonly tool: string;
  readonly person: string;
  readonly outcome: string;
  readonly from: string;
  readonly to: string;
}

export interface HistoryView {
  readonly root: string;
  readonly filter: HistoryFilter;
  readonly found: HistoryPage;
  /** Which one of the pages, from 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly agents: readonly string[];
  /** An auditor looks, who sees them all. */
  readonly everybodys: boolean;
  /** What could not be understood of the filter. */
  readonly trouble?: string;
}

export const OUTCOMES: Readonly<Record<HistoryOutcome, readonly [title: string, tone: string]>> = {
  pending: ['Pending', 'waiting'],
  approved: ['Approved', 'waiting'],
  succeeded: ['Done', 'good'],
  failed: ['Failed', 'bad'],
  outcome_unknown: ['Outcome unknown', 'unsure'],
  rejected: ['Rejected', 'bad'],
  expired: ['Expired', ''],
  cancelled: ['Cancelled', ''],
  voided: ['Voided', ''],
};

export function historyMain(view: HistoryView): Html {
  const { found, page, pageSize } = view;
  const first = (page - 1) * pageSize + 1;
  const last = first + found.items.length - 1;
  return html`<h1>History</h1>
<p class="muted">${view.everybodys ? 'All requests: you are an auditor.' : 'Requests that you were asked about, and those of your own agents.'}</p>
${filterForm(view)}
${view.trouble === undefined ? '' : html`<p class="banner unsure" role="alert">${view.trouble}</p>`}
<p class="note" role="status">${
    found.items.length === 0
      ? 'No request matches.'
      : `${first.toLocaleString('en')} to ${last.toLocaleString('en')} of ${counted(found.total, 'request')}, newest first`
  }</p>
<ul class="rows">${found.items.map((item) => row(view, item))}</ul>
${pager(view, last)}`;
}

function filterForm({ root, filter, people, agents }: HistoryView): Html {
  const narrowed = Object.entries(filter).some(([name, value]) => name !== 'text' && value !== '');
  return html`<form class="filter" method="get" action="${root}console/requests" role="search">
<div class="search"><label for="text" class="unseen">Search</label>
<input id="text" class="plain" type="search" name="text" value="${filter.text}" maxlength="200" placeholder="Agent, tool, server, rule, id"><button type="submit">Search</button></div>
<details${narrowed ? html` open` : ''}><summary>Filters</summary><div class="grid">
<div><label for="agent">Agent</label><input id="agent" class="plain" type="text" name="agent" value="${filter.agent}" list="agents" maxlength="200"><datalist id="agents">${agents.map((agent) => html`<option value="${agent}">`)}</datalist></div>
<div><label for="tool">Tool</label><input id="tool" class="plain" type="text" name="tool" value="${filter.tool}" maxlength="200"></div>
<div><label for="person">Person</label><select id="person" name="person"><option value="">Anyone</option>${people.map(
    ({ id, name }) =>
      html`<option value="${id}"${id === filter.person ? html` selected` : ''}>${name}</option>`,
  )}</select></div>
<div><label for="outcome">Outcome</label><select id="outcome" name="outcome"><option value="">Any</option>${Object.entries(
    OUTCOMES,
  ).map(
    ([value, [title]]) =>
      html`<option value="${value}"${value === filter.outcome ? html` selected` : ''}>${title}</option>`,
  )}</select></div>
<div><label for="from">From <span class="muted">UTC</span></label><input id="from" class="plain" type="date" name="from" value="${filter.from}"></div>
<div><label for="to">To <span class="muted">UTC</span></label><input id="to" class="plain" type="date" name="to" value="${filter.to}"></div>
</div><p class="field"><button type="submit">Apply</button> <a href="${root}console/requests">Clear</a></p></details>
</form>`;
}

function row({ root }: HistoryView, item: HistoryItem): Html {
  const [title, tone] = OUTCOMES[item.outcome];
  return html`<li><a href="${root}console/requests/${item.id}"><b>${revealed(item.agent)}</b> → <code>${revealed(item.tool)}</code></a>
<span class="pill ${tone}">${title}</span>
<span class="note">${moment(item.requested_at)} on ${revealed(item.server)}</span></li>`;
}

function pager(view: HistoryView, last: number): Html | '' {
  const newer = view.page > 1 ? pageLink(view, view.page - 1) : undefined;
  const older =
    last < view.found.total && view.found.items.length > 0 ? pageLink(view, view.page + 1) : undefined;
  if (newer === undefined && older === undefined) return '';
  return html`<nav class="pager" aria-label="Pages of the history">${newer === undefined ? html`<span></span>` : html`<a rel="prev" href="${newer}">← Newer</a>`}${older === undefined ? '' : html`<a rel="next" href="${older}">Older →</a>`}</nav>`;
}

function pageLink({ root, filter }: HistoryView, page: number): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''));
  if (page > 1) query.set('page', String(page));
  const text = query.toString();
  return `${root}console/requests${text === '' ? '' : `?${text}`}`;
}
