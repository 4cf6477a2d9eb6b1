import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmailDriver } from '../../src/notify/email/driver.ts';
import { createOutbox } from '../../src/notify/outbox.ts';
import { seededRandom } from '../support/clock.ts';
import { startInbox, type Inbox, type InboxMode } from '../support/inbox.ts';
import { PEOPLE, WRITES } from '../support/memory-requests.ts';
import { HTML, startReviewSite } from '../support/review-site.ts';

/** The outbox with the real mail channel, a real SMTP server and the real site, over requests in memory. */
async function withAll(
  mode: InboxMode,
  run: (all: {
    readonly site: Awaited<ReturnType<typeof startReviewSite>>;
    readonly inbox: Inbox;
    readonly outbox: ReturnType<typeof createOutbox>;
  }) => Promise<void>,
): Promise<void> {
  const site = await startReviewSite();
  const inbox = await startInbox(mode);
  const driver = createEmailDriver({
    smtpUrl: `smtp://127.0.0.1:${inbox.port}`,
    from: 'placet@example.com',
    clock: site.clock,
  });
  const outbox = createOutbox({
    requests: site.memory.requests,
    request: site.memory.requestWithId,
    update: site.memory.update,
    content: site.memory.content,
    people: () => PEOPLE,
    checkpoint: async () => undefined,
    channels: [driver.channel],
    place: () => undefined,
    digestAfter: 5,
    publicUrl: site.base,
    clock: site.clock,
    random: seededRandom(3),
    log: () => undefined,
  });
  try {
    await run({ site, inbox, outbox });
  } finally {
    await outbox.close();
    await driver.close();
    await inbox.close();
    await site.close();
  }
}

test('from the mail to the page to the decision to the follow-up in the same thread', () =>
  withAll({}, async ({ site, inbox, outbox }) => {
    const request = site.memory.open();
    outbox.poke();
    const mails = await inbox.arrived(2);
    const mine = mails.find((mail) => mail.to.includes('alice@example.com'));
    const token = /\/r\/([\w-]{43})/.exec(mine?.parsed.text ?? '')?.[1] ?? '';
    const page = await site.ask(`/r/${token}`, { headers: HTML });
    assert.match(page.text, 'You decide as <strong>Alice Ng</strong>');
    await outbox.drain();
    assert.is((await site.decide(token, { decision: 'reject', reason: 'Not today' })).status, 303);
    outbox.poke();
    await inbox.arrived(4);
    await outbox.drain();
    const followUp = inbox.mails.slice(2).find((mail) => mail.to.includes('alice@example.com'));
    assert.is(followUp?.parsed.inReplyTo, mine?.parsed.messageId);
    assert.match(followUp?.parsed.text ?? '', '“Not today”');
    assert.equal(
      site.memory
        .get(request.id)
        .notices.map((each) => `${each.notice} ${each.state}`)
        .sort(),
      ['ask sent', 'ask sent', 'outcome sent', 'outcome sent'],
    );
  }));

test('a recipient who is refused is journalled, and the other one is asked all the same', () =>
  withAll({ refuse: ['alice@example.com'] }, async ({ site, inbox, outbox }) => {
    const request = site.memory.open();
    outbox.poke();
    await outbox.drain();
    assert.equal(
      inbox.mails.map((mail) => mail.to),
      [['carol@example.com']],
    );
    const refused = site.memory.get(request.id).notices.find((each) => each.reviewer === 'alice');
    assert.is(refused?.state, 'failed');
    assert.match(refused?.detail ?? '', 'refuses the recipient: 550 No such mailbox here');
  }));

test('a server that is busy at first gets the mail when it is not', () => {
  let busy = true;
  return withAll({ busy: () => busy }, async ({ site, inbox, outbox }) => {
    site.memory.open();
    outbox.poke();
    await outbox.drain();
    assert.is(outbox.undelivered().length, 2);
    assert.match(
      outbox.undelivered()[0]?.failure ?? '',
      'does not take the mail for now: 451 Try again later',
    );
    busy = false;
    site.clock.advance(2000);
    await outbox.drain();
    assert.is(inbox.mails.length, 2);
    assert.equal(outbox.undelivered(), []);
  });
});

test('a reminder and its outcome stand in the thread of the first mail, and the owner gets one of their own', () =>
  withAll({}, async ({ site, inbox, outbox }) => {
    const request = site.memory.open({
      terms: [{ ...WRITES, reviewers: ['alice'], remind_ms: 5 * 60_000 }],
      owner_channels: ['email'],
    });
    outbox.poke(request.id);
    await outbox.drain();
    site.clock.advance(5 * 60_000);
    await outbox.drain();
    site.memory.reject(request.id);
    outbox.poke(request.id);
    await outbox.drain();
    const [ask, reminder, ...last] = inbox.mails;
    assert.match(reminder?.parsed.text ?? '', 'APPROVAL REQUEST, REMINDER 1');
    assert.is(reminder?.parsed.inReplyTo, ask?.parsed.messageId);
    assert.is.not(reminder?.parsed.messageId, ask?.parsed.messageId);
    const outcome = last.find((mail) => mail.to.includes('alice@example.com'));
    assert.is(outcome?.parsed.inReplyTo, ask?.parsed.messageId);
    const owner = last.find((mail) => mail.to.includes('bob@example.com'));
    assert.is(owner?.parsed.inReplyTo, undefined);
    assert.match(owner?.parsed.text ?? '', 'The agent acts for you, and you want to be told');
    assert.not.match(owner?.raw ?? '', '/r/');
    assert.is(inbox.mails.length, 4);
  }));

test('eight questions at once are five mails and a digest, whose links each open their own page', () =>
  withAll({}, async ({ site, inbox, outbox }) => {
    const ids = Array.from({ length: 8 }, () => {
      const { id } = site.memory.open({ terms: [{ ...WRITES, reviewers: ['alice'] }] });
      outbox.poke(id);
      return id;
    });
    await outbox.drain();
    assert.is(inbox.mails.length, 5);
    site.clock.advance(5 * 60_000);
    await outbox.drain();
    assert.is(inbox.mails.length, 6);
    const digest = inbox.mails[5]?.parsed;
    const tokens = [...(digest?.text ?? '').matchAll(/\/r\/([\w-]{43})/g)].map((match) => match[1] ?? '');
    assert.is(new Set(tokens).size, 3);
    const second = await site.ask(`/r/${tokens[1]}`, { headers: HTML });
    assert.is(second.status, 200);
    assert.match(second.text, 'You decide as <strong>Alice Ng</strong>');
    assert.is((await site.decide(tokens[1] ?? '', { decision: 'reject' })).status, 303);
    assert.equal(
      ids.map((id) => site.memory.get(id).phase.kind),
      ['pending', 'pending', 'pending', 'pending', 'pending', 'pending', 'rejected', 'pending'],
    );
    outbox.poke(ids[6]);
    await outbox.drain();
    assert.is(inbox.mails[6]?.parsed.inReplyTo, digest?.messageId);
    assert.is(site.memory.get(ids[6] ?? '').notices[0]?.message_id, digest?.messageId);
  }));

test.run();
