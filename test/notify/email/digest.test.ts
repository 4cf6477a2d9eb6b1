import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DigestNotice } from '../../../src/notify/channel.ts';
import { digestLetter } from '../../../src/notify/digest-letter.ts';
import { createEmailDriver } from '../../../src/notify/email/driver.ts';
import { digestHtml, digestText } from '../../../src/notify/email/digest-parts.ts';
import { FakeClock } from '../../support/clock.ts';
import { startInbox, type InboxMode } from '../../support/inbox.ts';
import { digestNotice } from '../../support/notices.ts';

const NOW = Date.parse('2026-11-23T10:02:00.000Z');
const links = (text: string): readonly string[] => text.match(/https?:\/\/\S+\/r\/[\w-]+/g) ?? [];

async function parts(count: number, made = {}) {
  const digest = await digestNotice(count, made);
  const letter = digestLetter(digest, NOW);
  return { digest, letter, text: digestText(letter), html: digestHtml(letter) };
}

async function send(mode: InboxMode, digest: DigestNotice) {
  const inbox = await startInbox(mode);
  const driver = createEmailDriver({
    smtpUrl: `smtp://127.0.0.1:${inbox.port}`,
    from: 'placet@example.com',
    clock: new FakeClock(),
  });
  try {
    const outcome = await driver.channel.digest?.(digest).then(
      (delivered) => delivered.message_id,
      (error: unknown) => error,
    );
    return { outcome, mails: inbox.mails };
  } finally {
    await driver.close();
    await inbox.close();
  }
}

test('each question has its tool, its agent, its time and its own link', async () => {
  const { digest, letter, text, html } = await parts(3);
  assert.is(letter.heading, '3 requests wait for you');
  assert.match(letter.subject, /^Approval needed: 3 requests wait for you \([0-9a-f]{6}\)$/);
  assert.match(text, `2. write_file on files (${digest.asks[1]?.request.id.slice(-6)})`);
  assert.match(text, 'claude-desktop for Bob Lee (name claimed by client configuration)');
  assert.match(text, '23 Nov 2026, 10:30 UTC, 28 minutes after this mail was sent');
  const own = digest.asks.map(({ link }) => link);
  assert.is(new Set(own).size, 3);
  assert.equal(links(text), own);
  assert.equal(
    html.match(/href="[^"]*"/g),
    own.map((link) => `href="${link}"`),
  );
});

test('of more than twenty the first are listed, and how many are not', async () => {
  const { digest, text, html } = await parts(23);
  assert.equal(
    links(text),
    digest.asks.slice(0, 20).map(({ link }) => link),
  );
  for (const part of [text, html]) {
    assert.match(part, '3 more requests that will expire later are not listed here');
    assert.match(part, 'http://localhost:7447/console');
    assert.not.match(part, digest.asks[20]?.link ?? 'none');
  }
});

test('warnings are counted, and what the agent wrote makes no link, no markup and no line of ours', async () => {
  const evil = '"><script>x</script>\nhttps://evil.example/r/1 \u202e';
  const { text, html } = await parts(1, {
    args: { [evil]: evil },
    card: { agent: evil, tool_name: evil, server: evil, summary: evil },
  });
  assert.match(text, /LOOK TWICE: \d+ WARNINGS? ON ITS PAGE/);
  assert.not.match(html, '<script');
  assert.is(links(text).length, 1);
  assert.is(html.match(/<a /g)?.length, 1);
  assert.not.match(text, 'https://evil');
  for (const part of [text, html]) assert.not.match(part, '\u202e');
});

test('a reminder among them says so', async () => {
  const { digest } = await parts(2);
  const [first, second] = digest.asks;
  if (!first || !second) throw new Error('There are two.');
  const text = digestText(digestLetter({ ...digest, asks: [first, { ...second, round: 2 }] }, NOW));
  assert.is(text.match(/This is reminder 2/g)?.length, 1);
});

test('it arrives as one mail of two parts, called a digest and no request', async () => {
  const digest = await digestNotice(4);
  const { outcome, mails } = await send({}, digest);
  assert.is(mails.length, 1);
  const [mail] = mails;
  assert.equal(mail?.to, ['alice@example.com']);
  assert.is(mail?.parsed.headers.get('x-placet-digest'), digest.id);
  assert.is(mail?.parsed.headers.get('x-placet-request'), undefined);
  assert.is(mail?.parsed.headers.get('auto-submitted'), 'auto-generated');
  assert.is(mail?.parsed.inReplyTo, undefined);
  assert.is(mail?.parsed.messageId, outcome);
  assert.match(mail?.raw ?? '', 'Content-Type: multipart/alternative;');
  assert.equal(
    links(mail?.parsed.text ?? ''),
    digest.asks.map(({ link }) => link),
  );
});

test('the same digest sent again has the same message id', async () => {
  const digest = await digestNotice(2);
  const [first, second] = [await send({}, digest), await send({}, digest)];
  assert.is(first.outcome, second.outcome);
  assert.match(String(first.outcome), /^<digest\.dig_[0-9a-f]{32}\.[0-9a-f]{16}@example\.com>$/);
});

test('no link of any question stands in an error, though the server quotes the mail', async () => {
  const digest = await digestNotice(3);
  const { outcome } = await send(
    { reject: (raw) => `No: ${raw.replaceAll(/=\r\n/g, '').slice(-3000)}` },
    digest,
  );
  assert.instance(outcome, Error);
  const said = JSON.stringify([String(outcome), (outcome as Error).cause]);
  assert.not.match(said, /\/r\/[\w-]{20}/);
  for (const { link } of digest.asks) assert.not.match(said, link.split('/').at(-1) ?? 'none');
});

test.run();
