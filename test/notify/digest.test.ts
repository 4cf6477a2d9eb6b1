import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DeliveryError } from '../../src/notify/channel.ts';
import { digestId, goesAlone, goesAt, lately } from '../../src/notify/digest.ts';
import { createFakeChannel } from '../support/fake-channel.ts';
import { WRITES } from '../support/memory-requests.ts';
import { setUpOutbox, settle } from '../support/outbox.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const ALICE = { terms: [{ ...WRITES, reviewers: ['alice'] }] };

function setUp() {
  const mail = createFakeChannel('email', { digests: true });
  const all = setUpOutbox([mail.channel]);
  const ask = (made = {}) => {
    const { id } = all.memory.open({ ...ALICE, ...made });
    all.outbox.poke(id);
    return id;
  };
  const asks = async (count: number): Promise<readonly string[]> => {
    const ids = Array.from({ length: count }, () => ask());
    await settle();
    for (const each of mail.attempts) each.succeed();
    await all.outbox.drain();
    return ids;
  };
  return { ...all, mail, ask, asks };
}

const sent = (count: number, at = 0) =>
  Array.from({ length: count }, (_, index) => ({ request_id: `apr_${index}`, at: at + index }));

test('five questions that wait go alone, the sixth does not, nor one that comes while others are gathered', () => {
  assert.is(goesAlone(sent(4), 0, 5), true);
  assert.is(goesAlone(sent(5), 0, 5), false);
  assert.is(goesAlone([], 1, 5), false);
});

test('what went out five minutes ago counts no more', () => {
  assert.is(lately(sent(5), 5 * MINUTE - 1).length, 5);
  assert.is(lately(sent(5), 5 * MINUTE).length, 4);
  assert.is(lately(sent(200), 300).length, 200);
});

test('who answers gets the next question at once; what the agent takes back does not count as answered', async () => {
  const { mail, asks, ask, memory } = setUp();
  const ids = await asks(5);
  memory.reject(ids[0] ?? '');
  ask();
  await settle();
  assert.is(mail.attempts.length, 6);
  memory.append([
    {
      type: 'approval.resolved',
      request_id: ids[1] ?? '',
      resolution: 'cancelled',
      reason: 'By the agent.',
    },
  ]);
  ask();
  await settle();
  assert.is(mail.attempts.length, 6);
});

test('a gathered question waits five minutes, or half of the time that it has', () => {
  assert.is(goesAt({ since: 0, expires: 60 * MINUTE }), 5 * MINUTE);
  assert.is(goesAt({ since: 0, expires: 4 * MINUTE }), 2 * MINUTE);
  assert.is(goesAt({ since: MINUTE, expires: MINUTE }), MINUTE);
});

test('what is more than five questions at once comes as one message, each with a link of its own', async () => {
  const { mail, asks, clock, outbox, entries } = setUp();
  const ids = await asks(9);
  assert.is(mail.attempts.length, 5);
  clock.advance(5 * MINUTE - 1);
  await settle();
  assert.is(mail.digests.attempts.length, 0);
  clock.advance(1);
  const [digest] = await mail.digests.attempted(1);
  assert.equal(
    digest?.notice.asks.map(({ request }) => request.id),
    ids.slice(5),
  );
  assert.is(new Set(digest?.notice.asks.map(({ link }) => link)).size, 4);
  assert.is(digest?.notice.to.id, 'alice');
  assert.is(digest?.notice.console, 'http://localhost:7447/console');
  digest?.succeed();
  await outbox.drain();
  const sent = entries('notice.sent').slice(5);
  assert.equal(
    sent.map(({ request_id, notice, message_id }) => [request_id, notice, message_id]),
    ids.slice(5).map((id) => [id, 'ask', `<${digest?.notice.id}@email>`]),
  );
  assert.equal(outbox.undelivered(), []);
});

test('what does not fit into one digest comes in another, so that nothing counts as asked that was in none', async () => {
  const { mail, asks, clock, outbox, entries } = setUp();
  const ids = await asks(30);
  clock.advance(5 * MINUTE);
  const digests = await mail.digests.attempted(2);
  const large = digests.find(({ notice }) => notice.asks.length === 20);
  const small = digests.find(({ notice }) => notice.asks.length === 5);
  assert.equal(
    digests.flatMap(({ notice }) => notice.asks.map(({ request }) => request.id)).sort(),
    ids.slice(5).sort(),
  );
  large?.succeed();
  await settle();
  assert.is(entries('notice.sent').length, 5 + 20);
  small?.succeed();
  await outbox.drain();
  assert.is(entries('notice.sent').length, 30);
});

test('the most urgent stand first in a digest', async () => {
  const { mail, ask, asks, clock } = setUp();
  await asks(5);
  const slow = ask({ expires_in_ms: 60 * MINUTE });
  const soon = ask({ expires_in_ms: 20 * MINUTE });
  await settle();
  clock.advance(5 * MINUTE);
  const [digest] = await mail.digests.attempted(1);
  assert.equal(
    digest?.notice.asks.map(({ request }) => request.id),
    [soon, slow],
  );
});

test('one that expires sooner takes the others with it when half of its time is over', async () => {
  const { mail, ask, asks, clock } = setUp();
  await asks(5);
  ask();
  ask({ expires_in_ms: 4 * MINUTE });
  await settle();
  clock.advance(2 * MINUTE - 1);
  await settle();
  assert.is(mail.digests.attempts.length, 0);
  clock.advance(1);
  assert.is((await mail.digests.attempted(1))[0]?.notice.asks.length, 2);
});

test('after a digest the next follows five minutes later at the soonest, and then questions go alone again', async () => {
  const { mail, ask, asks, clock, outbox } = setUp();
  await asks(7);
  clock.advance(5 * MINUTE);
  (await mail.digests.attempted(1))[0]?.succeed();
  await outbox.drain();
  clock.advance(MINUTE);
  await asks(5);
  assert.is(mail.attempts.length, 8);
  clock.advance(5 * MINUTE);
  const [, second] = await mail.digests.attempted(2);
  assert.is(second?.notice.asks.length, 2);
  second?.succeed();
  await outbox.drain();
  clock.advance(5 * MINUTE);
  ask();
  assert.is((await mail.attempted(9)).length, 9);
});

test('a single question that was gathered goes as what it is', async () => {
  const { mail, asks, clock } = setUp();
  await asks(6);
  clock.advance(5 * MINUTE);
  assert.is((await mail.attempted(6))[5]?.notice.kind, 'ask');
  assert.is(mail.digests.attempts.length, 0);
});

test('what is decided while it waits is in no digest', async () => {
  const { mail, asks, clock, memory, outbox } = setUp();
  const ids = await asks(8);
  memory.reject(ids[6] ?? '');
  outbox.poke(ids[6]);
  clock.advance(5 * MINUTE);
  const [digest] = await mail.digests.attempted(1);
  assert.equal(
    digest?.notice.asks.map(({ request }) => request.id),
    [ids[5], ids[7]],
  );
});

test('questions to one person do not make another wait', async () => {
  const { mail, asks, ask } = setUp();
  await asks(8);
  ask({ terms: [{ ...WRITES, reviewers: ['carol'] }] });
  assert.is((await mail.attempted(6))[5]?.notice.to.id, 'carol');
});

test('what waits for a digest is shown to wait, and until when', async () => {
  const { asks, outbox } = setUp();
  const ids = await asks(6);
  assert.equal(outbox.undelivered(), [
    {
      request_id: ids[5],
      reviewer: 'alice',
      channel: 'email',
      notice: 'ask',
      attempts: 0,
      waits_until: '2026-11-23T10:05:00.000Z',
    },
  ]);
});

test('a restart loses nothing that was gathered, and makes no flood of it', async () => {
  const { asks, outbox, clock, restart, entries } = setUp();
  await asks(8);
  clock.advance(MINUTE);
  await outbox.close();
  const second = createFakeChannel('email', { digests: true });
  const restarted = restart({ channels: [second.channel] });
  restarted.poke();
  await settle();
  assert.is(second.attempts.length, 0);
  clock.advance(5 * MINUTE);
  const [digest] = await second.digests.attempted(1);
  assert.is(digest?.notice.asks.length, 3);
  digest?.succeed();
  await restarted.drain();
  assert.is(entries('notice.sent').length, 8);
});

test('a digest that fails for now is tried again with those that are still wanted', async () => {
  const { mail, asks, clock, memory, outbox, entries } = setUp();
  const ids = await asks(8);
  clock.advance(5 * MINUTE);
  (await mail.digests.attempted(1))[0]?.fail(new DeliveryError('Busy.', false));
  await outbox.drain();
  assert.equal(
    outbox.undelivered().map(({ attempts, failure }) => [attempts, failure]),
    [
      [1, 'Busy.'],
      [1, 'Busy.'],
      [1, 'Busy.'],
    ],
  );
  memory.reject(ids[5] ?? '');
  outbox.poke(ids[5]);
  clock.advance(2000);
  const [, again] = await mail.digests.attempted(2);
  assert.is(again?.notice.asks.length, 2);
  again?.succeed();
  for (const each of mail.attempts) each.succeed();
  await outbox.drain();
  assert.is(entries('notice.sent').filter(({ notice }) => notice === 'ask').length, 7);
});

test('a digest that is refused for good is journalled for each question in it', async () => {
  const { mail, asks, clock, outbox, entries } = setUp();
  const ids = await asks(7);
  clock.advance(5 * MINUTE);
  (await mail.digests.attempted(1))[0]?.fail(new DeliveryError('No such mailbox.', true));
  await outbox.drain();
  assert.equal(
    entries('notice.failed').map(({ request_id, detail }) => [request_id, detail]),
    ids.slice(5).map((id) => [id, 'No such mailbox.']),
  );
});

test('the outcome of a digested question belongs to the digest', async () => {
  const { mail, asks, clock, memory, outbox } = setUp();
  const ids = await asks(7);
  clock.advance(5 * MINUTE);
  const [digest] = await mail.digests.attempted(1);
  digest?.succeed();
  await outbox.drain();
  memory.reject(ids[6] ?? '');
  outbox.poke(ids[6]);
  const outcome = (await mail.attempted(6))[5]?.notice;
  assert.is(outcome?.kind, 'outcome');
  assert.is(outcome?.first, `<${digest?.notice.id}@email>`);
});

test('many reminders at once are gathered like questions', async () => {
  const { mail, ask, clock, outbox, entries } = setUp();
  for (let count = 0; count < 5; count += 1)
    ask({ terms: [{ ...WRITES, reviewers: ['alice'], remind_ms: 10 * MINUTE }] });
  await settle();
  for (const each of mail.attempts) each.succeed();
  await outbox.drain();
  clock.advance(6 * MINUTE);
  for (let count = 0; count < 3; count += 1)
    ask({ terms: [{ ...WRITES, reviewers: ['alice'], remind_ms: 4 * MINUTE }] });
  await settle();
  for (const each of mail.attempts) each.succeed();
  await outbox.drain();
  clock.advance(4 * MINUTE);
  await settle();
  for (const each of mail.attempts) each.succeed();
  await outbox.drain();
  assert.is(mail.attempts.length, 10);
  clock.advance(5 * MINUTE);
  const [digest] = await mail.digests.attempted(1);
  assert.ok((digest?.notice.asks ?? []).every(({ round }) => round > 0));
  digest?.succeed();
  await outbox.drain();
  assert.ok(
    entries('notice.sent').some(
      ({ notice, round, message_id }) =>
        notice === 'reminder' && round === 1 && message_id === `<${digest?.notice.id}@email>`,
    ),
  );
});

test('a channel that knows no digests gets each question alone', async () => {
  const chat = createFakeChannel('email');
  const { memory, outbox } = setUpOutbox([chat.channel]);
  for (let count = 0; count < 9; count += 1) outbox.poke(memory.open(ALICE).id);
  assert.is((await chat.attempted(9)).length, 9);
});

test('a digest has the same id for the same questions to the same person, and another for others', async () => {
  const { memory } = setUpOutbox([]);
  const [one, two] = [memory.open(), memory.open()];
  const to = { id: 'alice', name: 'Alice Ng', emails: [] };
  const [a, b] = [
    { request: one, round: 0, to },
    { request: two, round: 0, to },
  ];
  const id = digestId([a, b]);
  assert.match(id, /^dig_[0-9a-f]{32}$/);
  assert.is(digestId([b, a]), id);
  assert.is.not(digestId([a]), id);
  assert.is.not(digestId([a, { ...b, round: 1 }]), id);
  assert.is.not(digestId([a, b].map((each) => ({ ...each, to: { ...to, id: 'carol' } }))), id);
});

test.run();
