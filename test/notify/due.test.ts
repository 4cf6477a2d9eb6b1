import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, NoticeKind, Terms } from '../../src/core/entry.ts';
import type { People, Person } from '../../src/core/person.ts';
import { dueNotices } from '../../src/notify/due.ts';
import type { Due } from '../../src/notify/ways.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { createFakeChannel, createFakePlace } from '../support/fake-channel.ts';
import { createMemoryRequests, PEOPLE, WRITES, type NewRequest } from '../support/memory-requests.ts';

const MINUTE = 60_000;
const EMAIL = createFakeChannel('email', { reaches: (person) => person.emails.length > 0 }).channel;
const SLACK = createFakeChannel('slack', { reaches: (person) => person.slack !== undefined }).channel;
const OPS = createFakePlace('slack:#ops').place;
const PAGER = createFakePlace('pagerduty').place;

/** A directory in which these people are as said. */
function directory(changes: Readonly<Record<string, Partial<Person>>> = {}): People {
  return { ...PEOPLE, people: PEOPLE.people.map((person) => ({ ...person, ...changes[person.id] })) };
}

function setUp(terms: Partial<Terms> = {}, made: NewRequest = {}, people = directory()) {
  const clock = new FakeClock();
  const memory = createMemoryRequests(clock, seededRandom());
  const { id } = memory.open({ terms: [{ ...WRITES, ...terms }], ...made });
  const look = (channels = [EMAIL, SLACK], places = [OPS, PAGER]) =>
    dueNotices(memory.get(id), {
      people,
      channels,
      place: (name) => places.find((place) => place.name === name),
      now: clock.now(),
    });
  const append = (draft: Draft) => memory.append([draft]);
  const noticed = (notice: NoticeKind, channel: string, reviewer?: string, round?: number) =>
    append({
      type: 'notice.sent',
      request_id: id,
      channel,
      notice,
      message_id: `<${notice}@${channel}>`,
      ...(reviewer === undefined ? {} : { reviewer }),
      ...(round === undefined ? {} : { round }),
    });
  const failed = (channel: string, reviewer?: string) =>
    append({
      type: 'notice.failed',
      request_id: id,
      channel,
      notice: 'ask',
      detail: 'Refused.',
      ...(reviewer === undefined ? {} : { reviewer }),
    });
  const escalate = (cause: 'time' | 'unreachable', reviewers: readonly string[]) =>
    append({ type: 'approval.escalated', request_id: id, rule: 'writes', cause, reviewers });
  const approve = (reviewer: string) => {
    const { action_digest, card_digest } = memory.get(id);
    append({
      type: 'approval.decided',
      request_id: id,
      reviewer,
      verification: 'link',
      decision: 'approve',
      opened_at: '2026-11-23T10:00:00.000Z',
      action_digest,
      card_digest,
    });
  };
  return { clock, memory, id, look, append, noticed, failed, escalate, approve };
}

/** A notice in a few words: what, to whom, by what, and how it fails. */
function words({ notice, round, reviewer, channel, escalated, way }: Due): string {
  const what = round === undefined ? notice : `${notice} ${round}`;
  const why = escalated === undefined ? '' : ` (${escalated})`;
  const where = reviewer === undefined ? `in ${channel}` : `to ${reviewer} by ${channel}`;
  return `${what} ${where}${why}${way.kind === 'fail' ? `: ${way.detail}` : ''}`;
}

const dues = (owed: { readonly due: readonly Due[] }): readonly string[] => owed.due.map(words);
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

test('where a rule names no channel each reviewer is asked by mail', () => {
  const { look } = setUp({}, {}, directory({ alice: { slack: 'U1' } }));
  assert.equal(dues(look()), ['ask to alice by email', 'ask to carol by email']);
});

test('each person is asked by every channel of theirs that the rule names, and each place once', () => {
  const { look } = setUp(
    { notify: ['email', 'slack', 'slack:#ops', 'pagerduty'] },
    {},
    directory({ alice: { slack: 'U1' }, carol: { slack: 'U2' } }),
  );
  assert.equal(dues(look()), [
    'ask to alice by email',
    'ask to alice by slack',
    'ask to carol by email',
    'ask to carol by slack',
    'ask in slack:#ops',
    'ask in pagerduty',
  ]);
});

test('a rule that names places alone asks nobody by themselves', () => {
  assert.equal(dues(setUp({ notify: ['slack:#ops'] }).look()), ['ask in slack:#ops']);
});

test('a channel that is not set up, or has no address for a person, fails with a sentence, and the others go on', () => {
  const { look } = setUp({ notify: ['email', 'slack', 'teams'], reviewers: ['alice'] });
  assert.equal(dues(look()), [
    'ask to alice by email',
    'ask to alice by slack: The channel slack has no address for alice: give them one in people.yaml, or name another channel in the rule.',
    'ask in teams: The channel teams is not set up: give its settings in .env, or name another in the rule.',
  ]);
  assert.is(
    dues(look([EMAIL]))[1],
    'ask to alice by slack: The channel slack is not set up: give its settings in .env, or name another in the rule.',
  );
});

test('what was sent or failed for good is not due again, and a channel that is set up later asks whom nothing reached', () => {
  const { look, noticed, failed } = setUp({ reviewers: ['alice', 'dan'] });
  failed('none', 'dan');
  noticed('ask', 'email', 'alice');
  assert.equal(dues(look()), []);
  const all = createFakeChannel('email').channel;
  assert.equal(dues(look([all])), ['ask to dan by email']);
});

test('who is away is not asked, and their delegate is', () => {
  const { look } = setUp({ reviewers: ['alice', 'carol'], away: ['alice'] });
  assert.equal(dues(look()), ['ask to carol by email']);
});

test('the owner of the agent is not asked, even by terms that name them', () => {
  const { look } = setUp({ reviewers: ['alice', 'bob'], notify: ['email'] });
  assert.equal(dues(look()), ['ask to alice by email']);
});

test('who has decided is asked no more, and no other channel asks them either', () => {
  const { look, approve } = setUp({ quorum: 2, notify: ['email'] });
  approve('alice');
  assert.equal(dues(look()), ['ask to carol by email']);
});

test('an escalation asks its people by its own channels, its places, and says why', () => {
  const { look, clock, noticed, escalate } = setUp(
    {
      reviewers: ['alice'],
      notify: ['email'],
      escalate: { after_ms: 10 * MINUTE, reviewers: ['carol'], notify: ['slack', 'pagerduty'] },
    },
    {},
    directory({ carol: { slack: 'U2' } }),
  );
  noticed('ask', 'email', 'alice');
  assert.equal(dues(look()), []);
  clock.advance(10 * MINUTE);
  escalate('time', ['carol']);
  assert.equal(dues(look()), ['ask to carol by slack (time)', 'ask in pagerduty (time)']);
});

test('an escalation that names places alone asks its people where the terms do', () => {
  const { look, clock, noticed, escalate } = setUp({
    reviewers: ['alice'],
    escalate: { after_ms: MINUTE, reviewers: ['carol'], notify: ['pagerduty'] },
  });
  noticed('ask', 'email', 'alice');
  clock.advance(MINUTE);
  escalate('time', ['carol']);
  assert.equal(dues(look()), ['ask to carol by email (time)', 'ask in pagerduty (time)']);
});

test('fallback people are asked by each channel that reaches them, whatever the rule names', () => {
  const { look, failed, escalate } = setUp(
    { reviewers: ['alice'], notify: ['slack:#ops'], fallback: ['carol', 'dan'] },
    {},
    directory({ carol: { slack: 'U2' } }),
  );
  failed('slack:#ops');
  escalate('unreachable', ['carol', 'dan']);
  assert.equal(dues(look()), [
    'ask to carol by email (unreachable)',
    'ask to carol by slack (unreachable)',
    'ask to dan by none (unreachable): No channel reaches dan: give them an address in people.yaml, or set up a channel that has one.',
  ]);
});

test('reminders follow a question three times, each after the time that the rule names', () => {
  const { look, clock, noticed } = setUp(
    { reviewers: ['alice'], notify: ['email', 'slack:#ops'], remind_ms: 5 * MINUTE },
    { expires_in_ms: 60 * MINUTE },
  );
  noticed('ask', 'email', 'alice');
  clock.advance(MINUTE);
  noticed('ask', 'slack:#ops');
  assert.is(iso(look().next), '2026-11-23T10:05:00.000Z');
  clock.advance(4 * MINUTE);
  assert.equal(dues(look()), ['reminder 1 to alice by email']);
  assert.is(iso(look().next), '2026-11-23T10:06:00.000Z');
  noticed('reminder', 'email', 'alice', 1);
  clock.advance(MINUTE);
  assert.equal(dues(look()), ['reminder 1 in slack:#ops']);
  noticed('reminder', 'slack:#ops', undefined, 1);
  clock.advance(9 * MINUTE);
  assert.equal(dues(look()), ['reminder 3 to alice by email', 'reminder 2 in slack:#ops']);
  noticed('reminder', 'email', 'alice', 3);
  noticed('reminder', 'slack:#ops', undefined, 2);
  clock.advance(30 * MINUTE);
  assert.equal(dues(look()), ['reminder 3 in slack:#ops']);
  noticed('reminder', 'slack:#ops', undefined, 3);
  assert.equal(look(), { due: [], asleep: [] });
});

test('a person is reminded as often as the most impatient of their rules says', () => {
  const { look, clock, noticed } = setUp(
    {},
    {
      terms: [
        { ...WRITES, reviewers: ['alice'], remind_ms: 10 * MINUTE },
        { ...WRITES, rule: 'other', reviewers: ['alice', 'carol'], remind_ms: 4 * MINUTE },
        { ...WRITES, rule: 'third', reviewers: ['carol'], remind_ms: MINUTE },
      ],
    },
  );
  noticed('ask', 'email', 'alice');
  clock.advance(4 * MINUTE);
  assert.equal(dues(look()), ['reminder 1 to alice by email', 'ask to carol by email']);
});

test('a question that failed is not followed by reminders, and neither is one that was answered', () => {
  const { look, clock, failed, noticed, approve } = setUp({
    reviewers: ['alice', 'carol', 'dan'],
    quorum: 2,
    remind_ms: MINUTE,
  });
  failed('email', 'alice');
  noticed('ask', 'email', 'carol');
  noticed('ask', 'email', 'dan');
  approve('carol');
  clock.advance(MINUTE);
  const mail = createFakeChannel('email').channel;
  assert.equal(dues(look([mail])), ['reminder 1 to dan by email']);
});

const NIGHT = { from: 9 * 60, to: 10 * 60 + 20, zone: 'UTC' };

test('a question waits for the end of quiet hours, and others do not wait with it', () => {
  const { look, clock } = setUp({}, {}, directory({ alice: { quiet: NIGHT } }));
  const owed = look();
  assert.equal(dues(owed), ['ask to carol by email']);
  assert.equal(
    owed.asleep.map(({ due, until }) => [words(due), iso(until)]),
    [['ask to alice by email', '2026-11-23T10:20:00.000Z']],
  );
  assert.is(iso(owed.next), '2026-11-23T10:20:00.000Z');
  clock.advance(20 * MINUTE);
  assert.equal(dues(look()), ['ask to alice by email', 'ask to carol by email']);
});

test('a reminder waits for the end of quiet hours, too, and a place has none', () => {
  const { look, clock, noticed } = setUp(
    { notify: ['email', 'slack:#ops'], remind_ms: MINUTE },
    {},
    directory({ alice: { quiet: NIGHT } }),
  );
  noticed('ask', 'email', 'alice');
  noticed('ask', 'email', 'carol');
  noticed('ask', 'slack:#ops');
  clock.advance(MINUTE);
  assert.equal(dues(look()), ['reminder 1 to carol by email', 'reminder 1 in slack:#ops']);
});

test('quiet hours do not count where the quorum could not be asked in time without them', () => {
  const late = { ...NIGHT, to: 10 * 60 + 30 };
  const { look } = setUp({ quorum: 2 }, {}, directory({ alice: { quiet: late } }));
  assert.equal(dues(look()), ['ask to alice by email', 'ask to carol by email']);
});

test('quiet hours that end before the request does count, even where everybody has them', () => {
  const { look } = setUp({ quorum: 2 }, {}, directory({ alice: { quiet: NIGHT }, carol: { quiet: NIGHT } }));
  assert.equal(dues(look()), []);
});

test('who cannot be reached at all does not let another sleep through the request', () => {
  const late = { ...NIGHT, to: 11 * 60 };
  const { look, failed } = setUp({}, {}, directory({ alice: { quiet: late } }));
  assert.equal(dues(look()), ['ask to carol by email']);
  failed('email', 'carol');
  assert.equal(dues(look()), ['ask to alice by email']);
});

test('quiet hours of one rule are broken for it alone', () => {
  const late = { ...NIGHT, to: 11 * 60 };
  const { look } = setUp(
    {},
    {
      terms: [
        { ...WRITES, reviewers: ['alice'] },
        { ...WRITES, rule: 'other', reviewers: ['carol', 'dan'] },
      ],
    },
    directory({ alice: { quiet: late }, carol: { quiet: late }, dan: { emails: ['dan@example.com'] } }),
  );
  assert.equal(dues(look()), ['ask to alice by email', 'ask to dan by email']);
});

test('the outcome goes to each channel where the question went, to each such place, and to the owner', () => {
  const { look, memory, id, noticed, failed } = setUp(
    { reviewers: ['alice'], notify: ['email', 'slack', 'slack:#ops', 'pagerduty'] },
    { owner_channels: ['email', 'slack'] },
    directory({ alice: { slack: 'U1' } }),
  );
  memory.append([{ type: 'link.issued', request_id: id, reviewer: 'alice', link_sha256: 'a'.repeat(64) }]);
  noticed('ask', 'email', 'alice');
  failed('slack', 'alice');
  noticed('ask', 'slack:#ops');
  failed('pagerduty');
  memory.reject(id);
  assert.equal(dues(look()), [
    'outcome to alice by email',
    'outcome in slack:#ops',
    'owner_outcome to bob by email',
    'owner_outcome to bob by slack: The channel slack has no address for bob: give them one in people.yaml, or name another channel in the rule.',
  ]);
  noticed('outcome', 'email', 'alice');
  noticed('outcome', 'slack:#ops');
  noticed('owner_outcome', 'email', 'bob');
  assert.equal(dues(look()).length, 1);
});

test('a question that may have gone out before a crash is followed where it would have gone', () => {
  const { look, memory, id } = setUp({ reviewers: ['alice'], notify: ['email', 'slack'] });
  memory.append([{ type: 'link.issued', request_id: id, reviewer: 'alice', link_sha256: 'a'.repeat(64) }]);
  memory.reject(id);
  assert.equal(dues(look()), ['outcome to alice by email']);
});

test('nothing is due once the time is over', () => {
  const { look, clock } = setUp();
  clock.advance(30 * MINUTE);
  assert.equal(look(), { due: [], asleep: [] });
});

test('nothing is due while an approved action has not ended', () => {
  const { look, append, approve, noticed, id } = setUp({ reviewers: ['alice'] });
  noticed('ask', 'email', 'alice');
  approve('alice');
  append({ type: 'approval.resolved', request_id: id, resolution: 'approved', reason: 'Quorum reached.' });
  assert.equal(look(), { due: [], asleep: [] });
});

test.run();
