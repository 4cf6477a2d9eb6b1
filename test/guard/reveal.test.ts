import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Act } from '../../src/core/challenge.ts';
import type { Review } from '../../src/core/policy.ts';
import type { Access, Proof, Revealed, RevealInput } from '../../src/guard/ports.ts';
import {
  codeOf,
  guardBench,
  idOf,
  policyOf,
  PEOPLE,
  reviewRule,
  signed,
  signedOn,
  type GuardBench,
} from '../support/guard.ts';

const KEY = 'AKIAIOSFODNN7EXAMPLQ';
const TYPED: Proof & { kind: 'typed' } = { kind: 'typed', confirm: 'write_file' };

function made(review: Partial<Review> = {}): GuardBench {
  return guardBench(policyOf({ rules: [reviewRule({ reveal: true, ...review })] }));
}

async function hold(bench: GuardBench): Promise<string> {
  return idOf(await bench.call({ path: '/srv/a', env: { key: KEY } }));
}

async function reveal(
  bench: GuardBench,
  access: Access,
  proof: RevealInput['proof'] = TYPED,
  more: Partial<RevealInput> = {},
): Promise<Revealed> {
  const { request } = await bench.guard.reviews.view(access);
  return bench.guard.reviews.reveal({ access, proof, card_digest: request.card_digest, ...more });
}

const linkOf = async (bench: GuardBench, id: string, person = 'alice'): Promise<Access> => ({
  kind: 'link',
  token: await bench.link(id, person),
});
const revealsIn = (bench: GuardBench) =>
  bench.journal.entries.filter(({ type }) => type === 'secret.revealed');

function act(bench: GuardBench, id: string, reviewer: string, nonce = 'n1'): Extract<Act, { act: 'reveal' }> {
  const { action_digest = '', card_digest = '' } = bench.ledger.request(id) ?? {};
  return { act: 'reveal', request_id: id, action_digest, card_digest, paths: ['env.key'], reviewer, nonce };
}

test('who may decide is shown the secrets, and that stands in the journal', async () => {
  const bench = made();
  const id = await hold(bench);
  const access = await linkOf(bench, id);
  assert.equal((await bench.guard.reviews.view(access)).reveal, ['link']);
  const { secrets } = await reveal(bench, access);
  assert.equal(secrets, [{ path: 'env.key', kind: 'AWS key', value: KEY }]);
  const [entry] = revealsIn(bench);
  assert.equal(
    entry?.type === 'secret.revealed' && [
      entry.request_id,
      entry.reviewer,
      entry.paths,
      entry.verification,
      entry.receipt,
    ],
    [id, 'alice', ['env.key'], 'link', undefined],
  );
  await bench.decideBy(access, TYPED);
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'succeeded');
});

test('nothing is shown while the journal cannot be written', async () => {
  const bench = made();
  const access = await linkOf(bench, await hold(bench));
  bench.journal.break('the disk is full');
  assert.is(await codeOf(reveal(bench, access)), 'journal_unwritable');
});

const REFUSED: readonly (readonly [
  string,
  string,
  (bench: GuardBench, id: string) => Promise<unknown>,
  Partial<Review>?,
])[] = [
  [
    'where the rule does not say so',
    'reveal_refused',
    async (b, id) => reveal(b, await linkOf(b, id)),
    { reveal: undefined } as never,
  ],
  [
    'without the name of the tool',
    'confirm_mismatch',
    async (b, id) => reveal(b, await linkOf(b, id), { kind: 'typed', confirm: 'write' }),
  ],
  [
    'on the page of another card',
    'card_changed',
    async (b, id) => reveal(b, await linkOf(b, id), TYPED, { card_digest: 'f'.repeat(64) }),
  ],
  [
    'by a link that nobody was given',
    'link_unknown',
    async (b) =>
      b.guard.reviews.reveal({ access: { kind: 'link', token: 'guess' }, proof: TYPED, card_digest: '' }),
  ],
  [
    'to the owner of the agent',
    'self_approval',
    async (b, id) => reveal(b, { kind: 'session', person: 'bob', request_id: id }),
  ],
  [
    'for being signed in',
    'verification_too_weak',
    async (b, id) => reveal(b, { kind: 'session', person: 'alice', request_id: id }),
  ],
  [
    'for a link to who has a passkey',
    'verification_too_weak',
    async (b, id) => {
      await b.enrol('alice');
      return reveal(b, await linkOf(b, id));
    },
  ],
  [
    'for a link where the rule asks for a passkey',
    'verification_too_weak',
    async (b, id) => reveal(b, await linkOf(b, id)),
    { verification: 'passkey' },
  ],
  [
    'to who has decided',
    'already_decided',
    async (b, id) => {
      const access = await linkOf(b, id);
      await b.decideBy(access, TYPED);
      return reveal(b, access);
    },
    { quorum: 2 },
  ],
  [
    'when the request is over',
    'already_resolved',
    async (b, id) => {
      const access = await linkOf(b, id);
      await b.decide(await b.link(id, 'carol'), 'reject');
      await b.settle();
      return reveal(b, access);
    },
  ],
  [
    'when its time is over',
    'already_resolved',
    async (b, id) => {
      const access = await linkOf(b, id);
      const { card_digest = '' } = b.ledger.request(id) ?? {};
      b.clock.advance(31 * 60_000);
      return b.guard.reviews.reveal({ access, proof: TYPED, card_digest });
    },
  ],
  [
    'to who is no reviewer of it any more',
    'not_eligible',
    async (b, id) => {
      const access = await linkOf(b, id);
      b.policy = policyOf({ rules: [reviewRule({ reveal: true, reviewers: ['carol'] })] });
      return reveal(b, access);
    },
  ],
  [
    'when the rules in force do not say so any more',
    'reveal_refused',
    async (b, id) => {
      const access = await linkOf(b, id);
      b.policy = policyOf();
      return reveal(b, access);
    },
  ],
  [
    'when they are lost',
    'no_secrets',
    async (b, id) => {
      b.secrets.kept.clear();
      return reveal(b, await linkOf(b, id));
    },
  ],
];

for (const [when, code, attempt, review] of REFUSED) {
  test(`nothing is shown ${when}`, async () => {
    const bench = made(review);
    const id = await hold(bench);
    assert.is(await codeOf(attempt(bench, id)), code);
    assert.equal(revealsIn(bench), []);
  });
}

test('somebody else, who was not asked, is shown nothing', async () => {
  const bench = made({ reviewers: ['alice'] });
  const id = await hold(bench);
  const access = { kind: 'session', person: 'carol', request_id: id } as const;
  const input = { access, proof: TYPED, card_digest: '' };
  assert.is(await codeOf(bench.guard.reviews.reveal(input)), 'not_found');
});

test('a lone owner, who may approve, is shown nothing', async () => {
  const people = {
    ...PEOPLE,
    people: PEOPLE.people.filter(({ id }) => id === 'bob'),
    groups: { ops: ['bob'] },
    solo: true as const,
  };
  const bench = guardBench(policyOf({ people, rules: [reviewRule({ reveal: true })] }));
  const id = await hold(bench);
  const key = await bench.enrol('bob');
  const access = { kind: 'session', person: 'bob', request_id: id } as const;
  assert.is((await bench.guard.reviews.view(access)).reveal, undefined);
  assert.is(await codeOf(reveal(bench, access, signed(key, act(bench, id, 'bob')))), 'reveal_refused');
});

test('a passkey shows them where one is asked for, and what it signed counts once and for this alone', async () => {
  const bench = made({ verification: 'passkey' });
  const id = await hold(bench);
  const key = await bench.enrol('alice');
  const access = { kind: 'session', person: 'alice', request_id: id } as const;
  const proof = signed(key, act(bench, id, 'alice'));
  assert.is((await reveal(bench, access, proof)).secrets.length, 1);
  assert.is(await codeOf(reveal(bench, access, proof)), 'passkey_refused');
  const toApprove = signed(key, bench.act(id, 'alice', { nonce: 'n2' }));
  assert.is(await codeOf(reveal(bench, access, toApprove)), 'passkey_refused');
  const other = signed(key, { ...act(bench, id, 'alice', 'n3'), paths: ['path'] });
  assert.is(await codeOf(reveal(bench, access, other)), 'passkey_refused');
  assert.is(
    await codeOf(bench.decideBy(access, signed(key, act(bench, id, 'alice', 'n4')))),
    'passkey_refused',
  );
  assert.is(revealsIn(bench).length, 1);
});

test('a sign-on that was made for it shows them, and decides nothing after that', async () => {
  const issuer = 'https://id.example.com';
  const people = PEOPLE.people.map((each) =>
    each.id === 'alice' ? { ...each, sso: [{ issuer, subject: 'a1' }] } : each,
  );
  const bench = guardBench(
    policyOf({ people: { ...PEOPLE, people }, rules: [reviewRule({ reveal: true, verification: 'sso' })] }),
  );
  const id = await hold(bench);
  const access = { kind: 'session', person: 'alice', request_id: id } as const;
  const proof = signedOn('a1', new Date(bench.clock.now()).toISOString());
  assert.is((await reveal(bench, access, proof)).secrets.length, 1);
  assert.is(await codeOf(bench.decideBy(access, proof)), 'sign_on_stale');
});

test('one person is shown them five times at most', async () => {
  const bench = made();
  const access = await linkOf(bench, await hold(bench));
  for (let times = 0; times < 5; times += 1) await reveal(bench, access);
  assert.is(await codeOf(reveal(bench, access)), 'revealed_enough');
  assert.is(revealsIn(bench).length, 5);
});

test('of two rules both have to say so', async () => {
  const bench = guardBench(
    policyOf({ rules: [reviewRule({ reveal: true }), { ...reviewRule(), id: 'other' }] }),
  );
  const access = await linkOf(bench, await hold(bench));
  assert.is((await bench.guard.reviews.view(access)).reveal, undefined);
  assert.is(await codeOf(reveal(bench, access)), 'reveal_refused');
});

test('an attempt of the owner stands in the journal', async () => {
  const bench = made();
  const id = await hold(bench);
  const before = bench.types().filter((type) => type === 'self_approval.refused').length;
  await codeOf(reveal(bench, { kind: 'session', person: 'bob', request_id: id }));
  assert.is(bench.types().filter((type) => type === 'self_approval.refused').length, before + 1);
});

test('a call without secrets has nothing to show', async () => {
  const bench = made();
  const access = await linkOf(bench, idOf(await bench.call()));
  assert.is((await bench.guard.reviews.view(access)).reveal, undefined);
  assert.is(await codeOf(reveal(bench, access)), 'no_secrets');
});

test.run();
