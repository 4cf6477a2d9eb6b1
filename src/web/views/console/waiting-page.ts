import { html } from 'hono/html';
import type { Terms, VerificationLevel } from '../../../core/entry.ts';
import type { JsonObject } from '../../../core/json.ts';
import { counted, duration } from '../../../core/time-words.ts';
import type { WaitingItem } from '../../../guard/ports.ts';
import { moment } from '../moment.ts';
import { needsScript, passkeyForm } from '../passkey-form.ts';
import { revealed, type Html } from '../segments.ts';

/** An invitation that waits for this person, and what their passkey would sign. */
export interface AwaitedInvitation {
  readonly id: string;
  readonly name: string;
  readonly invitedBy: string;
  readonly invitedAt: string;
  /** Nothing where the person has no passkey to approve with. */
  readonly form?: { readonly options: JsonObject; readonly proof: string };
}

export interface WaitingPage {
  readonly root: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly person: string;
  /** They decide nothing, so nothing ever waits for them. */
  readonly auditor: boolean;
  readonly items: readonly WaitingItem[];
  readonly invitations: readonly AwaitedInvitation[];
}

/** Pages stay light: these are the most urgent ones. */
const SHOWN_MAX = 40;

const ASKED_FOR: Readonly<Record<VerificationLevel, string>> = {
  link: 'link, or stronger',
  sso: 'single sign-on',
  passkey: 'passkey',
};

export function waitingMain(page: WaitingPage): Html {
  const { items, invitations } = page;
  return html`<h1>Waiting for you</h1>
${
  page.auditor
    ? html`<p class="muted">You are an auditor: you may read everything and decide nothing, so nothing waits for you. See the <a href="${page.root}console/requests">history</a> and the <a href="${page.root}console/evidence">evidence</a>.</p>`
    : items.length === 0
      ? html`<p class="muted">No request waits for your decision. This page shows a new one by itself.</p>`
      : html`<ul class="cards">${items.slice(0, SHOWN_MAX).map((item) => waitingCard(page, item))}</ul>${
          items.length > SHOWN_MAX
            ? html`<p class="note">${counted(items.length - SHOWN_MAX, 'more request')} that will expire later: see the <a href="${page.root}console/requests?outcome=pending">history</a>.</p>`
            : ''
        }`
}
${
  invitations.length === 0
    ? ''
    : html`<section aria-labelledby="invitations"><h2 id="invitations">Invitations to approve</h2>
<p class="note">These people had a passkey before and are invited again. Approve only if you know, from them and not from
a mail, that they asked for it.</p>
<ul class="cards">${invitations.map((each) => invitationCard(page, each))}</ul>
${needsScript()}</section>`
}`;
}

function waitingCard(page: WaitingPage, item: WaitingItem): Html {
  const { request, summary } = item;
  const left = Date.parse(request.expires_at) - page.now;
  return html`<li class="card"><h2><a href="${page.root}console/requests/${request.id}">${
    summary === undefined ? html`${revealed(request.agent)} → ${revealed(request.tool)}` : revealed(summary)
  }</a></h2>
<p class="line">${summary === undefined ? '' : html`<code>${revealed(request.tool)}</code> `}on ${revealed(request.server)}${summary === undefined ? '' : html`, asked by ${revealed(request.agent)}`}</p>
<p class="line"><span class="${left < 5 * 60_000 ? 'soon' : 'muted'}">${left > 0 ? html`expires in ${duration(left)}` : 'expired'}</span>
<span class="note inline">${moment(request.expires_at)}</span> <span class="tag">${ASKED_FOR[strengthFor(page.person, request.terms)]}</span></p></li>`;
}

/** What an approval by this person has to be verified by, at the strongest. */
function strengthFor(person: string, terms: readonly Terms[]): VerificationLevel {
  const asking = terms.filter((each) => each.reviewers.includes(person));
  const all = (asking.length > 0 ? asking : terms).map((each) => each.verification);
  if (all.includes('passkey')) return 'passkey';
  return all.includes('sso') ? 'sso' : 'link';
}

function invitationCard(page: WaitingPage, each: AwaitedInvitation): Html {
  return html`<li class="card"><h3>A new passkey for ${each.name}</h3>
<p class="line">Invited by ${each.invitedBy}, <span class="note inline">${moment(each.invitedAt)}</span></p>
${
  each.form
    ? passkeyForm({
        action: `${page.root}console/invitations/approve`,
        ...each.form,
        label: `Approve the invitation of ${each.name}`,
        content: html`<button type="submit" class="approve small">Approve with a passkey</button>`,
      })
    : html`<p class="note">A passkey of your own is needed to approve this.</p>`
}</li>`;
}
