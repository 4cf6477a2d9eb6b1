import { html } from 'hono/html';
import { cautions } from '../../core/cautions.ts';
import { isSettled } from '../../core/request.ts';
import { revealedLine } from '../../core/reveal.ts';
import { standing, type Standing } from '../../core/standing.ts';
import { utc } from '../../core/time-words.ts';
import type { ReviewView } from '../../guard/ports.ts';
import type { Problem } from '../problems.ts';
import { argumentsSection } from './arguments.ts';
import { decisionSection, type FormState } from './decision-section.ts';
import { decisionsSection, factsSection } from './facts.ts';
import { layout } from './layout.ts';
import { revealed, type Html } from './segments.ts';

export interface RequestPage {
  readonly view: ReviewView;
  readonly form: FormState;
  readonly root: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Everything a reviewer needs, in the order in which it is needed. */
export function requestPage(page: RequestPage): Html {
  const { view, form } = page;
  const { card, request } = view;
  const now = standing(request);
  const running = request.phase.kind !== 'pending' && !isSettled(request);
  return layout({
    title: `${revealedLine(card.tool_name)} – Placet`,
    root: page.root,
    ...(running ? { refresh: 5 } : {}),
    badge: html`<span class="pill ${view.state === 'open' ? 'waiting' : now.tone}">${view.state === 'open' ? 'Waiting for you' : now.title}</span>`,
    main: html`${form.problem ? problemBanner(form.problem, view.state === 'open') : ''}
${view.state === 'open' ? '' : standingBanner(view, now)}
${headline(view)}
${factsSection(view, page.now)}
${warnings(cautions(card, view.args))}
${argumentsSection(view.args)}
${decisionsSection(view)}
${view.state === 'open' ? decisionSection(view, form) : ''}`,
    foot: foot(view),
  });
}

function headline(view: ReviewView): Html {
  const { card } = view;
  if (card.summary === undefined) {
    return html`<h1><b>${revealed(card.agent)}</b> wants to run <code>${revealed(card.tool_name)}</code> on <b>${revealed(card.server)}</b></h1>`;
  }
  return html`<h1>${revealed(card.summary)}</h1>
<p class="muted byline">The tool’s own summary of this call to <code>${revealed(card.tool_name)}</code> on ${revealed(card.server)}</p>`;
}

function warnings(sentences: readonly string[]): Html | '' {
  if (sentences.length === 0) return '';
  return html`<section class="banner unsure" aria-label="Look twice">
<h2>Look twice</h2>
<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
</section>`;
}

function problemBanner(problem: Problem, open: boolean): Html {
  return html`<section class="banner bad" role="alert" id="problem">
<h2>${problem.title}</h2>
<p>${revealed(problem.detail)}${open ? html` <a href="#decision">To the form</a>` : ''}</p>
</section>`;
}

function standingBanner(view: ReviewView, now: Standing): Html {
  const own = view.decisions.find((decision) => decision.reviewer === view.reviewer.id);
  const verb = own?.decision === 'approve' ? 'approved' : 'rejected';
  const short = view.progress.reduce((sum, each) => sum + Math.max(0, each.quorum - each.approvals), 0);
  const waits =
    view.request.phase.kind === 'pending' && own?.decision === 'approve' && short > 0
      ? ' It waits for the approval of others.'
      : '';
  return html`<section class="banner ${now.tone}" role="status">
<h2>${own ? `You ${verb} this` : now.title}</h2>
<p>${own ? html`${utc(own.at)}. ` : ''}${revealed(waits === '' ? now.sentence : `Nothing has run.${waits}`)}</p>
</section>`;
}

function foot(view: ReviewView): Html {
  return html`<dl class="fine">
<div><dt>Request</dt><dd><code>${view.request.id}</code></dd></div>
<div><dt>Action digest</dt><dd><code>${view.request.action_digest}</code></dd></div>
<div><dt>Tool definition</dt><dd><code>${view.request.definition_sha256}</code></dd></div>
</dl>
<p>This link is for ${view.reviewer.name} alone. Do not pass it on.</p>`;
}
