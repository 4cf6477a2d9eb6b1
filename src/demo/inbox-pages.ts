import { html, raw } from 'hono/html';
import type { ReceivedMail } from './inbox.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem; }
h1 { font-size: 1.25rem; } small, .quiet { opacity: .7; }
ol { list-style: none; padding: 0; } li { border-top: 1px solid #8884; }
li a { display: block; padding: .75rem .25rem; color: inherit; text-decoration: none; }
li a:hover { background: #8881; } iframe { width: 100%; height: 70vh; border: 1px solid #8884; border-radius: 8px; background: #fff; }
`;

/** The list of mails; it looks for new ones every two seconds. */
export function inboxPage(mails: readonly ReceivedMail[]): Promise<string> {
  const items = [...mails].reverse().map(
    (mail) => html`<li><a href="/mail/${mail.number}"><strong>${mail.subject}</strong><br>
<small>to ${mail.to}, ${mail.receivedAt.toLocaleTimeString()}</small></a></li>`,
  );
  return page(
    'Inbox of the demo',
    html`<meta http-equiv="refresh" content="2"><h1>Inbox of the demo</h1>
<p class="quiet">Every mail that Placet sends in this demo arrives here. The page looks for new ones by itself.</p>
${mails.length === 0 ? html`<p>Nothing yet.</p>` : html`<ol>${items}</ol>`}`,
  );
}

/** One mail, shown as a mail program would: in a frame that runs no script. */
export function mailPage(mail: ReceivedMail): Promise<string> {
  return page(
    mail.subject,
    html`<p><a href="/">← Inbox</a></p><h1>${mail.subject}</h1><p class="quiet">to ${mail.to}</p>
<iframe title="The mail" src="/mail/${mail.number}/body" sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"></iframe>`,
  );
}

async function page(title: string, body: unknown): Promise<string> {
  const document = await html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<style>${raw(STYLE)}</style></head><body>${body}</body></html>`;
  return document.toString();
}
