import { html } from 'hono/html';
import type { EvidenceReview } from '../../../core/evidence-review.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Examined } from '../../../core/evidence.ts';
import type { Problem } from '../../problems.ts';
import { moment } from '../moment.ts';
import type { Html } from '../segments.ts';
import { exceptionSection } from './evidence-exceptions.ts';
import { evidenceFigures } from './evidence-figures.ts';
import { periodChoice, periodTitle, type PeriodChoice } from './evidence-period.ts';
import { reviewForm, reviewsSection } from './evidence-review-section.ts';

export interface EvidencePage extends PeriodChoice {
  readonly examined: Examined;
  /** Newest first. */
  readonly reviews: readonly EvidenceReview[];
  /** Of people, by their ids. */
  readonly names: ReadonlyMap<string, string>;
  /** Who looks at it. */
  readonly holder: string;
  /** Kept from a form that was refused. */
  readonly reason: string;
  /** Where the bundle is taken away. */
  readonly bundleAt: string;
  /** What a passkey signs, where the person has one that can be used here. */
  readonly sign?: { readonly options: JsonObject; readonly proof: string };
  readonly problem?: Problem;
}

/** What the journal tells of a period, who looked at it, and the ways to take it away and to say that one did. */
export function evidenceMain(page: EvidencePage): Html {
  const { root, now, query, examined, names } = page;
  const { period, size, tally } = examined;
  const goesOn = Date.parse(period.to) > now;
  return html`<h1>Evidence</h1>
<p class="muted">What the journal tells of a period. It supports an auditor’s findings, and is none itself.</p>
${periodChoice(page)}
<section aria-labelledby="period"><h2 id="period">${periodTitle(period)}</h2>
<p class="note">From ${moment(period.from)} until before ${moment(period.to)}, as the first ${size.toLocaleString('en')} entries of the journal tell of it.</p>
${goesOn ? html`<p class="banner unsure">This period is not over: what is yet to come in it is not here.</p>` : ''}
${evidenceFigures(tally, names)}</section>
<section aria-labelledby="bundle"><h2 id="bundle">The bundle</h2>
<p>All of it for an auditor, who can check it without Placet: every call, a sample with proofs, people and rules as they stood, and <code>VERIFY.md</code>, which says how.</p>
<p><a class="button second" href="${page.bundleAt}" download>Download as .tar.gz</a></p>
<p class="note">It is made when you ask for it, which can take a minute. It may hold arguments of calls: keep it as carefully.</p></section>
${exceptionSection({ root, query, examined, names })}
${reviewsSection(page)}
${reviewForm(page)}`;
}
