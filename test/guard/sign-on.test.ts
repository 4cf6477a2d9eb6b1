import { test } from 'uvu';
import * as assert from 'uvu/assert';
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

const ISSUER = 'https://id.example.com';
const NOW = '2026-11-23T10:00:00.000Z';

function linked(changes: Partial<Policy['people']> = {}): Policy['people'] {
  return {
    ...PEOPLE,
    people: PEOPLE.people.map((person) => ({
      ...person,
      sso: [{ issuer: ISSUER, subject: `subject of ${person.id}` }],
    })),
    ...changes,
  };
}

function ssoPolicy(people = linked(), max_age_ms = 5 * 60_000): Policy {
  return policyOf({ people, rules: [reviewRule({ verification: 'sso', max_age_ms })] });
}

const session = (request_id: string, person = 'alice') => ({ kind: 'session', person, request_id }) as const;

test('a fresh sign-on and the typed name approve, and its receipt stands in the journal', async () => {
  const bench = guardBench(ssoPolicy());
  const id = idOf(await bench.call());
  const proof = signedOn('subject of alice', NOW);
  await bench.decideBy(session(id), proof);
  const entry = bench.journal.entries.find((each) => each.type === 'approval.decided');
  assert.is(entry?.verification, 'sso');
  assert.equal(entry?.receipt, proof.sign_on);
  await bench.settle();
  assert.is(bench.sent.length, 1);
});

test('a sign-on without the typed name decides nothing', async () => {
  const bench = guardBench(ssoPolicy());
  const id = idOf(await bench.call());
  const proof = { ...signedOn('subject of alice', NOW), confirm: '' };
  assert.is(await codeOf(bench.decideBy(session(id), proof)), 'confirm_mismatch');
});

test('a sign-on as old as the rule admits approves, and one that is older by a millisecond does not', async () => {
  for (const [age, code] of [
    [5 * 60_000, 'nothing was thrown'],
    [5 * 60_000 + 1, 'sign_on_stale'],
  ] as const) {
    const bench = guardBench(ssoPolicy());
    const id = idOf(await bench.call());
    bench.clock.advance(age);
    assert.is(await codeOf(bench.decideBy(session(id), signedOn('subject of alice', NOW))), code);
    assert.is(bench.types().includes('verification.refused'), code === 'sign_on_stale');
  }
});

test("the rule's own max_age counts, and the stricter one that is in force now", async () => {
  const bench = guardBench(ssoPolicy(linked(), 60 * 60_000));
  const id = idOf(await bench.call());
  bench.clock.advance(20 * 60_000);
  assert.is((await bench.guard.reviews.view(session(id))).max_age_ms, 60 * 60_000);
  bench.policy = ssoPolicy(linked(), 60_000);
  assert.is((await bench.guard.reviews.view(session(id))).max_age_ms, 60_000);
  assert.is(await codeOf(bench.decideBy(session(id), signedOn('subject of alice', NOW))), 'sign_on_stale');
});

test('a sign-on from the future, or at no time at all, decides nothing', async () => {
  for (const time of ['2026-11-23T10:02:00.000Z', 'yesterday']) {
    const bench = guardBench(ssoPolicy());
    const id = idOf(await bench.call());
    assert.is(await codeOf(bench.decideBy(session(id), signedOn('subject of alice', time))), 'sign_on_stale');
  }
});

for (const [whose, subject, issuer] of [
  ['of another reviewer', 'subject of carol', ISSUER],
  ['that is linked to nobody', 'subject of mallory', ISSUER],
  ['of the same subject at another provider', 'subject of alice', 'https://other.example.com'],
] as const) {
  test(`a sign-on ${whose} decides nothing and is journalled as refused`, async () => {
    const bench = guardBench(ssoPolicy());
    const id = idOf(await bench.call());
    const deciding = bench.decideBy(session(id), signedOn(subject, NOW, { issuer }));
    assert.is(await codeOf(deciding), 'sign_on_other');
    const refused = bench.journal.entries.at(-1);
    assert.is(refused?.type === 'verification.refused' && refused.verification, 'sso');
    assert.not.match(refused?.type === 'verification.refused' ? refused.reason : '', 'subject of');
  });
}

test('an account of another entry of the same human is theirs', async () => {
  const twin = {
    id: 'alice-2',
    name: 'Alice',
    emails: ['Alice+x@example.com'],
    sso: [{ issuer: ISSUER, subject: 'second' }],
  };
  const bench = guardBench(ssoPolicy(linked({ people: [...PEOPLE.people, twin] })));
  const id = idOf(await bench.call());
  await bench.decideBy(session(id), signedOn('second', NOW));
  assert.is(bench.ledger.request(id)?.decisions[0]?.reviewer, 'alice');
});

test('one answer of the provider serves for one decision', async () => {
  const bench = guardBench(ssoPolicy());
  const [first, second] = [idOf(await bench.call({ a: 1 })), idOf(await bench.call({ a: 2 }))];
  await bench.decideBy(session(first), signedOn('subject of alice', NOW));
  const again = bench.decideBy(session(second), signedOn('subject of alice', NOW));
  assert.is(await codeOf(again), 'sign_on_stale');
  assert.is(bench.ledger.request(second)?.decisions.length, 0);
});

test('a sign-on does not approve what asks for a passkey', async () => {
  const bench = guardBench(policyOf({ people: linked(), rules: [reviewRule({ verification: 'passkey' })] }));
  const id = idOf(await bench.call());
  const deciding = bench.decideBy(session(id), signedOn('subject of alice', NOW));
  assert.is(await codeOf(deciding), 'verification_too_weak');
});

test('the ways that are offered are those that would count', async () => {
  const bench = guardBench(ssoPolicy());
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'alice');
  const byLink = await bench.guard.reviews.view({ kind: 'link', token });
  assert.equal(byLink.methods, { approve: ['sso'], reject: ['link', 'sso'] });
  assert.is(byLink.demanded, 'sso');
  assert.equal((await bench.guard.reviews.view(session(id))).methods, { approve: ['sso'], reject: ['sso'] });
});

const claims = (): Policy['people'] =>
  linked({ groups: { ops: ['carol'] }, group_claims: { ops: 'operations' } });

async function askedByClaim(bench: ReturnType<typeof guardBench>): Promise<string> {
  await bench.journal.append([
    {
      type: 'session.opened',
      session_sha256: 'a'.repeat(64),
      person: 'alice',
      expires_at: '2026-11-23T18:00:00.000Z',
      receipt: signedOn('subject of alice', NOW, {
        groups: ['operations'],
        id_token_sha256: 'b'.repeat(64),
      }).sign_on,
    },
  ]);
  return idOf(await bench.call());
}

test('a group that the provider names makes a reviewer, and a fresh sign-on that names it still approves', async () => {
  const bench = guardBench(ssoPolicy(claims()));
  const id = await askedByClaim(bench);
  assert.ok(bench.ledger.request(id)?.terms[0]?.reviewers.includes('alice'));
  await bench.decideBy(session(id), signedOn('subject of alice', NOW, { groups: ['operations'] }));
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'succeeded');
});

test('a group that the provider no longer names at the decision approves nothing, and may still reject', async () => {
  const bench = guardBench(ssoPolicy(claims()));
  const id = await askedByClaim(bench);
  assert.is(await codeOf(bench.decideBy(session(id), signedOn('subject of alice', NOW))), 'not_eligible');
  assert.is(bench.ledger.request(id)?.decisions.length, 0);
  await bench.decideBy(session(id), signedOn('subject of alice', NOW), { decision: 'reject' });
  assert.is(bench.ledger.request(id)?.phase.kind, 'rejected');
});

test('a passkey approves on a group that was named less than twelve hours ago and not on an older one', async () => {
  for (const [age, code] of [
    [12 * 60 * 60_000 - 1, 'nothing was thrown'],
    [12 * 60 * 60_000 + 1, 'not_eligible'],
  ] as const) {
    const people = claims();
    const bench = guardBench(
      policyOf({
        people,
        rules: [reviewRule({ verification: 'passkey', expires_ms: 24 * 60 * 60_000 })],
      }),
    );
    const key = await bench.enrol('alice');
    const id = await askedByClaim(bench);
    bench.clock.advance(age);
    const deciding = bench.decideBy(session(id), signed(key, bench.act(id, 'alice')));
    assert.is(await codeOf(deciding), code);
  }
});

test('someone who left the group of reviewers cannot approve by link', async () => {
  const bench = guardBench();
  const token = await bench.link(idOf(await bench.call()), 'alice');
  bench.policy = policyOf({ people: { ...PEOPLE, groups: { ops: ['bob', 'carol'] } } });
  assert.is(await codeOf(bench.decide(token, 'approve')), 'not_eligible');
  assert.equal((await bench.guard.reviews.view({ kind: 'link', token })).methods, {
    approve: [],
    reject: ['link'],
  });
});

test.run();
