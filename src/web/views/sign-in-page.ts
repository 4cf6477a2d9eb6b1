import { html } from 'hono/html';
import type { JsonObject } from '../../core/json.ts';
import type { SignOnReceipt } from '../../core/entry.ts';
import type { Problem } from '../problems.ts';
import { layout } from './layout.ts';
import { needsScript, passkeyForm } from './passkey-form.ts';
import { revealed, type Html } from './segments.ts';

export interface SignInPage {
  readonly root: string;
  /** Nothing where passkeys cannot work at this address. */
  readonly passkey?: { readonly options: JsonObject; readonly proof: string };
  /** The way to the identity provider, where there is one. */
  readonly signOn?: string;
  readonly problem?: Problem;
}

/** The console's door. */
export function signInPage(page: SignInPage): Html {
  const { root, passkey, signOn } = page;
  return layout({
    title: 'Sign in – Placet',
    root,
    console: true,
    main: html`${page.problem ? problemBanner(page.problem) : ''}
<section class="message door">
<h1>Sign in</h1>
<p>See what waits for you, what was decided, and your passkeys. Nothing is decided by signing in: each decision is
verified by itself.</p>
${passkey ? passkeyDoor(root, passkey) : ''}
${signOn === undefined ? '' : html`<p><a class="button second" href="${signOn}">Sign in with single sign-on</a></p>`}
${passkey || signOn !== undefined ? '' : html`<p class="banner unsure">This site is reached by an IP address and has no single sign-on, so nobody can sign in. Whoever runs Placet can set PLACET_PUBLIC_URL to a name.</p>`}
</section>
<section class="door">
<h2>You have ${signOn === undefined ? 'no passkey' : 'neither'}?</h2>
<p>Ask whoever runs Placet for an invitation: you get a mail with a link, and a code by another way. Until then, the
links in the mails work without signing in, where the rules admit that.</p>
</section>`,
  });
}

function passkeyDoor(root: string, passkey: NonNullable<SignInPage['passkey']>): Html {
  return html`${passkeyForm({
    action: `${root}sign-in`,
    ...passkey,
    content: html`<button type="submit" class="approve wide">Sign in with a passkey</button>`,
  })}
${needsScript()}`;
}

export function problemBanner(problem: Problem): Html {
  return html`<section class="banner bad" role="alert" id="problem">
<h2>${problem.title}</h2>
<p>${revealed(problem.detail)}</p>
</section>`;
}

/** Somebody has come back from the identity provider: nothing is open before they say so. */
export function continuePage(page: {
  readonly root: string;
  readonly name: string;
  readonly proof: string;
}): Html {
  return layout({
    title: 'Continue – Placet',
    root: page.root,
    console: true,
    main: html`<section class="message door">
<p class="kicker">Single sign-on</p>
<h1>You are ${page.name}</h1>
<form method="post" action="${page.root}sso/continue">
<input type="hidden" name="proof" value="${page.proof}">
<button type="submit" class="approve wide">Continue as ${page.name}</button>
</form>
<p class="note">If that is not you, close this page.</p>
</section>`,
  });
}

/** An account that people.yaml links to nobody. */
export function unlinkedPage(page: { readonly root: string; readonly signOn: SignOnReceipt }): Html {
  const { issuer, subject } = page.signOn;
  return layout({
    title: 'Account not linked – Placet',
    root: page.root,
    console: true,
    main: html`<section class="message door">
<p class="kicker">Single sign-on</p>
<h1>This account is nobody’s here</h1>
<p>The sign-on went well, but no person of this workspace has this account. If it is yours, ask whoever runs Placet
to add these lines to your entry in <code>policies/people.yaml</code>:</p>
<pre class="value" tabindex="0" aria-label="Lines for people.yaml">sso:
  - issuer: ${revealed(JSON.stringify(issuer))}
    subject: ${revealed(JSON.stringify(subject))}</pre>
<p><a href="${page.root}sign-in">Back to signing in</a></p>
</section>`,
  });
}
