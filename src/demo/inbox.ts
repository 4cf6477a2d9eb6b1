import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { inboxPage, mailPage } from './inbox-pages.ts';

/** A mail that the demo's inbox took in. */
export interface ReceivedMail {
  readonly number: number;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The `X-Placet-Request` header. */
  readonly requestId: string;
  readonly receivedAt: Date;
}

export interface Inbox {
  readonly smtpUrl: string;
  /** The page on which a person reads the mails. */
  readonly url: string;
  /** The next mail that has arrived or arrives for which `wanted` holds. */
  waitFor(wanted: (mail: ReceivedMail) => boolean): Promise<ReceivedMail>;
  close(): Promise<void>;
}

/** A real SMTP server on loopback that keeps what it gets in memory, with a page to read it in. */
export async function openInbox(): Promise<Inbox> {
  const mails: ReceivedMail[] = [];
  const arrivals = new Set<() => void>();

  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    // Only this machine writes to it, and nobody else is asked for its name.
    disableReverseLookup: true,
    onData(stream, _session, done) {
      simpleParser(stream, (error: Error | null, mail) => {
        if (!error) {
          mails.push(received(mail, mails.length + 1));
          for (const arrived of arrivals) arrived();
        }
        done(error);
      });
    },
  });
  const smtpPort = await new Promise<number>((resolve, reject) => {
    smtp.once('error', reject);
    const { server } = smtp;
    smtp.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

  const pages = createServer((request, response) => void serve(mails, request, response));
  const port = await new Promise<number>((resolve, reject) => {
    pages.once('error', reject);
    pages.listen(0, '127.0.0.1', () => resolve((pages.address() as AddressInfo).port));
  });

  return {
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    url: `http://127.0.0.1:${port}/`,
    waitFor(wanted) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = mails.find(wanted);
          if (!found) return;
          arrivals.delete(look);
          resolve(found);
        };
        arrivals.add(look);
        look();
      });
    },
    async close() {
      pages.closeAllConnections();
      await new Promise<void>((resolve) => {
        pages.close(() => resolve());
      });
      await new Promise<void>((resolve) => {
        smtp.close(resolve);
      });
    },
  };
}

function received(mail: ParsedMail, number: number): ReceivedMail {
  const to = Array.isArray(mail.to) ? mail.to[0] : mail.to;
  return {
    number,
    to: to?.value[0]?.address ?? '',
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: typeof mail.html === 'string' ? mail.html : '',
    requestId: textOf(mail.headers.get('x-placet-request')),
    receivedAt: new Date(),
  };
}

function textOf(header: unknown): string {
  return typeof header === 'string' ? header : '';
}

/** Links of a mail open outside its frame, as a mail program has it. */
function inNewTabs(mail: string): string {
  return mail.replace(/<head[^>]*>/i, '$&<base target="_blank">');
}

async function serve(
  mails: readonly ReceivedMail[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? '/';
  const number = /^\/mail\/(\d+)(\/body)?$/.exec(path);
  const mail = number ? mails.find((each) => String(each.number) === number[1]) : undefined;
  if (path !== '/' && !mail) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is no such mail.\n');
    return;
  }
  const body = !mail
    ? await inboxPage(mails)
    : number?.[2] === undefined
      ? await mailPage(mail)
      : inNewTabs(mail.html);
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    .end(body);
}
