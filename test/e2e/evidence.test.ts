// needs: go openssl
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CallRow } from '../../src/core/evidence.ts';
import {
  commandsIn,
  csvRows,
  exceptionsIn,
  filesOf,
  jsonLines,
  keyOf,
  makeBundle,
  plantedIn,
  runCommands,
} from '../support/evidence-bundle.ts';
import { CHROMIUM_PLACES } from '../support/chromium.ts';
import { runWorkload } from '../support/evidence-workload.ts';
import { PASSWORD } from '../support/evidence-workload/settings.ts';
import { countsOf } from '../support/evidence-workload/tally.ts';
import { ocsfFaults } from '../support/ocsf-subset.ts';
import { OSCAL_SCHEMA } from '../support/oscal-schema.ts';
import { tempDir } from '../support/temp.ts';
import { BINARY } from '../support/workspace.ts';

/**
 * What an auditor finds of ten thousand calls that went through the real system, against what those say who made them.
 * The host serves all the while.
 */

const CALLS = 10_000;

const out = tempDir();
const busy = await runWorkload({ seed: 7, calls: CALLS });
test.after(() => busy.close());

const bundle = await makeBundle(busy, join(out, 'busy'), '--sample', '25', '--seed', 'seven');
const rows = jsonLines<CallRow>(bundle, 'population/calls.jsonl');

interface Manifest {
  readonly counts: Readonly<Record<string, unknown>>;
  readonly log: { readonly from_seq: number; readonly to_seq: number };
  readonly notes: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;

test('there is something of every kind that is told of, but for what takes a workspace of one person', () => {
  assert.equal(Object.keys(countsOf(busy.tally.planted, ({ kind }) => kind)).sort(), [
    'agent_key',
    'definition_accepted',
    'definition_changed',
    'denied',
    'escalated',
    'expired',
    'hold',
    'key_changed',
    'log_recovered',
    'notice_failed',
    'outcome_unknown',
    'payload_erased',
    'people_changed',
    'policy_changed',
    'reconciled',
    'reviewer_key',
    'secret_revealed',
    'self_approval_refused',
    'verification_refused',
    'voided',
  ]);
});

test('the exceptions are those that were planted, each once and no others', () => {
  // Whoever is denied, or does something to keys and rules, never learns an id of it.
  assert.equal(exceptionsIn(bundle), plantedIn(busy.tally));
});

test('the population has every call, with the agent, the tool and the outcome that its caller saw', () => {
  const { calls } = busy.tally;
  assert.is(calls.length, CALLS);
  assert.is(rows.length, CALLS);
  const words = (each: {
    agent: string;
    tool: string;
    verdict: string;
    outcome: string;
    request_id?: string | undefined;
    carried?: true | undefined;
  }): string => [each.request_id, each.agent, each.tool, each.verdict, each.outcome, each.carried].join(' ');
  assert.equal(
    rows.map((row) => words({ ...row, tool: `${row.server}/${row.tool}` })).sort(),
    calls.map(words).sort(),
  );
});

test('every decision is there, by whom and verified how, and no other', () => {
  const { decisions } = busy.tally;
  assert.equal(
    rows
      .flatMap(({ request_id: id, decisions: made }) =>
        made.map((each) => [id, each.person, each.decision, each.verification].join(' ')),
      )
      .sort(),
    decisions
      .map((each) => [each.request_id, each.person, each.decision, each.verification].join(' '))
      .sort(),
  );
});

test('the manifest counts as its own files do', () => {
  const { counts } = manifestOf(bundle);
  const { calls, planted: told } = busy.tally;
  assert.equal(
    {
      calls: counts['calls'],
      carried: counts['carried'],
      by_outcome: counts['by_outcome'],
      by_verdict: counts['by_verdict'],
      exceptions: counts['exceptions'],
    },
    {
      calls: CALLS,
      carried: 1,
      by_outcome: countsOf(calls, ({ outcome }) => outcome),
      by_verdict: countsOf(calls, ({ verdict }) => verdict),
      exceptions: countsOf(told, ({ kind }) => kind),
    },
  );
});

test('the tables for spreadsheets have as many rows, and no cell that is computed', () => {
  for (const [path, count] of [
    ['population/calls.csv', CALLS],
    ['exceptions.csv', busy.tally.planted.length],
  ] as const) {
    const table = csvRows(bundle, path);
    assert.is(table.length, count + 1, path);
    assert.equal([...new Set(table.map((row) => row.length))], [table[0]?.length ?? 0], path);
    assert.equal(
      table.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell)),
      [],
      path,
    );
  }
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The calls that a seed draws, as VERIFY.md says it. */
function drawnBy(seed: string, count: number): string[] {
  return rows
    .map(({ call_id: id }) => ({ id, key: sha256(`${seed}:${id}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, count)
    .map(({ id }) => id);
}

const sampled = (folder: string): string[] =>
  readdirSync(join(folder, 'sample'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

test('the sample is the one that its seed draws, by a rule that anybody can follow', () => {
  const drawn = drawnBy('seven', 25).map((id, index) => `${String(index + 1).padStart(3, '0')}-${id}`);
  assert.equal(sampled(bundle), drawn);
  assert.not.equal(drawnBy('eight', 25), drawnBy('seven', 25));
});

test('the commands of VERIFY.md, run as they stand, find it whole', async () => {
  const { ok, said } = runCommands(bundle, commandsIn(bundle), await keyOf(busy));
  assert.ok(ok, said);
});

test('what programs read of it is as OSCAL and OCSF say, by the parts of their schemas that are kept here', () => {
  const ajv = new Ajv({ strict: true, allErrors: true });
  addFormats.default(ajv);
  const isOscal = ajv.compile(OSCAL_SCHEMA);
  isOscal(JSON.parse(readFileSync(join(bundle, 'oscal/assessment-results.json'), 'utf8')));
  assert.equal(isOscal.errors ?? [], []);
  assert.equal(
    jsonLines(bundle, 'ocsf/events.jsonl').flatMap((event) => ocsfFaults(event)),
    [],
  );
  // Each entry of the period is one event, and every call of it is in them as what was called.
  const { log } = manifestOf(bundle);
  const events = jsonLines<{ readonly class_uid: number }>(bundle, 'ocsf/events.jsonl');
  assert.is(events.length, log.to_seq - log.from_seq);
  assert.ok(events.filter(({ class_uid: uid }) => uid === 6003).length > 3 * CALLS * 0.9);
});

test('the report is there to be read, and as a PDF where a Chromium is', () => {
  const { notes } = manifestOf(bundle);
  assert.match(readFileSync(join(bundle, 'report.html'), 'utf8'), '<!doctype html>');
  if (CHROMIUM_PLACES.some((path) => existsSync(path)))
    assert.is(readFileSync(join(bundle, 'report.pdf')).subarray(0, 5).toString(), '%PDF-');
  else assert.type(notes['report.pdf'], 'string');
});

test('what was written to harm its reader harms nobody, and no secret stands in the clear', async () => {
  const drawing = 60;
  const secret = rows.find(({ tool }) => tool === 'set_password')?.call_id ?? '';
  const seed = Array.from({ length: 100_000 }, (_, n) => `no-${n}`).find(
    (each) => sha256(`${each}:${secret}`).startsWith('00') && drawnBy(each, drawing).includes(secret),
  );
  if (seed === undefined) throw new Error('No seed draws the call that has a secret.');
  const folder = await makeBundle(busy, join(out, 'read'), '--sample', String(drawing), '--seed', seed);
  assert.equal(
    sampled(folder).map((name) => name.slice(4)),
    drawnBy(seed, drawing),
  );
  for (const path of filesOf(folder)) {
    const text = readFileSync(join(folder, path), 'utf8');
    assert.not.ok(text.includes(PASSWORD), `${path} has no secret`);
    if (!path.endsWith('.html')) continue;
    assert.not.ok(text.includes('<script>alert'), `${path} runs nothing`);
    assert.not.ok(text.includes('\u202e'), `${path} turns nothing around`);
  }
});

test('killed in the middle, however often, it leaves nothing that looks whole, and the next run makes it', async () => {
  const folder = join(out, 'killed');
  for (const moment of ['log/entries.jsonl', 'population/calls.jsonl', 'sample']) {
    const period = ['--from', busy.from, '--to', busy.to];
    const args = ['evidence', '--dir', busy.workspace.dir, ...period, '--out', folder];
    const making = spawn(process.execPath, [BINARY, ...args], { stdio: 'ignore' });
    const ended = once(making, 'exit');
    const watch = setInterval(() => {
      if (existsSync(join(`${folder}.partial`, moment))) making.kill('SIGKILL');
    }, 1);
    await ended;
    clearInterval(watch);
    assert.is(making.signalCode, 'SIGKILL', `it was killed once ${moment} was begun`);
    assert.is(existsSync(folder), false);
    assert.ok(existsSync(join(`${folder}.partial`, 'UNFINISHED')));
    assert.is(existsSync(join(`${folder}.partial`, 'manifest.note')), false);
  }
  await makeBundle(busy, folder, '--sample', '25', '--seed', 'seven');
  assert.is(existsSync(`${folder}.partial`), false);
  assert.equal(sampled(folder), sampled(bundle), 'the same seed draws the same calls');
  const { ok, said } = runCommands(folder, commandsIn(folder), await keyOf(busy));
  assert.ok(ok, said);
});

test.run();
