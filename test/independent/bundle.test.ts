// needs: go
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readLogKeys } from '../../src/journal/log-key.ts';
import type { Signer } from '../../src/tlog/note.ts';
import { auditedWeek } from '../support/audited-week.ts';
import { forged, type Forgery } from '../support/forged-bundle.ts';
import { independentVerifier } from '../support/independent.ts';

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
    'FAIL: population/calls.csv has another call than denied in row 4',
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

test.run();
