import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DownstreamError } from '../../src/core/errors.ts';
import type { People } from '../../src/core/person.ts';
import type { Policy } from '../../src/core/policy.ts';
import {
  codeOf,
  guardBench,
  idOf,
  PEOPLE,
  policyOf,
  reviewRule,
  signed,
  signedOn,
  type GuardBench,
} from '../support/guard.ts';

const NOW = '2026-11-23T10:00:00.000Z';
const session = (person: string, request_id: string) => ({ kind: 'session', person, request_id }) as const;

function withPeople(people: Partial<People>): Policy {
  return policyOf({ people: { ...PEOPLE, ...people } });
}

function refusedLast(bench: GuardBench, reviewer: string): void {
  const entry = bench.journal.entries.at(-1);
  assert.is(entry?.type, 'self_approval.refused');
  assert.is(entry?.type === 'self_approval.refused' && entry.reviewer, reviewer);
  assert.is(bench.sent.length, 0);
}

test('the owner is refused by session with a passkey, and that is journalled', async () => {
  const bench = guardBench();
  const key = await bench.enrol('bob');
  const id = idOf(await bench.call());
  const deciding = bench.decideBy(session('bob', id), signed(key, bench.act(id, 'bob')));
  assert.is(await codeOf(deciding), 'self_approval');
  refusedLast(bench, 'bob');
});

for (const decision of ['approve', 'reject'] as const) {
  for (const [how, proof] of [
    ['something typed', { kind: 'typed', confirm: 'anything' }],
    ['a sign-on', signedOn('subject of bob', NOW)],
    ['a passkey that is none', { kind: 'passkey', assertion: { id: 'x' }, nonce: 'n' }],
  ] as const) {
    test(`the owner who would ${decision} with ${how} is refused, and that is journalled`, async () => {
      const bench = guardBench();
      const id = idOf(await bench.call());
      assert.is(await codeOf(bench.decideBy(session('bob', id), proof, { decision })), 'self_approval');
      refusedLast(bench, 'bob');
    });
  }
}

test("another entry of the owner's, linked to the same account, is refused by link", async () => {
  const bench = guardBench();
  const token = await bench.link(idOf(await bench.call()), 'alice');
  const account = { issuer: 'https://id.example.com', subject: 'same' };
  bench.policy = withPeople({
    people: PEOPLE.people.map((person) => (person.id === 'carol' ? person : { ...person, sso: [account] })),
  });
  assert.is(await codeOf(bench.decide(token, 'approve')), 'self_approval');
  refusedLast(bench, 'alice');
});

test('whoever the owner acts for is not asked, and is refused who was asked before', async () => {
  const actsFor = withPeople({
    people: PEOPLE.people.map((person) =>
      person.id === 'bob' ? { ...person, acts_for: ['alice'] } : person,
    ),
  });
  const before = guardBench(actsFor);
  const asked = before.ledger.request(idOf(await before.call()))?.terms[0]?.reviewers;
  assert.equal(asked, ['carol']);

  const bench = guardBench();
  const token = await bench.link(idOf(await bench.call()), 'alice');
  bench.policy = actsFor;
  assert.is(await codeOf(bench.decide(token, 'approve')), 'self_approval');
  refusedLast(bench, 'alice');
});

test('an approval by whom the owner has come to act for voids at the start', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ quorum: 2 })] }));
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  const carol = await bench.link(id, 'carol');
  bench.policy = {
    ...bench.policy,
    people: {
      ...PEOPLE,
      people: PEOPLE.people.map((person) =>
        person.id === 'bob' ? { ...person, acts_for: ['alice'] } : person,
      ),
    },
  };
  await bench.decide(carol, 'approve');
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'voided');
  assert.is(bench.sent.length, 0);
});

const alone: People = {
  people: [{ id: 'bob', name: 'Bob', emails: ['bob@example.com'] }],
  groups: { ops: ['bob'] },
  agents: [{ id: 'claude', owner: 'bob' }],
};
const solo: Policy = policyOf({ people: { ...alone, solo: true } });

test('without solo a call that only its owner could review is refused at once', async () => {
  const bench = guardBench(policyOf({ people: alone }));
  const answer = await bench.call();
  assert.is(answer.kind === 'refused' && answer.code, 'no_eligible_reviewers');
});

test('with solo the only human approves by passkey, which the decision and the card say', async () => {
  const bench = guardBench(solo);
  const key = await bench.enrol('bob');
  const id = idOf(await bench.call());
  const view = await bench.guard.reviews.view(session('bob', id));
  assert.is(view.state, 'open');
  assert.is(view.solo, true);
  assert.is(view.demanded, 'passkey');
  assert.equal(view.methods, { approve: ['passkey'], reject: ['passkey'] });
  assert.is(view.card.terms[0]?.solo, true);
  await bench.decideBy(session('bob', id), signed(key, bench.act(id, 'bob')));
  const decided = bench.journal.entries.find((entry) => entry.type === 'approval.decided');
  assert.is(decided?.solo, true);
  await bench.settle();
  assert.is(bench.sent.length, 1);
});

test('with solo what waits for the only human is listed', async () => {
  const bench = guardBench(solo);
  const id = idOf(await bench.call());
  const waiting = await bench.guard.reviews.waiting('bob');
  assert.equal(
    waiting.map(({ request }) => request.id),
    [id],
  );
});

test('with solo nothing weaker than a passkey approves, and a link rejects', async () => {
  const bench = guardBench({
    ...solo,
    people: {
      ...solo.people,
      people: [
        {
          id: 'bob',
          name: 'Bob',
          emails: ['bob@example.com'],
          sso: [{ issuer: 'https://id.example.com', subject: 'subject of bob' }],
        },
      ],
    },
  });
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'bob');
  assert.is(await codeOf(bench.decide(token, 'approve')), 'verification_too_weak');
  const bySignOn = bench.decideBy({ kind: 'link', token }, signedOn('subject of bob', NOW));
  assert.is(await codeOf(bySignOn), 'verification_too_weak');
  await bench.decide(token, 'reject');
  assert.is(bench.ledger.request(id)?.phase.kind, 'rejected');
});

test('solo that people.yaml says no longer lets the owner decide nothing', async () => {
  const bench = guardBench(solo);
  const key = await bench.enrol('bob');
  const id = idOf(await bench.call());
  bench.policy = policyOf({ people: alone });
  const deciding = bench.decideBy(session('bob', id), signed(key, bench.act(id, 'bob')));
  assert.is(await codeOf(deciding), 'self_approval');
  refusedLast(bench, 'bob');
});

test('solo that people.yaml says only after the request lets the owner decide nothing', async () => {
  const bench = guardBench();
  const key = await bench.enrol('bob');
  const id = idOf(await bench.call());
  bench.policy = solo;
  const deciding = bench.decideBy(session('bob', id), signed(key, bench.act(id, 'bob')));
  assert.is(await codeOf(deciding), 'self_approval');
});

test('a reviewer who has become the only human since the request decides nothing', async () => {
  const bench = guardBench();
  const key = await bench.enrol('alice');
  const id = idOf(await bench.call());
  bench.policy = policyOf({
    people: {
      people: PEOPLE.people.filter((person) => person.id === 'alice'),
      groups: { ops: ['alice'] },
      agents: [{ id: 'claude', owner: 'alice' }],
      solo: true,
    },
  });
  const deciding = bench.decideBy(session('alice', id), signed(key, bench.act(id, 'alice')));
  assert.is(await codeOf(deciding), 'self_approval');
  refusedLast(bench, 'alice');
});

test('a solo approval is void at the start when people.yaml no longer says solo', async () => {
  const bench = guardBench(solo);
  const key = await bench.enrol('bob');
  bench.unreachable = new DownstreamError('downstream_unavailable', 'not yet');
  const id = idOf(await bench.call());
  await bench.decideBy(session('bob', id), signed(key, bench.act(id, 'bob')));
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'approved');
  bench.policy = policyOf({ people: alone });
  bench.unreachable = undefined;
  bench.clock.advance(1000);
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'voided');
  assert.is(bench.sent.length, 0);
});

test.run();
