import { html } from 'hono/html';
import { EXCEPTION_KINDS, type Exception, type ExceptionKind } from '../../../core/evidence.ts';
import { counted } from '../../../core/time-words.ts';
import type { Examined } from '../../../core/evidence.ts';
import { evidencePath, rangeOf, type EvidenceQuery } from '../../evidence-query.ts';
import { moment } from '../moment.ts';
import { revealed, type Html } from '../segments.ts';

const KINDS: Readonly<Record<ExceptionKind, string>> = {
  denied: 'Denied by policy',
  expired: 'Expired',
  voided: 'Voided',
  outcome_unknown: 'Outcome unknown',
  reconciled: 'Outcome found out',
  solo_approval: 'Solo approval',
  self_approval_refused: 'Self-approval refused',
  verification_refused: 'Verification refused',
  notice_failed: 'Notice failed',
  escalated: 'Escalated',
  policy_changed: 'Policy changed',
  people_changed: 'People changed',
  definition_changed: 'Tool changed',
  definition_accepted: 'Tool accepted',
  key_changed: 'Log’s key changed',
  log_recovered: 'Log recovered',
  payload_erased: 'Erased',
  hold: 'Legal hold',
  secret_revealed: 'Secret revealed',
  agent_key: 'Agent’s key',
  reviewer_key: 'Person’s key',
};

export interface ExceptionList {
  readonly root: string;
  readonly query: EvidenceQuery;
  readonly examined: Examined;
  readonly names: ReadonlyMap<string, string>;
}

/** What was out of the ordinary, with the ways to the requests. */
export function exceptionSection(list: ExceptionList): Html {
  const { query, examined } = list;
  const { exceptions, listed, tally } = examined;
  const wanted = query.kind === undefined ? exceptions : (tally.exceptions[query.kind] ?? 0);
  const first = rangeOf(query).skip;
  return html`<section aria-labelledby="exceptions"><h2 id="exceptions">Exceptions</h2>
<p class="note">What was out of the ordinary in the period, in the order of the journal. Their digest: <code class="digest">${examined.exceptions_sha256}</code></p>
${exceptions === 0 ? html`<p class="banner good" role="status">Nothing was out of the ordinary.</p>` : kindsNav(list)}
${
  exceptions === 0
    ? ''
    : html`<p class="note" role="status">${listed.length === 0 ? 'No exception here.' : `${(first + 1).toLocaleString('en')} to ${(first + listed.length).toLocaleString('en')} of ${counted(wanted, 'exception')}`}</p>`
}
<ul class="rows">${listed.map((each) => row(list, each))}</ul>
${pager(list, first + listed.length < wanted)}</section>`;
}

function kindsNav({ root, query, examined: { exceptions, tally } }: ExceptionList): Html {
  const there = EXCEPTION_KINDS.map((kind) => [kind, tally.exceptions[kind] ?? 0] as const).filter(
    ([, count]) => count > 0,
  );
  const link = (title: string, count: number, kind?: ExceptionKind) =>
    html`<li><a href="${root}${evidencePath(query, kind === undefined ? {} : { kind })}#exceptions"${kind === query.kind ? html` aria-current="true"` : ''}>${title} <span class="count">${count.toLocaleString('en')}</span></a></li>`;
  return html`<nav class="periods" aria-label="Kinds of exceptions"><ul>${link('All', exceptions)}${there.map(
    ([kind, count]) => link(KINDS[kind], count, kind),
  )}</ul></nav>`;
}

function row({ root, names }: ExceptionList, each: Exception): Html {
  const { kind, detail, at, seq, request_id: request, agent, server, tool, person } = each;
  const about = [
    ...(agent === undefined ? [] : [html`${revealed(agent)} → `]),
    ...(tool === undefined ? [] : [html`<code>${revealed(tool)}</code>`]),
    ...(server === undefined ? [] : [html`${tool === undefined ? '' : ' on '}${revealed(server)}`]),
  ];
  return html`<li><span class="tag">${KINDS[kind]}</span> ${
    request === undefined
      ? about
      : html`<a href="${root}console/requests/${request}">${about.length === 0 ? 'The request' : about}</a>`
  }
<span class="line">${revealed(detail)}</span>
<span class="note">${moment(at)} · entry ${seq}${person === undefined ? '' : html` · ${revealed(names.get(person) ?? person)}`}</span></li>`;
}

function pager({ root, query }: ExceptionList, more: boolean): Html | '' {
  const { kind, page } = query;
  if (page === 1 && !more) return '';
  const at = (number: number) =>
    `${root}${evidencePath(query, { ...(kind === undefined ? {} : { kind }), page: number })}#exceptions`;
  return html`<nav class="pager" aria-label="Pages of the exceptions">${page > 1 ? html`<a rel="prev" href="${at(page - 1)}">← Earlier</a>` : html`<span></span>`}${more ? html`<a rel="next" href="${at(page + 1)}">Later →</a>` : ''}</nav>`;
}
