import { html } from 'hono/html';
import { duration } from '../../core/time-words.ts';
import type { ReviewView } from '../../guard/ports.ts';
import type { Proving, Ways } from '../decision-ways.ts';
import type { Problem } from '../problems.ts';
import { unreadLinks } from './arguments.ts';
import { moment } from './moment.ts';
import { needsScript } from './passkey-form.ts';
import { revealed, type Html } from './segments.ts';

/** The id of the form that can approve. */
export const DECISION_FORM = 'decide';

export interface FormState {
  /** The page of the request; its forms post to `/decision` and `/reconcile` below. */
  readonly action: string;
  /** Where a sign-on for this begins. */
  readonly sign_on_at: string;
  /** What proves that the form was served here. */
  readonly proof: string;
  /** Kept from a form that was refused. What was typed to confirm is never kept. */
  readonly reason: string;
  /** Keys of the long arguments that were ticked as read. */
  readonly seen: readonly string[];
  readonly problem?: Problem;
}

export function decisionSection(view: ReviewView, form: FormState, ways: Ways): Html {
  const { main } = ways;
  return html`<section id="decision" class="decide" aria-labelledby="decide-title">
<h2 id="decide-title">Your decision</h2>
${view.solo ? html`<p>You are the only person here, and the agent acts for you: your approval is recorded as <b>solo</b>.</p>` : ''}
${obstacle(view, ways)}
${main?.approves ? unread(view, form) : ''}
${
  main
    ? decisionForm(view, form, { ...main, id: DECISION_FORM })
    : ways.sign_on
      ? html`${signOn(view, form, 'Sign on to decide')}${ways.typed_reject ? typedReject(view, form, 'Or reject by typing the tool’s name') : ''}`
      : ways.typed_reject
        ? decisionForm(view, form, {
            proving: { kind: 'typed' },
            approves: false,
            rejects: true,
            id: DECISION_FORM,
          })
        : ''
}
${main && ways.sign_on ? html`<p class="small otherwise">Or <a href="${form.sign_on_at}">sign on with your account</a> and decide then.</p>` : ''}
${main && ways.typed_reject ? typedReject(view, form, 'Reject without a passkey') : ''}
<p class="muted small">You decide as <strong>${view.reviewer.name}</strong>. It is recorded under your name and cannot be taken back.</p>
</section>`;
}

function obstacle(view: ReviewView, { obstacle: why, typed_reject }: Ways): Html | '' {
  if (why === undefined) return '';
  const needed = view.demanded === 'sso' ? 'a sign-on with your account' : 'a passkey';
  const sentences = {
    no_passkey: `To approve this you need ${needed}, and you have none yet. Ask whoever runs Placet for an invitation.`,
    no_site_for_passkeys:
      'To approve this you need a passkey, and passkeys do not work at an IP address. Ask whoever runs Placet to give this site a name.',
    no_sign_on:
      'To approve this you need a sign-on with your account, and none is set up here. Ask whoever runs Placet for an invitation to a passkey.',
    not_by_link:
      'This is decided from the link in your mail, or with a passkey. Ask whoever runs Placet for an invitation.',
    not_at_all: 'You cannot approve this.',
  };
  return html`<p class="obstacle">${sentences[why]}${typed_reject ? ' You can reject it here.' : ''}</p>`;
}

function unread(view: ReviewView, form: FormState): Html | '' {
  const links = unreadLinks(view.args, form.seen);
  if (links.length === 0) return '';
  return html`<p id="unread" class="obstacle">Before you approve, open and tick as read: ${links.map((link, index) => html`${index > 0 ? ', ' : ''}${link}`)}.</p>`;
}

function signOn(view: ReviewView, form: FormState, label: string): Html {
  return html`<p>You decide with your account, signed on within the last ${duration(Math.max(60_000, view.max_age_ms))}.</p>
<p><a class="button approve" href="${form.sign_on_at}">${label}</a></p>`;
}

function typedReject(view: ReviewView, form: FormState, label: string): Html {
  return html`<details class="otherwise"><summary>${label}</summary>
${decisionForm(view, form, { proving: { kind: 'typed' }, approves: false, rejects: true, id: 'reject' })}
</details>`;
}

interface FormKind {
  readonly proving: Proving;
  readonly approves: boolean;
  readonly rejects: boolean;
  readonly id: string;
}

/**
 * A form has no default button that does anything: Enter in a field presses the first button, which is disabled, so
 * a decision takes a press of its own.
 */
function decisionForm(view: ReviewView, form: FormState, kind: FormKind): Html {
  const { proving, id } = kind;
  const by = proving.kind === 'passkey' ? ' with passkey' : '';
  return html`<form id="${id}" method="post" action="${form.action}/decision" autocomplete="off"${passkeyData(proving)}>
<button type="submit" name="decision" value="" disabled hidden></button>
${hidden(form, proving)}
${proving.kind === 'passkey' ? '' : confirmField(view, form, id, kind.approves)}
${reasonField(form, id, view.reason === 'required')}
${proving.kind === 'passkey' ? html`<p class="small">Your passkey signs exactly this call and the button that you press.</p>${needsScript()}` : ''}
<div class="buttons">
${kind.rejects ? html`<button type="submit" class="reject" name="decision" value="reject">Reject${by}</button>` : ''}
${kind.approves ? html`<button type="submit" class="approve" name="decision" value="approve">Approve${by}</button>` : ''}
</div>
</form>`;
}

/** What a person says of an execution that nobody knows the outcome of. */
export function reconcileSection(view: ReviewView, form: FormState, ways: Ways): Html {
  const { main } = ways;
  return html`<section id="decision" class="decide" aria-labelledby="decide-title">
<h2 id="decide-title">Was it carried out?</h2>
<p>Nobody knows whether this call was carried out. Look where it would show, and say what you found.</p>
${ways.obstacle ? html`<p class="obstacle">This takes a passkey or a sign-on, and you have neither. Ask whoever runs Placet for an invitation.</p>` : ''}
${main ? reconcileForm(view, form, main.proving) : ways.sign_on ? signOn(view, form, 'Sign on to say it') : ''}
${main && ways.sign_on ? html`<p class="small otherwise">Or <a href="${form.sign_on_at}">sign on with your account</a> and say it then.</p>` : ''}
<p class="muted small">It is recorded under your name, <strong>${view.reviewer.name}</strong>. The call is not tried again.</p>
</section>`;
}

function reconcileForm(view: ReviewView, form: FormState, proving: Proving): Html {
  return html`<form id="reconcile" method="post" action="${form.action}/reconcile" autocomplete="off"${passkeyData(proving)}>
<button type="submit" name="outcome" value="" disabled hidden></button>
${hidden(form, proving)}
${proving.kind === 'passkey' ? '' : confirmField(view, form, 'reconcile', true)}
${reasonField(form, 'reconcile', true)}
${proving.kind === 'passkey' ? needsScript() : ''}
<div class="buttons">
<button type="submit" class="reject" name="outcome" value="not_done">It was not done</button>
<button type="submit" class="approve" name="outcome" value="done">It was done</button>
</div>
</form>`;
}

export function passkeyData(proving: Proving): Html | '' {
  if (proving.kind !== 'passkey') return '';
  return html` data-passkey-get="${JSON.stringify(proving.options)}"`;
}

export function hidden(form: FormState, proving: Proving): Html {
  return html`<input type="hidden" name="proof" value="${form.proof}">
${proving.kind === 'passkey' ? html`<input type="hidden" name="assertion" value="">` : ''}${
  proving.kind === 'signed_on'
    ? html`<input type="hidden" name="sign_on" value="${proving.signed_on.sealed}">
<p>Signed on at ${moment(proving.signed_on.receipt.auth_time)}.</p>`
    : ''
}`;
}

export function confirmField(view: ReviewView, form: FormState, id: string, either: boolean): Html {
  const wrong = form.problem?.code === 'confirm_mismatch';
  const field = id === DECISION_FORM ? 'confirm' : `${id}-confirm`;
  return html`<div class="field">
<label for="${field}">Type <code>${revealed(view.card.tool_name)}</code> to confirm${either ? ', whichever you decide' : ''}</label>
<input id="${field}" name="confirm" type="text" required maxlength="500" autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" data-1p-ignore data-lpignore="true"${wrong ? html` aria-invalid="true" aria-describedby="problem"` : ''}>
</div>`;
}

function reasonField(form: FormState, id: string, required: boolean): Html {
  const code = form.problem?.code;
  const wrong = code === 'reason_required' || code === 'reason_too_long';
  const field = id === DECISION_FORM ? 'reason' : `${id}-reason`;
  return html`<div class="field">
<label for="${field}">Reason <span class="muted">${required ? 'required' : 'optional'}</span></label>
<textarea id="${field}" name="reason" rows="2"${required ? html` required` : ''}${wrong ? html` aria-invalid="true" aria-describedby="problem"` : ''}>
${form.reason}</textarea>
</div>`;
}
