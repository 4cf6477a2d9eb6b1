import { html } from 'hono/html';
import { differenceWords } from '../../../core/difference-words.ts';
import type { JsonObject } from '../../../core/json.ts';
import { jsonLine } from '../../../core/json-line.ts';
import { revealedLine } from '../../../core/reveal.ts';
import { counted } from '../../../core/time-words.ts';
import type { AcceptanceView, ChangedDefinition } from '../../../guard/acceptance.ts';
import { differenceSection } from '../definition-difference.ts';
import { moment } from '../moment.ts';
import { revealed, type Html } from '../segments.ts';

/** Pages stay light: what is accepted makes room for the rest. */
const SHOWN_MAX = 100;
/** A definition of more indented characters than that is written on one line. */
const INDENTED_MAX = 256 * 1024;

/** The tools whose definitions nobody has accepted. */
export function toolsMain(root: string, changes: readonly ChangedDefinition[]): Html {
  return html`<h1>Tools</h1>
<p class="muted">A tool’s definition is pinned when its server is first seen. These came since, and nobody has accepted them.</p>
${
  changes.length === 0
    ? html`<p class="banner good" role="status">No change waits: every tool is as it was first seen, or as somebody has accepted it.</p>`
    : html`<ul class="cards">${changes.slice(0, SHOWN_MAX).map((change) => changeCard(root, change))}</ul>`
}
${changes.length > SHOWN_MAX ? html`<p class="note">${counted(changes.length - SHOWN_MAX, 'more change')} will be listed here as these are accepted.</p>` : ''}
<p class="note">To accept a definition says that you have looked at it. It approves no call.</p>`;
}

function changeCard(root: string, change: ChangedDefinition): Html {
  return html`<li class="card"><h2><a href="${root}console/tools/${change.id}"><code>${revealed(change.tool)}</code></a></h2>
<p class="line">on ${revealed(change.server)} <span class="tag ${change.kind === 'new' ? 'added' : 'changed'}">${change.kind}</span>${change.brought ? html` <span class="tag">brought along by a client</span>` : ''}</p>
${change.since === undefined ? html`<p class="line muted">given beside another one</p>` : html`<p class="line muted">since ${moment(change.since)}</p>`}</li>`;
}

/** One definition, with everything that a person needs in order to accept it. */
export function definitionMain(root: string, view: AcceptanceView, form: Html): Html {
  const { shown } = view;
  return html`<p class="kicker"><a href="${root}console/tools">Tools</a></p>
<h1><code>${revealed(view.tool)}</code> on <b>${revealed(view.server)}</b> ${view.kind === 'new' ? 'is new' : 'has changed'}</h1>
${view.since === undefined ? '' : html`<p class="muted byline">Since ${moment(view.since)}</p>`}
${
  shown === undefined
    ? html`<section class="banner bad" aria-label="Not shown"><p>The text of this definition is not kept, so it cannot be shown here, and not be accepted.</p></section>`
    : html`${lookTwice(shown)}
${differenceSection(shown.difference)}
${whole(shown.definition)}`
}
<section aria-labelledby="digest"><h2 id="digest">What is accepted</h2>
<dl class="facts">
<div><dt>Server</dt><dd><b>${revealed(view.server)}</b>${view.brought ? html`<span class="note">brought along by a client</span>` : ''}</dd></div>
<div><dt>Digest</dt><dd><code class="digest">${view.definition_sha256}</code><span class="note">over the definition and what runs it</span></dd></div>
</dl></section>
${form}`;
}

function lookTwice({ difference, hidden }: NonNullable<AcceptanceView['shown']>): Html {
  return html`<section class="banner unsure" aria-labelledby="look">
<h2 id="look">Look twice</h2>
<ul>${differenceWords(difference).map((sentence) => html`<li>${sentence}</li>`)}
${hidden.map(({ path, signs }) => html`<li>Not what it looks like: <code dir="ltr">${revealed(path)}</code> holds ${revealed(signs.join(', '))}</li>`)}</ul>
</section>`;
}

/** So that what is not listed, and what stands around a change, can be read as well. */
function whole(definition: JsonObject): Html {
  const indented = JSON.stringify(definition, undefined, 2);
  const text = indented.length <= INDENTED_MAX ? indented : jsonLine(definition);
  return html`<details class="about"><summary>The whole definition as it is now</summary>
<pre class="value file" dir="ltr" tabindex="0" aria-label="The whole definition">${text.split('\n').map((line, index) => html`${index > 0 ? '\n' : ''}${revealed(line)}`)}</pre></details>`;
}

/** For the title of its page. */
export function definitionTitle({ tool }: ChangedDefinition): string {
  return revealedLine(tool);
}
