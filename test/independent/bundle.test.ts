// needs: go
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readLogKeys } from '../../src/journal/log-key.ts';
import type { Signer } from '../../src/tlog/note.ts';
import { auditedWeek } from '../support/audited-week.ts';
import { bundleBench } from '../support/bundle-bench.ts';
import { forged, type Forgery } from '../support/forged-bundle.ts';
import { independentVerifier } from '../support/independent.ts';
import { allowed, completed } from '../support/journal-drafts.ts';

const week = await auditedWeek();
const { current: signer } = await readLogKeys(week.bench.keysDir);
if (!signer) throw new Error('There is no key.');
const verify = independentVerifier();
const keys = ['-key', week.key, '-key', week.oldKey];

const CALLS = 'population/calls.jsonl';
const CALLS_CSV = 'population/calls.csv';

/** What the verifier says when an operator has changed something and signed the bundle anew. */
function told(change: (forgery: Forgery) => void): string {
  const dir = forged(week.bundle, signer as Signer, change);
  const { ok, line } = verify(...keys, '-bundle', dir);
  rmSync(dir, { recursive: true });
  return ok ? 'nothing' : line.replaceAll(/apr_\w+/g, 'apr_…');
}

const without = (id: string) => (rows: Record<string, unknown>[]) =>
  rows.filter((row) => row['call_id'] !== id);
const changed =
  (id: string, more: object) =>
  (rows: Record<string, unknown>[]): Record<string, unknown>[] =>
    rows.map((row) => (row['call_id'] === id ? { ...row, ...more } : row));

test('a bundle that was signed anew without a change is whole, under both keys of the log and not under one', () => {
  assert.is(
    told(() => undefined),
    'nothing',
  );
  assert.match(verify('-key', week.oldKey, '-bundle', week.bundle).line, 'manifest.note');
  assert.match(verify('-key', week.key, '-bundle', week.bundle).line, 'start.note');
});

test('a call that was left out of the population is missed', () => {
  assert.is(
    told(({ rows, lines, manifest }) => {
      rows(CALLS, without('denied'));
      lines(CALLS_CSV, (all) => all.filter((line) => !line.startsWith('denied,')));
      manifest(({ counts }) => Object.assign(counts ?? {}, { calls: 7 }));
    }),
    'FAIL: entry 18 is of a call that is not in the population',
  );
});

test('a carried call that was left out is missed by what happened to it in the period', () => {
  assert.is(
    told(({ rows }) => rows(CALLS, without(week.calls.carried))),
    'FAIL: entry 10 is of a call that is not in the population',
  );
});

test('an outcome, a decision, a tool and an entry that no line tells are found', () => {
  assert.is(
    told(({ rows }) => rows(CALLS, changed('denied', { outcome: 'succeeded' }))),
    'FAIL: the row of denied: its outcome is "succeeded", and the entries say "denied"',
  );
  assert.is(
    told(({ rows }) => rows(CALLS, changed(week.calls.carried, { outcome: 'succeeded' }))),
    'FAIL: the row of call apr_…: its outcome is "succeeded", and the entries say "rejected"',
  );
  assert.is(
    told(({ rows }) => rows(CALLS, changed(week.calls.shown, { decisions: [] }))),
    'FAIL: the row of call apr_…: it does not have the decisions that the entries tell',
  );
  assert.is(
    told(({ rows }) => rows(CALLS, changed('read', { tool: 'read_file' }))),
    'FAIL: entry 12: the row of read tells it otherwise',
  );
  assert.is(
    told(({ rows }) => rows(CALLS, changed('read', { entries: [12, 13, 14, 16] }))),
    'FAIL: read and lost have the entry 16 both',
  );
  assert.is(
    told(({ rows }) => rows(CALLS, changed('read', { entries: [12, 14] }))),
    'FAIL: the row of read lacks the entry 13',
  );
});

test('a call that there never was, and one of another day, are found', () => {
  const call = { call_id: 'ghost', seq: 21, verdict: 'allow', outcome: 'succeeded', entries: [21] };
  assert.match(
    told(({ rows }) => rows(CALLS, (all) => all.toSpliced(5, 0, call))),
    /^FAIL: \.\.\/\.\.\/up and ghost have the entry 21 both/,
  );
  assert.match(
    told(({ rows }) => rows(CALLS, (all) => [...all, { ...call, seq: 52, entries: [52] }])),
    'which is not of the period',
  );
});

test('an exception that was left out, or made up, is found', () => {
  assert.is(
    told(({ rows }) => rows('exceptions.jsonl', (all) => all.filter(({ kind }) => kind !== 'expired'))),
    'FAIL: exceptions.jsonl:11: the entries tell of another exception than agent_key in entry 49',
  );
  assert.is(
    told(({ rows }) => rows('exceptions.jsonl', (all) => all.slice(0, -1))),
    'FAIL: exceptions.jsonl lacks log_recovered of entry 50',
  );
  assert.match(
    told(({ rows }) => rows('exceptions.jsonl', (all) => [...all, { kind: 'denied', seq: 50 }])),
    'another exception than denied in entry 50',
  );
});

test('a line of the log that was left out, changed or moved leads to another root', () => {
  const entries = 'log/entries.jsonl';
  assert.match(
    told(({ lines }) => lines(entries, (all) => all.toSpliced(12, 1))),
    'entry 21 says that it is another one',
  );
  assert.match(
    told(({ lines }) => lines(entries, (all) => all.slice(0, -1))),
    'of 53 entries, and the checkpoint has',
  );
  assert.match(
    told(({ lines }) =>
      lines(entries, (all) =>
        all.map((line) => line.replace('"outcome":"unknown"', '"outcome":"succeeded"')),
      ),
    ),
    'lead to the root',
  );
});

test('a sample that the seed does not draw, or without the proof of an entry, is found', () => {
  assert.is(
    told(({ manifest }) =>
      manifest(({ sample }) => {
        const calls = (sample?.['calls'] ?? []) as unknown[];
        Object.assign(sample ?? {}, { calls: calls.toReversed() });
      }),
    ),
    'FAIL: call 1 of the sample is ../../up, and the seed draws call apr_…',
  );
  assert.match(
    told(({ dir }) => rmSync(join(dir, 'sample/003-read/13.tlog-proof'))),
    /13\.tlog-proof: .*no such file/,
  );
  assert.is(
    told(({ dir }) => {
      const other = readFileSync(join(dir, 'sample/003-read/12.tlog-proof'));
      writeFileSync(join(dir, 'sample/003-read/13.tlog-proof'), other);
    }),
    'FAIL: sample/003-read/13.tlog-proof proves something else',
  );
  assert.is(
    told(({ manifest }) => manifest(({ sample }) => Object.assign(sample ?? {}, { by_default: true }))),
    'FAIL: the seed of the sample is not the root of the last checkpoint',
  );
});

test('a count, a policy’s text and a CSV that say something else are found', () => {
  assert.is(
    told(({ manifest }) => manifest(({ counts }) => Object.assign(counts ?? {}, { carried: 2 }))),
    'FAIL: the manifest does not count the calls that there are',
  );
  assert.match(
    told(({ dir, manifest }) =>
      manifest((head) => {
        const [first] = head['policies'] as unknown as { files: { path: string }[] }[];
        writeFileSync(join(dir, first?.files[1]?.path ?? ''), 'rules: []\n');
      }),
    ),
    /^FAIL: the texts of the policy [0-9a-f]{64} are those of another$/,
  );
  assert.match(
    told(({ manifest }) =>
      manifest((head) => {
        head['policies'] = (head['policies'] as unknown as unknown[]).slice(0, 1) as never;
      }),
    ),
    'of entry 42 is not in the manifest',
  );
  assert.is(
    told(({ lines }) => lines(CALLS_CSV, (all) => all.map((line) => line.replace(',denied,', ',failed,')))),
    'FAIL: population/calls.csv has another outcome in row 4',
  );
});

test('checkpoints of other sizes, a frontier of another tree and a wrong proof of growth are found', () => {
  assert.match(
    told(({ lines }) => lines('checkpoints/frontier.txt', (all) => all.toReversed())),
    'frontier.txt does not lead to the root',
  );
  assert.match(
    told(({ lines }) => lines('checkpoints/consistency.txt', (all) => all.slice(1))),
    'checkpoints/consistency.txt',
  );
  assert.match(
    told(({ dir }) =>
      writeFileSync(join(dir, 'checkpoints/start.note'), readFileSync(join(dir, 'checkpoints/end.note'))),
    ),
    'is not the checkpoint that the manifest names',
  );
  assert.match(
    told(({ manifest }) => manifest(({ log }) => Object.assign(log ?? {}, { from_seq: 12 }))),
    'the period does not begin with entry 12',
  );
});

test('a period that is said to begin before the first line that is shown is not believed', () => {
  assert.is(
    told(({ manifest }) =>
      manifest((head) => {
        Object.assign(head['period'] ?? {}, { from: '2026-11-01T00:00:00.000Z' });
        Object.assign(head['log'] ?? {}, { from_seq: 9 });
        Object.assign(head['counts'] ?? {}, { entries: 42 });
      }),
    ),
    'FAIL: no line from before the period is shown, so that it may have begun before entry 9',
  );
});

test('where no line from behind the period is shown, it says how far the log is shown', async () => {
  const { out, input } = await week.bench.make({
    period: { from: '2026-11-24T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' },
  });
  const sentence =
    /shown only up to entry 53 at 2026-11-25T01:06:00.000Z; nothing in the bundle shows that the log ended there/;
  assert.match(verify(...keys, '-bundle', out).line, sentence);
  assert.match(input.completeness.limits[0] ?? '', sentence);
  assert.match(readFileSync(join(out, 'VERIFY.md'), 'utf8'), sentence);
  assert.not.match(verify(...keys, '-bundle', week.bundle).line, 'shown only');
  assert.is(
    told(({ manifest }) => manifest(({ log }) => Object.assign(log ?? {}, { to_seq: 50 }))),
    'FAIL: log/entries.jsonl:42: the period does not end before entry 50',
  );
});

for (const first of ['policy.loaded', 'people.changed'] as const)
  test(`an honest bundle whose first entry is ${first} passes, with what stood before it`, async () => {
    const bench = await bundleBench();
    const change = (version: string) =>
      first === 'policy.loaded'
        ? ({ type: first, policy: { rule: '*', version }, rules: 1 } as const)
        : ({ type: first, version, people: 1, agents: 1 } as const);
    await bench.journal.append([change('v1')]);
    await bench.journal.append([...allowed('early'), completed('early')]);
    bench.clock.advance(24 * 3_600_000);
    await bench.journal.append([change('v2'), ...allowed('one'), completed('one')]);
    await bench.cover();
    const key = bench.ledger.custody.logKey ?? '';
    await bench.close();
    const { out, input } = await bench.make({
      period: { from: '2026-11-24T00:00:00.000Z', to: '2026-11-25T00:00:00.000Z' },
    });
    const { policies, people, tally } = input;
    assert.equal(
      [...policies, ...people].map(({ version }) => version),
      ['v1', 'v2'],
    );
    assert.equal(Object.values(tally.exceptions), [1]);
    assert.match(verify('-key', key, '-bundle', out).line, /^ok: 4 entries /);
  });

test('of a call that was requested in the period every member is what the entries say', () => {
  const of = (id: string, more: object) => told(({ rows }) => rows(CALLS, changed(id, more)));
  const when = '2026-11-24T00:00:01.000Z';
  for (const [member, value] of [
    ['policy_version', 'v9'],
    ['request_id', 'req_1'],
    ['resolved_at', when],
    ['decided_at', when],
    ['started_at', when],
    ['ended_at', when],
  ] as const)
    assert.match(of('denied', { [member]: value }), `FAIL: the row of denied: its ${member} is "${value}"`);
  for (const member of ['definition_sha256', 'agent', 'owner', 'server', 'tool', 'requested_at'])
    assert.is(of('denied', { [member]: when }), 'FAIL: entry 18: the row of denied tells it otherwise');
});

test('of a decision who, how, when, why and whether alone is what the entry says', () => {
  for (const more of [
    { person: 'carol' },
    { verification: 'passkey' },
    { decision: 'reject' },
    { at: '2026-11-24T00:00:01.000Z' },
    { reason: 'Looks right.' },
    { solo: true },
  ])
    assert.match(
      told(({ rows }) =>
        rows(CALLS, (all) =>
          all.map((row) =>
            row['call_id'] === week.calls.shown
              ? { ...row, decisions: (row['decisions'] as object[]).map((each) => ({ ...each, ...more })) }
              : row,
          ),
        ),
      ),
      'it does not have the decisions that the entries tell',
    );
});

test('an exception has the time, the ids, the person and the text of its entry', () => {
  const of = (kind: string, more: object) =>
    told(({ rows }) =>
      rows('exceptions.jsonl', (all) => all.map((row) => (row['kind'] === kind ? { ...row, ...more } : row))),
    );
  assert.match(of('denied', { call_id: 'read' }), 'has another call_id');
  assert.match(of('denied', { agent: 'gpt' }), 'has another agent');
  assert.match(of('denied', { at: '2026-11-24T00:00:01.000Z' }), 'has another at');
  assert.match(of('denied', { detail: 'Nothing.' }), 'has another detail');
  assert.match(of('expired', { request_id: 'apr_1' }), 'has another request_id');
  assert.match(of('expired', { tool: 'read_file' }), 'has another tool');
  assert.match(of('self_approval_refused', { person: 'carol' }), 'has another person');
  assert.match(of('agent_key', { call_id: 'read' }), 'has another call_id');
  assert.match(of('denied', { person: 'bob' }), 'has another person');
});

test('a member twice, one that only its case sets apart, and one too many are refused', () => {
  const adding = (path: string, more: string) =>
    told(({ lines }) => lines(path, ([first = '', ...rest]) => [first.replace('{', `{${more},`), ...rest]));
  for (const path of [CALLS, 'exceptions.jsonl']) {
    assert.match(adding(path, '"seq":1'), 'the member "seq" stands there twice');
    assert.match(adding(path, '"Seq":1'), 'the member "Seq" is not expected');
    assert.match(adding(path, '"note":"x"'), 'unknown field');
  }
});

test('a cell of a table that says something else than its row is found', () => {
  const cell = (path: string, from: string, to: string) =>
    told(({ lines }) => lines(path, (all) => all.map((line) => line.replace(from, to))));
  assert.is(
    cell(CALLS_CSV, ',alice,', ',carol,'),
    'FAIL: population/calls.csv has another rejected_by in row 1',
  );
  assert.is(cell('exceptions.csv', ',bob,', ',carol,'), 'FAIL: exceptions.csv has another person in row 8');
  assert.is(cell('exceptions.csv', 'kind,', 'sort,'), 'FAIL: exceptions.csv has other columns');
});

test.run();
