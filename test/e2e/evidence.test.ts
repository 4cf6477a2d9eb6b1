// needs: go openssl
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CallRow, Exception } from '../../src/core/evidence.ts';
import { commandsIn, csvRows, filesOf, jsonLines, runCommands } from '../support/evidence-bundle.ts';
import { runWorkload, type Workload } from '../support/evidence-workload.ts';
import { seeded } from '../support/evidence-workload/seeded.ts';
import { PASSWORD } from '../support/evidence-workload/settings.ts';
import { runSolo } from '../support/evidence-workload/solo.ts';
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
const SEED = 7;

const random = seeded(SEED);
const out = tempDir();
const busy = await runWorkload({ seed: SEED, calls: CALLS });
const solo = await runSolo();
test.after(async () => {
  await busy.close();
  await solo.close();
});

/** Makes a bundle by the real command. @returns its folder */
async function bundleOf({ workspace, from, to }: Workload, name: string, ...more: string[]): Promise<string> {
  const folder = join(out, name);
  const period = ['--from', from, '--to', to];
  const { code, stderr } = await workspace.placet('evidence', ...period, '--out', folder, ...more);
  if (code !== 0) throw new Error(`No bundle was made: ${stderr}`);
  return folder;
}

/** The log's key, as whoever checks had noted it before. */
async function keyOf({ workspace }: Workload): Promise<string> {
  return (await workspace.placet('log', 'key')).stdout.trim();
}

const bundle = await bundleOf(busy, 'busy', '--sample', '25', '--seed', 'seven');
const small = await bundleOf(solo, 'solo', '--sample', '2');
const rows = jsonLines<CallRow>(bundle, 'population/calls.jsonl');

/** Where a browser that prints the report may be. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

interface Manifest {
  readonly counts: Readonly<Record<string, unknown>>;
  readonly log: { readonly from_seq: number; readonly to_seq: number };
  readonly notes: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;

const found = (folder: string): string[] =>
  jsonLines<Exception>(folder, 'exceptions.jsonl')
    .map(({ kind, request_id: id = '' }) => `${kind} ${id}`)
    .sort();
const planted = ({ tally }: Workload): string[] =>
  tally.planted.map(({ kind, request_id: id = '' }) => `${kind} ${id}`).sort();

test('there is something of every kind that is told of, but for what one workspace cannot have', () => {
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
  assert.equal(Object.keys(countsOf(solo.tally.planted, ({ kind }) => kind)), ['solo_approval']);
});

test('the exceptions are those that were planted, each once and no others', () => {
  assert.equal(countsOf(found(bundle), kindOf), countsOf(planted(busy), kindOf));
  // Whoever is denied, or does something to keys and rules, never learns an id of it.
  const told = new Set(planted(busy).filter((each) => !each.endsWith(' ')));
  assert.equal(
    found(bundle).filter((each) => told.has(each)),
    planted(busy).filter((each) => told.has(each)),
  );
  assert.equal(found(small), planted(solo));
});

const kindOf = (each: string): string => each.slice(0, each.indexOf(' '));

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

/** The calls that a seed draws, as VERIFY.md says it. */
function drawnBy(seed: string, count: number): string[] {
  return rows
    .map(({ call_id: id }) => ({ id, key: createHash('sha256').update(`${seed}:${id}`).digest('hex') }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, count)
    .map(({ id }) => id);
}

const sampled = (folder: string): string[] =>
  readdirSync(join(folder, 'sample'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

test('the sample is the one that its seed draws, by a rule that anybody can follow', async () => {
  const drawn = drawnBy('seven', 25).map((id, index) => `${String(index + 1).padStart(3, '0')}-${id}`);
  assert.equal(sampled(bundle), drawn);
  const again = await bundleOf(busy, 'again', '--sample', '25', '--seed', 'seven');
  assert.equal(sampled(again), drawn);
  assert.not.equal(drawnBy('eight', 25), drawnBy('seven', 25));
});

test('the commands of VERIFY.md, run as they stand, find both bundles whole', async () => {
  for (const [folder, workload] of [
    [bundle, busy],
    [small, solo],
  ] as const) {
    const commands = commandsIn(folder);
    assert.ok(commands.length >= 5, 'VERIFY.md has commands');
    const { ok, said } = runCommands(folder, commands, await keyOf(workload));
    assert.ok(ok, said);
  }
});

test('one byte that was changed is found by them, in whichever file it is', async () => {
  const key = await keyOf(solo);
  const commands = commandsIn(small);
  const unnoticed: string[] = [];
  for (const path of filesOf(small)) {
    const file = join(small, path);
    const bytes = readFileSync(file);
    const changed = Buffer.from(bytes);
    const at = random.below(bytes.length);
    changed[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    writeFileSync(file, changed);
    if (runCommands(small, commands, key).ok) unnoticed.push(`${path} at ${at}`);
    writeFileSync(file, bytes);
  }
  assert.equal(unnoticed, []);
});

test('a file that was added or is gone is found by them, and so is a bundle that another key has signed', async () => {
  const commands = commandsIn(small);
  const check = async (of: Workload) => runCommands(small, commands, await keyOf(of)).ok;
  const more = join(small, 'sample/more.html');
  writeFileSync(more, 'more');
  assert.is(await check(solo), false);
  rmSync(more);
  const gone = join(small, 'exceptions.csv');
  const bytes = readFileSync(gone);
  rmSync(gone);
  assert.is(await check(solo), false);
  writeFileSync(gone, bytes);
  assert.is(await check(busy), false);
  assert.is(await check(solo), true);
});

test('what programs read of it is as OSCAL and OCSF say, by the parts of their schemas that are kept here', () => {
  const ajv = new Ajv({ strict: true, allErrors: true });
  addFormats.default(ajv);
  const isOscal = ajv.compile(OSCAL_SCHEMA);
  for (const folder of [bundle, small]) {
    isOscal(JSON.parse(readFileSync(join(folder, 'oscal/assessment-results.json'), 'utf8')));
    assert.equal(isOscal.errors ?? [], []);
    assert.equal(
      jsonLines(folder, 'ocsf/events.jsonl').flatMap((event) => ocsfFaults(event)),
      [],
    );
  }
  // Each entry of the period is one event, and every call of it is in them as what was called.
  const { log } = manifestOf(bundle);
  const events = jsonLines<{ readonly class_uid: number }>(bundle, 'ocsf/events.jsonl');
  assert.is(events.length, log.to_seq - log.from_seq);
  assert.ok(events.filter(({ class_uid: uid }) => uid === 6003).length > 3 * CALLS * 0.9);
});

test('the report is there to be read, and as a PDF where a Chromium is', () => {
  const { notes } = manifestOf(bundle);
  assert.match(readFileSync(join(bundle, 'report.html'), 'utf8'), '<!doctype html>');
  if (CHROMIUM.some((path) => existsSync(path)))
    assert.is(readFileSync(join(bundle, 'report.pdf')).subarray(0, 5).toString(), '%PDF-');
  else assert.type(notes['report.pdf'], 'string');
});

test('what was written to harm its reader harms nobody, and no secret stands in the clear', async () => {
  const drawing = 60;
  const secret = rows.find(({ tool }) => tool === 'set_password')?.call_id ?? '';
  const seed = Array.from({ length: 5000 }, (_, n) => `no-${n}`).find((each) =>
    drawnBy(each, drawing).includes(secret),
  );
  if (seed === undefined) throw new Error('No seed draws the call that has a secret.');
  const folder = await bundleOf(busy, 'read', '--sample', String(drawing), '--seed', seed);
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
  await bundleOf(busy, 'killed');
  assert.is(existsSync(`${folder}.partial`), false);
  const { ok, said } = runCommands(folder, commandsIn(folder), await keyOf(busy));
  assert.ok(ok, said);
});

test.run();
