import { html } from 'hono/html';
import type { JsonObject } from '../../core/json.ts';
import type { Problem } from '../problems.ts';
import { layout } from './layout.ts';
import { moment } from './moment.ts';
import { needsScript } from './passkey-form.ts';
import type { Html } from './segments.ts';
import { problemBanner } from './sign-in-page.ts';

interface OfInvitation {
  readonly root: string;
  readonly token: string;
  /** Who was invited. */
  readonly name: string;
}

function enrolLayout(root: string, main: Html): Html {
  return layout({ title: 'Your passkey – Placet', root, console: true, main });
}

/** What an invitation's link opens: it asks for the code, which came by another way. */
export function codePage(
  page: OfInvitation & {
    readonly expiresAt?: string;
    readonly keyName?: string;
    /** Whether passkeys can work at this address. */
    readonly possible: boolean;
    readonly problem?: Problem;
  },
): Html {
  const wrong = page.problem?.code === 'code_wrong';
  return enrolLayout(
    page.root,
    html`${page.problem ? problemBanner(page.problem) : ''}
<section class="message door">
<p class="kicker">Invitation for ${page.name}</p>
<h1>Make your passkey</h1>
<p>With a passkey you sign each decision by your finger, your face or the PIN of your device. It stays on the device,
and only you can use it.</p>
${
  page.possible
    ? html`<form method="post" action="${page.root}enrol/${page.token}/begin" autocomplete="off">
<div class="field">
<label for="code">Code <span class="muted">from the person who invited you, not from the mail</span></label>
<input id="code" name="code" type="text" required maxlength="40" autocomplete="one-time-code" autocapitalize="characters" autocorrect="off" spellcheck="false"${wrong ? html` aria-invalid="true" aria-describedby="problem"` : ''}>
</div>
<div class="field">
<label for="name">A name for this passkey <span class="muted">such as “Phone”</span></label>
<input id="name" class="plain" name="name" type="text" required maxlength="60" value="${page.keyName ?? 'This device'}">
</div>
<p class="field"><button type="submit" class="approve wide">Continue</button></p>
</form>`
    : html`<p class="banner unsure">Passkeys do not work at an IP address. Ask whoever runs Placet to give this site a name (PLACET_PUBLIC_URL).</p>`
}
${page.expiresAt === undefined ? '' : html`<p class="note">The invitation holds until ${moment(page.expiresAt)}. Opening it uses nothing up.</p>`}
</section>`,
  );
}

/** The code was right: the browser may make the key. */
export function createKeyPage(
  page: OfInvitation & { readonly keyName: string; readonly options: JsonObject; readonly proof: string },
): Html {
  return enrolLayout(
    page.root,
    html`<section class="message door">
<p class="kicker">Invitation for ${page.name}</p>
<h1>One more step</h1>
<p>Press the button. Your device then asks you to make the passkey “${page.keyName}”.</p>
${createKeyForm({ action: `${page.root}enrol/${page.token}/complete`, options: page.options, proof: page.proof })}
</section>`,
  );
}

export function createKeyForm(form: {
  readonly action: string;
  readonly options: JsonObject;
  readonly proof: string;
}): Html {
  return html`<form method="post" action="${form.action}" autocomplete="off" data-passkey-create="${JSON.stringify(form.options)}">
<input type="hidden" name="proof" value="${form.proof}">
<input type="hidden" name="registration" value="">
<button type="submit" class="approve wide">Make the passkey</button>
</form>
${needsScript()}`;
}

export function enrolledPage(page: {
  readonly root: string;
  readonly name: string;
  readonly keyName: string;
}): Html {
  return enrolLayout(
    page.root,
    html`<section class="message door">
<p class="kicker">${page.name}</p>
<h1>Done</h1>
<p role="status">The passkey “${page.keyName}” is yours. From now on you approve with it: a link from a mail alone no longer
approves anything for you.</p>
<p><a class="button" href="${page.root}sign-in">Sign in with it</a></p>
</section>`,
  );
}
