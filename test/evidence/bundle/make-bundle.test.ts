import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { messageOf } from '../../../src/core/errors.ts';
import type { Entry } from '../../../src/core/entry.ts';
import type { CallRow } from '../../../src/core/evidence.ts';
import { csvLine } from '../../../src/evidence/bundle/csv.ts';
import { auditedWeek, HOSTILE, PERIOD } from '../../support/audited-week.ts';
import { bundleBench } from '../../support/bundle-bench.ts';
import { allowed, completed, decided, held, requestId, at } from '../../support/journal-drafts.ts';
import { rejection } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const week = await auditedWeek();

const why = async (promise: Promise<unknown>): Promise<string> => messageOf(await rejection(promise));

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const linesOf = (bundle: string, path: string): readonly string[] =>
  readFileSync(join(bundle, path), 'utf8').split('\n').slice(0, -1);

const manifestOf = (bundle: string) =>
  JSON.parse(readFileSync(join(bundle, 'manifest.json'), 'utf8')) as Record<string, Record<string, unknown>>;

test('the lines of the bundle are those of the journal, byte for byte, between the two checkpoints', () => {
  const journal = readFileSync(join(week.bench.dir, '00000000.jsonl'), 'utf8').split('\n').slice(0, -1);
  assert.equal(linesOf(week.bundle, 'log/entries.jsonl'), journal.slice(9, 54));
});

test('the bundle is for its owner alone, and nothing of the making is left in it', () => {
  assert.is(statSync(week.bundle).mode & 0o777, 0o700);
  assert.is(statSync(join(week.bundle, 'population/calls.csv')).mode & 0o777, 0o600);
  assert.equal(
    readdirSync(week.bundle)
      .filter((name) => !name.includes('.'))
      .sort(),
    ['checkpoints', 'log', 'people', 'population', 'rules', 'sample', 'verifier'],
  );
  assert.not(existsSync(`${week.bundle}.partial`));
});

test('the manifest counts what is there', () => {
  const { counts, period, query, sample } = manifestOf(week.bundle);
  assert.equal(period, PERIOD);
  assert.equal(query, { from: '2026-11-24', to: '2026-11-24', frameworks: [], sample: 5 });
  assert.equal(counts, {
    lines: 45,
    entries: 41,
    calls: 8,
    carried: 1,
    by_verdict: { allow: 3, deny: 1, review: 4 },
    by_outcome: { denied: 1, expired: 1, failed: 1, outcome_unknown: 1, rejected: 1, succeeded: 3 },
    exceptions: {
      agent_key: 1,
      denied: 1,
      expired: 1,
      hold: 2,
      key_changed: 1,
      log_recovered: 1,
      notice_failed: 1,
      outcome_unknown: 1,
      payload_erased: 1,
      policy_changed: 1,
      self_approval_refused: 1,
      verification_refused: 1,
    },
    open: 0,
  });
  assert.is(sample?.['seed'], 'week-48-3');
});

test('no id of an agent’s choice gets into a path, and hostile texts stand in cells as texts', () => {
  const folders = readdirSync(join(week.bundle, 'sample'));
  assert.is(folders.length, 5);
  assert.ok(folders.includes('005-______up'));
  const csv = readFileSync(join(week.bundle, 'population/calls.csv'), 'utf8');
  assert.match(csv, `,"'=HYPERLINK(""http://x"",""y"")\n\u202e'; rm -rf / <b>",`);
  assert.match(csv, `,"'+1",`);
  assert.match(csv, `,"'@SUM(1)",`);
  assert.not.match(csv, /(?:^|,)[=+@-]/m);
});

test('the policies of the period stand in it, those that were in force before among them', () => {
  const policies = manifestOf(week.bundle)['policies'] as unknown as Record<string, unknown>[];
  assert.equal(
    policies.map(({ seq, to_seq, rules, texts }) => [seq, to_seq, rules, texts]),
    [
      [2, 42, 1, 'checked'],
      [42, undefined, 1, 'checked'],
    ],
  );
  const [first] = policies as unknown as { version: string; files: { name: string; path: string }[] }[];
  assert.equal(
    first?.files.map(({ path }) => path),
    [`rules/${first?.version}/people.yaml`, `rules/${first?.version}/rules.yaml`],
  );
  const people = JSON.parse(readFileSync(join(week.bundle, 'people/people.json'), 'utf8')) as {
    seq: number;
    directory: { people: { id: string }[] };
  }[];
  assert.equal(
    people.map(({ seq, directory }) => [seq, directory.people.map(({ id }) => id)]),
    [[3, ['alice', 'bob', 'carol']]],
  );
});

test('who could decide what is told from when to when', () => {
  assert.equal(readFileSync(join(week.bundle, 'people/access.csv'), 'utf8').split('\r\n').slice(1, -1), [
    'alice,rule,"unmatched, sensitive, changed",link,1,2026-11-23T10:00:00.000Z,,2,',
    'bob,rule,"unmatched, sensitive, changed",link,1,2026-11-23T10:00:00.000Z,,2,',
    'alice,rule,reads,link,1,2026-11-24T00:06:00.000Z,,42,',
    'bob,rule,reads,link,1,2026-11-24T00:06:00.000Z,,42,',
  ]);
});

test('a drawn call comes with what is kept of it; what was erased, or cannot be read, is said to be so', async () => {
  const query = { from: '', to: '', frameworks: [], sample: 8 };
  const { input } = await week.bench.make({ period: PERIOD, query });
  const call = (id: string) => input.sample.calls.find(({ row }) => row.call_id === id);
  const shown = call(week.calls.shown);
  assert.equal(shown?.args.state === 'kept' && shown.args.value, { path: 'shown', text: HOSTILE });
  assert.is(shown?.card?.state, 'kept');
  assert.equal(shown?.result?.state === 'kept' && shown.result.value, { result: { content: [] } });
  assert.equal(
    shown?.entries.map(({ type }) => type),
    [
      'call.requested',
      'approval.requested',
      'approval.decided',
      'approval.resolved',
      'execution.claimed',
      'execution.started',
      'execution.succeeded',
    ],
  );
  assert.is(call(week.calls.erased)?.args.state, 'erased');
  assert.is(call('read')?.args.state, 'missing');
  const { input: blind } = await week.bench.make({ period: PERIOD, query, payloads: undefined });
  assert.is(blind.sample.calls.find(({ row }) => row.call_id === week.calls.shown)?.args.state, 'unread');
});

test('the same seed draws the same calls, and without one the last root does', async () => {
  const drawn = async (seed?: string) => {
    const query = { from: '', to: '', frameworks: [], sample: 3 };
    const { input } = await week.bench.make({ period: PERIOD, query, seed });
    return [input.sample.seed, input.sample.by_default, input.sample.calls.map(({ row }) => row.call_id)];
  };
  assert.equal(await drawn('a'), await drawn('a'));
  assert.not.equal((await drawn('a'))[2], (await drawn('b'))[2]);
  const { log } = manifestOf(week.bundle);
  const end = log?.['end'] as { root: string };
  assert.equal((await drawn()).slice(0, 2), [Buffer.from(end.root, 'base64').toString('hex'), true]);
});

test('the parts that make other files read back what was written, more than once', async () => {
  let seen: readonly unknown[] = [];
  const { out } = await week.bench.make({
    period: PERIOD,
    parts: [
      async (input, files) => {
        const rows: readonly CallRow[] = await all(input.population());
        const entries: readonly Entry[] = await all(input.entries());
        seen = [
          rows.length,
          (await all(input.population())).length,
          (await all(input.exceptions())).length,
          entries[0]?.seq,
          entries.at(-1)?.seq,
        ];
        await files.write('report.html', 'x');
        files.note('report.pdf', 'not made');
        assert.match(await why(files.write('report.html', 'y')), 'was written before');
        assert.match(await why(files.write('../up', 'y')), 'is no path in a bundle');
      },
    ],
  });
  assert.equal(seen, [8, 8, 13, 10, 50]);
  assert.equal(manifestOf(out)['notes'], { 'report.pdf': 'not made' });
});

test('of a period of nothing there is a bundle, and of one that holds all of the log', async () => {
  const { input } = await week.bench.make({
    period: { from: '2026-11-24T12:00:00.000Z', to: '2026-11-24T13:00:00.000Z' },
  });
  assert.equal(
    [input.tally.calls, input.log.from_seq, input.log.to_seq, input.completeness.entries.count],
    [0, 51, 51, 0],
  );
  const { input: whole, out } = await week.bench.make({
    period: { from: '2026-01-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' },
  });
  assert.equal([whole.log.start.size, whole.log.from_seq, whole.log.to_seq], [0, 0, 54]);
  assert.not(existsSync(join(out, 'checkpoints/start.note')));
  assert.is(readFileSync(join(out, 'checkpoints/frontier.txt'), 'utf8'), '');
});

test('where no checkpoint covers the period the host is asked, and what came meanwhile is in it', async () => {
  const bench = await bundleBench();
  await bench.cover();
  await bench.journal.append([...allowed('one'), completed('one')]);
  const refused = await why(bench.make());
  assert.match(refused, 'No host runs that could sign a checkpoint.');
  let asked = 0;
  const { input } = await bench.make({
    async cover() {
      asked += 1;
      await bench.journal.append([...allowed('two'), completed('two')]);
      return (await bench.cover()).note;
    },
  });
  await bench.close();
  assert.is(asked, 1);
  assert.equal([input.tally.calls, input.log.to_seq, input.log.end.size], [2, 8, 8]);
});

test('a checkpoint by another key is not believed', async () => {
  const bench = await bundleBench();
  const other = await bundleBench();
  await bench.journal.append(allowed('one'));
  await other.journal.append(allowed('one'));
  const { note } = await other.cover();
  await other.close();
  assert.match(await why(bench.make({ cover: async () => note })), 'is not believed: it is of the log');
  await bench.close();
});

test('lines that are not those that were signed end it, and nothing is left behind', async () => {
  const bench = await bundleBench();
  await bench.journal.append([...allowed('one'), completed('one')]);
  await bench.cover();
  await bench.close();
  const path = join(bench.dir, '00000000.jsonl');
  const lines = readFileSync(path, 'utf8');
  const out = join(tempDir(), 'bundle');
  writeFileSync(path, lines.replace('"outcome":"succeeded"', '"outcome":"failed"'));
  assert.match(
    await why(bench.make({ out })),
    'The journal is damaged at line 5 of 00000000.jsonl: the 5 entries up to here are not those that were signed.',
  );
  writeFileSync(path, lines.replace('"type":"call.allowed"', '"type":"call.praised"'));
  assert.match(await why(bench.make({ out })), 'The journal is damaged at line 4 of 00000000.jsonl');
  assert.not(existsSync(out));
  assert.not(existsSync(`${out}.partial`));
});

test('the texts of a policy that were not kept, or are others, are left out, and it is said', async () => {
  const policies = join(tempDir(), 'policies');
  const { input } = await week.bench.make({ period: PERIOD, policies });
  assert.equal(
    input.policies.map(({ texts }) => texts),
    ['absent', 'absent'],
  );
  assert.match(input.completeness.limits.at(-1) ?? '', /^The texts of 2 versions of the policy are not/);
  for (const { version } of input.policies) {
    mkdirSync(join(policies, version), { recursive: true });
    writeFileSync(join(policies, version, 'people.yaml'), 'people: []\n');
  }
  const after = await week.bench.make({ period: PERIOD, policies });
  assert.equal(
    after.input.policies.map(({ texts, files }) => [texts, files]),
    [
      ['changed', []],
      ['changed', []],
    ],
  );
  assert.not(existsSync(join(after.out, 'rules')));
});

test('what is there is not overwritten, and what an interrupted run left is replaced and told', async () => {
  const out = join(tempDir(), 'bundle');
  mkdirSync(out);
  assert.match(await why(week.bench.make({ out })), `${out} exists already`);
  rmSync(out, { recursive: true });
  const partial = `${out}.partial`;
  mkdirSync(partial);
  writeFileSync(join(partial, 'mine.txt'), 'kept');
  assert.match(await why(week.bench.make({ out })), 'is no unfinished bundle');
  assert.is(readFileSync(join(partial, 'mine.txt'), 'utf8'), 'kept');
  writeFileSync(join(partial, 'UNFINISHED'), 'This bundle is not whole: Placet (process 1) is making it.\n');
  assert.match(await why(week.bench.make({ out })), 'The process 1 is making a bundle');
  // No process has such a number.
  writeFileSync(join(partial, 'UNFINISHED'), 'Placet (process 99999999) is making it\n');
  const made = await week.bench.make({ out, period: PERIOD });
  assert.ok(made.replaced);
  assert.not(existsSync(partial));
  assert.not(existsSync(join(out, 'mine.txt')));
});

test('a decision after the end of the period is not in the bundle, and one at its very beginning is', async () => {
  const bench = await bundleBench();
  const id = requestId(bench.clock);
  bench.clock.advance(14 * 3_600_000 - 60_000);
  const before = await bench.journal.append(held(id, bench.clock), at(id, null));
  await bench.cover();
  bench.clock.advance(60_000);
  assert.is(new Date(bench.clock.now()).toISOString(), '2026-11-24T00:00:00.000Z');
  await bench.journal.append([decided(id)], at(id, before.at(-1)?.seq ?? null));
  await bench.cover();
  const first = await bench.make();
  const second = await bench.make({ period: PERIOD });
  await bench.close();
  const rows = async ({ input }: typeof first) =>
    (await all(input.population())).map(({ carried, decisions, outcome }) => [
      carried,
      decisions.length,
      outcome,
    ]);
  // What is read back stands under another name now.
  const reread = ({ out }: typeof first) =>
    linesOf(out, 'population/calls.jsonl').map((line) => {
      const { carried, decisions, outcome } = JSON.parse(line) as CallRow;
      return [carried, decisions.length, outcome];
    });
  assert.match(await why(rows(first)), 'ENOENT');
  assert.equal(reread(first), [[undefined, 0, 'pending']]);
  assert.equal(reread(second), [[true, 1, 'pending']]);
});

test('a line before the period and one behind it are shown where the log has them', async () => {
  const bench = await bundleBench();
  await bench.cover();
  await bench.journal.append([...allowed('before'), completed('before')]);
  const before = (await bench.cover()).size;
  bench.clock.advance(24 * 3_600_000);
  await bench.journal.append([...allowed('one'), completed('one')]);
  const whole = (await bench.cover()).size;
  bench.clock.advance(24 * 3_600_000);
  await bench.journal.append([...allowed('after'), completed('after')]);
  let size = 0;
  const { input } = await bench.make({
    period: PERIOD,
    async cover() {
      const signed = await bench.cover();
      size = signed.size;
      return signed.note;
    },
  });
  await bench.close();
  const { log, completeness } = input;
  assert.ok(log.start.size < before, String(log.start.size));
  assert.equal([log.from_seq, log.to_seq, log.end.size], [before, whole, size]);
  assert.ok(size > whole);
  assert.is(completeness.shown_to, undefined);
});

test('what a spreadsheet computes behind a line feed or by a full-width sign has an apostrophe, too', () => {
  assert.is(
    csvLine(['\n=1', '\uff1d1', '\uff0b1', '\uff0d1', '\uff201', '1']),
    `"'\n=1","'\uff1d1","'\uff0b1","'\uff0d1","'\uff201",1\r\n`,
  );
});

test('a folder that is named with a slash behind it is made as one without', async () => {
  const out = join(tempDir(), 'bundle');
  mkdirSync(`${out}.partial`);
  const made = await week.bench.make({ out: `${out}/`, period: PERIOD });
  assert.ok(made.replaced);
  assert.ok(existsSync(join(out, 'manifest.note')));
  assert.equal(readdirSync(join(out, '..')), ['bundle']);
});

test.run();
