import { html } from 'hono/html';
import type { People } from '../../../core/person.ts';
import { counted } from '../../../core/time-words.ts';
import { moment } from '../moment.ts';
import { revealed, type Html } from '../segments.ts';
import { checkpointSection, type LogView } from './checkpoint-section.ts';

/** The directory, read-only. */
export function peopleMain(
  directory: People,
  keysOf: (person: string) => { active: number; ever: boolean },
): Html {
  const nameOf = (id: string) => directory.people.find((person) => person.id === id)?.name ?? id;
  return html`<h1>People</h1>
<p class="muted">As <code>policies/people.yaml</code> names them. ${directory.solo ? 'There is one human, who may approve their own agents’ calls by passkey.' : ''}</p>
<ul class="rows">${directory.people.map((person) => {
    const { active, ever } = keysOf(person.id);
    return html`<li><b>${person.name}</b> <span class="tag">${person.id}</span> ${person.role === 'auditor' ? html`<span class="tag">auditor: reads everything, decides nothing</span> ` : ''}${active > 0 ? html`<span class="pill good">${counted(active, 'passkey')}</span>` : ever ? html`<span class="pill unsure">lost all passkeys</span>` : html`<span class="tag">no passkey</span>`}
<span class="note">${person.emails.join(', ')}</span>
${(person.sso ?? []).map(({ issuer, subject }) => html`<span class="note">Single sign-on: ${revealed(subject)} at ${revealed(issuer)}</span>`)}
${person.acts_for === undefined || person.acts_for.length === 0 ? '' : html`<span class="note">Acts for ${person.acts_for.map(nameOf).join(', ')}</span>`}</li>`;
  })}</ul>
<section aria-labelledby="groups"><h2 id="groups">Groups</h2>
<ul class="rows">${Object.entries(directory.groups).map(
    ([
      group,
      members,
    ]) => html`<li><b>${group}</b>${directory.group_claims?.[group] === undefined ? '' : html` <span class="tag">and “${directory.group_claims[group]}” at the identity provider</span>`}
<span class="note">${members.length === 0 ? 'Nobody' : members.map(nameOf).join(', ')}</span></li>`,
  )}</ul></section>
<section aria-labelledby="agents"><h2 id="agents">Agents</h2>
<ul class="rows">${directory.agents.map(
    (agent) =>
      html`<li><b>${revealed(agent.id)}</b> <span class="note">for ${nameOf(agent.owner)}; ${counted(agent.max_pending ?? 20, 'request')} may be pending at once</span></li>`,
  )}</ul></section>`;
}

/** The policy as it is written, read-only. */
export function rulesMain(policy: {
  readonly version: string;
  readonly files: readonly { readonly file: string; readonly text: string }[];
  readonly problems: readonly string[];
}): Html {
  return html`<h1>Rules</h1>
<p class="muted">In force: version <code>${policy.version}</code></p>
${
  policy.problems.length === 0
    ? html`<p class="banner good" role="status">Every file loads, and every rule can be satisfied.</p>`
    : html`<section class="banner unsure" aria-label="What is wrong"><h2>What is wrong</h2><ul>${policy.problems.map((problem) => html`<li>${revealed(problem)}</li>`)}</ul></section>`
}
${policy.files.map(
  (
    { file, text },
    index,
  ) => html`<section aria-labelledby="file-${index}"><h2 id="file-${index}"><code>${file}</code></h2>
<pre class="value file" tabindex="0" aria-labelledby="file-${index}">${lines(shortened(text))}</pre></section>`,
)}`;
}

/** Pages stay light: what is longer is read in the workspace. */
const FILE_MAX = 12_000;

/** Lines stay lines; whatever else would not be seen is marked. */
function lines(text: string): Html {
  return html`${text.split('\n').map((line, index) => html`${index > 0 ? '\n' : ''}${revealed(line)}`)}`;
}

function shortened(text: string): string {
  if (text.length <= FILE_MAX) return text;
  return `${text.slice(0, FILE_MAX)}\n… ${counted(text.length - FILE_MAX, 'more character')}: read the file itself.`;
}

/** The state of the journal, read-only. */
export function journalMain(journal: {
  readonly entries: number;
  readonly opened_at?: string;
  readonly trouble?: string;
  readonly requests: number;
  readonly log: LogView;
}): Html {
  return html`<h1>Journal</h1>
<p class="muted">The append-only log, in which every request, decision and execution stands.</p>
${
  journal.trouble === undefined
    ? html`<p class="banner good" role="status">It is written and synced. What cannot be recorded does not run.</p>`
    : html`<section class="banner bad" role="alert"><h2>It cannot be written</h2><p>${revealed(journal.trouble)}</p></section>`
}
<dl class="facts">
<div><dt>Entries</dt><dd>${journal.entries.toLocaleString('en')}</dd></div>
<div><dt>Requests</dt><dd>${journal.requests.toLocaleString('en')} in the history</dd></div>
${journal.opened_at === undefined ? '' : html`<div><dt>Opened</dt><dd>${moment(journal.opened_at)}</dd></div>`}
</dl>
${checkpointSection(journal.log)}
<p class="note">To check it whole, run <code>placet log verify</code> in the workspace.</p>`;
}
