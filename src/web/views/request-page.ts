import { html } from 'hono/html';
import { cautions } from '../../core/cautions.ts';
import { isSettled } from '../../core/request.ts';
import { revealedLine } from '../../core/reveal.ts';
import { standing, type Standing } from '../../core/standing.ts';
import type { Access, ReviewView } from '../../guard/ports.ts';
import type { Ways } from '../decision-ways.ts';
import type { Problem } from '../problems.ts';
import { argumentsSection, unreadLinks } from './arguments.ts';
import { DECISION_FORM, decisionSection, reconcileSection, type FormState } from './decision-section.ts';
import { differenceSection } from './definition-difference.ts';
import { termSection, whereSection, whoSection } from './facts.ts';
import { layout, type Layout } from './layout.ts';
import { moment } from './moment.ts';
import { historySection, ruleSection, saidSection } from './rule-section.ts';
import { secretsSection } from './secrets-section.ts';
import { revealed, type Html } from './segments.ts';

export interface RequestPage {
  readonly view: ReviewView;
  readonly access: Access['kind'];
  readonly form: FormState;
  /** How the person may decide; nothing where there is nothing to decide. */
  readonly decide?: Ways;
  readonly reconcile?: Ways;
  /** How the person may have secrets shown; nothing where they may not. */
  readonly reveal?: Ways;
  readonly story?: Html;
  /** The controls that it is evidence for, once it is decided. */
  readonly controls?: Html | '';
  readonly after?: Html;
  readonly root: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly frame: Partial<Omit<Layout, 'title' | 'root' | 'main'>>;
}

/** Everything a reviewer needs, in the order in which it is needed. */
export function requestPage(page: RequestPage): Html {
  const { view, form } = page;
  const { card, request } = view;
  const now = standing(request);
  const running = request.phase.kind !== 'pending' && !isSettled(request) && !form.problem;
  const approving = page.decide?.main?.approves === true;
  return layout({
    ...(running ? { refresh: 5 } : {}),
    badge: html`<span class="pill ${view.state === 'open' ? 'waiting' : now.tone}">${view.state === 'open' ? 'Waiting for you' : now.title}</span>`,
    foot: foot(page),
    ...page.frame,
    title: `${revealedLine(card.tool_name)} – Placet`,
    root: page.root,
    main: html`${form.problem ? problemBanner(form.problem, page) : ''}
${view.state === 'open' ? '' : standingBanner(view, now)}
${headline(view)}
${warnings(cautions(card, view.args))}
${whereSection(view)}
${card.difference === undefined ? '' : differenceSection(card.difference)}
${whoSection(view)}
${argumentsSection({
  args: view.args,
  seen: form.seen,
  ...(view.last_args === undefined ? {} : { last: view.last_args }),
  ...(approving ? { form: DECISION_FORM } : {}),
})}
${secretsSection(view, form, page.reveal)}
${ruleSection(view)}
${historySection(view)}
${termSection(view, page.now)}
${saidSection(view)}
${page.story ?? ''}
${page.controls ?? ''}
${page.after ?? ''}
${page.decide ? html`<p class="jump"><a href="#decision">To your decision</a></p>${decisionSection(view, form, page.decide)}` : ''}
${page.reconcile ? reconcileSection(view, form, page.reconcile) : ''}`,
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
  return html`<section class="banner unsure" aria-labelledby="look">
<h2 id="look">Look twice</h2>
<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
</section>`;
}

function problemBanner(problem: Problem, page: RequestPage): Html {
  const { view, form } = page;
  const unread = problem.code === 'not_read' ? unreadLinks(view.args, form.seen) : [];
  return html`<section class="banner bad" role="alert" id="problem">
<h2>${problem.title}</h2>
<p>${revealed(problem.detail)}${page.decide || page.reconcile ? html` <a href="#decision">To the form</a>` : ''}</p>
${unread.length === 0 ? '' : html`<p>Not ticked as read: ${unread.map((link, index) => html`${index > 0 ? ', ' : ''}${link}`)}.</p>`}
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
  const watching =
    view.state === 'watching' && view.request.phase.kind === 'pending' ? ' You were not asked.' : '';
  return html`<section class="banner ${now.tone}" role="status">
<h2>${own ? `You ${verb} this` : now.title}</h2>
<p>${own ? html`${moment(own.at)}. ` : ''}${revealed(waits === '' ? `${now.sentence}${watching}` : `Nothing has run.${waits}`)}</p>
</section>`;
}

function foot({ view, access }: RequestPage): Html {
  return html`<dl class="fine">
<div><dt>Request</dt><dd><code>${view.request.id}</code></dd></div>
</dl>
${access === 'link' ? html`<p>This link is for ${view.reviewer.name} alone. Do not pass it on.</p>` : ''}`;
}
