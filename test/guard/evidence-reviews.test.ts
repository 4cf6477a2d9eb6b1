import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../src/core/json.ts';
import type { EvidenceSeen } from '../../src/guard/evidence-reviews.ts';
import type { Authenticator } from '../support/authenticator.ts';
import { codeOf, guardBench, PEOPLE, policyOf, REVIEW, signed, type GuardBench } from '../support/guard.ts';

/** Alice and carol are the top-level reviewers, and ann is an auditor. */
const POLICY = policyOf({
  review: { ...REVIEW, reviewers: ['alice', 'carol'] },
  people: {
    ...PEOPLE,
    people: [...PEOPLE.people, { id: 'ann', name: 'Ann', emails: ['ann@example.com'], role: 'auditor' }],
  },
});

const SEEN: EvidenceSeen = {
  from: '2026-11-01T00:00:00.000Z',
  to: '2026-12-01T00:00:00.000Z',
  size: 4,
  exceptions: 2,
  exceptions_sha256: 'a'.repeat(64),
};

function record(
  { guard }: GuardBench,
  key: Authenticator,
  more: {
    readonly person?: string;
    readonly nonce?: string;
    readonly found?: Partial<EvidenceSeen>;
    readonly signs?: Partial<EvidenceSeen & { reviewer: string }>;
  } = {},
): Promise<void> {
  const { person = 'ann', nonce = 'n1', found = {}, signs = {} } = more;
  const act = { act: 'review_evidence', ...SEEN, reviewer: person, ...signs, nonce } as const;
  return guard.evidence.record({
    person,
    seen: SEEN,
    found: { ...SEEN, ...found },
    reason: ' Looked at all of them. ',
    proof: signed(key, act),
  });
}

test('auditors and the top-level reviewers may see evidence, and nobody else', () => {
  const { guard } = guardBench(POLICY);
  const may = ['alice', 'bob', 'carol', 'ann', 'eve'].filter((person) => guard.evidence.maySee(person));
  assert.equal(may, ['alice', 'carol', 'ann']);
});

test("an auditor's review stands in the journal with what they had before them", async () => {
  const bench = guardBench(POLICY);
  const key = await bench.enrol('ann');
  await record(bench, key);
  const entry = bench.journal.entries.at(-1);
  assert.is(entry?.type, 'evidence.reviewed');
  const [review] = bench.guard.evidence.all();
  assert.equal(review, {
    seq: entry?.seq,
    at: entry?.time,
    ...SEEN,
    reviewer: 'ann',
    reason: 'Looked at all of them.',
  });
});

test('entries that came since do not matter where the exceptions are the same', async () => {
  const bench = guardBench(POLICY);
  await record(bench, await bench.enrol('ann'), { found: { size: 90 } });
  assert.is(bench.guard.evidence.all()[0]?.size, 4);
});

for (const [title, found] of [
  ['more exceptions than were shown', { exceptions: 3 }],
  ['other exceptions than were shown', { exceptions_sha256: 'b'.repeat(64) }],
  ['fewer entries than were shown', { size: 3 }],
  ['another period', { to: '2026-12-02T00:00:00.000Z' }],
] as const)
  test(`a review is refused where the journal has ${title}`, async () => {
    const bench = guardBench(POLICY);
    const key = await bench.enrol('ann');
    assert.is(await codeOf(record(bench, key, { found })), 'evidence_changed');
    assert.equal(bench.guard.evidence.all(), []);
  });

test('whoever may not see evidence reviews none', async () => {
  const bench = guardBench(POLICY);
  assert.is(await codeOf(record(bench, await bench.enrol('bob'), { person: 'bob' })), 'not_eligible');
});

for (const [member, signs] of [
  ['period', { from: '2026-10-01T00:00:00.000Z' }],
  ['size', { size: 3 }],
  ['number', { exceptions: 1 }],
  ['digest', { exceptions_sha256: 'b'.repeat(64) }],
  ['person', { reviewer: 'alice' }],
] as const)
  test(`a signature over another ${member} records nothing`, async () => {
    const bench = guardBench(POLICY);
    assert.is(await codeOf(record(bench, await bench.enrol('ann'), { signs })), 'passkey_refused');
    assert.equal(bench.guard.evidence.all(), []);
  });

test("somebody else's passkey records nothing", async () => {
  const bench = guardBench(POLICY);
  await bench.enrol('ann');
  assert.is(await codeOf(record(bench, await bench.enrol('alice'))), 'passkey_refused');
});

test('a nonce is used once', async () => {
  const bench = guardBench(POLICY);
  const key = await bench.enrol('ann');
  await record(bench, key);
  assert.is(await codeOf(record(bench, key)), 'passkey_refused');
  assert.is(bench.guard.evidence.all().length, 1);
});

test('a passkey whose counter went back is revoked and records nothing', async () => {
  const bench = guardBench(POLICY);
  const key = await bench.enrol('ann', { counter: 9 });
  const copy = { ...key, assert: (challenge: string | JsonObject) => key.assert(challenge, { counter: 9 }) };
  const entries = bench.journal.entries.length;
  assert.is(await codeOf(record(bench, copy)), 'passkey_cloned');
  assert.is(bench.journal.entries.length, entries + 1);
  assert.is(bench.journal.entries.at(-1)?.type, 'passkey.revoked');
});

test.run();
