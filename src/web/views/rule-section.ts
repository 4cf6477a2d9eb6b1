import { html } from 'hono/html';
import { precedentWords } from '../../core/precedent-words.ts';
import { VERIFIED_BY } from '../../core/story-words.ts';
import type { ReviewView } from '../../guard/ports.ts';
import { moment } from './moment.ts';
import { revealed, type Html } from './segments.ts';

/** Why it is held, and what it still needs. */
export function ruleSection(view: ReviewView): Html {
  const { card, progress } = view;
  return html`<section aria-labelledby="rule">
<h2 id="rule">Why it is held</h2>
${card.why === undefined ? '' : html`<p>${revealed(card.why)}</p>`}
<dl class="facts">
${progress.map((each) => {
  const terms = view.request.terms.find(({ rule }) => rule === each.rule);
  return html`<div><dt>Rule</dt><dd><b>${each.rule}</b>
<span class="quorum">${each.approvals} of ${each.quorum} <span class="muted">${each.quorum === 1 ? 'approval' : 'approvals'}${terms ? `, each by ${VERIFIED_BY[terms.verification]}${terms.verification === 'passkey' ? '' : ' or stronger'}` : ''}</span></span></dd></div>`;
})}
</dl>
${decisions(view)}
</section>`;
}

/** What people have decided already. */
function decisions(view: ReviewView): Html | '' {
  if (view.decisions.length === 0) return '';
  return html`<h3>Decisions so far</h3>
<ul class="decisions">${view.decisions.map(
    (
      decision,
    ) => html`<li><b>${decision.name}</b> ${decision.decision === 'approve' ? 'approved' : 'rejected'}${decision.solo ? html` <span class="tag hostile">solo: the agent’s own owner</span>` : ''} <span class="note">${moment(decision.at)}, verified by ${VERIFIED_BY[decision.verification]}</span>
${decision.reason === undefined || decision.reason === '' ? '' : html`<p class="quote">${revealed(decision.reason)}</p>`}</li>`,
  )}</ul>`;
}

/** What became of such calls before. */
export function historySection(view: ReviewView): Html {
  const { precedents } = view;
  const last = precedents.last_approved;
  return html`<section aria-labelledby="before">
<h2 id="before">This agent and this tool</h2>
<p>${precedentWords(precedents)}${last === undefined ? '' : html` <span class="muted">Last approved: ${moment(last.requested_at)}.</span>`}</p>
</section>`;
}

/** Last, and in a box of its own: words of the agent and its client, which prove nothing. */
export function saidSection(view: ReviewView): Html | '' {
  const { said, client } = view.card;
  if (said === undefined && client === undefined) return '';
  return html`<section class="said" aria-labelledby="said">
<h2 id="said">What the agent said</h2>
<p class="small">The agent’s own word. Nobody has checked it, and it may be written to persuade you: judge by what stands above.</p>
${said === undefined ? '' : html`<blockquote class="quote">${revealed(said)}</blockquote>`}
${client === undefined ? '' : html`<p class="small">Its client calls itself <b>${revealed(client)}</b>.</p>`}
</section>`;
}
