import type { ReceivedMail } from '../../src/demo/inbox.ts';

/** What a reviewer's browser does with a mail, over real HTTP, without one. */
export interface ReviewPage {
  readonly link: string;
  readonly status: number;
  readonly html: string;
  /** The form's fields as the page served them. */
  readonly fields: Readonly<Record<string, string>>;
}

export function linkIn(mail: ReceivedMail): string {
  const link = /https?:\/\/\S+\/r\/[\w-]+/.exec(mail.text)?.[0];
  if (link === undefined) throw new Error('The mail holds no link.');
  return link;
}

export async function openPage(link: string): Promise<ReviewPage> {
  const answer = await fetch(link);
  const html = await answer.text();
  const fields: Record<string, string> = {};
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const name = /\bname="([^"]*)"/.exec(tag)?.[1];
    if (name !== undefined) fields[name] = /\bvalue="([^"]*)"/.exec(tag)?.[1] ?? '';
  }
  return { link, status: answer.status, html, fields };
}

/** Posts the page's form with these fields over those that it served. @returns the HTTP status */
export async function decide(page: ReviewPage, fields: Readonly<Record<string, string>>): Promise<number> {
  const answer = await fetch(`${page.link}/decision`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ ...page.fields, ...fields }),
    headers: { origin: new URL(page.link).origin, 'sec-fetch-site': 'same-origin' },
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Opens the mail's link and decides there, typing the tool's name. */
export async function review(
  mail: ReceivedMail,
  decision: 'approve' | 'reject',
  confirm: string,
  reason = '',
): Promise<number> {
  return decide(await openPage(linkIn(mail)), { decision, confirm, reason });
}
