import { startInbox, type Inbox, type ReceivedMail } from './inbox.ts';

/** A test mail server, read as a reviewer reads their mail. */
export interface Mailbox {
  readonly inbox: Inbox;
  readonly smtpUrl: string;
  /** The mail that asks this address about this request, once it is there. */
  ask(requestId: string, to: string): Promise<Letter>;
  /** The first mail to this address that asks about this tool. */
  askAbout(tool: string, to: string): Promise<Letter>;
  /** The mail that tells this address how the request ended. */
  outcome(requestId: string, to: string): Promise<Letter>;
  close(): Promise<void>;
}

export interface Letter {
  readonly text: string;
  readonly subject: string;
  readonly link: string;
  readonly messageId: string;
  readonly inReplyTo: string | undefined;
  readonly references: readonly string[];
}

/** @param port a free one by default */
export async function openMailbox(port?: number): Promise<Mailbox> {
  const inbox = await startInbox(port === undefined ? {} : { port });
  const find = async (wanted: (mail: ReceivedMail) => boolean): Promise<Letter> => {
    for (let seen = 0; ; ) {
      const mails = await inbox.arrived(seen + 1);
      const found = mails.slice(seen).find(wanted);
      if (found) return letterOf(found);
      seen = mails.length;
    }
  };
  return {
    inbox,
    smtpUrl: `smtp://127.0.0.1:${inbox.port}`,
    ask: (requestId, to) => find((mail) => isAsk(mail, to) && requestOf(mail) === requestId),
    askAbout: (tool, to) => find((mail) => isAsk(mail, to) && mail.parsed.subject?.includes(tool) === true),
    outcome: (requestId, to) =>
      find((mail) => mail.to.includes(to) && !isAsk(mail, to) && requestOf(mail) === requestId),
    close: () => inbox.close(),
  };
}

function isAsk({ to, parsed }: ReceivedMail, address: string): boolean {
  return to.includes(address) && parsed.inReplyTo === undefined;
}

function requestOf({ parsed }: ReceivedMail): unknown {
  return parsed.headers.get('x-placet-request');
}

function letterOf({ parsed }: ReceivedMail): Letter {
  const text = parsed.text ?? '';
  const references = parsed.references ?? [];
  return {
    text,
    subject: parsed.subject ?? '',
    link: /https?:\/\/\S+\/r\/[\w-]+/.exec(text)?.[0] ?? '',
    messageId: parsed.messageId ?? '',
    inReplyTo: parsed.inReplyTo,
    references: typeof references === 'string' ? [references] : references,
  };
}
