import { createTransport } from 'nodemailer';
import { sha256 } from '../../core/digest.ts';
import type { Clock } from '../../core/clock.ts';
import type { NoticeKind } from '../../core/entry.ts';
import type { Channel, Delivered, Notice } from '../channel.ts';
import { deliveryError } from './failure.ts';
import { htmlPart } from './html-part.ts';
import { letterOf } from './letter.ts';
import { parseSender } from './sender.ts';
import { parseSmtpUrl, transportOptions } from './smtp-url.ts';
import { textPart } from './text-part.ts';

export interface EmailChannelOptions {
  /** `smtp://user:password@host:587`, or `smtps://…` for TLS from the first byte. */
  readonly smtpUrl: string;
  /** `Placet <placet@example.com>`, or the bare address. */
  readonly from: string;
  readonly clock: Clock;
}

/** However slowly a server goes on answering, a mail takes no longer. */
const SEND_MS = 60_000;

/**
 * Reviewers by mail.
 *
 * @throws ConfigError `smtp_url`, `mail_from`
 */
export function createEmailChannel(options: EmailChannelOptions): Channel {
  const server = parseSmtpUrl(options.smtpUrl);
  const sender = parseSender(options.from);
  const transport = createTransport(transportOptions(server));
  const underWay = new Map<Promise<Delivered>, AbortController>();

  const messageId = (notice: Notice, kind: NoticeKind): string => {
    const person = sha256(notice.request.id, '\n', notice.to.id).slice(0, 16);
    return `<${kind}.${notice.request.id}.${person}@${sender.domain}>`;
  };

  const send = async (notice: Notice, signal: AbortSignal): Promise<Delivered> => {
    const letter = letterOf(notice, options.clock.now());
    const id = messageId(notice, notice.kind);
    const first = messageId(notice, 'ask');
    const link = notice.kind === 'ask' ? notice.link : '';
    try {
      await transport.sendMail({
        from: { name: sender.name, address: sender.address },
        to: { name: notice.to.name, address: addressOf(notice.to) ?? '' },
        subject: letter.subject,
        date: new Date(options.clock.now()),
        messageId: id,
        ...(id === first ? {} : { inReplyTo: first, references: [first] }),
        headers: {
          'X-Placet-Request': notice.request.id,
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
        },
        text: textPart(letter),
        html: htmlPart(letter),
        xMailer: false,
        maxRecipients: 1,
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      });
    } catch (thrown) {
      const token = link.split('/').at(-1) ?? '';
      throw deliveryError(thrown, server, [link, token, server.auth?.password ?? '']);
    }
    return { message_id: id };
  };

  return {
    name: 'email',
    reaches: (person) => addressOf(person) !== undefined,
    async deliver(notice) {
      const controller = new AbortController();
      const stopTimer = options.clock.after(SEND_MS, () => controller.abort());
      const sending = send(notice, controller.signal);
      underWay.set(sending, controller);
      try {
        return await sending;
      } finally {
        stopTimer();
        underWay.delete(sending);
      }
    },
    async close() {
      for (const controller of underWay.values()) controller.abort();
      await Promise.allSettled(underWay.keys());
      transport.close();
    },
  };
}

function addressOf(person: { readonly emails: readonly string[] }): string | undefined {
  return person.emails[0];
}
