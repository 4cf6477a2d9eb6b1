import { html } from 'hono/html';
import type { JsonObject } from '../../../core/json.ts';
import { duration } from '../../../core/time-words.ts';
import type { AcceptanceView } from '../../../guard/acceptance.ts';
import type { SignedOn } from '../../decision-ways.ts';
import type { Problem } from '../../problems.ts';
import { moment } from '../moment.ts';
import { needsScript, passkeyForm } from '../passkey-form.ts';
import { revealed, type Html } from '../segments.ts';

/** How somebody can accept the definition of a page now. */
export interface AcceptForm {
  readonly root: string;
  /** The sealed field. */
  readonly proof: string;
  /** What a passkey signs, where the person has one that can be used here. */
  readonly options?: JsonObject;
  /** Where a sign-on for this begins, where one would do. */
  readonly signOnAt?: string;
  readonly signedOn?: SignedOn;
  /** Kept from a form that was refused. */
  readonly reason: string;
  readonly problem?: Problem;
}

/** The end of a definition's page: the form, or why there is none. */
export function acceptSection(view: AcceptanceView, form: AcceptForm): Html {
  return html`<section id="decision" class="decide" aria-labelledby="decide-title">
<h2 id="decide-title">Accept this definition</h2>
<p>From then on it counts as seen. Calls of the tool meet the ordinary rules again; none is approved by this.</p>
${ways(view, form)}
<p class="muted small">It is recorded under your name, <strong>${view.person.name}</strong>, and cannot be taken back.</p>
</section>`;
}

function ways(view: AcceptanceView, form: AcceptForm): Html {
  const { signedOn, options, signOnAt } = form;
  if (signedOn) return signedOnForm(view, form, signedOn);
  if (options) {
    return html`${signedForm(view, form, options)}
${signOnAt === undefined ? '' : html`<p class="small otherwise">Or <a href="${signOnAt}">sign on with your account</a> and accept it then.</p>`}`;
  }
  if (signOnAt !== undefined) {
    return html`<p>You accept it with your account, signed on within the last ${duration(Math.max(60_000, view.max_age_ms))}.</p>
<p><a class="button approve" href="${signOnAt}">Sign on to accept</a></p>`;
  }
  return html`<p class="obstacle">${obstacle(view)}</p>`;
}

function obstacle(view: AcceptanceView): string {
  if (view.shown === undefined) return 'What cannot be shown cannot be accepted.';
  switch (view.asked) {
    case 'nobody':
      return 'The top-level review names nobody, so it is accepted by whoever approves a call of the tool.';
    case 'others':
      return 'The top-level reviewers accept it, and you are none of them.';
    case 'you':
      return view.demanded === 'passkey'
        ? 'This takes a passkey that can be used here, and you have none. Ask whoever runs Placet for an invitation.'
        : 'This takes a passkey or a sign-on, and you have neither. Ask whoever runs Placet for an invitation.';
  }
}

function signedForm(view: AcceptanceView, form: AcceptForm, options: JsonObject): Html {
  return passkeyForm({
    action: `${form.root}console/tools/accept`,
    options,
    proof: form.proof,
    content: html`${reasonField(view, form)}
<p class="small">Your passkey signs exactly this definition.</p>${needsScript()}
<div class="buttons"><button type="submit" class="approve">Accept with passkey</button></div>`,
  });
}

/** Enter in a field presses the first button, which is disabled, so that to accept takes a press of its own. */
function signedOnForm(view: AcceptanceView, form: AcceptForm, { receipt, sealed }: SignedOn): Html {
  const wrong = form.problem?.code === 'confirm_mismatch';
  return html`<form method="post" action="${form.root}console/tools/accept" autocomplete="off">
<button type="submit" disabled hidden></button>
<input type="hidden" name="proof" value="${form.proof}">
<input type="hidden" name="sign_on" value="${sealed}">
<p>Signed on at ${moment(receipt.auth_time)}.</p>
<div class="field"><label for="confirm">Type <code>${revealed(view.tool)}</code> to confirm</label>
<input id="confirm" name="confirm" type="text" required maxlength="500" autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" data-1p-ignore data-lpignore="true"${wrong ? html` aria-invalid="true"` : ''}></div>
${reasonField(view, form)}
<div class="buttons"><button type="submit" class="approve">Accept</button></div>
</form>`;
}

function reasonField(view: AcceptanceView, form: AcceptForm): Html {
  const required = view.reason === 'required';
  const wrong = ['reason_required', 'reason_too_long'].includes(form.problem?.code ?? '');
  return html`<div class="field"><label for="reason">Reason <span class="muted">${required ? 'required' : 'optional'}</span></label>
<textarea id="reason" name="reason" rows="2"${required ? html` required` : ''}${wrong ? html` aria-invalid="true"` : ''}>
${form.reason}</textarea></div>`;
}
