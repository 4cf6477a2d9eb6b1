import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, Entry, EntryOf } from '../../src/core/entry.ts';
import { History, type HistoryQuery } from '../../src/core/history.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-11-23T10:00:00.000Z');

function stamped(draft: Draft, time: string): Entry {
  return { ...draft, v: 1, seq: 0, id: 'ent_0', time, node: 'node_a' };
}

type Asked = Partial<EntryOf<'approval.requested'>> & { readonly reviewers?: readonly string[] };

/** A request at `time` by claude for bob to write a file, asking alice and carol. */
function requested(id: string, time: string, { reviewers = ['alice', 'carol'], ...more }: Asked = {}): Entry {
  const draft: Draft = {
    type: 'approval.requested',
    request_id: id,
    call_id: `call ${id}`,
    agent: 'claude',
    owner: 'bob',
    server: 'files',
    tool: 'write_file',
    definition_sha256: 'd'.repeat(64),
    action_digest: 'a'.repeat(64),
    args_commit: 'c'.repeat(64),
    card_digest: 'e'.repeat(64),
    policy: { rule: 'writes', version: 'v' },
    terms: [{ rule: 'writes', reviewers, quorum: 1, verification: 'link', reason: 'optional' }],
    expires_at: time,
    timeout_ms: 1,
    session: 's',
    ...more,
  };
  return stamped(draft, time);
}

function decided(id: string, reviewer: string, decision: 'approve' | 'reject', time: string): Entry {
  const draft: Draft = {
    type: 'approval.decided',
    request_id: id,
    reviewer,
    verification: 'passkey',
    decision,
    opened_at: time,
    action_digest: 'a'.repeat(64),
    card_digest: 'e'.repeat(64),
  };
  return stamped(draft, time);
}

function resolved(
  id: string,
  resolution: EntryOf<'approval.resolved'>['resolution'],
  time = '2026-11-23T10:00:00.000Z',
): Entry {
  return stamped({ type: 'approval.resolved', request_id: id, resolution, reason: '' }, time);
}

function historyOf(...entries: readonly Entry[]): History {
  const history = new History();
  for (const entry of entries) history.apply(entry);
  return history;
}

function ids(history: History, query: Partial<HistoryQuery>): readonly string[] {
  return history.search({ limit: 100, ...query }).items.map(({ id }) => id);
}

function daysAgo(days: number, plusMs = 0): string {
  return new Date(NOW - days * DAY + plusMs).toISOString();
}

test('a request is listed with what was asked, of whom and by which rule', () => {
  const history = historyOf(requested('r1', '2026-11-23T10:00:00.000Z', { args_at: '1:0' }));
  assert.equal(history.item('r1'), {
    id: 'r1',
    call_id: 'call r1',
    requested_at: '2026-11-23T10:00:00.000Z',
    agent: 'claude',
    owner: 'bob',
    server: 'files',
    tool: 'write_file',
    rule: 'writes',
    asked: ['alice', 'carol'],
    deciders: [],
    outcome: 'pending',
    outcome_at: '2026-11-23T10:00:00.000Z',
    args_commit: 'c'.repeat(64),
    args_at: '1:0',
  });
});

test('a request whose payloads were ordered to be erased says since when and why, and keeps to the first order', () => {
  const order = (call_id: string, reason: string, time: string): Entry =>
    stamped({ type: 'payload.erasure_ordered', call_id, payloads: [], reason, by: 'operator' }, time);
  const history = historyOf(
    requested('r1', daysAgo(2)),
    requested('r2', daysAgo(2)),
    order('call r1', 'She asked.', '2026-11-24T09:00:00.000Z'),
    order('call r1', 'Once more.', '2026-11-25T09:00:00.000Z'),
    order('call unknown', 'Of another.', '2026-11-25T09:00:00.000Z'),
  );
  assert.equal(history.item('r1')?.erased, { at: '2026-11-24T09:00:00.000Z', reason: 'She asked.' });
  assert.is(history.item('r2')?.erased, undefined);
  const copy = new History();
  copy.load(history.save());
  copy.apply(order('call r2', 'Later.', '2026-11-26T09:00:00.000Z'));
  assert.is(copy.item('r1')?.erased?.reason, 'She asked.');
  assert.is(copy.item('r2')?.erased?.reason, 'Later.');
});

test('somebody whom two rules ask is listed once', () => {
  const terms = (reviewers: readonly string[]) =>
    ({ rule: 'r', reviewers, quorum: 1, verification: 'link', reason: 'optional' }) as const;
  const history = historyOf(
    requested('r1', daysAgo(0), { terms: [terms(['alice', 'carol']), terms(['carol', 'dave'])] }),
  );
  assert.equal(history.item('r1')?.asked, ['alice', 'carol', 'dave']);
});

test('whoever an escalation asks is listed from then on, finds it, and is found by', () => {
  const history = new History();
  history.apply(requested('apr_1', '2026-11-23T10:00:00.000Z'));
  const seen = (query: Partial<HistoryQuery>): number => history.search({ limit: 10, ...query }).total;
  assert.equal([seen({ viewer: 'erin' }), seen({ text: 'ERIN' })], [0, 0]);
  const draft: Draft = {
    type: 'approval.escalated',
    request_id: 'apr_1',
    rule: 'writes',
    cause: 'time',
    reviewers: ['erin', 'carol'],
  };
  history.apply(stamped(draft, '2026-11-23T10:20:00.000Z'));
  assert.equal(history.item('apr_1')?.asked, ['alice', 'carol', 'erin']);
  assert.equal([seen({ viewer: 'erin' }), seen({ text: 'ERIN' })], [1, 1]);
});

test('everyone who decided is listed in their order', () => {
  const history = historyOf(
    requested('r1', daysAgo(0)),
    decided('r1', 'carol', 'approve', daysAgo(0, 1)),
    decided('r1', 'alice', 'reject', daysAgo(0, 2)),
  );
  assert.equal(history.item('r1')?.deciders, [
    { person: 'carol', decision: 'approve', verification: 'passkey' },
    { person: 'alice', decision: 'reject', verification: 'passkey' },
  ]);
});

const of = { request_id: 'r1', fence: 1 };
const OUTCOMES: readonly (readonly [string, readonly Draft[]])[] = [
  ['approved', [{ type: 'approval.resolved', request_id: 'r1', resolution: 'approved', reason: '' }]],
  ['rejected', [{ type: 'approval.resolved', request_id: 'r1', resolution: 'rejected', reason: '' }]],
  ['expired', [{ type: 'approval.resolved', request_id: 'r1', resolution: 'expired', reason: '' }]],
  ['cancelled', [{ type: 'approval.resolved', request_id: 'r1', resolution: 'cancelled', reason: '' }]],
  ['voided', [{ type: 'approval.resolved', request_id: 'r1', resolution: 'voided', reason: '' }]],
  ['succeeded', [{ type: 'execution.succeeded', ...of }]],
  ['failed', [{ type: 'execution.failed', ...of, detail: '' }]],
  ['outcome_unknown', [{ type: 'execution.outcome_unknown', ...of, detail: '' }]],
];
for (const [outcome, drafts] of OUTCOMES) {
  test(`a request can come to be ${outcome}, and is found by that alone`, () => {
    const history = historyOf(
      requested('r1', daysAgo(1)),
      ...drafts.map((draft) => stamped(draft, '2026-11-23T09:00:00.000Z')),
    );
    const item = history.item('r1');
    assert.equal([item?.outcome, item?.outcome_at], [outcome, '2026-11-23T09:00:00.000Z']);
    for (const [other] of OUTCOMES)
      assert.equal(
        ids(history, { outcome: other as NonNullable<HistoryQuery['outcome']> }),
        other === outcome ? ['r1'] : [],
      );
    assert.equal(ids(history, { outcome: 'pending' }), []);
  });
}

for (const [word, outcome] of [
  ['done', 'succeeded'],
  ['not_done', 'failed'],
] as const) {
  test(`after a person's word that it was ${word} an unknown outcome is ${outcome}`, () => {
    const history = historyOf(
      requested('r1', daysAgo(1)),
      stamped({ type: 'execution.outcome_unknown', ...of, detail: '' }, daysAgo(0)),
      stamped(
        { type: 'execution.reconciled', request_id: 'r1', reviewer: 'alice', outcome: word, reason: '' },
        daysAgo(0),
      ),
    );
    assert.is(history.item('r1')?.outcome, outcome);
  });
}

test('entries that are no news of an outcome change nothing', () => {
  const history = historyOf(requested('r1', daysAgo(1)));
  const before = history.save();
  for (const draft of [
    { type: 'link.issued', request_id: 'r1', reviewer: 'alice', link_sha256: 'a'.repeat(64) },
    { type: 'execution.started', ...of, action_digest: 'a'.repeat(64) },
    { type: 'call.completed', call_id: 'c', request_id: 'r1', outcome: 'delivered' },
    { type: 'log.opened', software: '1' },
  ] as const)
    history.apply(stamped(draft, daysAgo(0)));
  assert.equal(history.save(), before);
});

test('news of a request that is no longer known are passed over', () => {
  const history = historyOf(resolved('gone', 'approved'));
  assert.is(history.size, 0);
});

/** Four requests, a day apart, the oldest first. */
function four(): History {
  return historyOf(
    requested('apr_1', '2026-11-20T00:00:00.000Z'),
    requested('apr_2', '2026-11-21T23:59:59.999Z', { agent: 'codex', owner: 'dave', tool: 'Send_Mail' }),
    requested('apr_3', '2026-11-22T00:00:00.000Z', {
      server: 'mail',
      policy: { rule: 'mails,Night', version: 'v' },
      reviewers: ['alice'],
    }),
    requested('apr_4', '2026-11-23T12:00:00.000Z', { owner: 'carol', reviewers: ['dave'] }),
    decided('apr_1', 'alice', 'approve', '2026-11-20T00:00:01.000Z'),
    resolved('apr_1', 'approved', '2026-11-20T00:00:01.000Z'),
  );
}

const SEARCHES: readonly (readonly [string, Partial<HistoryQuery>, readonly string[]])[] = [
  ['everything, newest first', {}, ['apr_4', 'apr_3', 'apr_2', 'apr_1']],
  ['what an agent asked for', { agent: 'codex' }, ['apr_2']],
  ['no agent by a part of its name', { agent: 'cod' }, []],
  ['a tool', { tool: 'write_file' }, ['apr_4', 'apr_3', 'apr_1']],
  ['a person who decided, and not what they were only asked', { person: 'alice' }, ['apr_1']],
  ['a person who owns the agent', { person: 'dave' }, ['apr_2']],
  ['what a viewer was asked', { viewer: 'alice' }, ['apr_3', 'apr_2', 'apr_1']],
  ["what a viewer was asked, and their agents'", { viewer: 'dave' }, ['apr_4', 'apr_2']],
  ["what a viewer's agents asked for", { viewer: 'bob' }, ['apr_3', 'apr_1']],
  ['nothing for a stranger', { viewer: 'mallory' }, []],
  ['an outcome', { outcome: 'approved' }, ['apr_1']],
  ['what is pending', { outcome: 'pending' }, ['apr_4', 'apr_3', 'apr_2']],
  ['from an instant on, the instant with it', { from: '2026-11-22T00:00:00.000Z' }, ['apr_4', 'apr_3']],
  ['from an instant in another zone', { from: '2026-11-22T01:00:00.000+01:00' }, ['apr_4', 'apr_3']],
  ['from a day on', { from: '2026-11-22' }, ['apr_4', 'apr_3']],
  ['to an instant, without it', { to: '2026-11-22T00:00:00.000Z' }, ['apr_2', 'apr_1']],
  ['to a day, all of it', { to: '2026-11-21' }, ['apr_2', 'apr_1']],
  ['one day', { from: '2026-11-21', to: '2026-11-21' }, ['apr_2']],
  ['to the last day that there is', { to: '9999-12-31' }, ['apr_4', 'apr_3', 'apr_2', 'apr_1']],
  ['nothing from what is no time', { from: 'yesterday' }, []],
  ['nothing to what is no time', { to: '2026-99-99' }, []],
  ['a text in an id', { text: 'PR_2' }, ['apr_2']],
  ['a text in the name of a tool, whatever its case', { text: 'send_mail' }, ['apr_2']],
  ['a text in the name of a server', { text: 'MAIL' }, ['apr_3', 'apr_2']],
  ['a text in a rule', { text: ' night ' }, ['apr_3']],
  ['a text in who was asked', { text: 'dave' }, ['apr_4', 'apr_2']],
  ['everything for an empty text', { text: '  ' }, ['apr_4', 'apr_3', 'apr_2', 'apr_1']],
  ['no text as a pattern', { text: '.*' }, []],
  [
    'what holds for everything that is given',
    { agent: 'claude', tool: 'write_file', viewer: 'carol' },
    ['apr_4', 'apr_1'],
  ],
  ['nothing where one thing does not hold', { agent: 'codex', tool: 'write_file' }, []],
];
for (const [what, query, found] of SEARCHES) {
  test(`it finds ${what}`, () => {
    assert.equal(ids(four(), query), found);
  });
}

test('a page tells how many match in all', () => {
  assert.equal(
    [
      four().search({ limit: 2 }),
      four().search({ limit: 2, skip: 2 }),
      four().search({ limit: 2, skip: 4 }),
      four().search({ limit: 2, skip: 1, tool: 'write_file' }),
    ].map(({ items, total }) => [items.map(({ id }) => id), total]),
    [
      [['apr_4', 'apr_3'], 4],
      [['apr_2', 'apr_1'], 4],
      [[], 4],
      [['apr_3', 'apr_1'], 3],
    ],
  );
});

const ALIKE = { agent: 'claude', server: 'files', tool: 'write_file' };

test('precedents count thirty days, to the millisecond', () => {
  const history = historyOf(
    requested('too old', daysAgo(30, -1)),
    requested('r1', daysAgo(30)),
    requested('r2', daysAgo(20)),
    requested('r3', daysAgo(10)),
    requested('r4', daysAgo(9)),
    requested('r5', daysAgo(8)),
    resolved('too old', 'rejected'),
    resolved('r1', 'rejected'),
    resolved('r2', 'approved'),
    resolved('r3', 'expired'),
    resolved('r4', 'cancelled'),
  );
  const { last_approved, ...counts } = history.precedents(ALIKE, NOW);
  assert.equal(counts, { approved: 1, rejected: 1, ended: 2, pending: 1 });
  assert.is(last_approved?.id, 'r2');
});

test('precedents count as many days as they are asked for', () => {
  const history = historyOf(requested('r1', daysAgo(30)), requested('r2', daysAgo(2)));
  assert.is(history.precedents(ALIKE, NOW, 7).pending, 1);
});

test('what was approved counts as approved however it went on', () => {
  const history = historyOf(...['a', 'b', 'c', 'd'].map((id) => requested(id, daysAgo(1))));
  history.apply(resolved('a', 'approved'));
  history.apply(stamped({ type: 'execution.succeeded', request_id: 'b', fence: 1 }, daysAgo(0)));
  history.apply(stamped({ type: 'execution.failed', request_id: 'c', fence: 1, detail: '' }, daysAgo(0)));
  history.apply(
    stamped({ type: 'execution.outcome_unknown', request_id: 'd', fence: 1, detail: '' }, daysAgo(0)),
  );
  assert.is(history.precedents(ALIKE, NOW).approved, 4);
});

test('an approval that was voided counts as ended', () => {
  const history = historyOf(
    requested('r1', daysAgo(1)),
    resolved('r1', 'approved'),
    resolved('r1', 'voided'),
  );
  assert.equal(history.precedents(ALIKE, NOW), { approved: 0, rejected: 0, ended: 1, pending: 0 });
});

test('the last approved one may be older than what is counted', () => {
  const history = historyOf(
    requested('older', daysAgo(80)),
    requested('old', daysAgo(40)),
    requested('new', daysAgo(1)),
    resolved('older', 'approved'),
    resolved('old', 'approved'),
  );
  const { last_approved, ...counts } = history.precedents(ALIKE, NOW);
  assert.equal(counts, { approved: 0, rejected: 0, ended: 0, pending: 1 });
  assert.is(last_approved?.id, 'old');
});

test('the request itself is left out', () => {
  const history = historyOf(
    requested('r1', daysAgo(2)),
    resolved('r1', 'approved'),
    requested('r2', daysAgo(1)),
    resolved('r2', 'approved'),
  );
  const { last_approved, ...counts } = history.precedents({ ...ALIKE, except: 'r2' }, NOW);
  assert.equal(counts, { approved: 1, rejected: 0, ended: 0, pending: 0 });
  assert.is(last_approved?.id, 'r1');
});

test('another agent, server or tool is no precedent', () => {
  const history = historyOf(
    requested('a', daysAgo(1), { agent: 'codex' }),
    requested('b', daysAgo(1), { server: 'other' }),
    requested('c', daysAgo(1), { tool: 'read_file' }),
    requested('d', daysAgo(1), { server: 'files","write_file', tool: 'x' }),
  );
  assert.equal(history.precedents(ALIKE, NOW), { approved: 0, rejected: 0, ended: 0, pending: 0 });
});

test('it counts the rejections since the last approval, in the order of the decisions', () => {
  const history = historyOf(
    requested('r1', daysAgo(6)),
    requested('r2', daysAgo(5)),
    requested('r3', daysAgo(4)),
    requested('other', daysAgo(3), { agent: 'codex' }),
    requested('open', daysAgo(2)),
    resolved('r2', 'rejected'),
  );
  assert.is(history.rejectionsInARow(ALIKE).count, 1);
  for (const entry of [
    resolved('r1', 'approved'),
    resolved('other', 'rejected'),
    resolved('r3', 'rejected'),
  ]) {
    history.apply(entry);
  }
  const { count, last } = history.rejectionsInARow(ALIKE);
  assert.is(count, 1);
  assert.is(last, history.item('r3')?.outcome_at);
  assert.equal(history.rejectionsInARow({ ...ALIKE, tool: 'none' }), { count: 0 });
});

test('what it kept says the same of rejections after a restart', () => {
  const history = historyOf(
    requested('r1', daysAgo(6)),
    resolved('r1', 'approved'),
    requested('r2', daysAgo(5)),
    resolved('r2', 'rejected'),
    requested('r3', daysAgo(4)),
    resolved('r3', 'rejected'),
    requested('r4', daysAgo(3)),
    resolved('r4', 'expired'),
  );
  const again = new History();
  again.load(history.save());
  assert.equal(again.rejectionsInARow(ALIKE), history.rejectionsInARow(ALIKE));
});

test('of more than it keeps the oldest are let go, everywhere', () => {
  const history = new History(3);
  for (const [index, tool] of ['once', 'write_file', 'write_file', 'write_file', 'write_file'].entries()) {
    history.apply(requested(`r${index}`, daysAgo(5 - index), { tool }));
    history.apply(resolved(`r${index}`, 'approved'));
  }
  assert.is(history.size, 3);
  assert.equal(ids(history, {}), ['r4', 'r3', 'r2']);
  assert.is(history.item('r1'), undefined);
  assert.is(history.precedents({ ...ALIKE, tool: 'once' }, NOW).last_approved, undefined);
  assert.is(history.precedents(ALIKE, NOW).approved, 3);
});

test('it keeps twenty thousand', () => {
  const history = new History();
  for (let n = 0; n <= 20_000; n += 1) history.apply(requested(`r${n}`, daysAgo(1)));
  assert.is(history.size, 20_000);
  assert.is(history.item('r0'), undefined);
  assert.ok(history.item('r1'));
});

test('a saved state is the same state, and goes on the same', () => {
  const history = four();
  const copy = new History();
  copy.apply(requested('swept away', daysAgo(0)));
  copy.load(JSON.parse(JSON.stringify(history.save())) as ReturnType<History['save']>);
  assert.equal(copy.save(), history.save());
  assert.is(copy.precedents(ALIKE, NOW).pending, 1);
  copy.apply(resolved('apr_4', 'rejected'));
  assert.is(copy.precedents(ALIKE, NOW).rejected, 1);
  assert.is(history.precedents(ALIKE, NOW).rejected, 0);
});

test('a state of more than is kept is cut to the newest', () => {
  const copy = new History(2);
  copy.load(four().save());
  assert.equal(ids(copy, {}), ['apr_4', 'apr_3']);
});

test.run();
