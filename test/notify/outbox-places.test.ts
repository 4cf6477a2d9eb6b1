import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/core/entry.ts';
import type { Person } from '../../src/core/person.ts';
import { DeliveryError } from '../../src/notify/channel.ts';
import { createFakeChannel, createFakePlace } from '../support/fake-channel.ts';
import { PEOPLE, WRITES } from '../support/memory-requests.ts';
import { setUpOutbox, settle } from '../support/outbox.ts';

const MINUTE = 60_000;

function setUp(notify: readonly string[], terms = {}) {
  const mail = createFakeChannel('email');
  const room = createFakePlace('slack:#ops');
  const pager = createFakePlace('pagerduty');
  const all = setUpOutbox([mail.channel], [room.place, pager.place]);
  const open = (made = {}) =>
    all.memory.open({ terms: [{ ...WRITES, reviewers: ['alice'], notify, ...terms }], ...made });
  return { ...all, mail, room, pager, open };
}

const noticed = (entries: readonly Entry[]): readonly string[] =>
  entries.flatMap((entry) => {
    if (entry.type !== 'notice.sent' && entry.type !== 'notice.failed') return [];
    const { type, notice, round = '', reviewer = '-', channel } = entry;
    return [`${type.slice(7)} ${notice}${round} ${reviewer} ${channel}`];
  });

test('a place gets the address of the console, which is no secret, and no link is made for it', async () => {
  const { open, outbox, room, entries } = setUp(['slack:#ops']);
  const { id } = open();
  outbox.poke(id);
  const [ask] = await room.attempted(1);
  assert.is(ask?.notice.kind === 'ask' && ask.notice.link, `http://localhost:7447/console/requests/${id}`);
  assert.not.ok('to' in (ask?.notice ?? {}));
  ask?.succeed();
  await outbox.drain();
  assert.equal(entries('link.issued'), []);
});

test('neither a place nor another person is handed the link of anybody', async () => {
  const { memory, mail, room, outbox } = setUp(['email', 'slack:#ops']);
  const { id } = memory.open({ terms: [{ ...WRITES, notify: ['email', 'slack:#ops'] }] });
  outbox.poke(id);
  const [first, second] = await mail.attempted(2);
  const [posted] = await room.attempted(1);
  const tokens = [first, second].map((each) =>
    each?.notice.kind === 'ask' ? each.notice.link.split('/').at(-1) : undefined,
  );
  assert.is(new Set(tokens).size, 2);
  const others = [JSON.stringify(second?.notice), JSON.stringify(posted?.notice)];
  assert.is(others.filter((text) => text.includes(tokens[0] ?? 'none')).length, 0);
  assert.not.match(JSON.stringify([first?.notice, posted?.notice]), tokens[1] ?? 'none');
  assert.not.match(JSON.stringify(posted?.notice), '/r/');
});

test('a place hears the names of those concerned and of nobody else', async () => {
  const { open, outbox, room } = setUp(['slack:#ops']);
  outbox.poke(open().id);
  const [ask] = await room.attempted(1);
  assert.equal(ask?.notice.names, { alice: 'Alice Ng', bob: 'Bob Lee' });
});

test('a channel that does not answer, and one that is not set up, hold no other up', async () => {
  const { open, outbox, mail, room, memory } = setUp(['teams', 'slack:#ops', 'email', 'pagerduty']);
  outbox.poke(open().id);
  await room.attempted(1);
  (await mail.attempted(1))[0]?.succeed();
  await settle();
  assert.equal(noticed(memory.entries), ['failed ask - teams', 'sent ask alice email']);
});

test('what a place called the question goes with what follows it there', async () => {
  const { open, outbox, room, memory, clock } = setUp(['slack:#ops'], { remind_ms: 10 * MINUTE });
  const { id } = open();
  outbox.poke(id);
  (await room.attempted(1))[0]?.succeed();
  await outbox.drain();
  clock.advance(10 * MINUTE);
  const reminder = (await room.attempted(2))[1];
  assert.is(reminder?.notice.kind === 'ask' && reminder.notice.round, 1);
  assert.is(reminder?.notice.first, 'ask@slack:#ops');
  reminder?.succeed();
  await outbox.drain();
  memory.reject(id);
  outbox.poke(id);
  const outcome = (await room.attempted(3))[2];
  assert.is(outcome?.notice.kind, 'outcome');
  assert.is(outcome?.notice.first, 'ask@slack:#ops');
  outcome?.succeed();
  await outbox.drain();
  assert.equal(noticed(memory.entries), [
    'sent ask - slack:#ops',
    'sent reminder1 - slack:#ops',
    'sent outcome - slack:#ops',
  ]);
});

test('a channel that says when it may be asked again is asked then, and not before', async () => {
  const { open, outbox, room, clock } = setUp(['slack:#ops']);
  outbox.poke(open().id);
  const limited = new DeliveryError('Too many messages.', false, { retry_after_ms: 30_000 });
  (await room.attempted(1))[0]?.fail(limited);
  await outbox.drain();
  clock.advance(29_999);
  await settle();
  assert.is(room.attempts.length, 1);
  clock.advance(1);
  assert.is((await room.attempted(2)).length, 2);
});

test('a channel that lets itself be asked again at once is given a second all the same', async () => {
  const { open, outbox, room, clock } = setUp(['slack:#ops']);
  outbox.poke(open().id);
  (await room.attempted(1))[0]?.fail(new DeliveryError('Busy.', false, { retry_after_ms: 0 }));
  await outbox.drain();
  clock.advance(999);
  await settle();
  assert.is(room.attempts.length, 1);
  clock.advance(1);
  assert.is((await room.attempted(2)).length, 2);
});

test('a place that refuses for good is journalled with its sentence, and shown to be told nothing more', async () => {
  const { open, outbox, room, memory, entries } = setUp(['slack:#ops', 'email']);
  const { id } = open();
  outbox.poke(id);
  (await room.attempted(1))[0]?.fail(new DeliveryError('There is no channel #ops.', true));
  await settle();
  assert.equal(
    entries('notice.failed').map(({ reviewer, channel, detail }) => [reviewer, channel, detail]),
    [[undefined, 'slack:#ops', 'There is no channel #ops.']],
  );
  memory.reject(id);
  outbox.poke(id);
  await settle();
  assert.is(room.attempts.length, 1);
});

test('what is undelivered names the place, and how often it was tried', async () => {
  const { open, outbox, room } = setUp(['slack:#ops']);
  const { id } = open();
  outbox.poke(id);
  (await room.attempted(1))[0]?.fail(new DeliveryError('The token was revoked.', false));
  await outbox.drain();
  assert.equal(outbox.undelivered(), [
    {
      request_id: id,
      channel: 'slack:#ops',
      notice: 'ask',
      attempts: 1,
      failure: 'The token was revoked.',
    },
  ]);
});

test('after a restart a place that was asked is told the outcome, and one that was not is asked', async () => {
  const { open, outbox, room, pager, memory, restart } = setUp(['slack:#ops', 'pagerduty']);
  const { id } = open();
  outbox.poke(id);
  (await room.attempted(1))[0]?.succeed();
  (await pager.attempted(1))[0]?.fail(new DeliveryError('Busy.', false));
  await outbox.close();
  const [again, second] = [createFakePlace('slack:#ops'), createFakePlace('pagerduty')];
  const restarted = restart({
    place: (name) => [again.place, second.place].find((place) => place.name === name),
  });
  restarted.poke();
  (await second.attempted(1))[0]?.succeed();
  await restarted.drain();
  assert.is(again.attempts.length, 0);
  memory.reject(id);
  restarted.poke(id);
  const [outcome] = await again.attempted(1);
  assert.is(outcome?.notice.first, 'ask@slack:#ops');
});

test('reminders go on counting after a restart, with a link that works', async () => {
  const { open, outbox, mail, memory, clock, restart, entries } = setUp(['email'], { remind_ms: 5 * MINUTE });
  const { id } = open({ expires_in_ms: 60 * MINUTE });
  outbox.poke(id);
  (await mail.attempted(1))[0]?.succeed();
  await outbox.drain();
  clock.advance(5 * MINUTE);
  (await mail.attempted(2))[1]?.succeed();
  await outbox.close();
  const second = createFakeChannel('email');
  const restarted = restart({ channels: [second.channel] });
  restarted.poke();
  clock.advance(5 * MINUTE - 1);
  await settle();
  assert.is(second.attempts.length, 0);
  clock.advance(1);
  const [reminder] = await second.attempted(1);
  assert.is(reminder?.notice.kind === 'ask' && reminder.notice.round, 2);
  assert.is(reminder?.notice.first, '<ask.alice@email>');
  assert.is(entries('link.issued').length, 2);
  reminder?.succeed();
  await restarted.drain();
  memory.reject(id);
  restarted.poke(id);
  assert.is((await second.attempted(2))[1]?.notice.kind, 'outcome');
  assert.equal(noticed(memory.entries).slice(0, 3), [
    'sent ask alice email',
    'sent reminder1 alice email',
    'sent reminder2 alice email',
  ]);
});

test('a reminder that was missed while no host ran is made up for once', async () => {
  const { open, outbox, mail, clock, restart, memory } = setUp(['email'], { remind_ms: MINUTE });
  outbox.poke(open().id);
  (await mail.attempted(1))[0]?.succeed();
  await outbox.close();
  clock.advance(20 * MINUTE);
  const second = createFakeChannel('email');
  const restarted = restart({ channels: [second.channel] });
  restarted.poke();
  (await second.attempted(1))[0]?.succeed();
  await restarted.drain();
  clock.advance(5 * MINUTE);
  await settle();
  assert.is(second.attempts.length, 1);
  assert.equal(noticed(memory.entries), ['sent ask alice email', 'sent reminder3 alice email']);
});

test('who is asked because nobody decided in time is told so, with a link of their own', async () => {
  const { open, outbox, mail, pager, memory, clock } = setUp(['email'], {
    escalate: { after_ms: MINUTE, reviewers: ['carol'], notify: ['pagerduty'] },
  });
  const { id } = open();
  outbox.poke(id);
  (await mail.attempted(1))[0]?.succeed();
  clock.advance(MINUTE);
  memory.append([
    { type: 'approval.escalated', request_id: id, rule: 'writes', cause: 'time', reviewers: ['carol'] },
  ]);
  outbox.poke(id);
  const asked = (await mail.attempted(2))[1]?.notice;
  assert.is(asked?.to.id, 'carol');
  assert.is(asked?.kind === 'ask' && asked.escalated, 'time');
  const paged = (await pager.attempted(1))[0]?.notice;
  assert.is(paged?.kind === 'ask' && paged.escalated, 'time');
});

test('the owner is told how it ended where they chose, by no link, and is asked by nobody', async () => {
  const { open, outbox, mail, memory, entries } = setUp(['email']);
  const { id } = open({ owner_channels: ['email'] });
  outbox.poke(id);
  (await mail.attempted(1))[0]?.succeed();
  await outbox.drain();
  memory.reject(id);
  outbox.poke(id);
  for (const each of await mail.attempted(3)) each.succeed();
  await outbox.drain();
  const told = mail.attempts.find(({ notice }) => notice.to.id === 'bob')?.notice;
  assert.is(told?.kind === 'outcome' && told.as, 'owner');
  assert.not.match(JSON.stringify(told), '/r/');
  assert.equal(
    entries('link.issued').map(({ reviewer }) => reviewer),
    ['alice'],
  );
  assert.ok(noticed(memory.entries).includes('sent owner_outcome bob email'));
  assert.not.ok(noticed(memory.entries).some((each) => each.includes('ask bob')));
});

test('a question waits for quiet hours to end, is shown to wait, and then goes by itself', async () => {
  const mail = createFakeChannel('email');
  const quiet = { from: 9 * 60, to: 10 * 60 + 10, zone: 'UTC' };
  const people = PEOPLE.people.map((each): Person => (each.id === 'alice' ? { ...each, quiet } : each));
  const { memory, outbox, clock } = setUpOutbox([mail.channel], [], {
    people: () => ({ ...PEOPLE, people }),
  });
  const { id } = memory.open({ terms: [{ ...WRITES, reviewers: ['alice'] }] });
  outbox.poke(id);
  await settle();
  assert.equal(outbox.undelivered(), [
    {
      request_id: id,
      reviewer: 'alice',
      channel: 'email',
      notice: 'ask',
      attempts: 0,
      waits_until: '2026-11-23T10:10:00.000Z',
    },
  ]);
  clock.advance(10 * MINUTE);
  assert.is((await mail.attempted(1))[0]?.notice.to.id, 'alice');
});

test('a change of one request looks at no other', async () => {
  const mail = createFakeChannel('email');
  const { memory, outbox } = setUpOutbox([mail.channel]);
  const first = memory.open({ terms: [{ ...WRITES, reviewers: ['alice'] }] });
  memory.open({ terms: [{ ...WRITES, reviewers: ['carol'] }] });
  outbox.poke(first.id);
  await settle();
  assert.equal(
    mail.attempts.map(({ notice }) => notice.to.id),
    ['alice'],
  );
  outbox.poke();
  await settle();
  assert.is(mail.attempts.length, 2);
});

test('a mail that was sent does not end what another channel still owes of the outcome', async () => {
  const chat = createFakeChannel('slack');
  const mail = createFakeChannel('email');
  const { memory, outbox, clock } = setUpOutbox([mail.channel, chat.channel]);
  const { id } = memory.open({ terms: [{ ...WRITES, reviewers: ['alice'], notify: ['email', 'slack'] }] });
  outbox.poke(id);
  (await mail.attempted(1))[0]?.succeed();
  (await chat.attempted(1))[0]?.succeed();
  await outbox.drain();
  memory.reject(id);
  memory.append([
    {
      type: 'call.completed',
      call_id: memory.get(id).call_id,
      request_id: id,
      outcome: 'delivered',
    },
  ]);
  outbox.poke(id);
  (await chat.attempted(2))[1]?.fail(new DeliveryError('Busy.', false));
  (await mail.attempted(2))[1]?.succeed();
  await outbox.drain();
  clock.advance(2000);
  (await chat.attempted(3))[2]?.succeed();
  await outbox.drain();
  assert.ok(noticed(memory.entries).includes('sent outcome alice slack'));
});

test('what fails for half of the time of a request is given up where there are people to fall back on', async () => {
  for (const [terms, expected] of [
    [{ fallback: ['dan'] }, ['failed ask alice email', 'failed ask - slack:#ops']],
    [{}, []],
  ] as const) {
    const { open, outbox, mail, room, clock, memory } = setUp(['email', 'slack:#ops'], terms);
    const revoked = () => new DeliveryError('The token was revoked.', false, { retry_after_ms: 3_600_000 });
    outbox.poke(open({ expires_in_ms: 20 * MINUTE }).id);
    (await mail.attempted(1))[0]?.fail(revoked());
    (await room.attempted(1))[0]?.fail(revoked());
    await outbox.drain();
    clock.advance(10 * MINUTE - 1);
    await outbox.drain();
    assert.equal(noticed(memory.entries), []);
    clock.advance(1);
    if (expected.length > 0) {
      (await mail.attempted(2))[1]?.fail(revoked());
      (await room.attempted(2))[1]?.fail(revoked());
    }
    await outbox.drain();
    await settle();
    assert.equal(noticed(memory.entries), expected);
  }
});

test.run();
