import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DownstreamError } from '../../src/core/errors.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Proof } from '../../src/guard/ports.ts';
import {
  codeOf,
  guardBench,
  idOf,
  PEOPLE,
  policyOf,
  signed,
  signedOn,
  type GuardBench,
} from '../support/guard.ts';

type Authenticator = Awaited<ReturnType<GuardBench['enrol']>>;

const NOW = '2026-11-23T10:00:00.000Z';

async function unknownOutcome(
  policy?: Policy,
): Promise<{ bench: GuardBench; key: Authenticator; id: string }> {
  const bench = guardBench(policy);
  const key = await bench.enrol('alice');
  bench.answer = async () => {
    throw new DownstreamError('downstream_died', 'It died.');
  };
  const id = idOf(await bench.call());
  await bench.decideBy(
    { kind: 'session', person: 'carol', request_id: id },
    signed(await bench.enrol('carol'), bench.act(id, 'carol')),
  );
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'outcome_unknown');
  return { bench, key, id };
}

interface Told {
  readonly person?: string;
  readonly reason?: string;
  readonly outcome?: 'done' | 'not_done';
}

function reconcile(
  bench: GuardBench,
  id: string,
  proof: Extract<Proof, { kind: 'passkey' | 'sso' }>,
  { person = 'alice', reason = 'I looked at the file.', outcome = 'done' }: Told = {},
) {
  return bench.guard.reviews.reconcile({
    access: { kind: 'session', person, request_id: id },
    outcome,
    reason,
    proof,
  });
}

function word(
  bench: GuardBench,
  key: Authenticator,
  id: string,
  more: {
    reviewer?: string;
    outcome?: 'done' | 'not_done';
    request_id?: string;
    action_digest?: string;
  } = {},
) {
  return signed(key, {
    act: 'reconcile',
    request_id: id,
    action_digest: bench.ledger.request(id)?.action_digest ?? '',
    outcome: 'done',
    reviewer: 'alice',
    nonce: 'word-1',
    ...more,
  });
}

for (const outcome of ['done', 'not_done'] as const) {
  test(`a person's word that it was ${outcome} is journalled with its receipt`, async () => {
    const { bench, key, id } = await unknownOutcome();
    const view = await reconcile(bench, id, word(bench, key, id, { outcome }), { outcome });
    assert.is(view.request.phase.kind, `reconciled_${outcome}`);
    const entry = bench.journal.entries.find((each) => each.type === 'execution.reconciled');
    assert.is(entry?.reviewer, 'alice');
    assert.is(entry?.outcome, outcome);
    assert.is(entry?.reason, 'I looked at the file.');
    assert.is(entry?.receipt?.kind === 'passkey' && entry.receipt.credential_id, key.id);
  });
}

test('a fresh sign-on with the typed name says so, too', async () => {
  const people = PEOPLE.people.map((person) => ({
    ...person,
    sso: [{ issuer: 'https://id.example.com', subject: `subject of ${person.id}` }],
  }));
  const { bench, id } = await unknownOutcome(policyOf({ people: { ...PEOPLE, people } }));
  const stale = signedOn('subject of alice', '2026-11-23T09:54:59.999Z');
  assert.is(await codeOf(reconcile(bench, id, stale)), 'sign_on_stale');
  const others = signedOn('subject of carol', NOW);
  assert.is(await codeOf(reconcile(bench, id, others)), 'sign_on_other');
  const untyped = { ...signedOn('subject of alice', NOW), confirm: '' };
  assert.is(await codeOf(reconcile(bench, id, untyped)), 'confirm_mismatch');
  await reconcile(bench, id, signedOn('subject of alice', NOW));
  assert.is(bench.ledger.request(id)?.phase.kind, 'reconciled_done');
});

for (const [what, change] of Object.entries({
  'the other outcome': { outcome: 'not_done' },
  'another request': { request_id: 'apr_other' },
  'another action': { action_digest: '0'.repeat(64) },
  'another reviewer': { reviewer: 'carol' },
} as const)) {
  test(`a signature for ${what} says nothing, and is journalled as refused`, async () => {
    const { bench, key, id } = await unknownOutcome();
    assert.is(await codeOf(reconcile(bench, id, word(bench, key, id, change))), 'passkey_refused');
    assert.is(bench.types().at(-1), 'verification.refused');
    assert.is(bench.ledger.request(id)?.phase.kind, 'outcome_unknown');
  });
}

test("a signature for the decision is not one for a person's word", async () => {
  const { bench, key, id } = await unknownOutcome();
  const proof = signed(key, bench.act(id, 'alice'));
  assert.is(await codeOf(reconcile(bench, id, proof)), 'passkey_refused');
});

test("the agent's owner has no say, and that they tried is journalled", async () => {
  const { bench, id } = await unknownOutcome();
  const key = await bench.enrol('bob');
  const proof = word(bench, key, id, { reviewer: 'bob' });
  assert.is(await codeOf(reconcile(bench, id, proof, { person: 'bob' })), 'self_approval');
  assert.is(bench.types().at(-1), 'self_approval.refused');
  assert.is(bench.ledger.request(id)?.phase.kind, 'outcome_unknown');
});

test('someone who was not asked finds no such request', async () => {
  const { bench, key, id } = await unknownOutcome();
  const proof = word(bench, key, id);
  assert.is(await codeOf(reconcile(bench, id, proof, { person: 'mallory' })), 'not_found');
});

test('someone who is no reviewer any more has no say', async () => {
  const { bench, key, id } = await unknownOutcome();
  bench.policy = policyOf({ people: { ...PEOPLE, groups: { ops: ['carol'] } } });
  assert.is(await codeOf(reconcile(bench, id, word(bench, key, id))), 'not_eligible');
});

test('a word without how the person found out is not taken', async () => {
  const { bench, key, id } = await unknownOutcome();
  const deciding = reconcile(bench, id, word(bench, key, id), { reason: '  ' });
  assert.is(await codeOf(deciding), 'reason_required');
});

test('a second word comes too late, and so does one on an outcome that is known', async () => {
  const { bench, key, id } = await unknownOutcome();
  await reconcile(bench, id, word(bench, key, id));
  assert.is(await codeOf(reconcile(bench, id, word(bench, key, id))), 'not_unknown');
  const pending = idOf(await bench.call({ other: true }));
  assert.is(await codeOf(reconcile(bench, pending, word(bench, key, pending))), 'not_unknown');
});

test('the page offers it to those who were asked, while the outcome is unknown, and in the console alone', async () => {
  const { bench, key, id } = await unknownOutcome();
  const shown = async (person: string) =>
    (await bench.guard.reviews.view({ kind: 'session', person, request_id: id })).reconcile;
  assert.equal(await shown('alice'), ['passkey']);
  assert.is(await shown('bob'), undefined);
  await reconcile(bench, id, word(bench, key, id));
  assert.is(await shown('alice'), undefined);
});

test.run();
