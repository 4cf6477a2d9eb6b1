import { DecisionError } from '../core/errors.ts';
import type { ReceivedMail } from './inbox.ts';

/**
 * Does a person's part through the same pages: opens the link of the mail, reads the form, types the tool's
 * name, and approves.
 */
export async function approveByMail(mail: ReceivedMail, toolName: string): Promise<void> {
  const link = /https?:\/\/\S+\/r\/[\w-]+/.exec(mail.text)?.[0];
  if (link === undefined) throw new DecisionError('no_link', 'The mail holds no link to review.');
  const page = await fetch(link);
  const html = await page.text();
  if (!page.ok) throw new DecisionError('no_page', `The review page answered ${page.status}.`);
  const action = new URL(attribute(/<form[^>]*>/.exec(html)?.[0] ?? '', 'action'), link);
  const form = new URLSearchParams();
  for (const [field] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    form.set(attribute(field, 'name'), attribute(field, 'value'));
  }
  form.set('decision', 'approve');
  form.set('reason', 'Approved in the demo.');
  form.set('confirm', toolName);
  const answer = await fetch(action, {
    method: 'POST',
    body: form,
    redirect: 'manual',
    headers: { origin: action.origin, 'sec-fetch-site': 'same-origin' },
  });
  if (answer.status !== 303) {
    throw new DecisionError(
      'not_decided',
      `The decision was not accepted: the page answered ${answer.status}.`,
    );
  }
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
  return value
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
}
