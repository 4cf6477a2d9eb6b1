/**
 * Durable appends a second with 1 and with 64 writers, against plain write and fdatasync of the same bytes. Both
 * alternate within each round, and what is compared is medians: single readings swing by half.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionDigest } from '../src/core/action.ts';
import type { Clock } from '../src/core/clock.ts';
import { sha256 } from '../src/core/digest.ts';
import type { Draft } from '../src/core/entry.ts';
import { canonicalJson } from '../src/core/json.ts';
import { Ledger } from '../src/core/ledger.ts';
import type { Journal } from '../src/journal/journal.ts';
import { openJsonlJournal } from '../src/journal/jsonl.ts';

const ROUNDS = 15;
const APPENDS = { 1: 200, 64: 3200 } as const;
type Writers = keyof typeof APPENDS;

const clock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

let calls = 0;

/** A call and its verdict: two entries of together about a kilobyte, which leave nothing open. */
function drafts(): readonly Draft[] {
  calls += 1;
  const action = {
    agent: 'claude-desktop',
    owner: 'bob',
    server: 'files',
    tool: 'write_file',
    definition_sha256: sha256('definition'),
    args_commit: sha256(String(calls)),
  };
  const call_id = `call_${calls}`;
  return [
    {
      type: 'call.requested',
      call_id,
      ...action,
      args_at: `1:${calls}`,
      action_digest: actionDigest(action),
    },
    {
      type: 'call.denied',
      call_id,
      policy: { rule: 'no-writes', version: sha256('rules') },
      reason: 'The rule no-writes denies this call, and whoever wonders why may ask the person who wrote it.',
    },
  ];
}

async function appendAll(journal: Journal, writers: Writers): Promise<number> {
  const started = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let n = 0; n < APPENDS[writers] / writers; n += 1) await journal.append(drafts());
    }),
  );
  return (APPENDS[writers] / (performance.now() - started)) * 1000;
}

/** Every record is written and synced by itself, as a program without a journal would. */
function plain(path: string, record: Buffer, count: number): number {
  const file = openSync(path, 'a');
  const started = performance.now();
  for (let n = 0; n < count; n += 1) {
    writeSync(file, record);
    fdatasyncSync(file);
  }
  const rate = (count / (performance.now() - started)) * 1000;
  closeSync(file);
  return rate;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const dir = mkdtempSync(join(tmpdir(), 'placet-bench-'));
const journal = await openJsonlJournal({
  dir: join(dir, 'journal'),
  clock,
  random: (size) => randomBytes(size),
  node: 'bench',
  fold: new Ledger(),
  snapshotKey: randomBytes(32),
  software: 'bench',
});
try {
  const entries = await journal.append(drafts());
  const record = Buffer.from(entries.map((entry) => `${canonicalJson(entry)}\n`).join(''));
  console.log(`journal: appends of ${record.length} bytes a second, medians of ${ROUNDS} rounds`);
  for (const writers of [1, 64] as const) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const own = await appendAll(journal, writers);
      const other = plain(join(dir, 'plain'), record, APPENDS[1]);
      // The first round warms up.
      if (round > 0) {
        ours.push(own);
        theirs.push(other);
      }
    }
    const [own, other] = [median(ours), median(theirs)];
    const range = (values: readonly number[]) =>
      `${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))}`;
    console.log(
      `  ${String(writers).padStart(2)} writers: ${Math.round(own)} (${range(ours)}), plain write and fdatasync ${Math.round(other)} (${range(theirs)}): ratio ${(own / other).toFixed(2)}`,
    );
  }
} finally {
  await journal.close();
  rmSync(dir, { recursive: true, force: true });
}
