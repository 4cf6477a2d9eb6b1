import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EntryOf, EntryType } from '../../src/core/entry.ts';
import {
  codeOf,
  guardBench,
  idOf,
  PEOPLE,
  policyOf,
  reviewRule,
  signed,
  type GuardBench,
} from '../support/guard.ts';

const passkeyRule = () => policyOf({ rules: [reviewRule({ verification: 'passkey' })] });
const session = (request_id: string, person = 'alice') => ({ kind: 'session', person, request_id }) as const;

function last<T extends EntryType>(bench: GuardBench, type: T): EntryOf<T> | undefined {
  return bench.journal.entries.filter((entry): entry is EntryOf<T> => entry.type === type).at(-1);
}

test('a passkey approves by session, and the receipt stands in the journal', async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('alice', { counter: 4 });
  const id = idOf(await bench.call());
  const act = bench.act(id, 'alice');
  const view = await bench.decideBy(session(id), signed(key, act));
  assert.is(view.state, 'over');
  const entry = last(bench, 'approval.decided');
  assert.is(entry?.verification, 'passkey');
  assert.is(entry?.receipt?.kind === 'passkey' && entry.receipt.credential_id, key.id);
  assert.is(entry?.receipt?.kind === 'passkey' && entry.receipt.nonce, act.nonce);
  assert.is(entry?.receipt?.kind === 'passkey' && entry.receipt.sign_count, 5);
  await bench.settle();
  assert.is(bench.sent.length, 1);
});

test('a passkey approves by link, with nothing typed', async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('alice');
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'alice');
  await bench.decideBy({ kind: 'link', token }, signed(key, bench.act(id, 'alice')));
  assert.is(last(bench, 'approval.decided')?.verification, 'passkey');
});

test('a passkey satisfies a rule that asks for a link', async () => {
  const bench = guardBench();
  const key = await bench.enrol('alice');
  const id = idOf(await bench.call());
  await bench.decideBy(session(id), signed(key, bench.act(id, 'alice')));
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'succeeded');
});

const wrongActs = {
  'another request': { request_id: 'apr_other' },
  'the other decision': { decision: 'reject' },
  'another action': { action_digest: '0'.repeat(64) },
  'another card': { card_digest: '0'.repeat(64) },
  'another reviewer': { reviewer: 'carol' },
} as const;
for (const [what, change] of Object.entries(wrongActs)) {
  test(`a signature for ${what} decides nothing and is journalled as refused`, async () => {
    const bench = guardBench(passkeyRule());
    const key = await bench.enrol('alice');
    const id = idOf(await bench.call());
    const deciding = bench.decideBy(session(id), signed(key, bench.act(id, 'alice', change)));
    assert.is(await codeOf(deciding), 'passkey_refused');
    assert.is(bench.types().at(-1), 'verification.refused');
    assert.is(last(bench, 'verification.refused')?.reviewer, 'alice');
    assert.is(last(bench, 'verification.refused')?.verification, 'passkey');
    assert.is(bench.ledger.request(id)?.decisions.length, 0);
  });
}

test('a signature that rejects rejects, and one that approves does not', async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('alice');
  const id = idOf(await bench.call());
  const decision = 'reject';
  const approving = bench.decideBy(session(id), signed(key, bench.act(id, 'alice')), { decision });
  assert.is(await codeOf(approving), 'passkey_refused');
  assert.is(bench.ledger.request(id)?.decisions.length, 0);
  await bench.decideBy(session(id), signed(key, bench.act(id, 'alice', { decision })), { decision });
  assert.is(bench.ledger.request(id)?.phase.kind, 'rejected');
});

test('a nonce that comes again with its old counter is a replay and no clone', async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('alice', { counter: 0 });
  const first = idOf(await bench.call({ a: 1 }));
  const second = idOf(await bench.call({ a: 2 }));
  await bench.decideBy(session(first), signed(key, bench.act(first, 'alice', { nonce: 'same' })));
  const proof = signed(key, bench.act(second, 'alice', { nonce: 'same' }));
  const assertion = key.assert(challengeIn(proof.assertion), { counter: 1 });
  assert.is(await codeOf(bench.decideBy(session(second), { ...proof, assertion })), 'passkey_refused');
  assert.is(bench.ledger.identities.passkey(key.id)?.revoked, undefined);
});

test('a signature over another nonce than the one of the page decides nothing', async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('alice');
  const id = idOf(await bench.call());
  const deciding = bench.decideBy(session(id), signed(key, bench.act(id, 'alice'), 'other'));
  assert.is(await codeOf(deciding), 'passkey_refused');
  assert.is(bench.ledger.request(id)?.decisions.length, 0);
});

test('an assertion without user verification decides nothing', async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('alice');
  const id = idOf(await bench.call());
  const proof = signed(key, bench.act(id, 'alice'));
  const assertion = key.assert(challengeIn(proof.assertion), { uv: false });
  assert.is(await codeOf(bench.decideBy(session(id), { ...proof, assertion })), 'passkey_refused');
  assert.is(bench.types().at(-1), 'verification.refused');
});

test('a nonce that was used for another request is refused, and the key is not revoked for it', async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('alice', { counter: 0 });
  const first = idOf(await bench.call({ a: 1 }));
  const second = idOf(await bench.call({ a: 2 }));
  await bench.decideBy(session(first), signed(key, bench.act(first, 'alice', { nonce: 'same' })));
  const again = bench.decideBy(session(second), signed(key, bench.act(second, 'alice', { nonce: 'same' })));
  assert.is(await codeOf(again), 'passkey_refused');
  assert.is(bench.ledger.request(second)?.decisions.length, 0);
  assert.is(bench.ledger.identities.passkey(key.id)?.revoked, undefined);
  assert.is(last(bench, 'verification.refused')?.request_id, second);
});

test('the same form posted twice at once decides once', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ verification: 'passkey', quorum: 2 })] }));
  const key = await bench.enrol('alice', { counter: 0 });
  const id = idOf(await bench.call());
  const proof = signed(key, bench.act(id, 'alice'));
  const both = await Promise.all([
    codeOf(bench.decideBy(session(id), proof)),
    codeOf(bench.decideBy(session(id), proof)),
  ]);
  assert.equal(both, ['nothing was thrown', 'already_decided']);
  assert.is(bench.ledger.identities.passkey(key.id)?.revoked, undefined);
});

test('a revoked passkey decides nothing', async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('alice');
  await bench.journal.append([
    { type: 'passkey.revoked', person: 'alice', credential_id: key.id, by: 'operator', reason: 'Lost.' },
  ]);
  const id = idOf(await bench.call());
  const deciding = bench.decideBy(session(id), signed(key, bench.act(id, 'alice')));
  assert.is(await codeOf(deciding), 'passkey_refused');
  assert.match(last(bench, 'verification.refused')?.reason ?? '', 'revoked');
});

test('an unknown passkey decides nothing', async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('alice');
  const id = idOf(await bench.call());
  const proof = signed(key, bench.act(id, 'alice'));
  const assertion = { ...proof.assertion, id: 'bm90LWVucm9sbGVk' };
  assert.is(await codeOf(bench.decideBy(session(id), { ...proof, assertion })), 'passkey_refused');
  assert.is(bench.types().at(-1), 'verification.refused');
});

test("another reviewer's passkey decides nothing in one's name", async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('carol');
  const id = idOf(await bench.call());
  const deciding = bench.decideBy(session(id), signed(key, bench.act(id, 'alice')));
  assert.is(await codeOf(deciding), 'passkey_refused');
});

test('a passkey whose counter goes back decides nothing and is revoked, which says why', async () => {
  const bench = guardBench(passkeyRule());
  const key = await bench.enrol('alice', { counter: 7 });
  const id = idOf(await bench.call());
  const proof = signed(key, bench.act(id, 'alice'));
  const assertion = key.assert(challengeIn(proof.assertion), { counter: 7 });
  assert.is(await codeOf(bench.decideBy(session(id), { ...proof, assertion })), 'passkey_cloned');
  assert.equal(bench.types().slice(-2), ['verification.refused', 'passkey.revoked']);
  const revoked = last(bench, 'passkey.revoked');
  assert.is(revoked?.by, 'placet');
  assert.is(revoked?.credential_id, key.id);
  assert.match(revoked?.reason ?? '', 'counter');
  const honest = bench.decideBy(session(id), signed(key, bench.act(id, 'alice')));
  assert.is(await codeOf(honest), 'passkey_refused');
});

test('someone who has a passkey cannot approve by link any more, and can reject by it', async () => {
  const bench = guardBench();
  await bench.enrol('alice');
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'alice');
  assert.is(await codeOf(bench.decide(token, 'approve')), 'verification_too_weak');
  assert.equal((await bench.guard.reviews.view({ kind: 'link', token })).methods, {
    approve: ['passkey'],
    reject: ['link', 'passkey'],
  });
  await bench.decide(token, 'reject');
  assert.is(bench.ledger.request(id)?.phase.kind, 'rejected');
});

test('a passkey that was revoked still keeps its person from approving by link', async () => {
  const bench = guardBench();
  const key = await bench.enrol('alice');
  await bench.journal.append([
    { type: 'passkey.revoked', person: 'alice', credential_id: key.id, by: 'operator', reason: 'Lost.' },
  ]);
  const token = await bench.link(idOf(await bench.call()), 'alice');
  assert.is(await codeOf(bench.decide(token, 'approve')), 'verification_too_weak');
});

test('a passkey of another entry of the same human keeps this one from approving by link', async () => {
  const twin = { id: 'alice-2', name: 'Alice', emails: ['Alice+ops@example.com'] };
  const bench = guardBench(policyOf({ people: { ...PEOPLE, people: [...PEOPLE.people, twin] } }));
  await bench.enrol('alice-2');
  const token = await bench.link(idOf(await bench.call()), 'alice');
  assert.is(await codeOf(bench.decide(token, 'approve')), 'verification_too_weak');
});

test('a link does not approve what asks for a passkey, and rejects it', async () => {
  const bench = guardBench(passkeyRule());
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'alice');
  assert.is(await codeOf(bench.decide(token, 'approve')), 'verification_too_weak');
  await bench.decide(token, 'reject');
  assert.is(bench.ledger.request(id)?.phase.kind, 'rejected');
});

test('a rule that asks for a passkey since then is satisfied by no link', async () => {
  const bench = guardBench();
  const token = await bench.link(idOf(await bench.call()), 'alice');
  bench.policy = passkeyRule();
  assert.is(await codeOf(bench.decide(token, 'approve')), 'verification_too_weak');
  assert.is((await bench.guard.reviews.view({ kind: 'link', token })).demanded, 'passkey');
});

test('a revoked passkey takes its approval with it that has not started', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ verification: 'passkey', quorum: 2 })] }));
  const [alice, carol] = [await bench.enrol('alice'), await bench.enrol('carol')];
  const id = idOf(await bench.call());
  await bench.decideBy(session(id), signed(alice, bench.act(id, 'alice')));
  await bench.journal.append([
    { type: 'passkey.revoked', person: 'alice', credential_id: alice.id, by: 'operator', reason: 'Stolen.' },
  ]);
  await bench.decideBy(session(id, 'carol'), signed(carol, bench.act(id, 'carol')));
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'voided');
  assert.is(bench.sent.length, 0);
});

function challengeIn(assertion: { readonly [name: string]: unknown }): string {
  const { clientDataJSON } = assertion.response as { clientDataJSON: string };
  return (JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()) as { challenge: string }).challenge;
}

test.run();
