import { html } from 'hono/html';
import type { JsonObject } from '../../core/json.ts';
import type { Html } from './segments.ts';

/** A form that is sent once a passkey has signed what it stands for. */
export interface PasskeyForm {
  readonly action: string;
  /** PublicKeyCredentialRequestOptionsJSON. */
  readonly options: JsonObject;
  /** The sealed field. */
  readonly proof: string;
  /** What stands in the form, its button among it. */
  readonly content: Html;
  readonly label?: string;
}

export function passkeyForm(form: PasskeyForm): Html {
  return html`<form method="post" action="${form.action}" autocomplete="off" data-passkey-get="${JSON.stringify({ '*': form.options })}"${form.label === undefined ? '' : html` aria-label="${form.label}"`}>
<input type="hidden" name="proof" value="${form.proof}">
<input type="hidden" name="assertion" value="">
${form.content}
</form>`;
}

/** Said where the page's script does not run. */
export function needsScript(): Html {
  return html`<noscript><p class="note">A passkey needs the script of this page, which your browser does not run.</p></noscript>`;
}
