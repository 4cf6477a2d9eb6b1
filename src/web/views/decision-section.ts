import { html } from 'hono/html';
import type { ReviewView } from '../../guard/ports.ts';
import type { Problem } from '../problems.ts';
import { revealed, type Html } from './segments.ts';

export interface FormState {
  /** Where the form posts to, and what proves that it was served here. */
  readonly action: string;
  readonly proof: string;
  /** Kept from a form that was refused. What was typed to confirm is never kept. */
  readonly reason: string;
  readonly problem?: Problem;
}

/**
 * The form. It has no default button that does anything: Enter in the field presses the first button, which is
 * disabled, so a decision takes a press of its own.
 */
export function decisionSection(view: ReviewView, form: FormState): Html {
  const { problem } = form;
  const confirmWrong = problem?.code === 'confirm_mismatch';
  const reasonWrong = problem?.code === 'reason_required' || problem?.code === 'reason_too_long';
  const required = view.reason === 'required';
  return html`<section id="decision" class="decide" aria-labelledby="decide-title">
<h2 id="decide-title">Your decision</h2>
<form method="post" action="${form.action}" autocomplete="off">
<button type="submit" name="decision" value="" disabled hidden></button>
<input type="hidden" name="proof" value="${form.proof}">
<div class="field">
<label for="confirm">Type <code>${revealed(view.card.tool_name)}</code> to confirm, whichever you decide</label>
<input id="confirm" name="confirm" type="text" required maxlength="500" autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" data-1p-ignore data-lpignore="true"${confirmWrong ? html` aria-invalid="true" aria-describedby="problem"` : ''}>
</div>
<div class="field">
<label for="reason">Reason <span class="muted">${required ? 'required by a rule' : 'optional'}</span></label>
<textarea id="reason" name="reason" rows="2"${required ? html` required` : ''}${reasonWrong ? html` aria-invalid="true" aria-describedby="problem"` : ''}>
${form.reason}</textarea>
</div>
<div class="buttons">
<button type="submit" class="reject" name="decision" value="reject">Reject</button>
<button type="submit" class="approve" name="decision" value="approve">Approve</button>
</div>
<p class="muted small">You decide as <strong>${view.reviewer.name}</strong>. It is recorded under your name and cannot be taken back.</p>
</form>
</section>`;
}
