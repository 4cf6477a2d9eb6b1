import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, guardBench, idOf, PEOPLE, policyOf, reviewRule } from '../support/guard.ts';

test('a made-up link is unknown and appends nothing', async () => {
  const bench = guardBench();
  await bench.call();
  const before = bench.journal.entries.length;
  assert.is(await codeOf(bench.decide('made-up', 'approve')), 'link_unknown');
  assert.is(bench.journal.entries.length, before);
});

test('opening a link appends nothing', async () => {
  const bench = guardBench();
  const token = await bench.link(idOf(await bench.call()), 'alice');
  const before = bench.journal.entries.length;
  await bench.guard.reviews.view({ kind: 'link', token });
  assert.is(bench.journal.entries.length, before);
});

for (const decision of ['approve', 'reject'] as const) {
  test(`${decision} without the typed name is refused and appends nothing`, async () => {
    const bench = guardBench();
    const token = await bench.link(idOf(await bench.call()), 'alice');
    const before = bench.journal.entries.length;
    assert.is(await codeOf(bench.decide(token, decision, '', '')), 'confirm_mismatch');
    assert.is(bench.journal.entries.length, before);
  });
}

test("a decision carries how it was verified, when the page was opened, and the action's digests", async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'alice');
  await bench.guard.reviews.view({ kind: 'link', token });
  bench.clock.advance(60_000);
  await bench.decide(token, 'reject', ' Not today. ');
  const entry = bench.journal.entries.find((each) => each.type === 'approval.decided');
  assert.is(entry?.verification, 'link');
  assert.is(entry?.reason, 'Not today.');
  assert.is(entry?.opened_at, '2026-11-23T10:00:00.000Z');
  assert.is(entry?.action_digest, bench.ledger.request(id)?.action_digest);
});

test('the second decision of one person is refused', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ quorum: 2 })] }));
  const token = await bench.link(idOf(await bench.call()), 'alice');
  await bench.decide(token, 'approve');
  assert.is(await codeOf(bench.decide(token, 'reject')), 'already_decided');
});

test('a decision after the resolution is refused by naming it', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const [alice, carol] = [await bench.link(id, 'alice'), await bench.link(id, 'carol')];
  await bench.decide(alice, 'reject');
  assert.is(await codeOf(bench.decide(carol, 'approve')), 'already_resolved');
});

test('two who decide in the same instant leave one resolution', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const [alice, carol] = [await bench.link(id, 'alice'), await bench.link(id, 'carol')];
  const ends = await Promise.allSettled([bench.decide(alice, 'approve'), bench.decide(carol, 'reject')]);
  await bench.settle();
  assert.is(ends.filter((end) => end.status === 'fulfilled').length, 1);
  assert.is(bench.types().filter((type) => type === 'approval.resolved').length, 1);
});

test('a decision at the instant of expiry is too late and the request expires', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'alice');
  const view = await bench.guard.reviews.view({ kind: 'link', token });
  bench.clock.advance(30 * 60_000);
  const late = bench.guard.reviews.decide({
    access: { kind: 'link', token },
    decision: 'approve',
    reason: '',
    proof: { kind: 'typed', confirm: 'write_file' },
    seen: [],
    card_digest: view.request.card_digest,
    opened_at: view.opened_at,
  });
  assert.ok(['expired', 'already_resolved'].includes(await codeOf(late)));
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'expired');
  assert.is(bench.sent.length, 0);
});

test('a reason that the rule requires must be given', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ reason: 'required' })] }));
  const token = await bench.link(idOf(await bench.call()), 'alice');
  assert.is(await codeOf(bench.decide(token, 'approve')), 'reason_required');
});

test('someone who became the owner after being asked is refused, and that is journalled', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'alice');
  bench.policy = { ...bench.policy, people: { ...PEOPLE, agents: [{ id: 'claude', owner: 'alice' }] } };
  assert.is(await codeOf(bench.decide(token, 'approve')), 'self_approval');
  assert.is(bench.types().at(-1), 'self_approval.refused');
  assert.is(bench.sent.length, 0);
});

test('someone who shares a mailbox with the owner is refused', async () => {
  const bench = guardBench();
  const token = await bench.link(idOf(await bench.call()), 'alice');
  bench.policy = {
    ...bench.policy,
    people: {
      ...PEOPLE,
      people: PEOPLE.people.map((person) =>
        person.id === 'alice' ? { ...person, emails: ['BOB+review@example.com'] } : person,
      ),
    },
  };
  assert.is(await codeOf(bench.decide(token, 'approve')), 'self_approval');
});

test('someone who is no longer listed sees nothing behind the link', async () => {
  const bench = guardBench();
  const token = await bench.link(idOf(await bench.call()), 'alice');
  const people = PEOPLE.people.filter((person) => person.id !== 'alice');
  bench.policy = { ...bench.policy, people: { ...PEOPLE, people } };
  assert.is(await codeOf(bench.guard.reviews.view({ kind: 'link', token })), 'not_eligible');
});

test('one human under two entries fills a quorum of two once', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ quorum: 2 })] }));
  const id = idOf(await bench.call());
  const [alice, carol] = [await bench.link(id, 'alice'), await bench.link(id, 'carol')];
  await bench.decide(alice, 'approve');
  bench.policy = {
    ...bench.policy,
    people: {
      ...PEOPLE,
      people: PEOPLE.people.map((person) =>
        person.id === 'carol' ? { ...person, emails: ['alice+c@example.com'] } : person,
      ),
    },
  };
  assert.is(await codeOf(bench.decide(carol, 'approve')), 'already_decided');
});

test('a form of another card decides nothing', async () => {
  const bench = guardBench();
  const token = await bench.link(idOf(await bench.call()), 'alice');
  const late = bench.guard.reviews.decide({
    access: { kind: 'link', token },
    decision: 'approve',
    reason: '',
    proof: { kind: 'typed', confirm: 'write_file' },
    seen: [],
    card_digest: '0'.repeat(64),
    opened_at: '2026-11-23T10:00:00.000Z',
  });
  assert.is(await codeOf(late), 'card_changed');
});

test.run();
