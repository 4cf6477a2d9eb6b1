import { html } from 'hono/html';
import type { Passkey } from '../../../core/credentials.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Person } from '../../../core/person.ts';
import type { LiveSession } from '../../../reviewers/sessions.ts';
import type { LinkedAccount } from '../../../core/reviewer-access.ts';
import { createKeyForm } from '../enrol-page.ts';
import { moment } from '../moment.ts';
import { needsScript, passkeyForm } from '../passkey-form.ts';
import type { Html } from '../segments.ts';
import { accountsSection } from './account-page.ts';

interface SignedForm {
  readonly options: JsonObject;
  readonly proof: string;
}

export interface MePage {
  readonly root: string;
  readonly person: Person;
  readonly passkeys: readonly { readonly key: Passkey; readonly revoke?: SignedForm }[];
  /** What an existing key signs before one more is made; nothing where there is none, or none can work here. */
  readonly add?: SignedForm;
  /** Passkeys cannot work at this address. */
  readonly impossible: boolean;
  readonly sessions: readonly {
    readonly session: LiveSession;
    readonly own: boolean;
    readonly proof: string;
  }[];
  /** Nothing where no chat is set up in which people decide. */
  readonly accounts?: readonly { readonly account: LinkedAccount; readonly proof: string }[];
  /** The person's keys for programs. */
  readonly keys: Html;
  /** The form that ends all other sessions, where there are any. */
  readonly others?: string;
}

export function meMain(page: MePage): Html {
  const { person } = page;
  return html`<h1>${person.name}</h1>
<p class="muted">${person.id}${person.emails.map((address) => ` · ${address}`)}</p>
${passkeysSection(page)}
${page.accounts === undefined ? '' : accountsSection({ root: page.root, accounts: page.accounts })}
${page.keys}
${sessionsSection(page)}`;
}

function passkeysSection(page: MePage): Html {
  const active = page.passkeys.filter(({ key }) => !key.revoked).length;
  return html`<section aria-labelledby="passkeys"><h2 id="passkeys">Passkeys</h2>
${
  page.passkeys.length === 0
    ? html`<p>You have no passkey. Ask whoever runs Placet for an invitation: only by an invitation is the first one made.</p>`
    : html`<ul class="rows">${page.passkeys.map(({ key, revoke }) => passkeyRow(page, key, revoke, active === 1))}</ul>`
}
${page.passkeys.length > 0 && active === 0 ? html`<p class="banner unsure">You have no passkey that can be used, and a link alone approves nothing for someone who had one. Ask for an invitation; a second person has to approve it.</p>` : ''}
${active === 1 ? html`<p class="note">With one passkey you are locked out when its device is lost. Add another one.</p>` : ''}
${page.impossible ? html`<p class="note">Passkeys do not work at an IP address.</p>` : ''}
${
  page.add === undefined
    ? ''
    : html`<details class="about"><summary>Add a passkey</summary>
${passkeyForm({
  action: `${page.root}console/me/passkeys/begin`,
  ...page.add,
  label: 'Add a passkey',
  content: html`<div class="field"><label for="name">A name for the new passkey</label>
<input id="name" class="plain" name="name" type="text" required maxlength="60"></div>
<p class="field"><button type="submit">Continue with a passkey you have</button></p>`,
})}</details>`
}
${needsScript()}</section>`;
}

function passkeyRow(page: MePage, key: Passkey, revoke: SignedForm | undefined, last: boolean): Html {
  const { revoked } = key;
  return html`<li><b>${key.name}</b> ${revoked ? html`<span class="pill bad">Revoked</span>` : html`<span class="tag">${key.backed_up ? 'synced' : 'bound to one device'}</span>`}
<span class="note">Made ${moment(key.enrolled_at)}${key.used_at === undefined ? html`, not used since` : html`, last used ${moment(key.used_at)}`}</span>
${revoked ? html`<span class="note">Revoked ${moment(revoked.at)}: ${revoked.reason}</span>` : ''}
${
  revoke === undefined
    ? ''
    : html`<details class="about"><summary>Revoke “${key.name}”</summary>
${last ? html`<p class="banner unsure">This is your last passkey. Without one you cannot approve anything, by mail neither, until you are invited again and a second person approves that.</p>` : ''}
${passkeyForm({
  action: `${page.root}console/me/passkeys/revoke`,
  ...revoke,
  label: `Revoke ${key.name}`,
  content: html`<p class="field"><button type="submit" class="reject small">Revoke, signing with any passkey of yours</button></p>`,
})}</details>`
}</li>`;
}

function sessionsSection(page: MePage): Html {
  return html`<section aria-labelledby="sessions"><h2 id="sessions">Sessions</h2>
<p class="note">Where you are signed in. A session shows things and never decides.</p>
<ul class="rows">${page.sessions.map(
    ({
      session,
      own,
      proof,
    }) => html`<li><b>By ${session.verification === 'sso' ? 'single sign-on' : 'passkey'}</b>${own ? html` <span class="pill good">This one</span>` : ''}
<span class="note">Opened ${moment(session.opened_at)}, last used ${moment(session.used_at)}, ends ${moment(session.expires_at)}</span>
${own ? '' : revokeSession(page.root, proof, 'Revoke', `Revoke the session that was opened ${session.opened_at}`)}</li>`,
  )}</ul>
${page.others === undefined ? '' : revokeSession(page.root, page.others, 'Sign out everywhere else')}</section>`;
}

function revokeSession(root: string, proof: string, text: string, label = text): Html {
  return html`<form method="post" action="${root}console/me/sessions/revoke"><input type="hidden" name="proof" value="${proof}"><button type="submit" class="plain" aria-label="${label}">${text}</button></form>`;
}

/** A key of the person's has signed; now the browser makes the new one. */
export function addPasskeyMain(page: {
  readonly root: string;
  readonly keyName: string;
  readonly options: JsonObject;
  readonly proof: string;
}): Html {
  return html`<h1>Make “${page.keyName}”</h1>
<p>Press the button. Your device then asks you to make the new passkey.</p>
${createKeyForm({ action: `${page.root}console/me/passkeys`, options: page.options, proof: page.proof })}
<p><a href="${page.root}console/me">Back</a></p>`;
}
