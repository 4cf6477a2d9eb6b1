import { html } from 'hono/html';
import type { JsonObject } from '../../../core/json.ts';
import type { ReviewerKey } from '../../../core/reviewer-access.ts';
import type { ApiKeyState, MadeApiKey } from '../../../reviewers/api-keys.ts';
import { moment } from '../moment.ts';
import { needsScript, passkeyForm } from '../passkey-form.ts';
import type { Html } from '../segments.ts';

export const LIFETIMES = [30, 90, 365] as const;
export type Lifetime = (typeof LIFETIMES)[number];

/** A key as its owner wants it. */
export interface WantedKey {
  readonly name: string;
  readonly scope: ReviewerKey['scope'];
  readonly days: Lifetime;
}

export const SCOPES: Readonly<Record<ReviewerKey['scope'], string>> = {
  read: 'reads',
  decide: 'reads, and decides where a rule admits it',
};

export interface KeysSection {
  readonly root: string;
  readonly keys: readonly {
    readonly key: ReviewerKey;
    readonly state: ApiKeyState;
    /** Of the form that revokes it, where it holds. */
    readonly revoke?: string;
  }[];
  /** A key of this person's may decide anything at all. */
  readonly decides: boolean;
  /** Of the form in which one is asked for; nothing where there is no way to prove who asks. */
  readonly make?: string;
}

/** The keys by which a person's own programs speak for them. */
export function keysSection({ root, keys, decides, make }: KeysSection): Html {
  return html`<section aria-labelledby="keys"><h2 id="keys">Keys for programs</h2>
<p class="note">By such a key a program of yours reads what you are asked, at the API of this site.</p>
${keys.length === 0 ? '' : html`<ul class="rows">${keys.map((each) => keyRow(root, each))}</ul>`}
${
  make === undefined
    ? html`<p class="note">To make one you need a passkey or a linked sign-on.</p>`
    : html`<details class="about"><summary>Make a key</summary>
<form method="post" action="${root}console/me/keys/begin" autocomplete="off" aria-label="Make a key">
<input type="hidden" name="proof" value="${make}">
<div class="field"><label for="key-name">A name for the key <span class="muted">such as “Phone widget”</span></label>
<input id="key-name" class="plain" name="name" type="text" required maxlength="60"></div>
<div class="field"><label for="key-scope">What it may do</label>
<select id="key-scope" name="scope"><option value="read">Read</option>${decides ? html`<option value="decide">Read, and decide where a rule admits it</option>` : ''}</select></div>
<div class="field"><label for="key-days">How long it holds</label>
<select id="key-days" name="days">${LIFETIMES.map((days) => html`<option value="${days}">${days} days</option>`)}</select></div>
<p class="field"><button type="submit">Continue</button></p>
</form></details>`
}</section>`;
}

function keyRow(root: string, { key, state, revoke }: KeysSection['keys'][number]): Html {
  return html`<li><b>${key.name}</b> ${state === 'good' ? html`<span class="tag">${key.scope === 'read' ? 'reads' : 'decides'}</span>` : html`<span class="pill bad">${state === 'expired' ? 'Expired' : 'Revoked'}</span>`}
<span class="note"><code>plr_${key.key_id}_…</code>, made ${moment(key.issued_at)}, ${state === 'expired' ? 'expired' : 'expires'} ${moment(key.expires_at)}${key.revoked_at === undefined ? '' : html`, revoked ${moment(key.revoked_at)}`}</span>
${revoke === undefined ? '' : html`<form method="post" action="${root}console/me/keys/revoke"><input type="hidden" name="proof" value="${revoke}"><button type="submit" class="plain" aria-label="Revoke the key ${key.name}">Revoke</button></form>`}</li>`;
}

/** Whoever asked for a key now proves who they are, or has just done so. */
export function proveKeyMain(page: {
  readonly root: string;
  readonly wanted: WantedKey;
  /** What a passkey signs; nothing where they have none. */
  readonly sign?: { readonly options: JsonObject; readonly proof: string };
  /** Where they sign on for this; nothing where they cannot. */
  readonly signOnAt?: string;
  /** Of the form that carries a sign-on. */
  readonly signedOn?: string;
}): Html {
  const { root, wanted, sign, signOnAt, signedOn } = page;
  return html`<h1>Make the key “${wanted.name}”</h1>
<p>It ${SCOPES[wanted.scope]}, for ${wanted.days} days. Whoever has it can do that in your name.</p>
${
  sign === undefined
    ? ''
    : html`${passkeyForm({
        action: `${root}console/me/keys`,
        ...sign,
        label: 'Make the key',
        content: html`<p class="field"><button type="submit" class="approve">Make it, signing with a passkey of yours</button></p>`,
      })}
${needsScript()}`
}
${signOnAt === undefined ? '' : html`<p><a href="${signOnAt}">Sign in again for this</a></p>`}
${
  signedOn === undefined
    ? ''
    : html`<form method="post" action="${root}console/me/keys" autocomplete="off" aria-label="Make the key"><input type="hidden" name="proof" value="${signedOn}">
<p class="field"><button type="submit" class="approve">Make it</button></p></form>`
}
<p><a href="${root}console/me">Back</a></p>`;
}

/** The key, which is shown here and never again. */
export function madeKeyMain(page: {
  readonly root: string;
  readonly wanted: WantedKey;
  readonly made: MadeApiKey;
}): Html {
  const { root, wanted, made } = page;
  return html`<h1>The key “${wanted.name}”</h1>
<p>Copy it now: it is shown here once and kept nowhere.</p>
<pre class="value" id="made-key">${made.key}</pre>
<p>It ${SCOPES[wanted.scope]}, until ${moment(made.expires_at)}. A program sends it as <code>Authorization: Bearer KEY</code>; what it can ask for is described at <a href="${root}openapi.json">openapi.json</a>.</p>
<p><a href="${root}console/me">I have copied it</a></p>`;
}
