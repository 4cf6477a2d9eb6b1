import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, guardBench, idOf, PEOPLE, policyOf, reviewRule, signed } from '../support/guard.ts';

const session = (person: string, request_id: string) => ({ kind: 'session', person, request_id }) as const;

test('a session sees a request that its person was asked about, and how it may be decided', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const view = await bench.guard.reviews.view(session('alice', id));
  assert.is(view.state, 'open');
  assert.is(view.reviewer.id, 'alice');
  assert.equal(view.args, { path: '/srv/a' });
  assert.equal(view.methods, { approve: [], reject: [] });
  assert.is(view.demanded, 'link');
});

test("a session watches the requests of its person's own agent and may do nothing about them", async () => {
  const bench = guardBench();
  await bench.enrol('bob');
  const id = idOf(await bench.call());
  const view = await bench.guard.reviews.view(session('bob', id));
  assert.is(view.state, 'watching');
  assert.equal(view.methods, { approve: [], reject: [] });
});

for (const [who, person] of [
  ['was not asked', 'carol'],
  ['is not in people.yaml', 'mallory'],
] as const) {
  test(`a session of somebody who ${who} finds no such request, nor its story, and decides nothing`, async () => {
    const bench = guardBench(policyOf({ rules: [reviewRule({ reviewers: ['alice'] })] }));
    const id = idOf(await bench.call());
    const before = bench.journal.entries.length;
    const access = session(person, id);
    const { card_digest = '' } = bench.ledger.request(id) ?? {};
    assert.is(await codeOf(bench.guard.reviews.view(access)), 'not_found');
    assert.is(await codeOf(bench.guard.reviews.story(person, id)), 'not_found');
    assert.is(
      await codeOf(
        bench.guard.reviews.decide({
          access,
          decision: 'reject',
          reason: '',
          proof: { kind: 'typed', confirm: 'write_file' },
          card_digest,
          opened_at: '2026-11-23T10:00:00.000Z',
          seen: [],
        }),
      ),
      'not_found',
    );
    assert.is(bench.journal.entries.length, before);
  });
}

for (const made of ['apr_nonsense', '', '../../etc', 'apr_0123456789abcdefghjkmnpqrs']) {
  test(`a session finds no request ${JSON.stringify(made)}`, async () => {
    assert.is(await codeOf(guardBench().guard.reviews.view(session('alice', made))), 'not_found');
  });
}

test('a session alone decides nothing, whatever is typed', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  const before = bench.journal.entries.length;
  for (const decision of ['approve', 'reject'] as const) {
    const deciding = bench.decideBy(
      session('alice', id),
      { kind: 'typed', confirm: 'write_file' },
      { decision },
    );
    assert.is(await codeOf(deciding), 'verification_too_weak');
  }
  assert.is(bench.journal.entries.length, before);
});

test('a request that the ledger let go of is read back from the journal', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'reject', 'No.');
  bench.ledger.load({ ...bench.ledger.save(), requests: [], closed: [] });
  const view = await bench.guard.reviews.view(session('alice', id));
  assert.is(view.state, 'over');
  assert.is(view.request.phase.kind, 'rejected');
  assert.equal(
    view.decisions.map(({ name, decision }) => [name, decision]),
    [['Alice', 'reject']],
  );
  const deciding = bench.decideBy(session('carol', id), { kind: 'typed', confirm: 'write_file' });
  assert.is(await codeOf(deciding), 'already_resolved');
});

test('a story is all that the journal says of the request, oldest first', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  await bench.settle();
  const story = await bench.guard.reviews.story('bob', id);
  assert.equal(
    story.map((entry) => entry.type),
    [
      'approval.requested',
      'self_approval.refused',
      'link.issued',
      'approval.decided',
      'approval.resolved',
      'execution.claimed',
      'execution.started',
      'execution.succeeded',
    ],
  );
});

test('what waits for a person is listed, that which expires first at the top', async () => {
  const urgent = { ...reviewRule({ expires_ms: 60_000 }), id: 'urgent' };
  const bench = guardBench(
    policyOf({
      rules: [reviewRule(), { ...urgent, match: { tool: (tool: string) => tool === 'move_file' } }],
    }),
  );
  const later = idOf(await bench.call());
  const sooner = idOf(await bench.call({}, { tool: 'move_file' }));
  const waiting = await bench.guard.reviews.waiting('alice');
  assert.equal(
    waiting.map(({ request }) => request.id),
    [sooner, later],
  );
});

test('what is decided, over, not asked or of an own agent does not wait for a person', async () => {
  const bench = guardBench(policyOf({ rules: [reviewRule({ quorum: 2, reviewers: ['alice', 'carol'] })] }));
  const id = idOf(await bench.call());
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  const ids = async (person: string) =>
    (await bench.guard.reviews.waiting(person)).map(({ request }) => request.id);
  assert.equal(await ids('alice'), []);
  assert.equal(await ids('bob'), []);
  assert.equal(await ids('carol'), [id]);
  bench.policy = { ...bench.policy, people: { ...PEOPLE, agents: [{ id: 'claude', owner: 'carol' }] } };
  assert.equal(await ids('carol'), []);
  bench.policy = { ...bench.policy, people: PEOPLE };
  bench.clock.advance(30 * 60_000);
  assert.equal(await ids('carol'), []);
});

test('the view tells of earlier calls of this agent to this tool, and of the last that was approved', async () => {
  const bench = guardBench();
  const key = await bench.enrol('alice');
  const first = idOf(await bench.call({ path: '/srv/a', mode: 'append' }));
  await bench.decideBy(session('alice', first), signed(key, bench.act(first, 'alice')));
  await bench.settle();
  const second = idOf(await bench.call({ path: '/srv/b' }));
  const view = await bench.guard.reviews.view(session('alice', second));
  assert.is(view.precedents.approved, 1);
  assert.is(view.precedents.rejected, 0);
  assert.is(view.precedents.last_approved?.id, first);
  assert.equal(view.last_args, { path: '/srv/a', mode: 'append' });
});

test('a first call has no precedent and nothing to compare with', async () => {
  const bench = guardBench();
  const view = await bench.guard.reviews.view(session('alice', idOf(await bench.call())));
  assert.equal(view.precedents, { approved: 0, rejected: 0, ended: 0, pending: 0 });
  assert.not('last_args' in view);
});

test('arguments that were erased are compared with no more', async () => {
  const bench = guardBench();
  const key = await bench.enrol('alice');
  const first = idOf(await bench.call({ path: '/srv/a' }));
  await bench.decideBy(session('alice', first), signed(key, bench.act(first, 'alice')));
  await bench.settle();
  await bench.payloads.erase({ commit: bench.ledger.request(first)?.args_commit ?? '' });
  const second = idOf(await bench.call({ path: '/srv/b' }));
  const view = await bench.guard.reviews.view(session('alice', second));
  assert.is(view.precedents.approved, 1);
  assert.not('last_args' in view);
});

const long = { path: '/srv/a', text: 'line\n'.repeat(60) };

test('a long value that was not read to its end is approved by nobody', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call(long));
  const token = await bench.link(id, 'alice');
  assert.is(await codeOf(bench.decide(token, 'approve')), 'not_read');
  const other = bench.decideBy(
    { kind: 'link', token },
    { kind: 'typed', confirm: 'write_file' },
    { seen: ['path'] },
  );
  assert.is(await codeOf(other), 'not_read');
  assert.is(bench.ledger.request(id)?.decisions.length, 0);
});

test('a long value that was read is approved, and one that was not can be rejected', async () => {
  const bench = guardBench();
  const approving = await bench.link(idOf(await bench.call(long)), 'alice');
  const rejecting = await bench.link(idOf(await bench.call({ ...long, path: '/srv/b' })), 'alice');
  await bench.decideBy(
    { kind: 'link', token: approving },
    { kind: 'typed', confirm: 'write_file' },
    { seen: ['text'] },
  );
  await bench.decide(rejecting, 'reject');
  assert.is(bench.types().filter((type) => type === 'approval.decided').length, 2);
});

test.run();
