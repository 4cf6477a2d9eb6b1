import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, EntryOf } from '../../src/core/entry.ts';
import type { People, Person } from '../../src/core/person.ts';
import type { Policy, Review } from '../../src/core/policy.ts';
import { createEscalator } from '../../src/guard/escalate.ts';
import { createStreams } from '../../src/guard/streams.ts';
import { codeOf, guardBench, idOf, policyOf, reviewRule, signed, type GuardBench } from '../support/guard.ts';

const MINUTE = 60_000;
const AFTER = 20 * MINUTE;

const session = (person: string, request_id: string) => ({ kind: 'session', person, request_id }) as const;

/** Bob owns the agent; alice reviews, erin and bob are leads, frank is the fallback. */
function directory(changes: Readonly<Record<string, Partial<Person>>> = {}): People {
  return {
    people: ['alice', 'bob', 'erin', 'frank', 'grace'].map((id) => ({
      id,
      name: id,
      emails: [`${id}@example.com`],
      ...changes[id],
    })),
    groups: { ops: ['alice', 'bob'], leads: ['erin', 'bob'] },
    agents: [{ id: 'claude', owner: 'bob' }],
    fallback: ['frank', 'bob'],
  };
}

function policy(
  review: Partial<Review> = {},
  changes: Readonly<Record<string, Partial<Person>>> = {},
): Policy {
  const escalate = { after_ms: AFTER, to: ['group:leads'], notify: ['pagerduty'] };
  return policyOf({
    rules: [reviewRule({ escalate, ...review })],
    people: directory(changes),
  });
}

function withoutFallback(given: Policy): Policy {
  const { fallback: _, ...people } = given.people;
  return { ...given, people };
}

function escalations({ journal }: GuardBench): readonly EntryOf<'approval.escalated'>[] {
  return journal.entries.filter((entry) => entry.type === 'approval.escalated');
}

async function pass(bench: GuardBench, ms: number): Promise<void> {
  bench.clock.advance(ms);
  await bench.settle();
}

/** A call that is held, and escalated when nobody decided. */
async function late(given = policy()): Promise<{ bench: GuardBench; id: string }> {
  const bench = guardBench(given);
  const id = idOf(await bench.call());
  await pass(bench, AFTER);
  return { bench, id };
}

function failedAsk(request_id: string, reviewer?: string, channel = 'email'): Draft {
  const of = { request_id, channel, notice: 'ask', detail: 'The mailbox does not exist.' } as const;
  return { type: 'notice.failed', ...of, ...(reviewer === undefined ? {} : { reviewer }) };
}

test('what nobody decides in time asks the people whom the rule names for that, without the owner', async () => {
  const { bench, id } = await late();
  assert.equal(
    escalations(bench).map(({ request_id, rule, cause, reviewers }) => [request_id, rule, cause, reviewers]),
    [[id, 'writes', 'time', ['erin']]],
  );
  assert.equal(bench.history.item(id)?.asked, ['alice', 'erin']);
});

test('nothing is escalated before its time', async () => {
  const bench = guardBench(policy());
  await bench.call();
  await pass(bench, AFTER - 1);
  assert.equal(escalations(bench), []);
  await pass(bench, 1);
  assert.is(escalations(bench).length, 1);
});

test('before it, those people neither see the request nor decide it', async () => {
  const bench = guardBench(policy());
  const id = idOf(await bench.call());
  assert.is(await codeOf(bench.guard.reviews.view(session('erin', id))), 'not_found');
  assert.equal(await bench.guard.reviews.waiting('erin'), []);
  assert.is(await codeOf(bench.guard.reviews.story('erin', id)), 'not_found');
  assert.is(await codeOf(bench.link(id, 'erin')), 'not_asked');
  const key = await bench.enrol('erin');
  const decision = bench.guard.reviews.decide({
    access: session('erin', id),
    proof: signed(key, bench.act(id, 'erin')),
    decision: 'approve',
    reason: '',
    card_digest: bench.ledger.request(id)?.card_digest ?? '',
    opened_at: '2026-11-23T10:00:00.000Z',
    seen: [],
  });
  assert.is(await codeOf(decision), 'not_found');
  assert.is(bench.history.search({ viewer: 'erin', limit: 10 }).total, 0);
});

test('from then on they see it, and their approval runs it', async () => {
  const { bench, id } = await late();
  assert.equal(
    (await bench.guard.reviews.waiting('erin')).map(({ request }) => request.id),
    [id],
  );
  const token = await bench.link(id, 'erin');
  const view = await bench.guard.reviews.view({ kind: 'link', token });
  assert.is(view.state, 'open');
  assert.equal(view.methods.approve, ['link']);
  await bench.decide(token, 'approve');
  await bench.settle();
  assert.is(bench.ledger.request(id)?.phase.kind, 'succeeded');
  assert.is(bench.sent.length, 1);
});

test('they reject it as well', async () => {
  const { bench, id } = await late();
  await bench.decide(await bench.link(id, 'erin'), 'reject');
  assert.is(bench.ledger.request(id)?.phase.kind, 'rejected');
});

test('what is decided in time is not escalated', async () => {
  const bench = guardBench(policy());
  await bench.decide(await bench.link(idOf(await bench.call()), 'alice'), 'reject');
  await pass(bench, AFTER);
  assert.equal(escalations(bench), []);
});

test('what has one of two approvals is escalated, and the second may be of those who are asked then', async () => {
  const given = policy({ reviewers: ['alice', 'grace'], quorum: 2 });
  const bench = guardBench(given);
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  await pass(bench, AFTER);
  await bench.decide(await bench.link(id, 'erin'), 'approve');
  await bench.settle();
  assert.is(bench.sent.length, 1);
});

test('what expired while the host was away is not escalated', async () => {
  const { bench, id } = await late(policy({ expires_ms: AFTER }));
  assert.equal(escalations(bench), []);
  assert.is(bench.ledger.request(id)?.phase.kind, 'expired');
});

test('a host that starts again escalates what fell due meanwhile, and waits for what did not', async () => {
  const bench = guardBench(policy());
  const id = idOf(await bench.call());
  await bench.guard.drain();
  await pass(bench, AFTER - MINUTE);

  const changes = { subscribe: () => () => undefined };
  const { clock, ledger, journal } = bench;
  const streams = createStreams({ journal, ledger });
  const options = { changes, clock, ledger, policy: () => bench.policy, log: () => undefined };
  const request = ledger.request(id);
  if (!request) throw new Error('The request is gone.');
  const early = createEscalator(options, streams);
  early.watch(request);
  await pass(bench, 0);
  assert.equal(escalations(bench), []);
  await pass(bench, MINUTE - 1);
  assert.equal(escalations(bench), []);
  early.close();
  await pass(bench, 2 * MINUTE);
  assert.equal(escalations(bench), []);

  const again = createEscalator(options, streams);
  again.watch(request);
  await pass(bench, 0);
  assert.is(escalations(bench).length, 1);
  again.close();
});

test('a guard that recovers takes escalations up', async () => {
  const bench = guardBench(policy());
  await bench.call();
  await bench.guard.recover();
  await pass(bench, AFTER);
  assert.is(escalations(bench).length, 1);
});

test('an escalation that cannot be journalled is tried again', async () => {
  const bench = guardBench(policy());
  await bench.call();
  let refusing = true;
  const { clock, ledger, journal } = bench;
  await bench.guard.drain();
  const streams = createStreams({ journal, ledger });
  const log: string[] = [];
  const escalator = createEscalator(
    {
      changes: { subscribe: () => () => undefined },
      clock,
      ledger,
      policy: () => bench.policy,
      log: (line) => log.push(line),
    },
    {
      update: async (id, decide) => {
        if (refusing) throw new Error('The disk is full.');
        return streams.update(id, decide);
      },
    },
  );
  for (const request of ledger.requests()) escalator.watch(request);
  await pass(bench, AFTER);
  assert.equal(escalations(bench), []);
  assert.ok(/could not be escalated, and is tried again: The disk is full\./.test(log[0] ?? ''));
  refusing = false;
  await pass(bench, 1000);
  assert.is(escalations(bench).length, 1);
  escalator.close();
});

for (const [who, changes] of [
  ['is the owner under another address', { erin: { emails: ['bob+lead@example.com'] } }],
  ['is whom the owner acts for', { bob: { acts_for: ['erin'] } }],
  ['is a reviewer under another address', { erin: { emails: ['alice+lead@example.com'] } }],
] as const) {
  test(`nobody is asked who ${who} when the call is made`, async () => {
    const { bench, id } = await late(policy({}, changes));
    assert.equal(escalations(bench), []);
    assert.is(bench.ledger.request(id)?.terms[0]?.escalate, undefined);
  });

  test(`nobody is asked who ${who} when it is escalated`, async () => {
    const bench = guardBench(policy());
    await bench.call();
    bench.policy = policy({}, changes);
    await pass(bench, AFTER);
    assert.equal(escalations(bench), []);
  });
}

test('nobody is asked whom people.yaml names no more, until it names them again', async () => {
  const bench = guardBench(policy());
  await bench.call();
  const people = directory();
  bench.policy = policyOf({
    people: { ...people, people: people.people.filter(({ id }) => id !== 'erin') },
  });
  await pass(bench, AFTER);
  assert.equal(escalations(bench), []);
  bench.policy = policy();
  await bench.journal.append([{ type: 'people.changed', version: 'v2', people: 5, agents: 1 }]);
  await bench.settle();
  assert.is(escalations(bench).length, 1);
});

test('an approval does not count at the start once the rule names its giver no more for that', async () => {
  for (const escalate of [
    { after_ms: AFTER, to: ['grace'], notify: [] },
    { after_ms: AFTER + 5 * MINUTE, to: ['erin'], notify: [] },
    undefined,
  ]) {
    const { bench, id } = await late(policy({ reviewers: ['alice'], quorum: 1 }));
    const { escalate: _, ...plain } = reviewRule().review;
    const token = await bench.link(id, 'erin');
    bench.unreachable = new Error('not yet');
    await bench.decide(token, 'approve');
    await bench.settle();
    bench.policy = policyOf({
      rules: [
        { ...reviewRule(), review: { ...plain, reviewers: ['alice'], ...(escalate ? { escalate } : {}) } },
      ],
      people: directory(),
    });
    bench.unreachable = undefined;
    await pass(bench, 1000);
    assert.is(bench.ledger.request(id)?.phase.kind, 'voided');
    assert.is(bench.sent.length, 0);
  }
});

test('whom the rule names no more for that cannot approve any more, and is told', async () => {
  const { bench, id } = await late();
  const token = await bench.link(id, 'erin');
  bench.policy = policy({ escalate: { after_ms: AFTER, to: ['grace'], notify: [] } });
  assert.is(await codeOf(bench.decide(token, 'approve')), 'not_eligible');
  const view = await bench.guard.reviews.view({ kind: 'link', token });
  assert.equal(view.methods.approve, []);
});

test('who has come to be whom the owner acts for since they were asked decides nothing', async () => {
  const { bench, id } = await late();
  const token = await bench.link(id, 'erin');
  bench.policy = policy({}, { bob: { acts_for: ['erin'] } });
  assert.is(await codeOf(bench.decide(token, 'approve')), 'self_approval');
});

test('an approval by whom the owner has come to act for since is void at the start', async () => {
  const { bench, id } = await late();
  const token = await bench.link(id, 'erin');
  bench.unreachable = new Error('not yet');
  await bench.decide(token, 'approve');
  await bench.settle();
  bench.policy = policy({}, { erin: { emails: ['bob+lead@example.com'] } });
  bench.unreachable = undefined;
  await pass(bench, 1000);
  assert.is(bench.ledger.request(id)?.phase.kind, 'voided');
  assert.is(bench.sent.length, 0);
});

test('what reaches nobody asks the fallback of people.yaml at once, without the owner', async () => {
  const bench = guardBench(policy());
  const id = idOf(await bench.call());
  await bench.guard.update(id, () => [failedAsk(id, 'alice')]);
  await bench.settle();
  assert.equal(
    escalations(bench).map(({ cause, reviewers }) => [cause, reviewers]),
    [['unreachable', ['frank']]],
  );
  await bench.decide(await bench.link(id, 'frank'), 'approve');
  await bench.settle();
  assert.is(bench.sent.length, 1);
});

test('what has one channel left asks no fallback', async () => {
  const bench = guardBench(policy({ notify: ['email', 'slack:#ops'] }));
  const id = idOf(await bench.call());
  await bench.guard.update(id, () => [failedAsk(id, 'alice')]);
  await bench.settle();
  assert.equal(escalations(bench), []);
  await bench.guard.update(id, () => [failedAsk(id, undefined, 'slack:#ops')]);
  await bench.settle();
  assert.is(escalations(bench).length, 1);
});

test('without a fallback what reaches nobody waits for its escalation', async () => {
  const bench = guardBench(withoutFallback(policy()));
  const id = idOf(await bench.call());
  await bench.guard.update(id, () => [failedAsk(id, 'alice')]);
  await bench.settle();
  assert.equal(escalations(bench), []);
  await pass(bench, AFTER);
  assert.equal(
    escalations(bench).map(({ cause }) => cause),
    ['time'],
  );
});

test("the fallback's approval does not count at the start once people.yaml has it no more", async () => {
  const bench = guardBench(policy());
  const id = idOf(await bench.call());
  await bench.guard.update(id, () => [failedAsk(id, 'alice')]);
  await bench.settle();
  const token = await bench.link(id, 'frank');
  bench.unreachable = new Error('not yet');
  await bench.decide(token, 'approve');
  await bench.settle();
  bench.policy = withoutFallback(policy());
  bench.unreachable = undefined;
  await pass(bench, 1000);
  assert.is(bench.ledger.request(id)?.phase.kind, 'voided');
  assert.is(bench.sent.length, 0);
});

test('the fallback neither sees nor decides what reached somebody', async () => {
  const bench = guardBench(policy());
  const id = idOf(await bench.call());
  assert.is(await codeOf(bench.guard.reviews.view(session('frank', id))), 'not_found');
  assert.is(await codeOf(bench.link(id, 'frank')), 'not_asked');
});

test('a guard that ends escalates nothing more', async () => {
  const bench = guardBench(policy());
  await bench.call();
  await bench.guard.drain();
  await pass(bench, AFTER);
  assert.equal(escalations(bench), []);
});

test('each rule escalates for itself', async () => {
  const slow = {
    ...reviewRule({ escalate: { after_ms: 25 * MINUTE, to: ['grace'], notify: [] } }),
    id: 'slow',
  };
  const given = policy();
  const { bench, id } = await late({ ...given, rules: [...given.rules, slow] });
  await pass(bench, 5 * MINUTE);
  assert.equal(
    escalations(bench).map(({ rule, reviewers }) => [rule, reviewers]),
    [
      ['writes', ['erin']],
      ['slow', ['grace']],
    ],
  );
  // Erin's word is none for the slow rule.
  await bench.decide(await bench.link(id, 'erin'), 'approve');
  assert.is(bench.ledger.request(id)?.phase.kind, 'pending');
});

test('the channels by which the owner wants to hear of the outcome stand in the request', async () => {
  const bench = guardBench(policy({}, { bob: { outcomes: ['email', 'slack'] } }));
  await bench.call();
  const entry = bench.journal.entries.find((each) => each.type === 'approval.requested');
  assert.equal(entry?.owner_channels, ['email', 'slack']);
  const quiet = guardBench(policy({}, { bob: { outcomes: [] } }));
  await quiet.call();
  const other = quiet.journal.entries.find((each) => each.type === 'approval.requested');
  assert.is(other && 'owner_channels' in other, false);
});

test.run();
