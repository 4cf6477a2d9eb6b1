import { test } from 'uvu';
import { createEmailDriver } from '../../../src/notify/email/driver.ts';
import type { Behaviour, Received } from '../../support/channel-bench.ts';
import { channelSuite } from '../../support/channel-suite.ts';
import { startInbox, type ReceivedMail } from '../../support/inbox.ts';
import { PEOPLE } from '../../support/memory-requests.ts';
import { LINK } from '../../support/notices.ts';

const PASSWORD = 'hunter2-of-smtp';

const [alice] = PEOPLE.people;
if (!alice) throw new Error('nobody to ask');

channelSuite({
  name: 'email',
  person: alice,
  outcome: 'threaded',
  reminder: 'threaded',
  stable_ids: true,
  digest: true,
  fails: ['refuse', 'busy', 'hang'],
  open: async (clock) => {
    let mode: Behaviour['kind'] = 'well';
    let asked = 0;
    const hanging: (() => void)[] = [];
    const inbox = await startInbox({
      login: { user: 'placet', password: PASSWORD },
      slow: async () => {
        asked += 1;
        if (mode === 'hang') await new Promise<void>((resolve) => hanging.push(resolve));
      },
      busy: () => mode === 'busy',
      reject: () => (mode === 'refuse' ? `No, not with ${LINK} and ${PASSWORD}` : undefined),
    });
    return {
      connect: () =>
        createEmailDriver({
          smtpUrl: `smtp://placet:${PASSWORD}@127.0.0.1:${inbox.port}`,
          from: 'Placet <placet@example.com>',
          clock,
        }),
      behave: ({ kind }) => {
        mode = kind;
      },
      asked: () => asked,
      messages: () => inbox.mails.map(received),
      secrets: [PASSWORD],
      close: async () => {
        for (const release of hanging) release();
        await inbox.close();
      },
    };
  },
});

/** Elements that make up our mails; anything else would be the agent's. */
const OURS = /^(?:!doctype|html|head|meta|title|style|body|div|p|h1|h2|span|b|i|code|a)$/i;

function received({ parsed }: ReceivedMail): Received {
  const subject = parsed.subject ?? '';
  const text = (parsed.text ?? '').replaceAll('\r\n', '\n');
  const html = (parsed.html || '').replaceAll('\r\n', '\n');
  const hrefs = [...html.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, href]) => unescape(href ?? ''));
  const body = html.replace(/<title>.*?<\/title>/s, '').replaceAll(/\b(?:href|src)="[^"]*"/g, '');
  const written = `${text}\n${body}`;
  const elements = [...html.matchAll(/<\/?([^\s<>]+)/g)].map(([, name]) => name ?? '');
  return {
    seen: `${subject}\n${text}\n${unescape(html.replace(/<style>.*?<\/style>/s, '').replaceAll(/<[^>]*>/g, ''))}`,
    links: [...hrefs, ...(written.match(/\b(?:https?:\/\/|www\.|mailto:|javascript:)[^\s<"]*/gi) ?? [])],
    active: elements.filter((name) => !OURS.test(name)),
    golden: `Subject: ${subject}\n\n${text}\n${html}`,
    ...(parsed.inReplyTo === undefined ? {} : { thread: parsed.inReplyTo }),
  };
}

function unescape(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

test.run();
