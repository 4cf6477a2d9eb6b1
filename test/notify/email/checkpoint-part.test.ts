import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmailDriver } from '../../../src/notify/email/driver.ts';
import type { Channel } from '../../../src/notify/channel.ts';
import { checkpointText } from '../../../src/tlog/checkpoint.ts';
import { formatNote, makeSignerKey, parseSigner } from '../../../src/tlog/note.ts';
import { FakeClock } from '../../support/clock.ts';
import { startInbox, type ReceivedMail } from '../../support/inbox.ts';
import { askNotice, outcomeNotice } from '../../support/notices.ts';

const KEEP = 'Keep this mail: its attachment will show whether the journal has been rewritten since.';

/** A note with so many cosignatures. */
function noteOf(witnesses: number): string {
  const origin = 'placet.example.com/placet-0123456789ab';
  const text = checkpointText({ origin, size: 1234, root: Buffer.alloc(32, 9) });
  const signers = [
    parseSigner(makeSignerKey('signature', origin, Buffer.alloc(32, 1))),
    ...Array.from({ length: witnesses }, (_, at) =>
      parseSigner(makeSignerKey('cosignature', `witness-${at}.example`, Buffer.alloc(32, 2 + at))),
    ),
  ];
  return formatNote(
    text,
    signers.map((signer) => signer.sign(text, 1_795_000_000)),
  );
}

/** What comes out at a real SMTP server. */
async function mailed(send: (channel: Channel) => Promise<unknown>): Promise<ReceivedMail> {
  const inbox = await startInbox();
  const driver = createEmailDriver({
    smtpUrl: `smtp://127.0.0.1:${inbox.port}`,
    from: 'placet@example.com',
    clock: new FakeClock(),
  });
  try {
    await send(driver.channel);
    const [mail] = inbox.mails;
    if (!mail) throw new Error('No mail came.');
    return mail;
  } finally {
    await driver.close();
    await inbox.close();
  }
}

/** The header as it came, each of its lines. */
function headerLines({ raw }: ReceivedMail): readonly string[] {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
  return /^X-Placet-Checkpoint: .*(?:\r\n[ \t].*)*/m.exec(head)?.[0].split('\r\n') ?? [];
}

const WITH = async (checkpoint: string): Promise<readonly (readonly [string, ReceivedMail])[]> => {
  const ask = { ...(await askNotice()), checkpoint };
  const invitation = {
    invitation: 'inv_1',
    to: ask.to,
    inviter: 'Bob Lee',
    link: 'https://placet.example.com/enrol/x',
    expires_at: '2026-11-24T10:00:00.000Z',
    checkpoint,
  };
  return [
    ['a question', await mailed((channel) => channel.deliver(ask))],
    ['an outcome', await mailed(async (c) => c.deliver({ ...(await outcomeNotice()), checkpoint }))],
    ['an invitation', await mailed(async (channel) => channel.invite?.(invitation))],
  ];
};

for (const witnesses of [0, 1, 60]) {
  test(`a note with ${witnesses} cosignatures arrives unchanged in header and attachment`, async () => {
    const note = noteOf(witnesses);
    for (const [what, mail] of await WITH(note)) {
      const lines = headerLines(mail);
      assert.ok(lines.length > 1, what);
      assert.ok(
        lines.every((line) => line.length <= 78),
        `${what}: ${Math.max(...lines.map((line) => line.length))}`,
      );
      const unfolded = lines.join('').slice('X-Placet-Checkpoint:'.length).replaceAll(/\s/g, '');
      assert.is(unfolded, Buffer.from(note).toString('base64'), what);
      const parsed = mail.parsed.headers.get('x-placet-checkpoint');
      assert.is(
        typeof parsed === 'string' && parsed.replaceAll(/\s/g, ''),
        Buffer.from(note).toString('base64'),
        what,
      );

      assert.is(mail.parsed.attachments.length, 1);
      const [attachment] = mail.parsed.attachments;
      assert.is(attachment?.filename, 'checkpoint.txt');
      assert.is(attachment?.contentType, 'text/plain');
      assert.is(attachment?.contentDisposition, 'attachment');
      assert.is(attachment?.content.toString('utf8'), note, what);
      assert.match(mail.raw, /Content-Type: text\/plain; charset=utf-8; name=checkpoint\.txt/);
    }
  });
}

test('each mail says in its text and in its HTML what the attachment is for, last and once', async () => {
  for (const [what, { parsed }] of await WITH(noteOf(0))) {
    assert.ok((parsed.text ?? '').trimEnd().endsWith(`\n${KEEP}`), what);
    assert.is((parsed.text ?? '').split(KEEP).length, 2, what);
    assert.is(String(parsed.html).split(KEEP).length, 2, what);
  }
});

test('a mail without a checkpoint has no header, no attachment and no word of one', async () => {
  const notice = await askNotice();
  const { raw, parsed } = await mailed((channel) => channel.deliver(notice));
  assert.equal(parsed.attachments, []);
  assert.not.match(raw, /checkpoint/i);
  assert.not.match(parsed.text ?? '', 'Keep this mail');
});

test('the parts that are read stay what they were: text first, then HTML, then the attachment', async () => {
  const notice = { ...(await askNotice()), checkpoint: noteOf(0) };
  const { raw } = await mailed((channel) => channel.deliver(notice));
  const types = [...raw.matchAll(/^Content-Type: ([\w/]+)/gim)].map(([, type]) => type);
  assert.equal(types, ['multipart/mixed', 'multipart/alternative', 'text/plain', 'text/html', 'text/plain']);
});

test.run();
