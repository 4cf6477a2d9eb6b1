import { counted } from '../../../core/time-words.ts';
import type { PolicyVersion } from '../../bundle/versions.ts';
import type { ReportFacts } from '../facts.ts';
import { html, moment, number, revealed, type Html } from '../html.ts';
import { EXCEPTION_WORDS } from '../words.ts';

const LISTED = 60;

const TEXTS: Readonly<Record<PolicyVersion['texts'], string>> = {
  checked: 'in this bundle; checked against the version',
  absent: 'not kept at the time, so not in this bundle',
  changed: 'what is kept is something else, so it is left out',
};

/** Which rules and people were in force, and what changed of rules, people, tools and keys. */
export function changesSection({ policies, people, changes, names }: ReportFacts): Html {
  return html`<section aria-labelledby="changes">
<h2 id="changes">What was in force, and what changed</h2>
<h3>Rules</h3>
<table class="rows"><caption class="away">Rules in force</caption>
<thead><tr><th scope="col">From</th><th scope="col">Version</th><th scope="col" class="num">Rules</th><th scope="col">Their text</th><th scope="col" class="num">Entry</th></tr></thead>
<tbody>${policies.map(
    (each) =>
      html`<tr><td data-of="From">${moment(each.from)}</td><td data-of="Version"><code>${each.version.slice(0, 12)}</code></td><td data-of="Rules" class="num">${number(each.rules)}</td><td data-of="Their text">${TEXTS[each.texts]}</td><td data-of="Entry" class="num">${each.seq}</td></tr>`,
  )}</tbody></table>
<h3>People</h3>
<table class="rows"><caption class="away">People in force</caption>
<thead><tr><th scope="col">From</th><th scope="col">Version</th><th scope="col">Who</th><th scope="col" class="num">Entry</th></tr></thead>
<tbody>${people.map(
    (each) =>
      html`<tr><td data-of="From">${moment(each.from)}</td><td data-of="Version"><code>${each.version.slice(0, 12)}</code></td><td data-of="Who">${each.people === 1 ? '1 person' : `${number(each.people)} people`}, ${counted(each.agents, 'agent')}</td><td data-of="Entry" class="num">${each.seq}</td></tr>`,
  )}</tbody></table>
<h3>Changes within the period <span class="count">${number(changes.count)}</span></h3>
${
  changes.count === 0
    ? html`<p class="note">Nothing changed.</p>`
    : html`<table class="rows"><caption class="away">Changes</caption>
<thead><tr><th scope="col">When</th><th scope="col">Kind</th><th scope="col">What</th><th scope="col">Who</th><th scope="col" class="num">Entry</th></tr></thead>
<tbody>${changes.first
        .slice(0, LISTED)
        .map(
          (each) =>
            html`<tr><td data-of="When">${moment(each.at)}</td><td data-of="Kind">${EXCEPTION_WORDS[each.kind].title}</td><td data-of="What">${revealed(each.detail)}</td><td data-of="Who">${each.person === undefined ? '' : revealed(names.get(each.person) ?? each.person)}</td><td data-of="Entry" class="num">${each.seq}</td></tr>`,
        )}</tbody></table>`
}
${changes.count > LISTED ? html`<p class="note">The first ${number(LISTED)} of ${number(changes.count)}. The others stand in <code>exceptions.csv</code>.</p>` : ''}
</section>`;
}
