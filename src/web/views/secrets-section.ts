import { html } from 'hono/html';
import { marksIn } from '../../core/secret-places.ts';
import { counted } from '../../core/time-words.ts';
import type { ReviewView } from '../../guard/ports.ts';
import type { Ways } from '../decision-ways.ts';
import { confirmField, hidden, passkeyData, type FormState } from './decision-section.ts';
import { needsScript } from './passkey-form.ts';
import type { Html } from './segments.ts';

/** What stands masked in the arguments, and how to have it shown, for who may. */
export function secretsSection(view: ReviewView, form: FormState, ways: Ways | undefined): Html | '' {
  const count = marksIn(view.args).length;
  if (count === 0) return '';
  return html`<section aria-labelledby="secrets">
<h2 id="secrets">Secrets</h2>
<p>${counted(count, 'value')} of this call ${count === 1 ? 'is' : 'are'} masked: a mark says what kind of secret stands in its place and about how long it is.${view.last_args === undefined ? '' : ' Whether a secret differs from that of an earlier call cannot be told.'}</p>
${ways ? revealForm(view, form, ways) : html`<p class="muted small">${whyNot(view)}</p>`}
</section>`;
}

function whyNot({ state, request }: ReviewView): string {
  if (state === 'open') return 'The rules of this call let nobody see them.';
  return request.phase.kind === 'pending'
    ? 'Only who may decide, and has not, may have them shown.'
    : 'They are not shown any more.';
}

function revealForm(view: ReviewView, form: FormState, { main, sign_on }: Ways): Html {
  const signOn = sign_on
    ? html`<p class="small otherwise">${main ? 'Or ' : ''}<a href="${form.sign_on_at}">sign on with your account</a> and have them shown then.</p>`
    : '';
  if (!main)
    return sign_on
      ? html`${signOn}`
      : html`<p class="muted small">To have them shown takes what an approval takes, and you have it not here.</p>`;
  const { proving } = main;
  return html`<details class="otherwise"><summary>Show them to me</summary>
<p class="small">They are shown once, on a page of their own, and it is recorded under your name that you saw them.</p>
<form id="reveal" method="post" action="${form.action}/reveal" autocomplete="off"${passkeyData(proving)}>
<button type="submit" name="reveal" value="" disabled hidden></button>
${hidden(form, proving)}
${proving.kind === 'passkey' ? needsScript() : confirmField(view, form, 'reveal', false)}
<div class="buttons">
<button type="submit" name="reveal" value="show">Show the secrets${proving.kind === 'passkey' ? ' with passkey' : ''}</button>
</div>
</form>
</details>
${signOn}`;
}
