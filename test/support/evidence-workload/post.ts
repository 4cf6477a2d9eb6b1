import type { Inbox, ReceivedMail } from '../../../src/demo/inbox.ts';
import { startInbox } from '../inbox.ts';

/** The post of a whole workload: a real SMTP server that finds a mail by request and address at once. */
export interface Post extends Inbox {
  /** The first mail that asks this person about this request, once it is there. */
  ask(requestId: string, person: string): Promise<ReceivedMail>;
}

/** Nobody is so slow; what would hang is to fail. */
const PATIENCE_MS = 120_000;

/** @param options.refuse ids of people whose addresses are refused for good */
export async function openPost({ refuse }: { readonly refuse: readonly string[] }): Promise<Post> {
  const asks = new Map<string, ReceivedMail>();
  const waiting = new Map<string, (mail: ReceivedMail) => void>();
  const mails: ReceivedMail[] = [];
  const watchers = new Set<() => void>();
  const addressOf = (person: string): string => `${person}@example.com`;

  const inbox = await startInbox({
    refuse: refuse.map(addressOf),
    taken({ to: [to = ''], parsed }) {
      const requestId = parsed.headers.get('x-placet-request');
      const mail: ReceivedMail = {
        number: mails.length + 1,
        to,
        subject: parsed.subject ?? '',
        text: parsed.text ?? '',
        html: '',
        requestId: typeof requestId === 'string' ? requestId : '',
        receivedAt: new Date(),
      };
      if (mail.requestId === '') {
        mails.push(mail);
        for (const look of watchers) look();
        return;
      }
      const key = `${mail.requestId} ${to}`;
      if (parsed.inReplyTo !== undefined || asks.has(key)) return;
      asks.set(key, mail);
      waiting.get(key)?.(mail);
      waiting.delete(key);
    },
  });

  return {
    smtpUrl: `smtp://127.0.0.1:${inbox.port}`,
    url: '',
    ask(requestId, person) {
      const key = `${requestId} ${addressOf(person)}`;
      const found = asks.get(key);
      if (found) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`No mail came to ${key}.`)), PATIENCE_MS);
        waiting.set(key, (mail) => {
          clearTimeout(late);
          resolve(mail);
        });
      });
    },
    waitFor: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = mails.find(wanted);
          if (!found) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      }),
    close: () => inbox.close(),
  };
}
