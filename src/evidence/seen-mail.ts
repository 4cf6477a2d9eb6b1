import { simpleParser } from 'mailparser';

/** What of a mail bears on the log. */
export interface SeenMail {
  /** When it says that it was sent; RFC 3339. */
  readonly sent?: string;
  /** Signed notes, and where in the mail each stands. */
  readonly notes: readonly { readonly place: string; readonly text: string }[];
}

const HEADER = 'x-placet-checkpoint';
const ATTACHMENT = 'checkpoint.txt';
/** A mail may be forwarded as an attachment of another one. */
const FORWARDED_MAX = 4;

/** Finds the checkpoints in a mail as it was saved (RFC 5322): a header, an attachment, or those of a forwarded mail. */
export async function readMail(source: Buffer, depth = 0): Promise<SeenMail> {
  const mail = await simpleParser(source, {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    skipTextLinks: true,
  });
  const notes: { place: string; text: string }[] = [];
  const header = mail.headers.get(HEADER);
  for (const value of [header].flat()) {
    if (typeof value !== 'string') continue;
    // A long header is folded, which puts white space into it.
    notes.push({
      place: 'header X-Placet-Checkpoint',
      text: Buffer.from(value.replaceAll(/\s/g, ''), 'base64').toString('utf8'),
    });
  }
  for (const { filename, contentType, content } of mail.attachments) {
    if (filename === ATTACHMENT)
      notes.push({
        place: `attachment ${ATTACHMENT}`,
        text: content.toString('utf8').replaceAll('\r\n', '\n'),
      });
    else if (contentType === 'message/rfc822' && depth < FORWARDED_MAX) {
      const inner = await readMail(content, depth + 1);
      for (const { place, text } of inner.notes) notes.push({ place: `forwarded mail, ${place}`, text });
    }
  }
  const sent = mail.date && !Number.isNaN(mail.date.getTime()) ? mail.date.toISOString() : undefined;
  return { ...(sent === undefined ? {} : { sent }), notes };
}
