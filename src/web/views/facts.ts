import { html } from 'hono/html';
import { effectWords } from '../../core/effect-words.ts';
import { duration } from '../../core/time-words.ts';
import type { ReviewView } from '../../guard/ports.ts';
import { moment } from './moment.ts';
import { revealed, type Html } from './segments.ts';
import { trust } from './trust.ts';

/** Where it would run, and whether it can be undone. */
export function whereSection(view: ReviewView): Html {
  const { card } = view;
  const effects = effectWords(card.effects);
  return html`<section aria-labelledby="where">
<h2 id="where">Where, and whether it can be undone</h2>
<dl class="facts">
<div><dt>Tool</dt><dd><code>${revealed(card.tool_name)}</code> on <b>${revealed(card.server)}</b>${card.tags.map((tag) => html` <span class="tag">${revealed(tag)}</span>`)}
${toolNote(view)}</dd></div>
${card.runs === undefined ? '' : html`<div><dt>Runs</dt><dd><code>${revealed(card.runs)}</code><span class="note">brought along by the client</span></dd></div>`}<div><dt>Effect</dt><dd><span class="effect ${effects.tone}">${effects.sentence}</span>${effects.more.length === 0 ? '' : html` It also says: ${effects.more.join('; ')}.`}
<span class="note">${card.effects === undefined ? 'So take it that it cannot.' : 'The server’s own claim; nobody has checked it.'}</span></dd></div>
</dl>
${description(view)}
</section>`;
}

function toolNote(view: ReviewView): Html | '' {
  const { card } = view;
  const names = [
    ...(card.title === undefined ? [] : [html`titled “${revealed(card.title)}”`]),
    ...(card.tool === card.tool_name
      ? []
      : [html`offered to the agent as <code>${revealed(card.tool)}</code>`]),
  ];
  if (names.length === 0) return '';
  return html`<span class="note">${names.map((name, index) => html`${index > 0 ? ', ' : ''}${name}`)}</span>`;
}

function description(view: ReviewView): Html | '' {
  if (view.card.description === undefined) return '';
  return html`<details class="about"><summary>What the server says about this tool</summary>
<p class="quote">${revealed(view.card.description)}</p></details>`;
}

/** Agent, owner and session, and how much each is to be believed. */
export function whoSection(view: ReviewView): Html {
  const { card } = view;
  return html`<section aria-labelledby="who">
<h2 id="who">Who asks</h2>
<dl class="facts">
<div><dt>Agent</dt><dd><b>${revealed(card.agent)}</b> for ${card.owner.name}
${card.identity === 'claimed' ? trust('claimed', 'name claimed by client configuration') : trust('verified', 'name authenticated')}</dd></div>
<div><dt>Owner</dt><dd><b>${card.owner.name}</b>
${trust('verified', 'as this workspace’s people.yaml says of the agent')}</dd></div>
${
  card.session === undefined
    ? ''
    : html`<div><dt>Session</dt><dd><code>${revealed(card.session)}</code>
${trust('verified', 'Placet’s own number of the connection')}</dd></div>`
}
</dl>
</section>`;
}

/** When it is over, and by what it is known. */
export function termSection(view: ReviewView, now: number): Html {
  const { request } = view;
  return html`<section aria-labelledby="term">
<h2 id="term">Expiry and digests</h2>
<dl class="facts">
<div><dt>Expires</dt><dd>${expiry(view, now)}</dd></div>
<div><dt>Action</dt><dd><code class="digest">${request.action_digest}</code></dd></div>
<div><dt>Card</dt><dd><code class="digest">${request.card_digest}</code></dd></div>
<div><dt>Tool as defined</dt><dd><code class="digest">${request.definition_sha256}</code></dd></div>
</dl>
</section>`;
}

function expiry(view: ReviewView, now: number): Html {
  const left = Date.parse(view.request.expires_at) - now;
  const at = moment(view.request.expires_at);
  if (view.request.phase.kind !== 'pending') return at;
  return left > 0
    ? html`in <b>${duration(left)}</b> <span class="note">${at}</span>`
    : html`expired <span class="note">${at}</span>`;
}
