import { html } from 'hono/html';
import type { EvidenceReview } from '../../../core/evidence-review.ts';
import { wordsOf } from '../../../core/period.ts';
import { counted } from '../../../core/time-words.ts';
import { evidencePath } from '../../evidence-query.ts';
import { moment } from '../moment.ts';
import { needsScript, passkeyForm } from '../passkey-form.ts';
import { revealed, type Html } from '../segments.ts';
import type { EvidencePage } from './evidence-page.ts';
import { periodTitle } from './evidence-period.ts';

/** Pages stay light: the journal has them all. */
const SHOWN_MAX = 50;

/** Who looked at which period so far, newest first. */
export function reviewsSection(page: EvidencePage): Html {
  const { reviews } = page;
  return html`<section aria-labelledby="reviews"><h2 id="reviews">Reviews so far</h2>
${
  reviews.length === 0
    ? html`<p class="muted">Nobody has recorded a review yet.</p>`
    : html`<ul class="rows">${reviews.slice(0, SHOWN_MAX).map((review) => row(page, review))}</ul>`
}
${reviews.length > SHOWN_MAX ? html`<p class="note">${counted(reviews.length - SHOWN_MAX, 'older review')} in the journal.</p>` : ''}</section>`;
}

function row({ root, names, examined }: EvidencePage, review: EvidenceReview): Html {
  const { from, to } = review;
  const here = from === examined.period.from && to === examined.period.to;
  return html`<li><b>${revealed(names.get(review.reviewer) ?? review.reviewer)}</b> looked at <a href="${root}${evidencePath(wordsOf(review))}">${periodTitle(review)}</a> ${
    here
      ? review.exceptions_sha256 === examined.exceptions_sha256
        ? html`<span class="pill good">these exceptions</span>`
        : html`<span class="pill unsure">other exceptions than now</span>`
      : ''
  }
${review.reason === undefined ? '' : html`<p class="quote">${revealed(review.reason)}</p>`}
<span class="note">${moment(review.at)} · ${counted(review.exceptions, 'exception')} in the first ${review.size.toLocaleString('en')} entries · entry ${review.seq}</span>
<code class="digest">${review.exceptions_sha256}</code></li>`;
}

/** The form in which a person says that they looked, or why there is none. */
export function reviewForm(page: EvidencePage): Html {
  const { root, examined, sign, holder } = page;
  const count = counted(examined.exceptions, 'exception');
  return html`<section id="decision" class="decide" aria-labelledby="decide-title">
<h2 id="decide-title">Record a review</h2>
<p>You say that you looked at the ${count} of ${periodTitle(examined.period)}. That is evidence itself: it decides nothing.</p>
${
  sign === undefined
    ? html`<p class="obstacle">This takes a passkey that can be used here, and you have none. Ask whoever runs Placet for an invitation.</p>`
    : passkeyForm({
        action: `${root}console/evidence/review`,
        ...sign,
        label: 'Record a review',
        content: html`${reasonField(page)}
<p class="small">Your passkey signs the period, the number of exceptions and their digest.</p>${needsScript()}
<div class="buttons"><button type="submit" class="approve">I looked at ${examined.exceptions === 1 ? 'it' : 'them'}</button></div>`,
      })
}
<p class="muted small">It is recorded under your name, <strong>${holder}</strong>, and cannot be taken back.</p>
</section>`;
}

function reasonField({ reason, problem }: EvidencePage): Html {
  const wrong = problem?.code === 'reason_too_long';
  return html`<div class="field"><label for="reason">What you found <span class="muted">optional; it cannot be erased</span></label>
<textarea id="reason" name="reason" rows="2"${wrong ? html` aria-invalid="true"` : ''}>
${reason}</textarea></div>`;
}
