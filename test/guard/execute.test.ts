import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DownstreamError } from '../../src/core/errors.ts';
import { RpcError } from '../../src/guard/ports.ts';
import { guardBench, idOf, PEOPLE, policyOf, reviewRule, type GuardBench } from '../support/guard.ts';

async function approved(bench: GuardBench): Promise<string> {
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  await bench.settle();
  return id;
}

const phase = (bench: GuardBench, id: string) => bench.ledger.request(id)?.phase;

test('an approved call is sent once, with the arguments that were approved, after a durable start', async () => {
  const bench = guardBench();
  let typesAtSend: string[] = [];
  bench.answer = async () => {
    typesAtSend = bench.types();
    return { content: [] };
  };
  const id = await approved(bench);
  assert.equal(bench.sent, [{ tool: 'write_file', args: { path: '/srv/a' } }]);
  assert.is(typesAtSend.at(-1), 'execution.started');
  assert.is(phase(bench, id)?.kind, 'succeeded');
});

test('nothing is sent before the quorum of two distinct people', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ quorum: 2 })] }));
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  await bench.settle();
  assert.is(bench.sent.length, 0);
  await bench.decide(await bench.link(id, 'carol'), 'approve');
  await bench.settle();
  assert.is(bench.sent.length, 1);
});

test('a changed tool definition voids the approval', async () => {
  const bench = guardBench();
  bench.definition = 'd2';
  const id = await approved(bench);
  assert.is(phase(bench, id)?.kind, 'voided');
  assert.is(bench.sent.length, 0);
});

test('a tool that is no longer offered voids the approval', async () => {
  const bench = guardBench();
  bench.definition = undefined;
  const id = await approved(bench);
  assert.is(phase(bench, id)?.kind, 'voided');
});

const tightenings: Record<string, Partial<ReturnType<typeof policyOf>>> = {
  'a policy that denies now': {
    rules: [{ id: 'no', match: {}, verdict: 'deny', review: reviewRule().review }],
  },
  'a higher quorum': { rules: [reviewRule({ quorum: 2 })] },
  'a stronger verification': { rules: [reviewRule({ verification: 'passkey' })] },
  'other reviewers': { rules: [reviewRule({ reviewers: ['carol'] })] },
  'an approver who left': {
    people: { ...PEOPLE, people: PEOPLE.people.filter((person) => person.id !== 'alice') },
  },
  'an approver who became the owner': {
    people: { ...PEOPLE, agents: [{ id: 'claude', owner: 'alice' }] },
  },
  "an approver who turns out to be the owner's other address": {
    people: {
      ...PEOPLE,
      people: PEOPLE.people.map((person) =>
        person.id === 'alice' ? { ...person, emails: ['Bob+x@example.com'] } : person,
      ),
    },
  },
  'an agent that was removed': { people: { ...PEOPLE, agents: [] } },
};
for (const [what, change] of Object.entries(tightenings)) {
  test(`${what} between approval and start voids it`, async () => {
    const bench = guardBench();
    bench.unreachable = new DownstreamError('downstream_unavailable', 'not yet');
    const id = await approved(bench);
    assert.is(phase(bench, id)?.kind, 'approved');
    bench.policy = { ...bench.policy, ...change };
    bench.unreachable = undefined;
    bench.clock.advance(1000);
    await bench.settle();
    assert.is(phase(bench, id)?.kind, 'voided');
    assert.is(bench.sent.length, 0);
  });
}

test('tags of the request still count when the catalogue has lost sight of the tool', async () => {
  const bench = guardBench();
  bench.tags = ['destructive'];
  bench.unreachable = new DownstreamError('downstream_unavailable', 'not yet');
  const id = await approved(bench);
  const { review } = reviewRule();
  const deny = {
    id: 'no',
    match: { tags: (tag: string) => tag === 'destructive' },
    verdict: 'deny',
    review,
  } as const;
  bench.policy = { ...bench.policy, rules: [...bench.policy.rules, deny] };
  bench.unreachable = undefined;
  bench.clock.advance(1000);
  await bench.settle();
  assert.is(phase(bench, id)?.kind, 'voided');
  assert.is(bench.sent.length, 0);
});

test('an approved call waits for an unreachable downstream and runs when it is back', async () => {
  const bench = guardBench();
  bench.unreachable = new DownstreamError('downstream_unavailable', 'not yet');
  const id = await approved(bench);
  bench.unreachable = undefined;
  bench.clock.advance(1000);
  await bench.settle();
  assert.is(phase(bench, id)?.kind, 'succeeded');
});

test('an approved call whose downstream never comes back expires', async () => {
  const bench = guardBench();
  bench.unreachable = new DownstreamError('downstream_unavailable', 'gone');
  const id = await approved(bench);
  bench.clock.advance(30 * 60_000);
  await bench.settle();
  assert.is(phase(bench, id)?.kind, 'expired');
  assert.is(bench.sent.length, 0);
});

test('a downstream that dies in the middle leaves an unknown outcome that is never tried again', async () => {
  const bench = guardBench();
  bench.answer = async () => {
    throw new DownstreamError('downstream_died', 'It died.');
  };
  const id = await approved(bench);
  bench.clock.advance(24 * 60 * 60_000);
  await bench.settle();
  assert.is(phase(bench, id)?.kind, 'outcome_unknown');
  assert.is(bench.sent.length, 1);
});

test('a JSON-RPC error of the downstream is a failure that the agent is given', async () => {
  const bench = guardBench();
  bench.answer = async () => {
    throw new RpcError({ code: -32000, message: 'No such table.' });
  };
  const id = await approved(bench);
  assert.is(phase(bench, id)?.kind, 'failed');
  const answer = await bench.guard.intercept.status(
    { agent: 'claude', session: 's', identity: 'claimed' },
    id,
    0,
    new AbortController().signal,
  );
  assert.equal(answer.kind === 'rpc_error' && answer.error, { code: -32000, message: 'No such table.' });
});

test('an end that cannot be journalled is journalled when the journal is back', async () => {
  const bench = guardBench();
  bench.answer = async () => {
    bench.journal.break('The disk is full.');
    return { content: [] };
  };
  const id = await approved(bench);
  assert.is(phase(bench, id)?.kind, 'started');
  bench.journal.break(undefined);
  bench.clock.advance(1000);
  await bench.settle();
  assert.is(phase(bench, id)?.kind, 'succeeded');
  assert.is(bench.sent.length, 1);
});

test('a start that cannot be made durable sends nothing', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'alice');
  bench.definition = 'd1';
  const original = bench.journal.append.bind(bench.journal);
  bench.journal.append = async (drafts, options) => {
    if (drafts.some((draft) => draft.type === 'execution.started')) bench.journal.break('The disk is full.');
    return original(drafts, options);
  };
  await bench.decide(token, 'approve');
  await bench.settle();
  assert.is(bench.sent.length, 0);
  assert.is(phase(bench, id)?.kind, 'claimed');
});

test('after a restart a started call has an unknown outcome and an approved one is carried out', async () => {
  const bench = guardBench();
  bench.answer = () => new Promise(() => undefined);
  const id = await approved(bench);
  assert.is(phase(bench, id)?.kind, 'started');
  await bench.guard.recover();
  await bench.settle();
  assert.is(phase(bench, id)?.kind, 'outcome_unknown');
  assert.is(bench.sent.length, 1);
});

test.run();
