import { createTransport } from 'nodemailer';
import { sha256 } from '../../core/digest.ts';
import type { Clock } from '../../core/clock.ts';
import type { Person } from '../../core/person.ts';
import type { Channel, Delivered, Driver, Notice } from '../channel.ts';
import { digestLetter } from '../digest-letter.ts';
import { CHECKPOINT_HEADER, checkpointAttachment, checkpointHeader } from './checkpoint-part.ts';
import { digestHtml, digestText } from './digest-parts.ts';
import { deliveryError } from './failure.ts';
import { htmlPart } from './html-part.ts';
import { invitationLetter } from './invitation-letter.ts';
import { letterOf, type Letter } from '../letter.ts';
import { parseSender } from './sender.ts';
import { parseSmtpUrl, transportOptions } from './smtp-url.ts';
import { textPart } from './text-part.ts';

export interface EmailDriverOptions {
  /** `smtp://user:password@host:587`, or `smtps://…` for TLS from the first byte. */
  readonly smtpUrl: string;
  /** `Placet <placet@example.com>`, or the bare address. */
  readonly from: string;
  readonly clock: Clock;
}

interface Mail {
  readonly to: Person;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Addresses in it that nobody else may see. */
  readonly links: readonly string[];
  readonly id: string;
  /** The id of the first mail of its thread. */
  readonly thread: string;
  /** What it is about, for programs. */
  readonly header: { readonly name: string; readonly value: string };
  /** A signed note. */
  readonly checkpoint?: string | undefined;
}

/** However slowly a server goes on answering, a mail takes no longer. */
const SEND_MS = 60_000;

/**
 * Reviewers by mail.
 *
 * @throws ConfigError `smtp_url`, `mail_from`
 */
export function createEmailDriver(options: EmailDriverOptions): Driver & { readonly channel: Channel } {
  const server = parseSmtpUrl(options.smtpUrl);
  const sender = parseSender(options.from);
  const transport = createTransport(transportOptions(server));
  const underWay = new Map<Promise<Delivered>, AbortController>();

  const idOf = ({ request, to }: Notice, kind: string): string =>
    messageId(kind, request.id, to, sender.domain);

  const send = async (mail: Mail, signal: AbortSignal): Promise<Delivered> => {
    const { id, thread, header, checkpoint } = mail;
    try {
      await transport.sendMail({
        from: { name: sender.name, address: sender.address },
        to: { name: mail.to.name, address: addressOf(mail.to) ?? '' },
        subject: mail.subject,
        date: new Date(options.clock.now()),
        messageId: id,
        ...(id === thread ? {} : { inReplyTo: thread, references: [thread] }),
        headers: {
          [header.name]: header.value,
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
          ...(checkpoint === undefined ? {} : { [CHECKPOINT_HEADER]: checkpointHeader(checkpoint) }),
        },
        text: mail.text,
        html: mail.html,
        ...(checkpoint === undefined ? {} : { attachments: [checkpointAttachment(checkpoint)] }),
        xMailer: false,
        maxRecipients: 1,
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      });
    } catch (thrown) {
      const tokens = mail.links.map((link) => link.split('/').at(-1) ?? '');
      throw deliveryError(thrown, server, [...mail.links, ...tokens, server.auth?.password ?? '']);
    }
    return { message_id: id };
  };

  const sendInTime = async (mail: Mail): Promise<Delivered> => {
    const controller = new AbortController();
    const stopTimer = options.clock.after(SEND_MS, () => controller.abort());
    const sending = send(mail, controller.signal);
    underWay.set(sending, controller);
    try {
      return await sending;
    } finally {
      stopTimer();
      underWay.delete(sending);
    }
  };

  const channel: Channel = {
    name: 'email',
    reaches: (person) => addressOf(person) !== undefined,
    deliver: async (notice) =>
      sendInTime({
        to: notice.to,
        ...partsOf(letterOf(notice, options.clock.now())),
        id: idOf(notice, kindOf(notice)),
        thread: notice.first ?? idOf(notice, isForOwner(notice) ? 'owner' : 'ask'),
        header: { name: 'X-Placet-Request', value: notice.request.id },
        checkpoint: notice.checkpoint,
      }),
    digest: async (digest) => {
      const letter = digestLetter(digest, options.clock.now());
      const id = messageId('digest', digest.id, digest.to, sender.domain);
      return sendInTime({
        to: digest.to,
        subject: letter.subject,
        text: digestText(letter),
        html: digestHtml(letter),
        links: letter.items.map(({ link }) => link),
        id,
        thread: id,
        header: { name: 'X-Placet-Digest', value: digest.id },
        checkpoint: digest.checkpoint,
      });
    },
    invite: async (invitation) => {
      const id = messageId('invite', invitation.invitation, invitation.to, sender.domain);
      return sendInTime({
        to: invitation.to,
        ...partsOf(invitationLetter(invitation, options.clock.now())),
        id,
        thread: id,
        header: { name: 'X-Placet-Invitation', value: invitation.invitation },
        checkpoint: invitation.checkpoint,
      });
    },
  };

  return {
    channel,
    async close() {
      for (const controller of underWay.values()) controller.abort();
      await Promise.allSettled(underWay.keys());
      transport.close();
    },
  };
}

function partsOf(letter: Letter): Pick<Mail, 'subject' | 'text' | 'html' | 'links'> {
  const links = letter.link === undefined ? [] : [letter.link.href];
  return { subject: letter.subject, text: textPart(letter), html: htmlPart(letter), links };
}

function isForOwner(notice: Notice): boolean {
  return notice.kind === 'outcome' && notice.as === 'owner';
}

function kindOf(notice: Notice): string {
  if (notice.kind === 'outcome') return isForOwner(notice) ? 'owner' : 'outcome';
  return notice.round === 0 ? 'ask' : `reminder-${notice.round}`;
}

/** The same for the same matter and person, however often it is sent. */
function messageId(kind: string, matter: string, to: Person, domain: string): string {
  return `<${kind}.${matter}.${sha256(matter, '\n', to.id).slice(0, 16)}@${domain}>`;
}

function addressOf(person: { readonly emails: readonly string[] }): string | undefined {
  return person.emails[0];
}
