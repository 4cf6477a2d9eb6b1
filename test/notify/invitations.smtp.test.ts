import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ledger } from '../../src/core/ledger.ts';
import { linkDigest } from '../../src/core/link.ts';
import { createEmailDriver } from '../../src/notify/email/driver.ts';
import { createInvitationPost } from '../../src/notify/invitations.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { invited } from '../support/identity-entries.ts';
import { startInbox, type Inbox, type InboxMode } from '../support/inbox.ts';
import { memoryJournal, type MemoryJournal } from '../support/memory-journal.ts';

interface Bench {
  readonly clock: FakeClock;
  readonly ledger: Ledger;
  readonly journal: MemoryJournal;
  readonly inbox: Inbox;
  readonly logged: readonly string[];
  readonly post: ReturnType<typeof createInvitationPost>;
}

/** Invitations with the real mail channel and a real SMTP server, over a journal in memory. */
async function withMail(mode: InboxMode, run: (bench: Bench) => Promise<void>): Promise<void> {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const journal = memoryJournal(ledger, clock);
  const inbox = await startInbox(mode);
  const logged: string[] = [];
  const driver = createEmailDriver({
    smtpUrl: `smtp://127.0.0.1:${inbox.port}`,
    from: 'Placet <placet@example.com>',
    clock,
  });
  const post = createInvitationPost({
    identities: () => ledger.identities,
    append: (drafts) => journal.append(drafts),
    people: () => ({
      people: [
        { id: 'alice', name: 'Alice <b>Ng\u202e', emails: ['alice@example.com', 'a.ng@example.com'] },
        { id: 'bob', name: 'Bob Ray', emails: ['bob@example.com'] },
      ],
      groups: {},
      agents: [],
    }),
    checkpoint: async () => undefined,
    channels: [driver.channel],
    publicUrl: 'https://placet.example.com',
    clock,
    random: seededRandom(),
    log: (line) => logged.push(line),
  });
  try {
    await run({ clock, ledger, journal, inbox, logged, post });
  } finally {
    await post.close();
    await driver.close();
    await inbox.close();
  }
}

test('the mail goes to the first address alone, with one link, who invited, and until when', () =>
  withMail({}, async ({ ledger, journal, inbox, post }) => {
    await journal.append([invited('inv_1', 'alice', false, 'bob')]);
    post.poke();
    await post.drain();
    assert.is(inbox.mails.length, 1);
    const [mail] = inbox.mails;
    assert.equal(mail?.to, ['alice@example.com']);
    assert.is(mail?.parsed.subject, 'Set up your passkey for Placet');
    const text = mail?.parsed.text ?? '';
    const html = String(mail?.parsed.html);
    const links = text.match(/https?:\/\/\S+/g) ?? [];
    assert.is(links.length, 1);
    assert.match(links[0] ?? '', /^https:\/\/placet\.example\.com\/enrol\/[\w-]{43}$/);
    assert.equal(
      [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href),
      links,
    );
    for (const part of [text, html]) {
      assert.match(part, 'Bob Ray');
      assert.match(part, 'which Bob Ray gives you by another way than mail');
      assert.match(part, 'Set up your passkey');
    }
    assert.match(text, '24 Nov 2026, 10:00 UTC, 24 hours after this mail was sent');
    assert.is(ledger.identities.invitationOfLink(linkDigest(links[0]?.split('/').at(-1) ?? ''))?.id, 'inv_1');
  }));

test('the mail is marked as made by a machine, and carries the id of its invitation', () =>
  withMail({}, async ({ journal, inbox, post }) => {
    await journal.append([invited('inv_1', 'alice')]);
    post.poke();
    await post.drain();
    const headers = inbox.mails[0]?.parsed.headers;
    assert.is(headers?.get('x-placet-invitation'), 'inv_1');
    assert.is(headers?.get('auto-submitted'), 'auto-generated');
    assert.is(headers?.has('x-placet-request'), false);
    const last = journal.entries.at(-1);
    assert.is(last?.type === 'passkey.invitation_sent' && last.message_id, inbox.mails[0]?.parsed.messageId);
    assert.match(inbox.mails[0]?.parsed.text ?? '', 'the operator of Placet');
  }));

test('the mail does not hold the digest of the code, from which a short code could be tried out', () =>
  withMail({}, async ({ journal, inbox, post }) => {
    await journal.append([invited('inv_1', 'alice')]);
    post.poke();
    await post.drain();
    assert.not.match(inbox.mails[0]?.raw ?? 'c'.repeat(64), 'c'.repeat(64));
  }));

test('a name cannot bring HTML or hidden characters into the mail', () =>
  withMail({}, async ({ journal, inbox, post }) => {
    await journal.append([invited('inv_1', 'alice')]);
    post.poke();
    await post.drain();
    const html = String(inbox.mails[0]?.parsed.html);
    assert.match(html, 'Alice &lt;b&gt;Ng[U+202E right-to-left override]');
    assert.not.match(html, '<b>');
    assert.not.match(`${html}${inbox.mails[0]?.parsed.text}`, '\u202e');
  }));

test('a mailbox that does not exist is told as undelivered, without the link', () =>
  withMail({ refuse: ['alice@example.com'] }, async ({ journal, inbox, logged, post }) => {
    await journal.append([invited('inv_1', 'alice')]);
    post.poke();
    await post.drain();
    post.poke();
    await post.drain();
    assert.is(inbox.mails.length, 0);
    assert.is(inbox.connections(), 1);
    assert.match(post.undelivered()[0]?.failure ?? '', 'refuses the recipient: 550 No such mailbox here');
    assert.is(logged.length, 1);
  }));

test('a server that repeats the mail in its refusal brings no link into the log', () =>
  withMail(
    { reject: (raw) => `No: ${/enrol\/[\w-]+/.exec(raw.replaceAll('=\r\n', ''))?.[0]}` },
    async ({ journal, logged, post }) => {
      await journal.append([invited('inv_1', 'alice')]);
      post.poke();
      await post.drain();
      assert.match(logged[0] ?? '', 'refuses the mail: 554 No: ');
      assert.not.match(logged[0] ?? '', /enrol\/[\w-]{10}/);
    },
  ));

test('a server that is busy at first gets the mail when it is not', () => {
  let busy = true;
  return withMail({ busy: () => busy }, async ({ clock, journal, inbox, post }) => {
    await journal.append([invited('inv_1', 'alice')]);
    post.poke();
    await post.drain();
    assert.match(post.undelivered()[0]?.failure ?? '', 'does not take the mail for now');
    busy = false;
    clock.advance(2000);
    await post.drain();
    assert.is(inbox.mails.length, 1);
    assert.equal(post.undelivered(), []);
  });
});

test.run();
