import { html } from 'hono/html';
import type { JsonObject } from '../../../core/json.ts';
import type { Person } from '../../../core/person.ts';
import type { LinkedAccount } from '../../../core/reviewer-access.ts';
import type { ForeignAccount } from '../../../reviewers/accounts.ts';
import { moment } from '../moment.ts';
import { needsScript, passkeyForm } from '../passkey-form.ts';
import { revealed, type Html } from '../segments.ts';

export interface AccountPage {
  readonly root: string;
  readonly person: Person;
  readonly account: ForeignAccount;
  /** Nothing is wrong with it. */
  readonly possible: boolean;
  readonly proof: string;
  /** What a passkey of the person signs; nothing where there is none. */
  readonly toSign?: JsonObject;
  /** The person has just signed on for this. */
  readonly signedOn: boolean;
  /** Where to sign on for this, where there is single sign-on. */
  readonly signOnAt?: string;
}

/** Shows which account will speak for the person, and asks them to prove who they are. */
export function accountMain(page: AccountPage): Html {
  const { person, account } = page;
  return html`<h1>Link your account in Slack</h1>
<p>From then on, what this account presses in Slack is your decision, where a rule lets a request be decided there:</p>
<dl class="facts">
<div><dt>Account</dt><dd>${revealed(account.name === '' ? 'no name' : account.name)} <code>${account.user}</code></dd></div>
<div><dt>Workspace in Slack</dt><dd>${revealed(account.domain === '' ? 'no name' : account.domain)} <code>${account.team}</code></dd></div>
<div><dt>Speaks for</dt><dd>${person.name} <code>${person.id}</code></dd></div>
</dl>
<p class="banner unsure">Go on only if you pressed the button in Slack yourself a moment ago. A link that somebody sent you
would let their account decide in your name.</p>
${page.possible ? forms(page) : ''}
<p><a href="${page.root}console/me">Back</a></p>`;
}

function forms(page: AccountPage): Html {
  const action = `${page.root}console/link/slack`;
  if (page.signedOn)
    return html`<form method="post" action="${action}"><input type="hidden" name="proof" value="${page.proof}">
<p class="field"><button type="submit" class="approve">Yes, this account is mine</button></p></form>`;
  return html`${
    page.toSign === undefined
      ? ''
      : html`${passkeyForm({
          action,
          options: page.toSign,
          proof: page.proof,
          label: 'Link this account',
          content: html`<p class="field"><button type="submit" class="approve">Yes, it is mine: link it with a passkey</button></p>`,
        })}${needsScript()}`
  }
${page.signOnAt === undefined ? '' : html`<p><a class="button second" href="${page.signOnAt}">Sign on again to link it</a></p>`}
${page.toSign === undefined && page.signOnAt === undefined ? html`<p class="note">To link it you need a passkey. Ask whoever runs Placet for an invitation.</p>` : ''}`;
}

/** The person's linked accounts, on their own page. */
export function accountsSection(page: {
  readonly root: string;
  readonly accounts: readonly { readonly account: LinkedAccount; readonly proof: string }[];
}): Html {
  return html`<section aria-labelledby="accounts"><h2 id="accounts">Accounts in Slack</h2>
<p class="note">What these press is your decision, where a rule lets a request be decided in Slack. To link one, press a button below a request there.</p>
${
  page.accounts.length === 0
    ? html`<p>No account is linked.</p>`
    : html`<ul class="rows">${page.accounts.map(
        ({
          account,
          proof,
        }) => html`<li><b>${account.user}</b> <span class="tag">workspace ${account.team}</span>
<span class="note">Linked ${moment(account.linked_at)}</span>
<form method="post" action="${page.root}console/me/accounts/unlink"><input type="hidden" name="proof" value="${proof}"><button type="submit" class="plain" aria-label="Unlink the account ${account.user}">Unlink</button></form></li>`,
      )}</ul>`
}</section>`;
}
