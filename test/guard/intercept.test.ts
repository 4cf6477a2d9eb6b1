import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { guardBench, idOf, PEOPLE, policyOf, reviewRule } from '../support/guard.ts';

const caller = { agent: 'claude', session: 's', identity: 'claimed' } as const;
const never = new AbortController().signal;

test('an allowed call is journalled before it is sent and its end afterwards', async () => {
  const bench = guardBench();
  let typesAtSend: string[] = [];
  bench.answer = async () => {
    typesAtSend = bench.types();
    return { content: [] };
  };
  const answer = await bench.call({}, { tool: 'read_file' });
  await bench.settle();
  assert.equal(answer.kind === 'result' && answer.result.value, { content: [] });
  assert.equal(typesAtSend, ['call.requested', 'call.allowed']);
  assert.is(bench.types().at(-1), 'call.completed');
});

test('a denied call names the rule and is never sent', async () => {
  const rule = { id: 'no-writes', match: {}, verdict: 'deny', review: reviewRule().review } as const;
  const bench = guardBench(policyOf({ rules: [rule] }));
  const answer = await bench.call();
  assert.is(answer.kind === 'refused' && answer.code, 'denied_by_policy');
  assert.match(answer.kind === 'refused' ? answer.message : '', 'no-writes');
  assert.is(bench.sent.length, 0);
  assert.equal(bench.types(), ['call.requested', 'call.denied']);
});

test('an agent that people.yaml does not name gets a refusal and nothing is journalled', async () => {
  const bench = guardBench();
  const answer = await bench.call({}, { agent: 'stranger', tool: 'read_file' });
  assert.is(answer.kind === 'refused' && answer.code, 'unknown_agent');
  assert.is(bench.journal.entries.length, 0);
});

test('arguments over the limit are refused with the limit', async () => {
  const bench = guardBench();
  const answer = await bench.call({ text: 'x'.repeat(2000) });
  assert.is(answer.kind === 'refused' && answer.code, 'arguments_too_large');
  assert.match(answer.kind === 'refused' ? answer.message : '', '1000');
});

test('half of a surrogate pair in the arguments is refused', async () => {
  const bench = guardBench();
  const answer = await bench.call({ text: '\ud800' });
  assert.is(answer.kind === 'refused' && answer.code, 'arguments_not_canonical');
});

test('nobody is asked about a call whose arguments do not fit', async () => {
  const bench = guardBench();
  bench.check = { kind: 'invalid', message: 'path must be a string' };
  const answer = await bench.call();
  assert.is(answer.kind === 'refused' && answer.code, 'invalid_arguments');
  assert.not(bench.types().includes('approval.requested'));
});

test('arguments that could not be checked are called so on the card', async () => {
  const bench = guardBench();
  bench.check = { kind: 'unchecked', why: 'the schema took too long' };
  const token = await bench.link(idOf(await bench.call()), 'alice');
  const { card } = await bench.guard.reviews.view({ kind: 'link', token });
  assert.equal(card.input_check, { unchecked: 'the schema took too long' });
});

test('a rule that too few eligible people can satisfy refuses the call', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ reviewers: ['bob'] })] }));
  const answer = await bench.call();
  assert.is(answer.kind === 'refused' && answer.code, 'no_eligible_reviewers');
});

test('the owner among the reviewers is not asked, which is journalled', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  assert.equal(bench.ledger.request(id)?.terms[0]?.reviewers, ['alice', 'carol']);
  const refused = bench.journal.entries.find((entry) => entry.type === 'self_approval.refused');
  assert.is(refused?.reviewer, 'bob');
});

test('identical calls at once become one request', async () => {
  const bench = guardBench();
  const answers = await Promise.all([bench.call(), bench.call(), bench.call()]);
  assert.is(new Set(answers.map(idOf)).size, 1);
});

test('the same call with other arguments is another request', async () => {
  const bench = guardBench();
  assert.is.not(idOf(await bench.call({ a: 1 })), idOf(await bench.call({ a: 2 })));
});

test('the same call by another agent is another request', async () => {
  const bench = guardBench();
  assert.is.not(idOf(await bench.call()), idOf(await bench.call(undefined, { agent: 'other' })));
});

test('repeating the call after execution gives the result once and then asks anew', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  await bench.settle();
  assert.is((await bench.call()).kind, 'result');
  assert.is.not(idOf(await bench.call()), id);
  assert.is(bench.sent.length, 1);
});

test('wait holds the call for a quick approval and answers it in place', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ wait_ms: 20_000 })] }));
  const answering = bench.call();
  await bench.settle();
  const [request] = bench.ledger.requests();
  await bench.decide(await bench.link(request?.id ?? '', 'alice'), 'approve');
  assert.is((await answering).kind, 'result');
});

test('wait ends in the pending answer', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ wait_ms: 20_000 })] }));
  const answering = bench.call();
  await bench.settle();
  bench.clock.advance(20_000);
  assert.is((await answering).kind, 'pending');
});

test('a client that gives up ends the waiting and not the request', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ wait_ms: 20_000 })] }));
  const giveUp = new AbortController();
  const answering = bench.call(undefined, { signal: giveUp.signal });
  await bench.settle();
  giveUp.abort();
  const id = idOf(await answering);
  assert.is(bench.ledger.request(id)?.phase.kind, 'pending');
});

for (const tool of ['write_file', 'read_file']) {
  test(`${tool} is refused while the journal cannot be written`, async () => {
    const bench = guardBench();
    bench.journal.break('The disk is full.');
    const answer = await bench.call(undefined, { tool });
    assert.is(answer.kind === 'refused' && answer.code, 'journal_unwritable');
    assert.is(bench.sent.length, 0);
  });
}

test("another agent's request is answered as unknown", async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const answer = await bench.guard.intercept.status({ ...caller, agent: 'other' }, id, 0, never);
  assert.is(answer.kind === 'refused' && answer.code, 'unknown_approval');
  const cancelled = await bench.guard.intercept.cancel({ ...caller, agent: 'other' }, id);
  assert.is(cancelled.kind === 'refused' && cancelled.code, 'unknown_approval');
  assert.is(bench.ledger.request(id)?.phase.kind, 'pending');
});

test('a cancelled request is told as cancelled and cannot be approved', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const answer = await bench.guard.intercept.cancel(caller, id);
  assert.is(answer.kind === 'ended' && answer.approval.status, 'cancelled');
});

test('an expired request is told as expired, not as refused by a person', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  bench.clock.advance(30 * 60_000);
  await bench.settle();
  const answer = await bench.guard.intercept.status(caller, id, 0, never);
  assert.is(answer.kind === 'ended' && answer.approval.status, 'expired');
  assert.match(answer.kind === 'ended' ? answer.message : '', 'not a refusal');
});

test('a removed agent can no longer ask about its requests', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  bench.policy = { ...bench.policy, people: { ...PEOPLE, agents: [] } };
  const answer = await bench.guard.intercept.status(caller, id, 0, never);
  assert.is(answer.kind === 'refused' && answer.code, 'unknown_agent');
});

test.run();
