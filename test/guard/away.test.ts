import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SlackReceipt } from '../../src/core/entry.ts';
import type { People, Person } from '../../src/core/person.ts';
import type { Policy, Review } from '../../src/core/policy.ts';
import {
  codeOf,
  guardBench,
  idOf,
  policyOf,
  reviewRule,
  signed,
  signedOn,
  type GuardBench,
} from '../support/guard.ts';

const DAY = 24 * 60 * 60_000;
const TOMORROW = '2026-11-24T10:00:00.000Z';
const away = (to: string, until = TOMORROW) => ({ away: { until, to } });
const session = (person: string, request_id: string) => ({ kind: 'session', person, request_id }) as const;

type Changes = Readonly<Record<string, Partial<Person>>>;

/** Bob owns the agent; alice and carol review; dave and erin are others. */
function directory(changes: Changes = {}): People {
  return {
    people: ['alice', 'bob', 'carol', 'dave', 'erin'].map((id) => ({
      id,
      name: id,
      emails: [`${id}@example.com`],
      ...changes[id],
    })),
    groups: { ops: ['alice', 'bob', 'carol'] },
    agents: [{ id: 'claude', owner: 'bob' }],
  };
}

function policy(changes: Changes = {}, review: Partial<Review> = {}): Policy {
  return policyOf({ rules: [reviewRule(review)], people: directory(changes) });
}

const phaseOf = (bench: GuardBench, id: string) => bench.ledger.request(id)?.phase.kind;

/** Approves while the downstream cannot be reached, and lets it come back once the policy is another. */
async function approvedThen(
  bench: GuardBench,
  { id, by, policyThen }: { readonly id: string; readonly by: string; readonly policyThen: Policy },
): Promise<void> {
  const token = await bench.link(id, by);
  bench.unreachable = new Error('not yet');
  await bench.decide(token, 'approve');
  await bench.settle();
  assert.is(phaseOf(bench, id), 'approved');
  bench.policy = policyThen;
  bench.unreachable = undefined;
  bench.clock.advance(1000);
  await bench.settle();
}

test("a delegate's approval runs the call", async () => {
  const bench = guardBench(policy({ alice: away('dave') }));
  const id = idOf(await bench.call());
  assert.equal(
    (await bench.guard.reviews.waiting('dave')).map(({ request }) => request.id),
    [id],
  );
  assert.equal(bench.history.item(id)?.asked, ['alice', 'carol', 'dave']);
  await bench.decide(await bench.link(id, 'dave'), 'approve');
  await bench.settle();
  assert.is(phaseOf(bench, id), 'succeeded');
});

test('who is away may decide all the same', async () => {
  const bench = guardBench(policy({ alice: away('dave') }));
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  await bench.settle();
  assert.is(bench.sent.length, 1);
});

test('a delegate is one until the request ends, however long ago the reviewer came back', async () => {
  const bench = guardBench(policy({ alice: away('dave', '2026-11-23T10:05:00.000Z') }));
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'dave');
  bench.clock.advance(10 * 60_000);
  await bench.decide(token, 'approve');
  await bench.settle();
  assert.is(bench.sent.length, 1);
});

test('who went away only after the call sends nobody', async () => {
  const bench = guardBench(policy());
  const id = idOf(await bench.call());
  bench.policy = policy({ alice: away('dave') });
  assert.is(await codeOf(bench.link(id, 'dave')), 'not_asked');
  assert.is(await codeOf(bench.guard.reviews.view(session('dave', id))), 'not_found');
});

test('an away that is over sends nobody', async () => {
  const bench = guardBench(policy({ alice: away('dave') }));
  bench.clock.advance(DAY);
  const id = idOf(await bench.call());
  assert.is(await codeOf(bench.link(id, 'dave')), 'not_asked');
});

for (const [what, then] of [
  ['was removed', policy()],
  ['names somebody else', policy({ alice: away('erin') })],
  ['was over before the call after all', policy({ alice: away('dave', '2026-11-23T10:00:00.000Z') })],
  ["comes to be the owner's", policy({ alice: away('dave'), dave: { emails: ['bob+2@example.com'] } })],
  ['comes to be whom the owner acts for', policy({ alice: away('dave'), bob: { acts_for: ['dave'] } })],
] as const) {
  test(`a delegate's approval is void at the start when the away ${what}`, async () => {
    const bench = guardBench(policy({ alice: away('dave') }));
    const id = idOf(await bench.call());
    await approvedThen(bench, { id, by: 'dave', policyThen: then });
    assert.is(phaseOf(bench, id), 'voided');
    assert.is(bench.sent.length, 0);
  });
}

test("a delegate's approval holds when the away is only made longer", async () => {
  const bench = guardBench(policy({ alice: away('dave') }));
  const id = idOf(await bench.call());
  await approvedThen(bench, {
    id,
    by: 'dave',
    policyThen: policy({ alice: away('dave', '2026-12-24T00:00:00.000Z') }),
  });
  assert.is(bench.sent.length, 1);
});

test('a delegate whose away was removed cannot approve any more', async () => {
  const bench = guardBench(policy({ alice: away('dave') }));
  const token = await bench.link(idOf(await bench.call()), 'dave');
  bench.policy = policy();
  assert.is(await codeOf(bench.decide(token, 'approve')), 'not_eligible');
});

for (const [who, changes] of [
  ['the owner', { alice: away('bob') }],
  ['whom the owner chose', { alice: away('bob'), bob: away('dave') }],
  ['whom the owner acts for', { alice: away('dave'), bob: { acts_for: ['dave'] } }],
  ['the owner under another address', { alice: away('dave'), dave: { emails: ['bob+2@example.com'] } }],
] as const) {
  test(`nobody stands in who is ${who}`, async () => {
    const bench = guardBench(policy(changes));
    const id = idOf(await bench.call());
    const terms = bench.ledger.request(id)?.terms[0];
    assert.equal([terms?.reviewers, terms?.away], [['alice', 'carol'], undefined]);
    for (const each of ['bob', 'dave'] as const) assert.is(await codeOf(bench.link(id, each)), 'not_asked');
  });
}

test('a call that only its owner could approve stays refused, whoever stands in for the owner', async () => {
  const bench = guardBench(policy({ bob: away('dave') }, { reviewers: ['bob'] }));
  const answer = await bench.call();
  assert.is(answer.kind === 'refused' && answer.code, 'no_eligible_reviewers');
});

test('delegates do not make up the quorum of a call that too few may approve', async () => {
  const bench = guardBench(policy({ alice: away('dave') }, { reviewers: ['alice'], quorum: 2 }));
  const answer = await bench.call();
  assert.is(answer.kind === 'refused' && answer.code, 'no_eligible_reviewers');
});

test('one human does not approve twice by standing in for somebody', async () => {
  // Dave and erin are found to be one human only after both were asked.
  const bench = guardBench(policy({ alice: away('dave'), carol: away('erin') }, { quorum: 2 }));
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'dave'), 'approve');
  const token = await bench.link(id, 'erin');
  bench.policy = policy(
    { alice: away('dave'), carol: away('erin'), erin: { emails: ['dave+2@example.com'] } },
    { quorum: 2 },
  );
  assert.is(await codeOf(bench.decide(token, 'approve')), 'already_decided');
});

test('one human who approved as two delegates does not make a quorum of two at the start', async () => {
  const bench = guardBench(policy({ alice: away('dave'), carol: away('erin') }, { quorum: 2 }));
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'dave'), 'approve');
  const then = policy(
    { alice: away('dave'), carol: away('erin'), erin: { emails: ['dave+2@example.com'] } },
    { quorum: 2 },
  );
  await approvedThen(bench, { id, by: 'erin', policyThen: then });
  assert.is(phaseOf(bench, id), 'voided');
  assert.is(bench.sent.length, 0);
});

test('two entries of one human are one delegate', async () => {
  const changes = { alice: away('dave'), carol: away('erin'), erin: { emails: ['dave+2@example.com'] } };
  const bench = guardBench(policy(changes, { quorum: 2 }));
  const id = idOf(await bench.call());
  const terms = bench.ledger.request(id)?.terms[0];
  // One delegate is no quorum, so those who are away are asked, too.
  assert.equal([terms?.reviewers, terms?.away], [['alice', 'carol', 'dave'], undefined]);
  assert.is(await codeOf(bench.link(id, 'erin')), 'not_asked');
});

const PRESS: SlackReceipt = { kind: 'slack', team: 'T1', user: 'U1', payload_sha256: 'a'.repeat(64) };

/** A rule that lets Slack decide, and alice's account linked. */
async function inSlack(review: Partial<Review>): Promise<{ bench: GuardBench; id: string }> {
  const bench = guardBench(policy({}, review));
  const proof = signedOn('subject of alice', '2026-11-23T10:00:00.000Z');
  await bench.journal.append([
    {
      type: 'account.linked',
      person: 'alice',
      channel: 'slack',
      team: 'T1',
      user: 'U1',
      receipt: proof.sign_on,
    },
  ]);
  return { bench, id: idOf(await bench.call()) };
}

const press = (bench: GuardBench, id: string) =>
  bench.decideBy(session('alice', id), { kind: 'slack', receipt: PRESS, confirm: 'write_file' });

test('a button in Slack decides where the rule says so', async () => {
  const { bench, id } = await inSlack({ admits: ['slack'] });
  await press(bench, id);
  await bench.settle();
  assert.is(bench.sent.length, 1);
});

for (const [what, review] of [
  ['does not say so', {}],
  ['lets only the API decide', { admits: ['api'] }],
  ['asks for a passkey', { admits: ['slack'], verification: 'passkey' }],
] as const) {
  test(`a button in Slack decides nothing where the rule ${what}`, async () => {
    const { bench, id } = await inSlack(review);
    assert.is(await codeOf(press(bench, id)), 'verification_too_weak');
    assert.is(phaseOf(bench, id), 'pending');
  });

  test(`a button in Slack that was pressed is void at the start where the rule by then ${what}`, async () => {
    const { bench, id } = await inSlack({ admits: ['slack'] });
    bench.unreachable = new Error('not yet');
    await press(bench, id);
    await bench.settle();
    assert.is(phaseOf(bench, id), 'approved');
    bench.policy = policy({}, review);
    bench.unreachable = undefined;
    bench.clock.advance(1000);
    await bench.settle();
    assert.is(phaseOf(bench, id), 'voided');
    assert.is(bench.sent.length, 0);
  });
}

const FORGOTTEN: readonly (readonly [string, (bench: GuardBench) => Promise<void>])[] = [
  [
    'whose account was unlinked',
    async (bench) => {
      const of = { person: 'alice', channel: 'slack', team: 'T1', user: 'U1' } as const;
      await bench.journal.append([{ type: 'account.unlinked', ...of, by: 'alice', reason: 'lost' }]);
    },
  ],
  [
    "whose account people.yaml calls somebody else's",
    async (bench) => {
      bench.policy = policy({ dave: { slack: 'U1' } }, { admits: ['slack'] });
    },
  ],
  [
    'for whom people.yaml names another account',
    async (bench) => {
      bench.policy = policy({ alice: { slack: 'U2' } }, { admits: ['slack'] });
    },
  ],
];
for (const [who, forget] of FORGOTTEN) {
  test(`an approval in Slack is void at the start if it is of one ${who} by then`, async () => {
    const { bench, id } = await inSlack({ admits: ['slack'] });
    bench.unreachable = new Error('not yet');
    await press(bench, id);
    await bench.settle();
    assert.is(phaseOf(bench, id), 'approved');
    await forget(bench);
    bench.unreachable = undefined;
    bench.clock.advance(1000);
    await bench.settle();
    assert.is(phaseOf(bench, id), 'voided');
    assert.is(bench.sent.length, 0);
  });
}

test('neither Slack nor the API approves or rejects where one of two rules that name the person admits it and the other does not', async () => {
  const both = policy({}, { admits: ['slack', 'api'] });
  const [first] = both.rules;
  if (!first) throw new Error('There is no rule.');
  const { admits: _, ...strict } = first.review;
  for (const decision of ['approve', 'reject'] as const) {
    const { bench } = await inSlack({ admits: ['slack', 'api'] });
    bench.policy = { ...both, rules: [first, { ...first, id: 'other', review: strict }] };
    const id = idOf(await bench.call({ path: '/srv/other' }));
    const proof = { kind: 'slack', receipt: PRESS, confirm: 'write_file' } as const;
    const code = await codeOf(bench.decideBy(session('alice', id), proof, { decision }));
    assert.is(code, 'verification_too_weak');
    assert.is(phaseOf(bench, id), 'pending');
  }
});

test('a key at the API decides where the rule says so, and not once it says so no more', async () => {
  for (const [then, expected] of [
    [policy({}, { admits: ['api'] }), 'succeeded'],
    [policy(), 'voided'],
  ] as const) {
    const bench = guardBench(policy({}, { admits: ['api'] }));
    await bench.journal.append([
      {
        type: 'reviewer.key_issued',
        person: 'alice',
        key_id: 'ci',
        key_sha256: 'b'.repeat(64),
        name: 'CI',
        scope: 'decide',
        expires_at: '2027-01-01T00:00:00.000Z',
        receipt: signedOn('subject of alice', '2026-11-23T10:00:00.000Z').sign_on,
      },
    ]);
    const id = idOf(await bench.call());
    bench.unreachable = new Error('not yet');
    const proof = { kind: 'api', receipt: { kind: 'api', key_id: 'ci' }, confirm: 'write_file' } as const;
    await bench.decideBy(session('alice', id), proof);
    await bench.settle();
    bench.policy = then;
    bench.unreachable = undefined;
    bench.clock.advance(1000);
    await bench.settle();
    assert.is(phaseOf(bench, id), expected);
  }
});

test('a delegate who has a passkey signs with it', async () => {
  const bench = guardBench(policy({ alice: away('dave') }, { verification: 'passkey' }));
  const key = await bench.enrol('dave');
  const id = idOf(await bench.call());
  await bench.decideBy(session('dave', id), signed(key, bench.act(id, 'dave')));
  await bench.settle();
  assert.is(bench.sent.length, 1);
});

test.run();
