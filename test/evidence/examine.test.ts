import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft } from '../../src/core/entry.ts';
import type { ExceptionRange } from '../../src/core/evidence.ts';
import { examinePeriod } from '../../src/evidence/examine.ts';
import { createExamineThreads } from '../../src/evidence/examine-thread.ts';
import { jsonlBench, type JsonlBench } from '../support/jsonl-bench.ts';
import { action, allowed, completed } from '../support/journal-drafts.ts';
import { rejection } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const HOUR = 60 * 60_000;
const RANGE = { skip: 0, most: 100 };
const PERIOD = { from: '2026-11-23T11:00:00.000Z', to: '2026-11-23T12:00:00.000Z' };

const denied = (call_id: string): readonly Draft[] => [
  { type: 'call.requested', call_id, ...action(call_id) },
  { type: 'call.denied', call_id, policy: { rule: 'no', version: 'v' }, reason: 'Nothing is deleted here.' },
];

/** One call before the period, which begins an hour after the journal; two within, one of them denied; one behind it. */
async function journalBench(): Promise<JsonlBench> {
  const bench = await jsonlBench();
  const { journal, clock } = bench;
  await journal.append([...denied('cal_1')]);
  clock.advance(HOUR);
  await journal.append([...allowed('cal_2'), completed('cal_2')]);
  await journal.append([...denied('cal_3')]);
  clock.advance(HOUR);
  await journal.append([...denied('cal_4')]);
  return bench;
}

const EXCEPTION = {
  kind: 'denied',
  seq: 7,
  at: '2026-11-23T11:00:00.000Z',
  call_id: 'cal_3',
  detail: 'Nothing is deleted here.',
};

test('a period is told of as the entries up to its end have it', async () => {
  const { dir } = await journalBench();
  const examined = await examinePeriod({ dir, period: PERIOD, range: RANGE, limit: 10, scratch: tempDir() });
  assert.equal(examined.period, PERIOD);
  assert.is(examined.size, 8);
  assert.is(examined.tally.calls, 2);
  assert.equal(examined.tally.by_outcome, { denied: 1, succeeded: 1 });
  assert.equal(
    examined.listed.map(({ kind, seq, at, call_id, detail }) => ({ kind, seq, at, call_id, detail })),
    [EXCEPTION],
  );
  assert.match(examined.exceptions_sha256, /^[0-9a-f]{64}$/);
});

test('what comes after the period changes nothing of it, and what comes in it does', async () => {
  const { dir, journal } = await journalBench();
  const scratch = tempDir();
  const first = await examinePeriod({ dir, period: PERIOD, range: RANGE, limit: 10, scratch });
  await journal.append([...denied('cal_5')]);
  assert.equal(await examinePeriod({ dir, period: PERIOD, range: RANGE, limit: 12, scratch }), first);
  const open = { ...PERIOD, to: '2026-11-24T00:00:00.000Z' };
  const before = await examinePeriod({ dir, period: open, range: RANGE, limit: 10, scratch });
  const after = await examinePeriod({ dir, period: open, range: RANGE, limit: 12, scratch });
  assert.equal([before.size, before.exceptions], [10, 2]);
  assert.equal([after.size, after.exceptions], [12, 3]);
  assert.is.not(before.exceptions_sha256, after.exceptions_sha256);
});

test('only the exceptions that are asked for are listed, and all are counted', async () => {
  const { dir, journal } = await journalBench();
  await journal.append([{ type: 'hold.placed', hold_id: 'hld_1', reason: 'A dispute.', by: 'operator' }]);
  const period = { from: '2026-11-23T00:00:00.000Z', to: '2026-11-24T00:00:00.000Z' };
  const told = async (range: ExceptionRange) => {
    const found = await examinePeriod({ dir, period, range, limit: 11, scratch: tempDir() });
    return [found.exceptions, found.exceptions_sha256, found.listed.map(({ seq }) => seq)] as const;
  };
  const [count, digest, all] = await told(RANGE);
  assert.equal([count, all], [4, [2, 7, 9, 10]]);
  assert.equal(await told({ skip: 1, most: 2 }), [4, digest, [7, 9]]);
  assert.equal(await told({ kind: 'denied', skip: 2, most: 2 }), [4, digest, [9]]);
  assert.equal(await told({ kind: 'hold', skip: 0, most: 2 }), [4, digest, [10]]);
  assert.equal(await told({ kind: 'hold', skip: 1, most: 2 }), [4, digest, []]);
});

test('no entry is looked at beyond those that the host knows of', async () => {
  const { dir } = await journalBench();
  const { size, exceptions } = await examinePeriod({
    dir,
    period: PERIOD,
    range: RANGE,
    limit: 7,
    scratch: tempDir(),
  });
  assert.equal([size, exceptions], [7, 0]);
});

test('a period without entries is empty', async () => {
  const { dir } = await journalBench();
  const period = { from: '2025-01-01T00:00:00.000Z', to: '2025-02-01T00:00:00.000Z' };
  const { size, tally, exceptions } = await examinePeriod({
    dir,
    period,
    range: RANGE,
    limit: 10,
    scratch: tempDir(),
  });
  assert.equal([size, tally.calls, exceptions], [0, 0, 0]);
});

test('a thread finds the same, and leaves nothing behind', async () => {
  const { dir } = await journalBench();
  const folder = join(tempDir(), 'exports');
  const threads = createExamineThreads(folder);
  const found = await threads.examine({ dir, period: PERIOD, range: RANGE, limit: 10 });
  assert.equal(
    found,
    await examinePeriod({ dir, period: PERIOD, range: RANGE, limit: 10, scratch: tempDir() }),
  );
  assert.equal(readdirSync(folder), []);
  await threads.close();
});

test('a journal that is not there is told of by the thread', async () => {
  const threads = createExamineThreads(join(tempDir(), 'exports'));
  const missing = join(tempDir(), 'journal');
  assert.not.ok(existsSync(missing));
  const error = await rejection(threads.examine({ dir: missing, period: PERIOD, range: RANGE, limit: 10 }));
  assert.match(String(error), 'There is no journal in');
});

test('what takes more memory than a thread may use ends the thread alone, in a sentence', async () => {
  const { dir } = await journalBench();
  const folder = join(tempDir(), 'exports');
  const threads = createExamineThreads(folder, 8);
  const error = await rejection(threads.examine({ dir, period: PERIOD, range: RANGE, limit: 10 }));
  assert.match(String(error), 'choose a shorter period');
  assert.equal(readdirSync(folder), []);
});

test.run();
