import { html } from 'hono/html';
import type { Exception, ExceptionKind } from '../../../core/evidence.ts';
import type { ReportFacts } from '../facts.ts';
import { moment, number, revealed, type Html } from '../html.ts';
import { EXCEPTION_WORDS } from '../words.ts';

const LISTED = 60;
const CHANGES: ReadonlySet<ExceptionKind> = new Set([
  'policy_changed',
  'people_changed',
  'definition_changed',
  'definition_accepted',
  'key_changed',
  'agent_key',
  'reviewer_key',
]);

/** Who could decide when, and what changed of rules, people, tools and keys. */
export function accessSection(facts: ReportFacts): Html {
  const { access, exceptions } = facts;
  const changes = exceptions.filter(({ kind }) => CHANGES.has(kind));
  return html`<section aria-labelledby="access">
<h2 id="access">Who could decide</h2>
<p>Who was able to approve or reject, what, from when to when within the period, and by what they had to prove who they are. Nobody decides on the calls of an agent that acts for them. The whole list stands in <code>people/access.csv</code>.</p>
${access.length === 0 ? html`<p class="note">Nobody could decide on anything within the period.</p>` : accessTable(facts)}
${beyond(access.length, html`<code>people/access.csv</code>`)}
</section>
<section aria-labelledby="changes">
<h2 id="changes">What changed of rules, people, tools and keys</h2>
<p>The texts of rules as they stood lie in <code>rules/</code>, the people in <code>people/people.json</code>.</p>
${changes.length === 0 ? html`<p class="note">Nothing changed within the period.</p>` : changesTable(changes, facts.names)}
${beyond(changes.length, html`<code>exceptions.csv</code>`)}
</section>`;
}

function accessTable({ access, names }: ReportFacts): Html {
  return html`<table class="rows"><caption class="away">Who could decide</caption>
<thead><tr><th scope="col">Person</th><th scope="col">What</th><th scope="col">From</th><th scope="col">Until</th><th scope="col">Proven by</th></tr></thead>
<tbody>${access
    .slice(0, LISTED)
    .map(
      (each) =>
        html`<tr><td data-of="Person"><b>${revealed(names.get(each.person) ?? each.person)}</b></td><td data-of="What">${revealed(each.what)}</td><td data-of="From">${moment(each.from)}</td><td data-of="Until">${each.to === undefined ? 'the end' : moment(each.to)}</td><td data-of="Proven by">${revealed(each.verification)}</td></tr>`,
    )}</tbody></table>`;
}

function changesTable(changes: readonly Exception[], names: ReadonlyMap<string, string>): Html {
  return html`<table class="rows"><caption class="away">Changes</caption>
<thead><tr><th scope="col">When</th><th scope="col">Kind</th><th scope="col">What</th><th scope="col">Person</th><th scope="col" class="num">Entry</th></tr></thead>
<tbody>${changes
    .slice(0, LISTED)
    .map(
      (each) =>
        html`<tr><td data-of="When">${moment(each.at)}</td><td data-of="Kind">${EXCEPTION_WORDS[each.kind].title}</td><td data-of="What">${revealed(each.detail)}</td><td data-of="Person">${each.person === undefined ? '' : revealed(names.get(each.person) ?? each.person)}</td><td data-of="Entry" class="num">${each.seq}</td></tr>`,
    )}</tbody></table>`;
}

function beyond(count: number, where: Html): Html | '' {
  if (count <= LISTED) return '';
  return html`<p class="note">The first ${number(LISTED)} of ${number(count)}. The others stand in ${where}.</p>`;
}
