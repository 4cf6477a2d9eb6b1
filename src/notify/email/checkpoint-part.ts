/** The header that holds a checkpoint: base64 of the signed note. The white space in it is folding (RFC 5322, 2.2.3). */
export const CHECKPOINT_HEADER = 'X-Placet-Checkpoint';

/** Base64 has no place to fold at, and a line has an end (RFC 5322, 2.1.1): so it is folded here, as DKIM does. */
const LINE = 72;
const FIRST_LINE = LINE - CHECKPOINT_HEADER.length;

/** The header's value for nodemailer, written as it goes out. */
export function checkpointHeader(note: string): { readonly prepared: true; readonly value: string } {
  const text = Buffer.from(note).toString('base64');
  const lines = [text.slice(0, FIRST_LINE)];
  for (let at = FIRST_LINE; at < text.length; at += LINE) lines.push(text.slice(at, at + LINE));
  return { prepared: true, value: lines.join('\r\n ') };
}

/** The note itself, byte for byte: base64 on the way, so that no server on it changes the ends of its lines. */
export function checkpointAttachment(note: string) {
  return {
    filename: 'checkpoint.txt',
    content: note,
    contentType: 'text/plain; charset=utf-8',
    contentDisposition: 'attachment',
    contentTransferEncoding: 'base64',
  } as const;
}
