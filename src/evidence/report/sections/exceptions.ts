import { EXCEPTION_KINDS, type Exception, type ExceptionKind } from '../../../core/evidence.ts';
import type { Counted, ReportFacts } from '../facts.ts';
import { html, moment, number, revealed, type Html } from '../html.ts';
import { EXCEPTION_WORDS } from '../words.ts';

/** Of each kind so many are listed; all of them stand in the file beside. */
const LISTED = 25;

/** Everything that was out of the ordinary, by kind. */
export function exceptionsSection({ exceptions, names }: ReportFacts): Html {
  return html`<section aria-labelledby="exceptions">
<h2 id="exceptions">Exceptions</h2>
<p>What is out of the ordinary and worth a look. An exception is not a fault: that a rule denied a call, or that somebody’s own approval was refused, shows that a safeguard worked. All of them stand in <code>exceptions.csv</code>.</p>
<table class="numbers wide"><caption class="away">Exceptions by kind</caption>
<thead><tr><th scope="col">Kind</th><th scope="col">What it means</th><th scope="col" class="num">How many</th></tr></thead>
<tbody>${EXCEPTION_KINDS.map((kind) => {
    const count = exceptions.get(kind)?.count ?? 0;
    const { title, meaning } = EXCEPTION_WORDS[kind];
    return html`<tr${count === 0 ? html` class="none"` : ''}><th scope="row">${count === 0 ? title : html`<a href="#exceptions-${kind}">${title}</a>`}</th><td>${meaning}</td><td class="num">${number(count)}</td></tr>`;
  })}</tbody></table>
${EXCEPTION_KINDS.map((kind) => {
  const some = exceptions.get(kind);
  return some === undefined ? '' : ofKind(kind, some, names);
})}
</section>`;
}

function ofKind(
  kind: ExceptionKind,
  { count, first }: Counted<Exception>,
  names: ReportFacts['names'],
): Html {
  const { title } = EXCEPTION_WORDS[kind];
  const rows = first.slice(0, LISTED);
  const columns = COLUMNS.filter(({ has }) => rows.some(has));
  return html`<h3 id="exceptions-${kind}">${title} <span class="count">${number(count)}</span></h3>
<table class="rows"><caption class="away">${title}</caption>
<thead><tr>${columns.map(({ head }) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((each) => html`<tr>${columns.map(({ head, show }) => html`<td data-of="${head}">${show(each, names)}</td>`)}</tr>`)}</tbody></table>
${count > LISTED ? html`<p class="note">The first ${number(LISTED)} of ${number(count)}. The others stand in <code>exceptions.csv</code>, kind <code>${kind}</code>.</p>` : ''}`;
}

interface Column {
  readonly head: string;
  readonly has: (exception: Exception) => boolean;
  readonly show: (exception: Exception, names: ReportFacts['names']) => Html;
}

/** One that is empty for all of a kind is left out. */
const COLUMNS: readonly Column[] = [
  { head: 'When', has: () => true, show: ({ at }) => moment(at) },
  { head: 'What', has: () => true, show: ({ detail }) => revealed(detail) },
  {
    head: 'Call',
    has: ({ tool, agent, call_id }) => (tool ?? agent ?? call_id) !== undefined,
    show: callOf,
  },
  {
    head: 'Person',
    has: ({ person }) => person !== undefined,
    show: ({ person = '' }, names) => revealed(names.get(person) ?? person),
  },
  { head: 'Entry', has: () => true, show: ({ seq }) => html`${seq}` },
];

function callOf({ agent, server, tool, call_id }: Exception): Html {
  const what =
    tool === undefined
      ? ''
      : html`<b>${revealed(tool)}</b>${server === undefined ? '' : html` on ${revealed(server)}`}`;
  const who = agent === undefined ? '' : html` by ${revealed(agent)}`;
  const id = call_id === undefined ? '' : html`<code class="id">${revealed(call_id)}</code>`;
  return html`${what}${who}${id}`;
}
