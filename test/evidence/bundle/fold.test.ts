import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CallRow, Exception, Tally } from '../../../src/core/evidence.ts';
import { createFold } from '../../../src/evidence/bundle/fold.ts';
import { Spill } from '../../../src/evidence/bundle/spill.ts';
import { Counting } from '../../../src/evidence/bundle/tally.ts';
import { entryStory, type EntryStory } from '../../support/entry-story.ts';
import { tempDir } from '../../support/temp.ts';

interface Folded {
  readonly rows: readonly CallRow[];
  readonly exceptions: readonly Exception[];
  readonly tally: Tally;
}

/** What the bundle tells of the entries from `from` to before `to`. */
async function folded({ entries }: EntryStory, from = 0, to = entries.length): Promise<Folded> {
  const spill = await Spill.open(join(tempDir(), 'calls'));
  try {
    const fold = createFold({ from, to }, spill);
    const exceptions = entries.slice(0, to).flatMap((entry) => fold.take(entry) ?? []);
    const counting = new Counting({ from: '2026-11-23T10:00:00Z', to: '2026-11-24T00:00:00Z' });
    const rows: CallRow[] = [];
    for await (const row of fold.population.rows()) {
      rows.push(row);
      counting.call(row);
    }
    for (const exception of exceptions) counting.exception(exception);
    return { rows, exceptions, tally: counting.tally() };
  } finally {
    await spill.close();
  }
}

const brief = (rows: readonly CallRow[]) =>
  rows.map(({ call_id, outcome, carried, entries }) => [call_id, outcome, carried ?? false, entries]);

test('each call of the period has a row with its outcome and all of its entries, in the order of the requests', async () => {
  const story = entryStory();
  story.held('a');
  story.allowed('b');
  story.denied('c');
  story.approved('a');
  story.add({ type: 'call.completed', call_id: 'a', request_id: 'apr_a', outcome: 'delivered' });
  story.held('d');
  const { rows } = await folded(story);
  assert.equal(brief(rows), [
    ['a', 'succeeded', false, [0, 1, 7, 8, 9, 10, 11, 12]],
    ['b', 'succeeded', false, [2, 3, 4]],
    ['c', 'denied', false, [5, 6]],
    ['d', 'pending', false, [13, 14]],
  ]);
  const { entries: _entries, decisions, ...first } = rows[0] as CallRow;
  assert.equal(first, {
    call_id: 'a',
    seq: 0,
    requested_at: '2026-11-23T10:00:00.000Z',
    agent: 'claude',
    owner: 'bob',
    server: 'files',
    tool: 'write_file',
    definition_sha256: 'd'.repeat(64),
    action_digest: `6161${'0'.repeat(60)}`,
    args_commit: `6361${'0'.repeat(60)}`,
    verdict: 'review',
    rule: 'writes',
    policy_version: 'f'.repeat(64),
    request_id: 'apr_a',
    resolution: 'approved',
    resolved_at: '2026-11-23T10:00:08.000Z',
    decided_at: '2026-11-23T10:00:08.000Z',
    started_at: '2026-11-23T10:00:10.000Z',
    ended_at: '2026-11-23T10:00:11.000Z',
    outcome: 'succeeded',
    result_commit: `7261${'0'.repeat(60)}`,
  });
  assert.equal(decisions, [
    { seq: 7, person: 'alice', decision: 'approve', verification: 'link', at: '2026-11-23T10:00:07.000Z' },
  ]);
});

test('a call that was requested before the period and went on in it is carried; one that was over is not of it', async () => {
  const story = entryStory();
  story.allowed('over');
  story.held('gone');
  story.resolved('gone', 'rejected');
  story.held('a');
  const from = story.entries.length;
  story.resolved('a', 'expired');
  const to = story.entries.length;
  story.allowed('later');
  const { rows, exceptions, tally } = await folded(story, from, to);
  assert.equal(brief(rows), [['a', 'expired', true, [6, 7, 8]]]);
  assert.equal(
    exceptions.map(({ kind, seq, call_id, request_id, tool }) => [kind, seq, call_id, request_id, tool]),
    [['expired', 8, 'a', 'apr_a', 'write_file']],
  );
  assert.equal([tally.calls, tally.carried, tally.by_day], [1, 1, {}]);
});

test('what was told of a call before the period and is told again in it brings it in, however late', async () => {
  const story = entryStory();
  story.held('a');
  story.resolved('a', 'rejected');
  for (let i = 0; i < 5000; i += 1) {
    story.held(`x${i}`);
    story.resolved(`x${i}`, 'rejected');
  }
  const from = story.entries.length;
  story.add({ type: 'call.completed', call_id: 'a', request_id: 'apr_a', outcome: 'delivered' });
  story.add({
    type: 'notice.sent',
    request_id: 'apr_a',
    channel: 'email',
    notice: 'outcome',
    reviewer: 'alice',
    message_id: 'm',
  });
  const { rows } = await folded(story, from);
  assert.equal(brief(rows), [['a', 'rejected', true, [0, 1, 2, from, from + 1]]]);
});

test('the outcome is that of the end of the period', async () => {
  const story = entryStory();
  story.held('a');
  const to = story.entries.length;
  story.approved('a');
  assert.equal(brief((await folded(story, 0, to)).rows), [['a', 'pending', false, [0, 1]]]);
  assert.equal(brief((await folded(story, 0, to + 2)).rows), [['a', 'under_way', false, [0, 1, 2, 3]]]);
});

test('an outcome that nobody knew is that of a person’s word once there is one', async () => {
  const story = entryStory();
  story.held('a');
  story.resolved('a', 'approved');
  story.add({
    type: 'execution.claimed',
    request_id: 'apr_a',
    fence: 1,
    lease_until: '2026-11-23T11:00:00.000Z',
  });
  story.add({ type: 'execution.started', request_id: 'apr_a', fence: 1, action_digest: 'a'.repeat(64) });
  story.add({
    type: 'execution.outcome_unknown',
    request_id: 'apr_a',
    fence: 1,
    detail: 'It did not answer.',
  });
  const { rows } = await folded(story);
  assert.equal(rows[0]?.outcome, 'outcome_unknown');
  story.add({
    type: 'execution.reconciled',
    request_id: 'apr_a',
    reviewer: 'carol',
    outcome: 'not_done',
    reason: 'I looked.',
  });
  const after = await folded(story);
  assert.equal(after.rows[0]?.outcome, 'reconciled_not_done');
  assert.equal(
    after.exceptions.map(({ kind, person, detail }) => [kind, person, detail]),
    [
      ['outcome_unknown', undefined, 'It did not answer.'],
      ['reconciled', 'carol', 'Not done: I looked.'],
    ],
  );
});

test('erasures and holds are exceptions and bring no call into the period', async () => {
  const story = entryStory();
  story.held('a');
  story.resolved('a', 'rejected');
  const from = story.entries.length;
  story.add({ type: 'hold.placed', hold_id: 'hol_1', call_id: 'a', reason: 'A dispute.', by: 'operator' });
  story.add({ type: 'hold.released', hold_id: 'hol_1', reason: 'Settled.', by: 'operator' });
  story.add({ type: 'payload.erasure_ordered', call_id: 'a', payloads: [], reason: 'Old.', by: 'operator' });
  story.add({ type: 'payload.erased', call_id: 'a', erased: 2 });
  const { rows, exceptions } = await folded(story, from);
  assert.equal(rows, []);
  assert.equal(
    exceptions.map(({ kind, detail, request_id }) => [kind, detail, request_id]),
    [
      ['hold', 'Placed on one call: A dispute.', 'apr_a'],
      ['hold', 'Released: Settled.', undefined],
      ['payload_erased', 'Old.', 'apr_a'],
    ],
  );
});

test('the first policy, people and key are no changes, and those that take their place are', async () => {
  const story = entryStory();
  const load = (version: string) =>
    story.add({ type: 'policy.loaded', policy: { rule: '*', version }, rules: 3 });
  const people = (version: string) => story.add({ type: 'people.changed', version, people: 2, agents: 1 });
  load('p1');
  people('q1');
  story.add({ type: 'log.key', key: 'k1', by: 'placet' });
  load('p2');
  people('q2');
  story.add({ type: 'log.key', key: 'k2', previous: 'k1', reason: 'A drill', by: 'operator' });
  const { exceptions } = await folded(story);
  assert.equal(
    exceptions.map(({ kind, seq, detail }) => [kind, seq, detail]),
    [
      ['policy_changed', 3, 'The policy p2 of 3 rules took the place of p1.'],
      ['people_changed', 4, 'The directory q2 of 2 people and 1 agent took the place of q1.'],
      ['key_changed', 5, 'The log is signed under k2 from here on, and no more under k1: A drill'],
    ],
  );
});

test('calls, verdicts, outcomes, people and times are counted', async () => {
  const story = entryStory();
  story.allowed('a');
  story.allowed('b', 'unknown');
  story.denied('c');
  story.held('d');
  story.approved('d');
  story.held('e');
  story.add({ type: 'approval.resolved', request_id: 'apr_e', resolution: 'expired', reason: '' });
  const { tally } = await folded(story);
  assert.equal(tally, {
    calls: 5,
    carried: 0,
    by_verdict: { allow: 2, deny: 1, review: 2 },
    by_outcome: { denied: 1, expired: 1, outcome_unknown: 1, succeeded: 2 },
    by_tool: { 'files/delete_file': 1, 'files/read_file': 2, 'files/write_file': 2 },
    by_agent: { claude: 5 },
    by_person: { alice: { approve: 1, reject: 0 } },
    by_verification: { link: 1 },
    by_day: { '2026-11-23': { calls: 5, held: 2 } },
    time_to_decision: {
      median: 3000,
      p95: 3000,
      most: 3000,
      count: 1,
      buckets: [
        { up_to_ms: 60_000, count: 1 },
        { up_to_ms: 300_000, count: 0 },
        { up_to_ms: 900_000, count: 0 },
        { up_to_ms: 3_600_000, count: 0 },
        { up_to_ms: 14_400_000, count: 0 },
        { up_to_ms: 28_800_000, count: 0 },
        { up_to_ms: 86_400_000, count: 0 },
        { up_to_ms: 259_200_000, count: 0 },
        { count: 0 },
      ],
    },
    exceptions: { denied: 1, expired: 1, outcome_unknown: 1 },
  });
});

test.run();
