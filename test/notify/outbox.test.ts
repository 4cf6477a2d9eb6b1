import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EntryOf, EntryType } from '../../src/core/entry.ts';
import { JournalError } from '../../src/core/errors.ts';
import type { People } from '../../src/core/person.ts';
import { DeliveryError, type Channel } from '../../src/notify/channel.ts';
import { createOutbox, type OutboxOptions } from '../../src/notify/outbox.ts';
import { linkDigest } from '../../src/core/link.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { createFakeChannel, type Attempt } from '../support/fake-channel.ts';
import { createMemoryRequests, PEOPLE, WRITES } from '../support/memory-requests.ts';

function setUp(
  changes: Partial<OutboxOptions> & { channels?: readonly Channel[]; people?: () => People } = {},
) {
  const clock = new FakeClock();
  const random = seededRandom();
  const memory = createMemoryRequests(clock, random);
  const fake = createFakeChannel();
  const logged: string[] = [];
  const options: OutboxOptions = {
    requests: memory.requests,
    request: (id) => memory.requestWithId(id),
    update: memory.update,
    content: memory.content,
    people: () => PEOPLE,
    checkpoint: async () => undefined,
    channels: [fake.channel],
    place: () => undefined,
    digestAfter: 5,
    publicUrl: 'http://localhost:7447/',
    clock,
    random,
    log: (line) => logged.push(line),
    ...changes,
  };
  const entries = <T extends EntryType>(type: T) =>
    memory.entries.filter((entry): entry is EntryOf<T> => entry.type === type);
  return { clock, memory, fake, logged, options, outbox: createOutbox(options), entries };
}

const ONE = { terms: [{ ...WRITES, reviewers: ['alice'] }] };
const busy = () => new DeliveryError('The server is busy.', false);

/** The link of a question that was handed to a channel. */
function linkOf(attempt: Attempt | undefined): string {
  if (attempt?.notice.kind !== 'ask') throw new Error('No question was handed over.');
  return attempt.notice.link;
}

/** Lets everything run that waits for nothing but promises. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test('each reviewer who is asked gets a link of their own, and what was sent is journalled', async () => {
  const { memory, fake, outbox, entries } = setUp();
  const request = memory.open();
  outbox.poke();
  const [first, second] = await fake.attempted(2);
  const links = [first, second].map((each) => linkOf(each));
  assert.not.equal(links[0], links[1]);
  assert.match(links[0] ?? '', /^http:\/\/localhost:7447\/r\/[\w-]{43}$/);
  first?.succeed();
  second?.succeed();
  await outbox.drain();
  assert.equal(
    entries('notice.sent').map((each) => [each.reviewer, each.channel, each.notice, each.message_id]),
    [
      ['alice', 'email', 'ask', '<ask.alice@email>'],
      ['carol', 'email', 'ask', '<ask.carol@email>'],
    ],
  );
  assert.is(memory.get(request.id).notices.length, 2);
});

test('the hash of a link is in the journal before the link is sent, and the link itself never', async () => {
  const { memory, fake, outbox, entries } = setUp();
  memory.open(ONE);
  outbox.poke();
  const [attempt] = await fake.attempted(1);
  const token = linkOf(attempt).split('/').at(-1) ?? '';
  assert.equal(
    entries('link.issued').map((each) => each.link_sha256),
    [linkDigest(token)],
  );
  assert.not.match(JSON.stringify(memory.entries), token);
});

test('poking again while a delivery is under way sends nothing twice', async () => {
  const { memory, fake, outbox } = setUp();
  memory.open(ONE);
  outbox.poke();
  outbox.poke();
  const [attempt] = await fake.attempted(1);
  outbox.poke();
  attempt?.succeed();
  await outbox.drain();
  outbox.poke();
  await outbox.drain();
  assert.is(fake.attempts.length, 1);
});

test('a temporary failure is tried again later with the same link, and not journalled', async () => {
  const { memory, fake, outbox, clock, entries } = setUp();
  memory.open(ONE);
  outbox.poke();
  (await fake.attempted(1))[0]?.fail(busy());
  await outbox.drain();
  assert.equal(entries('notice.failed'), []);
  assert.is(fake.attempts.length, 1);
  clock.advance(2000);
  const attempts = await fake.attempted(2);
  assert.is(linkOf(attempts[0]), linkOf(attempts[1]));
  attempts[1]?.succeed();
  await outbox.drain();
  assert.is(entries('notice.sent').length, 1);
  assert.is(entries('link.issued').length, 1);
});

test('each failure doubles the wait, up to five minutes, less a random part of at most half', async () => {
  const { memory, fake, outbox, clock } = setUp({ random: (size) => new Uint8Array(size).fill(255) });
  memory.open({ ...ONE, expires_in_ms: 24 * 3_600_000 });
  outbox.poke();
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    (await fake.attempted(attempt))[attempt - 1]?.fail(busy());
    await outbox.drain();
    let waited = 0;
    while (fake.attempts.length === attempt) {
      clock.advance(1000);
      waited += 1;
      await settle();
    }
    waits.push(waited);
  }
  assert.equal(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test('status names what is undelivered, how often it was tried, and why it failed', async () => {
  const { memory, fake, outbox } = setUp();
  const request = memory.open(ONE);
  outbox.poke();
  (await fake.attempted(1))[0]?.fail(busy());
  await outbox.drain();
  assert.equal(outbox.undelivered(), [
    {
      request_id: request.id,
      reviewer: 'alice',
      channel: 'email',
      notice: 'ask',
      attempts: 1,
      failure: 'The server is busy.',
    },
  ]);
});

test('nothing is undelivered once it was sent', async () => {
  const { memory, fake, outbox } = setUp();
  memory.open(ONE);
  outbox.poke();
  (await fake.attempted(1))[0]?.succeed();
  await outbox.drain();
  assert.equal(outbox.undelivered(), []);
});

test('a permanent refusal is journalled with its sentence and never tried again', async () => {
  const { memory, fake, outbox, clock, entries } = setUp();
  memory.open(ONE);
  outbox.poke();
  (await fake.attempted(1))[0]?.fail(new DeliveryError('No such mailbox.', true));
  await outbox.drain();
  clock.advance(3_600_000);
  await outbox.drain();
  assert.equal(
    entries('notice.failed').map((each) => [each.reviewer, each.channel, each.detail]),
    [['alice', 'email', 'No such mailbox.']],
  );
  assert.is(fake.attempts.length, 1);
});

test("one reviewer's silent server keeps no other from being asked", async () => {
  const { memory, fake, outbox, entries } = setUp();
  memory.open();
  outbox.poke();
  const attempts = await fake.attempted(2);
  attempts.find((each) => each.notice.to.id === 'carol')?.succeed();
  await settle();
  assert.equal(
    entries('notice.sent').map((each) => each.reviewer),
    ['carol'],
  );
});

test('a channel that does not answer is named in the status after a while, and not asked twice', async () => {
  const { memory, fake, outbox, clock } = setUp();
  memory.open(ONE);
  outbox.poke();
  await fake.attempted(1);
  clock.advance(90_000);
  assert.is(outbox.undelivered()[0]?.failure, 'The channel email has not answered for 90 seconds.');
  outbox.poke();
  await settle();
  assert.is(fake.attempts.length, 1);
});

test('someone whom no channel reaches is journalled as such, once', async () => {
  const { memory, outbox, entries } = setUp({
    channels: [createFakeChannel('email', { reaches: () => false }).channel],
  });
  memory.open(ONE);
  outbox.poke();
  await outbox.drain();
  outbox.poke();
  await outbox.drain();
  assert.equal(
    entries('notice.failed').map((each) => [each.channel, each.detail]),
    [
      [
        'none',
        'No channel reaches alice: give them an address in people.yaml, or set up a channel that has one.',
      ],
    ],
  );
  assert.equal(entries('link.issued'), []);
});

test('someone who is no longer in people.yaml is journalled as such', async () => {
  const { memory, outbox, entries } = setUp({ people: () => ({ ...PEOPLE, people: [] }) });
  memory.open(ONE);
  outbox.poke();
  await outbox.drain();
  assert.is(entries('notice.failed')[0]?.detail, 'people.yaml no longer names alice.');
});

test('with two channels a reviewer gets the same link by both', async () => {
  const mail = createFakeChannel('email');
  const chat = createFakeChannel('slack');
  const { memory, outbox, entries } = setUp({ channels: [mail.channel, chat.channel] });
  memory.open({ terms: [{ ...WRITES, reviewers: ['alice'], notify: ['email', 'slack'] }] });
  outbox.poke();
  const [one] = await mail.attempted(1);
  const [two] = await chat.attempted(1);
  assert.is(linkOf(one), linkOf(two));
  assert.is(entries('link.issued').length, 1);
});

test('after a restart what was not sent is sent, with a fresh link', async () => {
  const { memory, fake, outbox, options, entries } = setUp();
  memory.open(ONE);
  outbox.poke();
  (await fake.attempted(1))[0]?.fail(busy());
  await outbox.close();
  const second = createFakeChannel();
  const restarted = createOutbox({ ...options, channels: [second.channel] });
  restarted.poke();
  (await second.attempted(1))[0]?.succeed();
  await restarted.drain();
  assert.is(entries('link.issued').length, 2);
  assert.is(entries('notice.sent').length, 1);
  assert.not.equal(linkOf(fake.attempts[0]), linkOf(second.attempts[0]));
});

test('after a restart what was sent is not sent again', async () => {
  const { memory, fake, outbox, options } = setUp();
  memory.open(ONE);
  outbox.poke();
  (await fake.attempted(1))[0]?.succeed();
  await outbox.close();
  const second = createFakeChannel();
  const restarted = createOutbox({ ...options, channels: [second.channel] });
  restarted.poke();
  await restarted.drain();
  assert.is(second.attempts.length, 0);
});

test('a request that ended before the question went out is asked of nobody', async () => {
  const { memory, fake, outbox } = setUp();
  const request = memory.open(ONE);
  outbox.poke();
  memory.append([
    { type: 'approval.resolved', request_id: request.id, resolution: 'cancelled', reason: 'By the agent.' },
  ]);
  await outbox.drain();
  assert.equal(fake.attempts, []);
});

test('a link that went to nobody is followed by no outcome, and the journal says so', async () => {
  const { memory, fake, outbox, entries } = setUp();
  const request = memory.open(ONE);
  outbox.poke();
  memory.append([
    { type: 'approval.resolved', request_id: request.id, resolution: 'cancelled', reason: 'By the agent.' },
  ]);
  await outbox.drain();
  assert.is(entries('link.issued').length, 1);
  assert.equal(
    entries('notice.failed').map((each) => [each.notice, each.detail]),
    [['outcome', 'The request was over before alice was asked.']],
  );
  assert.equal(fake.attempts, []);
});

test('a request that waits for its next try when it ends is not asked about any more', async () => {
  const { memory, fake, outbox, clock } = setUp();
  const request = memory.open({ terms: [{ ...WRITES, reviewers: ['alice', 'carol'] }] });
  outbox.poke();
  const attempts = await fake.attempted(2);
  attempts.find((each) => each.notice.to.id === 'carol')?.fail(busy());
  attempts.find((each) => each.notice.to.id === 'alice')?.succeed();
  await outbox.drain();
  memory.reject(request.id);
  outbox.poke();
  clock.advance(600_000);
  await settle();
  assert.equal(
    fake.attempts.slice(2).map((each) => [each.notice.to.id, each.notice.kind]),
    [
      ['alice', 'outcome'],
      ['carol', 'outcome'],
    ],
  );
});

test('nobody is asked once the time is over', async () => {
  const { memory, fake, outbox, clock } = setUp();
  memory.open(ONE);
  clock.advance(30 * 60_000);
  outbox.poke();
  await outbox.drain();
  assert.equal(fake.attempts, []);
});

test('once settled, each reviewer who was asked is told the outcome, once', async () => {
  const { memory, fake, outbox, entries } = setUp();
  const request = memory.open();
  outbox.poke();
  for (const each of await fake.attempted(2)) each.succeed();
  await outbox.drain();
  memory.reject(request.id);
  outbox.poke();
  const attempts = await fake.attempted(4);
  for (const each of attempts) each.succeed();
  await outbox.drain();
  outbox.poke();
  await outbox.drain();
  assert.is(fake.attempts.length, 4);
  assert.equal(
    entries('notice.sent').map((each) => `${each.notice} ${each.reviewer}`),
    ['ask alice', 'ask carol', 'outcome alice', 'outcome carol'],
  );
});

test('approved but not yet carried out is no outcome', async () => {
  const { memory, fake, outbox } = setUp();
  const request = memory.open(ONE);
  outbox.poke();
  (await fake.attempted(1))[0]?.succeed();
  await outbox.drain();
  const { action_digest, card_digest } = request;
  memory.append([
    {
      type: 'approval.decided',
      request_id: request.id,
      reviewer: 'alice',
      verification: 'link',
      decision: 'approve',
      opened_at: '2026-11-23T10:00:00.000Z',
      action_digest,
      card_digest,
    },
    { type: 'approval.resolved', request_id: request.id, resolution: 'approved', reason: 'Quorum reached.' },
  ]);
  outbox.poke();
  await outbox.drain();
  assert.is(fake.attempts.length, 1);
});

test('an outcome waits for the question that is still under way', async () => {
  const { memory, fake, outbox } = setUp();
  const request = memory.open(ONE);
  outbox.poke();
  const [ask] = await fake.attempted(1);
  memory.reject(request.id);
  outbox.poke();
  await settle();
  assert.is(fake.attempts.length, 1);
  ask?.succeed();
  const attempts = await fake.attempted(2);
  assert.is(attempts[1]?.notice.kind, 'outcome');
});

test('someone whom the question did not reach for good is not told the outcome, and the journal says so', async () => {
  const { memory, fake, outbox, entries } = setUp();
  const request = memory.open();
  outbox.poke();
  for (const each of await fake.attempted(2)) {
    if (each.notice.to.id === 'carol') each.fail(new DeliveryError('No such mailbox.', true));
    else each.succeed();
  }
  await outbox.drain();
  memory.reject(request.id);
  outbox.poke();
  (await fake.attempted(3))[2]?.succeed();
  await outbox.drain();
  assert.is(fake.attempts[2]?.notice.to.id, 'alice');
  assert.is(entries('notice.failed').at(-1)?.notice, 'outcome');
});

test('a mail that went out while the journal could not be written is not sent again, only journalled', async () => {
  let broken = false;
  const { memory, fake, clock, entries, options } = setUp();
  const outbox = createOutbox({
    ...options,
    update: async (id, drafts) => {
      if (broken) throw new JournalError('journal_unwritable', 'The disk is full.');
      return memory.update(id, drafts);
    },
  });
  memory.open(ONE);
  outbox.poke();
  const [attempt] = await fake.attempted(1);
  broken = true;
  attempt?.succeed();
  await outbox.drain();
  assert.is(outbox.undelivered()[0]?.failure, 'The disk is full.');
  broken = false;
  clock.advance(2000);
  await outbox.drain();
  assert.is(fake.attempts.length, 1);
  assert.is(entries('notice.sent').length, 1);
});

test('a question that went out is journalled even if the request ended before that was possible', async () => {
  let broken = false;
  const { memory, fake, clock, entries, options } = setUp();
  const outbox = createOutbox({
    ...options,
    update: async (id, drafts) => {
      if (broken) throw new JournalError('journal_unwritable', 'The disk is full.');
      return memory.update(id, drafts);
    },
  });
  const request = memory.open(ONE);
  outbox.poke();
  const [attempt] = await fake.attempted(1);
  broken = true;
  attempt?.succeed();
  await outbox.drain();
  broken = false;
  memory.reject(request.id);
  outbox.poke();
  clock.advance(2000);
  (await fake.attempted(2))[1]?.succeed();
  await outbox.drain();
  assert.equal(
    entries('notice.sent').map((each) => each.notice),
    ['ask', 'outcome'],
  );
});

test('an address that is corrected while a mail waits is used at the next try', async () => {
  let people = PEOPLE;
  const { memory, fake, outbox, clock } = setUp({ people: () => people });
  memory.open(ONE);
  outbox.poke();
  (await fake.attempted(1))[0]?.fail(busy());
  await outbox.drain();
  people = { ...PEOPLE, people: [{ id: 'alice', name: 'Alice Ng', emails: ['new@example.com'] }] };
  clock.advance(2000);
  assert.equal((await fake.attempted(2))[1]?.notice.to.emails, ['new@example.com']);
});

test('contents that were erased end the notice instead of trying for ever', async () => {
  const { memory, outbox, entries } = setUp({
    content: async () => {
      throw new JournalError('payload_erased', 'The payload was erased.');
    },
  });
  memory.open(ONE);
  outbox.poke();
  await outbox.drain();
  assert.is(entries('notice.failed')[0]?.detail, 'The payload was erased.');
});

test('contents that cannot be read just now are tried again', async () => {
  const { memory, outbox, entries } = setUp({
    content: async () => {
      throw new Error('https://hooks.example.com/secret cannot be read');
    },
  });
  memory.open(ONE);
  outbox.poke();
  await outbox.drain();
  assert.equal(entries('notice.failed'), []);
  assert.is(outbox.undelivered()[0]?.failure, 'Something went wrong in Placet itself (Error).');
});

test('what is still being prepared when it closes is not handed over, and is owed at the next start', async () => {
  let letGo = (): void => undefined;
  const held = new Promise<undefined>((resolve) => {
    letGo = () => resolve(undefined);
  });
  const { memory, fake, outbox, options, entries } = setUp({ checkpoint: () => held });
  memory.open(ONE);
  outbox.poke();
  await settle();
  const closing = outbox.close();
  letGo();
  await closing;
  assert.is(fake.attempts.length, 0);
  assert.equal(entries('notice.sent'), []);
  const next = createOutbox({ ...options, checkpoint: async () => undefined });
  next.poke();
  (await fake.attempted(1))[0]?.succeed();
  await next.drain();
  assert.is(entries('notice.sent').length, 1);
});

test('closing waits for what is under way and starts nothing more', async () => {
  const { memory, fake, outbox, clock, entries } = setUp();
  memory.open(ONE);
  outbox.poke();
  const [attempt] = await fake.attempted(1);
  const closing = outbox.close();
  attempt?.succeed();
  await closing;
  assert.is(entries('notice.sent').length, 1);
  memory.open(ONE);
  outbox.poke();
  clock.advance(600_000);
  await settle();
  assert.is(fake.attempts.length, 1);
});

test('no log line holds a link', async () => {
  const { memory, fake, outbox, logged } = setUp();
  memory.open(ONE);
  outbox.poke();
  const [attempt] = await fake.attempted(1);
  attempt?.fail(busy());
  await outbox.drain();
  assert.is(logged.length, 1);
  assert.not.match(logged.join('\n'), '/r/');
});

test('a question carries a checkpoint that was asked for after its link was in the journal', async () => {
  const sizes: number[] = [];
  const { memory, fake, outbox } = setUp({
    checkpoint: async () => {
      sizes.push(memory.entries.length);
      return 'a signed note';
    },
  });
  memory.open(ONE);
  outbox.poke();
  const [attempt] = await fake.attempted(1);
  assert.is(attempt?.notice.checkpoint, 'a signed note');
  const linked = memory.entries.findIndex((entry) => entry.type === 'link.issued');
  assert.ok(linked >= 0);
  assert.equal(sizes, [linked + 1]);
  attempt?.succeed();
  await outbox.drain();
});

test('an outcome carries a checkpoint, too, and a notice that has none goes out without', async () => {
  let note: string | undefined;
  const { memory, fake, outbox } = setUp({ checkpoint: async () => note });
  const request = memory.open(ONE);
  outbox.poke();
  const [ask] = await fake.attempted(1);
  assert.not.ok('checkpoint' in (ask?.notice ?? {}));
  ask?.succeed();
  await outbox.drain();
  note = 'a signed note';
  memory.append([
    { type: 'approval.resolved', request_id: request.id, resolution: 'cancelled', reason: 'By the agent.' },
  ]);
  outbox.poke();
  const outcome = (await fake.attempted(2))[1];
  assert.is(outcome?.notice.kind, 'outcome');
  assert.is(outcome?.notice.checkpoint, 'a signed note');
  outcome?.succeed();
  await outbox.drain();
});

test.run();
