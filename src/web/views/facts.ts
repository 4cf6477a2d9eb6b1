import { html } from 'hono/html';
import { duration, utc } from '../../core/time-words.ts';
import type { ReviewView } from '../../guard/ports.ts';
import { revealed, type Html } from './segments.ts';

/** Who asks, what runs, how long there is, and who else has to agree. */
export function factsSection(view: ReviewView, now: number): Html {
  const { card } = view;
  return html`<dl class="facts">
<div><dt>Agent</dt><dd><b>${revealed(card.agent)}</b> for ${card.owner.name}
<span class="note">${card.identity === 'claimed' ? 'name claimed by client configuration' : 'name authenticated'}${card.client === undefined ? '' : html`; the client calls itself ${revealed(card.client)}`}</span></dd></div>
<div><dt>Tool</dt><dd><code>${revealed(card.tool_name)}</code> on ${revealed(card.server)}${card.tags.map((tag) => html` <span class="tag">${revealed(tag)}</span>`)}
${toolNote(view)}</dd></div>
${card.runs === undefined ? '' : html`<div><dt>Runs</dt><dd><code>${revealed(card.runs)}</code><span class="note">brought along by the client</span></dd></div>`}<div><dt>Expires</dt><dd>${expiry(view, now)}</dd></div>
<div><dt>Approvals</dt><dd>${view.progress.map((each) => html`<span class="quorum">${each.approvals} of ${each.quorum} <span class="note">rule ${each.rule}</span></span>`)}</dd></div>
</dl>
${description(view)}`;
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

function expiry(view: ReviewView, now: number): Html {
  const left = Date.parse(view.request.expires_at) - now;
  const pending = view.request.phase.kind === 'pending';
  if (!pending) return html`${utc(view.request.expires_at)}`;
  return left > 0
    ? html`in <b>${duration(left)}</b> <span class="note">${utc(view.request.expires_at)}</span>`
    : html`expired <span class="note">${utc(view.request.expires_at)}</span>`;
}

function description(view: ReviewView): Html | '' {
  if (view.card.description === undefined) return '';
  return html`<details class="about"><summary>What the server says about this tool</summary>
<p class="quote">${revealed(view.card.description)}</p></details>`;
}

/** What others have decided already. */
export function decisionsSection(view: ReviewView): Html | '' {
  if (view.decisions.length === 0) return '';
  return html`<section aria-labelledby="decisions">
<h2 id="decisions">Decisions so far</h2>
<ul class="decisions">${view.decisions.map(
    (
      decision,
    ) => html`<li><b>${decision.name}</b> ${decision.decision === 'approve' ? 'approved' : 'rejected'} <span class="note">${utc(decision.at)}, verified by ${decision.verification}</span>
${decision.reason === undefined || decision.reason === '' ? '' : html`<p class="quote">${revealed(decision.reason)}</p>`}</li>`,
  )}</ul>
</section>`;
}
