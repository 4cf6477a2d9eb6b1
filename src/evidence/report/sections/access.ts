import { VERIFIED_BY } from '../../../core/story-words.ts';
import { counted } from '../../../core/time-words.ts';
import type { AccessPeriod } from '../../bundle/access.ts';
import type { ReportFacts } from '../facts.ts';
import { html, moment, number, revealed, type Html } from '../html.ts';

const LISTED = 80;

/** Who could decide, and by what they prove who they are. */
export function accessSection({ access, names }: ReportFacts): Html {
  const rules = access.filter(({ kind }) => kind === 'rule');
  const means = access.filter(({ kind }) => kind !== 'rule');
  return html`<section aria-labelledby="access">
<h2 id="access">Who could decide</h2>
<p>Whom the rules let approve or reject within the period, from when to when, and by what they had to prove who they are. Nobody decides on the calls of an agent that acts for them. All of it stands in <code>people/access.csv</code>.</p>
${rules.length === 0 ? html`<p class="note">No rule let anybody decide within the period.</p>` : table('Who could decide', 'Calls held by', rules, names)}
<h3>By what they can prove who they are</h3>
<p>Passkeys, accounts elsewhere and keys that were theirs within the period. A sign-on and a personal link need none of these.</p>
${means.length === 0 ? html`<p class="note">Nobody had any.</p>` : table('What people prove themselves by', 'What', means, names)}
</section>`;
}

function table(title: string, of: string, rows: readonly AccessPeriod[], names: ReportFacts['names']): Html {
  return html`<table class="rows"><caption class="away">${title}</caption>
<thead><tr><th scope="col">Person</th><th scope="col">${of}</th><th scope="col">From</th><th scope="col">Until</th><th scope="col">Proven by</th></tr></thead>
<tbody>${rows
    .slice(0, LISTED)
    .map(
      (each) =>
        html`<tr><td data-of="Person"><b>${revealed(names.get(each.person) ?? each.person)}</b></td><td data-of="${of}">${whatOf(each)}</td><td data-of="From">${moment(each.from)}<span class="note"> entry ${each.from_seq}</span></td><td data-of="Until">${each.to === undefined ? 'the end' : moment(each.to)}${each.to_seq === undefined ? '' : html`<span class="note"> entry ${each.to_seq}</span>`}</td><td data-of="Proven by">${each.verification.map((way) => VERIFIED_BY[way]).join(', or ')}</td></tr>`,
    )}</tbody></table>
${rows.length > LISTED ? html`<p class="note">The first ${number(LISTED)} of ${number(rows.length)}. The others stand in <code>people/access.csv</code>.</p>` : ''}`;
}

function whatOf({ kind, what, quorum }: AccessPeriod): Html {
  switch (kind) {
    case 'rule':
      return html`<b>${revealed(what)}</b>${quorum === undefined ? '' : html`<span class="note"> ${counted(quorum, 'approval')} needed</span>`}`;
    case 'passkey':
      return html`a passkey <code class="id">${revealed(what)}</code>`;
    case 'account':
      return html`a linked account <code class="id">${revealed(what)}</code>`;
    case 'api_key':
      return html`a key at the API <code class="id">${revealed(what)}</code>`;
  }
}
