import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DeliveryError } from '../../../src/notify/channel.ts';
import { createEmailDriver } from '../../../src/notify/email/driver.ts';
import { FakeClock } from '../../support/clock.ts';
import { startInbox, type Inbox, type InboxMode } from '../../support/inbox.ts';
import { askNotice, LINK, outcomeNotice } from '../../support/notices.ts';

const FROM = 'Placet <placet@example.com>';

/** Runs against a real SMTP server that behaves as `mode` says. */
function withInbox(mode: InboxMode, run: (inbox: Inbox) => Promise<void>): () => Promise<void> {
  return async () => {
    const inbox = await startInbox(mode);
    try {
      await run(inbox);
    } finally {
      await inbox.close();
    }
  };
}

function driverTo(url: string, clock = new FakeClock()) {
  return createEmailDriver({ smtpUrl: url, from: FROM, clock });
}

async function refusal(delivery: Promise<unknown>): Promise<DeliveryError> {
  try {
    await delivery;
  } catch (error) {
    assert.instance(error, DeliveryError);
    return error as DeliveryError;
  }
  throw new Error('It was delivered.');
}

test(
  'a question arrives at the one reviewer, from the one sender, in two parts',
  withInbox({}, async (inbox) => {
    const driver = driverTo(`smtp://127.0.0.1:${inbox.port}`);
    const delivered = await driver.channel.deliver(await askNotice());
    const [mail] = inbox.mails;
    assert.equal(mail?.to, ['alice@example.com']);
    assert.is(mail?.from, 'placet@example.com');
    assert.is(mail?.parsed.from?.text, '"Placet" <placet@example.com>');
    assert.match(mail?.raw ?? '', 'Content-Type: multipart/alternative;');
    assert.match(mail?.parsed.text ?? '', LINK);
    assert.match(String(mail?.parsed.html), `href="${LINK}"`);
    assert.is(mail?.parsed.messageId, delivered.message_id);
    await driver.close();
  }),
);

test(
  'a question is marked as made by a machine and carries the id of its request',
  withInbox({}, async (inbox) => {
    const notice = await askNotice();
    await driverTo(`smtp://127.0.0.1:${inbox.port}`).channel.deliver(notice);
    const headers = inbox.mails[0]?.parsed.headers;
    assert.is(headers?.get('x-placet-request'), notice.request.id);
    assert.is(headers?.get('auto-submitted'), 'auto-generated');
    assert.is(headers?.get('x-mailer'), undefined);
  }),
);

test(
  'the same question sent again has the same message id, under the domain of the sender',
  withInbox({}, async (inbox) => {
    const driver = driverTo(`smtp://127.0.0.1:${inbox.port}`);
    const notice = await askNotice();
    const first = await driver.channel.deliver(notice);
    const second = await driver.channel.deliver({ ...notice, link: `${LINK}x` });
    assert.is(first.message_id, second.message_id);
    assert.match(first.message_id, /^<ask\.apr_[0-9a-z]{26}\.[0-9a-f]{16}@example\.com>$/);
  }),
);

test(
  'the outcome stands in the thread of the question',
  withInbox({}, async (inbox) => {
    const driver = driverTo(`smtp://127.0.0.1:${inbox.port}`);
    const ask = await driver.channel.deliver(await askNotice());
    const outcome = await driver.channel.deliver(await outcomeNotice());
    assert.not.equal(ask.message_id, outcome.message_id);
    const [, mail] = inbox.mails;
    assert.is(mail?.parsed.inReplyTo, ask.message_id);
    assert.equal([mail?.parsed.references].flat(), [ask.message_id]);
    assert.match(mail?.parsed.subject ?? '', /^Re: Approval needed/);
  }),
);

test(
  'names with line ends, commas and addresses in them add no header and no recipient',
  withInbox({}, async (inbox) => {
    const notice = await askNotice({
      card: { tool_name: 'x\r\nBcc: evil@example.com\r\n\r\nbody' },
    });
    const to = { ...notice.to, name: 'Ng, Alice <evil@example.com>' };
    await driverTo(`smtp://127.0.0.1:${inbox.port}`).channel.deliver({ ...notice, to });
    const [mail] = inbox.mails;
    assert.equal(mail?.to, ['alice@example.com']);
    assert.is(mail?.parsed.headers.get('bcc'), undefined);
    assert.match(
      mail?.parsed.subject ?? '',
      '[U+000D carriage return][U+000A line feed]Bcc: evil@example.com',
    );
  }),
);

test(
  'a recipient who is refused with 550 is refused for good',
  withInbox({ refuse: ['alice@example.com'] }, async (inbox) => {
    const error = await refusal(
      driverTo(`smtp://127.0.0.1:${inbox.port}`).channel.deliver(await askNotice()),
    );
    assert.is(error.permanent, true);
    assert.is(
      error.message,
      `The mail server 127.0.0.1:${inbox.port} refuses the recipient: 550 No such mailbox here`,
    );
  }),
);

test(
  'a mail that is put off with 451 can be tried again',
  withInbox({ busy: () => true }, async (inbox) => {
    const error = await refusal(
      driverTo(`smtp://127.0.0.1:${inbox.port}`).channel.deliver(await askNotice()),
    );
    assert.is(error.permanent, false);
    assert.is(
      error.message,
      `The mail server 127.0.0.1:${inbox.port} does not take the mail for now: 451 Try again later`,
    );
  }),
);

test(
  'a server that quotes the link as it refuses the mail is not quoted',
  withInbox({ reject: () => `Spam: ${LINK}` }, async (inbox) => {
    const error = await refusal(
      driverTo(`smtp://127.0.0.1:${inbox.port}`).channel.deliver(await askNotice()),
    );
    assert.is(error.permanent, true);
    assert.match(error.message, '554 Spam: [secret]');
    assert.not.match(`${error.message} ${String(error.cause)}`, 'TkTk');
  }),
);

test('a server that is down can be tried again, and is named', async () => {
  const inbox = await startInbox();
  await inbox.close();
  const error = await refusal(driverTo(`smtp://127.0.0.1:${inbox.port}`).channel.deliver(await askNotice()));
  assert.is(error.permanent, false);
  assert.is(error.message, `The mail server 127.0.0.1:${inbox.port} cannot be reached (ECONNREFUSED).`);
});

test('a server that takes the mail and then says nothing is given up after a minute', async () => {
  const clock = new FakeClock();
  let reached: () => void = () => undefined;
  const hanging = new Promise<void>((resolve) => {
    reached = resolve;
  });
  let release: () => void = () => undefined;
  const inbox = await startInbox({
    slow: () => {
      reached();
      return new Promise((resolve) => {
        release = resolve;
      });
    },
  });
  const delivery = refusal(
    driverTo(`smtp://127.0.0.1:${inbox.port}`, clock).channel.deliver(await askNotice()),
  );
  await hanging;
  clock.advance(60_000);
  const error = await delivery;
  assert.is(error.permanent, false);
  assert.is(error.message, `The mail server 127.0.0.1:${inbox.port} did not answer in time.`);
  release();
  await inbox.close();
});

test('closing the channel gives up what is under way', async () => {
  let reached: () => void = () => undefined;
  const hanging = new Promise<void>((resolve) => {
    reached = resolve;
  });
  let release: () => void = () => undefined;
  const inbox = await startInbox({
    slow: () => {
      reached();
      return new Promise((resolve) => {
        release = resolve;
      });
    },
  });
  const driver = driverTo(`smtp://127.0.0.1:${inbox.port}`);
  const delivery = refusal(driver.channel.deliver(await askNotice()));
  await hanging;
  await driver.close();
  assert.is((await delivery).permanent, false);
  release();
  await inbox.close();
});

test(
  'a login that is refused can be tried again, and the password is in no message',
  withInbox({ login: { user: 'placet', password: 'right' } }, async (inbox) => {
    const url = `smtp://placet:hunter2@127.0.0.1:${inbox.port}`;
    const error = await refusal(driverTo(url).channel.deliver(await askNotice()));
    assert.is(error.permanent, false);
    assert.match(error.message, 'does not accept the user and password of PLACET_SMTP_URL: 535');
    assert.not.match(`${error.message} ${String(error.cause)}`, 'hunter2');
  }),
);

test(
  'a login that is accepted sends',
  withInbox({ login: { user: 'placet', password: 'p:w@d' } }, async (inbox) => {
    await driverTo(`smtp://placet:p%3Aw%40d@127.0.0.1:${inbox.port}`).channel.deliver(await askNotice());
    assert.is(inbox.mails.length, 1);
  }),
);

test(
  'on loopback a server that wants STARTTLS gets it',
  withInbox({ requireTls: true }, async (inbox) => {
    await driverTo(`smtp://127.0.0.1:${inbox.port}`).channel.deliver(await askNotice());
    assert.is(inbox.mails[0]?.secure, true);
  }),
);

// An address that is written so is not taken for loopback, though it leads there.
const BEYOND = '[::ffff:127.0.0.1]';

test(
  'beyond loopback a server without TLS is told nothing, neither password nor mail',
  withInbox({ login: { user: 'placet', password: 'right' } }, async (inbox) => {
    const error = await refusal(
      driverTo(`smtp://placet:right@${BEYOND}:${inbox.port}`).channel.deliver(await askNotice()),
    );
    assert.is(error.permanent, false);
    assert.match(error.message, 'does not speak TLS, without which nothing is sent beyond loopback');
    assert.is(inbox.connections(), 1);
    assert.equal(inbox.mails, []);
    assert.equal(inbox.logins(), []);
  }),
);

test(
  'beyond loopback a certificate that does not verify is not trusted',
  withInbox({ requireTls: true }, async (inbox) => {
    const error = await refusal(
      driverTo(`smtp://${BEYOND}:${inbox.port}`).channel.deliver(await askNotice()),
    );
    assert.is(error.permanent, false);
    assert.match(error.message, 'has a certificate that does not verify (');
    assert.equal(inbox.mails, []);
  }),
);

test('someone without an address is not reached', () => {
  const driver = driverTo('smtp://127.0.0.1:1');
  assert.is(driver.channel.reaches({ id: 'dan', name: 'Dan Roe', emails: [] }), false);
});

test.run();
