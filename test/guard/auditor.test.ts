import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DownstreamError } from '../../src/core/errors.ts';
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
} from '../support/guard.ts';

const NOW = '2026-11-23T10:00:00.000Z';
const session = (person: string, request_id: string) => ({ kind: 'session', person, request_id }) as const;

/** The people of the bench, of whom these are auditors. */
function auditing(ids: readonly string[], changes: Partial<Policy> = {}): Policy {
  const people = PEOPLE.people.map((person) =>
    ids.includes(person.id) ? { ...person, role: 'auditor' as const } : person,
  );
  return policyOf({ ...changes, people: { ...PEOPLE, people } });
}

test('an auditor is not asked, whatever group they are in', async () => {
  const bench = guardBench(auditing(['carol']));
  const id = idOf(await bench.call());
  assert.equal(bench.ledger.request(id)?.terms[0]?.reviewers, ['alice']);
});

test('an auditor stands in for nobody', async () => {
  const { people } = auditing(['carol']);
  const away = { until: '2027-01-01T00:00:00.000Z', to: 'carol' };
  const bench = guardBench({
    ...policyOf({ rules: [reviewRule({ reviewers: ['alice'] })] }),
    people: {
      ...people,
      people: people.people.map((each) => (each.id === 'alice' ? { ...each, away } : each)),
    },
  });
  const id = idOf(await bench.call());
  assert.equal(bench.ledger.request(id)?.terms[0]?.reviewers, ['alice']);
});

test('an auditor sees a request that they were not asked about, with its story, and may do nothing', async () => {
  const bench = guardBench(auditing(['carol']));
  await bench.enrol('carol');
  const id = idOf(await bench.call());
  const view = await bench.guard.reviews.view(session('carol', id));
  assert.is(view.state, 'watching');
  assert.equal(view.methods, { approve: [], reject: [] });
  assert.equal(view.admits, []);
  assert.is((await bench.guard.reviews.story('carol', id)).length, 2);
  assert.equal(await bench.guard.reviews.waiting('carol'), []);
});

for (const decision of ['approve', 'reject'] as const) {
  test(`whoever was asked and is an auditor now does not ${decision}, by link, passkey, sign-on, Slack or key`, async () => {
    const bench = guardBench(policyOf({ rules: [reviewRule({ admits: ['slack', 'api'] })] }));
    const id = idOf(await bench.call());
    const token = await bench.link(id, 'carol');
    const key = await bench.enrol('carol');
    bench.policy = auditing(['carol'], { rules: [reviewRule({ admits: ['slack', 'api'] })] });
    const entries = bench.journal.entries.length;
    assert.equal(await bench.guard.reviews.waiting('carol'), []);
    assert.is((await bench.guard.reviews.view({ kind: 'link', token })).state, 'watching');
    assert.is(await codeOf(bench.decide(token, decision)), 'auditor');
    const slack = { kind: 'slack', team: 'T1', user: 'U1', payload_sha256: 'a'.repeat(64) } as const;
    for (const proof of [
      signed(key, bench.act(id, 'carol', { decision })),
      signedOn('subject of carol', NOW),
      { kind: 'slack', receipt: slack, confirm: 'write_file' },
      { kind: 'api', receipt: { kind: 'api', key_id: 'k1' }, confirm: 'write_file' },
    ] as const)
      assert.is(await codeOf(bench.decideBy(session('carol', id), proof, { decision })), 'auditor');
    assert.is(bench.journal.entries.length, entries);
    assert.is(bench.ledger.request(id)?.phase.kind, 'pending');
  });
}

test('an approval by whoever has become an auditor since does not start the call', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ quorum: 2 })] }));
  const id = idOf(await bench.call());
  const carol = await bench.link(id, 'carol');
  const alice = await bench.link(id, 'alice');
  await bench.decide(carol, 'approve');
  bench.policy = auditing(['carol'], { rules: [reviewRule({ quorum: 2 })] });
  await bench.decide(alice, 'approve');
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'voided');
  assert.equal(bench.sent, []);
});

test('another entry of an auditor does not decide either', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'alice');
  const twin = { id: 'alice-too', name: 'Alice', emails: ['alice+2@example.com'], role: 'auditor' } as const;
  bench.policy = policyOf({ people: { ...PEOPLE, people: [...PEOPLE.people, twin] } });
  assert.is(await codeOf(bench.decide(token, 'approve')), 'auditor');
});

test('an auditor does not say what became of an unknown outcome', async () => {
  const bench = guardBench();
  bench.answer = async () => {
    throw new DownstreamError('downstream_died', 'It died.');
  };
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'outcome_unknown');
  const key = await bench.enrol('carol');
  bench.policy = auditing(['carol']);
  const access = session('carol', id);
  assert.is((await bench.guard.reviews.view(access)).reconcile, undefined);
  const act = {
    act: 'reconcile',
    request_id: id,
    action_digest: bench.ledger.request(id)?.action_digest ?? '',
    outcome: 'done',
    reviewer: 'carol',
    nonce: 'n1',
  } as const;
  const saying = bench.guard.reviews.reconcile({
    access,
    outcome: 'done',
    reason: 'I looked.',
    proof: signed(key, act),
  });
  assert.is(await codeOf(saying), 'auditor');
  assert.is(bench.ledger.request(id)?.phase.kind, 'outcome_unknown');
});

test.run();
