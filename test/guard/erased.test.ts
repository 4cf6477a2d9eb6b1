import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answerFor } from '../../src/guard/outcome.ts';
import { createContents } from '../../src/guard/contents.ts';
import { createRepeats } from '../../src/guard/repeats.ts';
import { codeOf, guardBench, idOf, signed, type GuardBench } from '../support/guard.ts';
import { rejection } from '../support/rejects.ts';

const WORD = { reason: 'She asked us to.', by: 'operator' };
const CALLER = { agent: 'claude', session: 'ses_1', identity: 'claimed' } as const;
const SENTENCE =
  'What claude asked write_file on files to do was erased on 23 Nov 2026, 10:00 UTC: She asked us to.';

async function decided(bench: GuardBench, decision: 'approve' | 'reject' = 'approve') {
  const id = idOf(await bench.call());
  const token = await bench.link(id, 'alice');
  await bench.decide(token, decision);
  await bench.settle();
  return { id, token };
}

const status = (bench: GuardBench, id: string) =>
  bench.guard.intercept.status(CALLER, id, 0, new AbortController().signal);

test('the agent is told how its erased call ended, and that nobody can give the result any more', async () => {
  const bench = guardBench();
  const { id } = await decided(bench);
  await bench.custody.erase(id, WORD);
  const answer = await status(bench, id);
  assert.equal(answer, {
    kind: 'ended',
    approval: {
      status: 'succeeded',
      approval_id: id,
      tool: 'write_file',
      expires_at: '2026-11-23T10:30:00.000Z',
      reviewers_asked: 2,
    },
    message:
      'It was carried out, and its result has been erased: nobody can give it any more. Do not repeat the call to see it.',
  });
});

test('the operator’s reason is not told to the agent', async () => {
  const bench = guardBench();
  const { id } = await decided(bench);
  await bench.custody.erase(id, WORD);
  assert.not.match(JSON.stringify(await status(bench, id)), 'She asked');
});

test('an agent that repeats a call whose result was erased unfetched is told so once, and not asked for anew', async () => {
  const bench = guardBench();
  const { id } = await decided(bench);
  await bench.custody.erase(id, WORD);
  const repeated = await bench.call();
  assert.is(repeated.kind === 'ended' && repeated.approval.approval_id, id);
  await bench.settle();
  assert.is(bench.sent.length, 1);
  assert.is((await bench.call()).kind, 'pending');
});

test('a failure, a rejection and an expiry are still told apart when they are erased', async () => {
  const failing = guardBench();
  failing.answer = async () => ({ content: [], isError: true });
  const failed = await decided(failing);
  await failing.custody.erase(failed.id, WORD);
  const answer = await status(failing, failed.id);
  assert.equal(answer.kind === 'ended' && [answer.approval.status, answer.message], [
    'failed',
    'What the server answered has been erased: nobody can give it any more.',
  ]);
  const rejecting = guardBench();
  const rejected = await decided(rejecting, 'reject');
  await rejecting.custody.erase(rejected.id, WORD);
  const refusal = await status(rejecting, rejected.id);
  assert.is(refusal.kind === 'ended' && refusal.approval.status, 'rejected');
  const waiting = guardBench();
  const id = idOf(await waiting.call());
  waiting.clock.advance(31 * 60_000);
  await waiting.settle();
  await waiting.custody.erase(id, WORD);
  const expired = await status(waiting, id);
  assert.is(expired.kind === 'ended' && expired.approval.status, 'expired');
});

test('a payload that is missing, and was not erased, is no erasure', async () => {
  const bench = guardBench();
  const { id } = await decided(bench);
  const request = bench.ledger.request(id);
  if (!request) throw new Error('There is no request.');
  const contents = createContents(
    {
      ...bench.payloads,
      get: async (ref) => bench.payloads.get({ commit: `${ref.commit} elsewhere` }),
    },
    bench.secrets,
  );
  assert.is(await codeOf(answerFor(request, contents)), 'payload_missing');
});

test('whoever has the link or may see the request is told since when it is erased and why', async () => {
  const bench = guardBench();
  const { id, token } = await decided(bench);
  await bench.custody.erase(id, WORD);
  for (const access of [
    { kind: 'link', token },
    { kind: 'session', person: 'alice', request_id: id },
    { kind: 'session', person: 'bob', request_id: id },
  ] as const) {
    const error = await rejection(bench.guard.reviews.view(access));
    assert.equal(error instanceof Error && [error.constructor.name, error.message], [
      'DecisionError',
      SENTENCE,
    ]);
  }
  const stranger = { kind: 'session', person: 'nobody', request_id: id } as const;
  assert.is(await codeOf(bench.guard.reviews.view(stranger)), 'not_found');
});

test('what is ordered to be erased is shown no more, although the disk keeps it still', async () => {
  const bench = guardBench();
  const { id, token } = await decided(bench);
  bench.payloads.breakErasing('The disk is full.');
  await rejection(bench.custody.erase(id, WORD));
  assert.is(await codeOf(bench.guard.reviews.view({ kind: 'link', token })), 'erased');
  const request = bench.ledger.request(id);
  if (!request) throw new Error('There is no request.');
  assert.is(await codeOf(bench.guard.content(request)), 'payload_erased');
});

test('where the history does not know of it, the page says that it was erased', async () => {
  const bench = guardBench();
  const { id, token } = await decided(bench);
  const { card_digest: commit = '' } = bench.ledger.request(id) ?? {};
  await bench.payloads.erase({ commit });
  const error = await rejection(bench.guard.reviews.view({ kind: 'link', token }));
  assert.is(
    error instanceof Error && error.message,
    'What claude asked write_file on files to do has been erased.',
  );
});

test('the story of an erased request is told as before', async () => {
  const bench = guardBench();
  const { id } = await decided(bench);
  await bench.custody.erase(id, WORD);
  const types = (await bench.guard.reviews.story('alice', id)).map((entry) => entry.type);
  assert.equal(types.slice(0, 5), [
    'approval.requested',
    'self_approval.refused',
    'link.issued',
    'approval.decided',
    'approval.resolved',
  ]);
});

test('an erased request cannot be decided or reconciled any more', async () => {
  const bench = guardBench();
  const key = await bench.enrol('alice');
  const { id } = await decided(bench, 'reject');
  const access = { kind: 'session', person: 'alice', request_id: id } as const;
  const view = await bench.guard.reviews.view(access);
  const proof = signed(key, bench.act(id, 'alice'));
  await bench.custody.erase(id, WORD);
  const input = {
    access,
    proof,
    decision: 'approve',
    reason: '',
    card_digest: view.request.card_digest,
    opened_at: view.opened_at,
    seen: [],
  } as const;
  assert.is(await codeOf(bench.guard.reviews.decide(input)), 'erased');
  assert.is(
    await codeOf(bench.guard.reviews.reconcile({ access, proof, outcome: 'done', reason: 'Seen.' })),
    'erased',
  );
});

test('an erased precedent counts, and is compared with no more', async () => {
  const bench = guardBench();
  const { id } = await decided(bench);
  await status(bench, id);
  await bench.settle();
  await bench.custody.erase(id, WORD);
  const next = idOf(await bench.call({ path: '/srv/b' }));
  const view = await bench.guard.reviews.view({ kind: 'session', person: 'alice', request_id: next });
  assert.is(view.precedents.approved, 1);
  assert.not('last_args' in view);
});

test('a host that starts with an erased request says nothing of it, and asks anew when the call is repeated', async () => {
  const bench = guardBench();
  const { id } = await decided(bench);
  await bench.custody.erase(id, WORD);
  const log: string[] = [];
  const repeats = createRepeats({ ledger: bench.ledger, log: (line) => log.push(line) });
  await repeats.restore(createContents(bench.payloads, bench.secrets));
  assert.equal(log, []);
  await bench.guard.recover();
  assert.is(bench.ledger.request(id)?.phase.kind, 'succeeded');
});

test.run();
