/**
 * Durable appends a second with 1 and with 64 writers, tree and checkpoints on, beside plain programs that write the
 * same bytes: one that syncs each record, and one that writes 64 records and syncs once. All alternate within each
 * round, and what is compared is medians: single readings swing by half. Then what of an entry's time the tree takes.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionDigest } from '../src/core/action.ts';
import { sha256 } from '../src/core/digest.ts';
import type { Draft } from '../src/core/entry.ts';
import { canonicalJson } from '../src/core/json.ts';
import { openStore } from '../src/host/store.ts';
import { systemClock as clock, systemRandom as random } from '../src/host/system.ts';
import { openCheckpoints } from '../src/journal/checkpoint-files.ts';
import type { Journal } from '../src/journal/journal.ts';
import { Frontier } from '../src/tlog/frontier.ts';
import { leafHash } from '../src/tlog/merkle.ts';
import { median, spread } from './log/measured.ts';

const ROUNDS = 25;
const GROUP = 64;
const APPENDS = { 1: 300, 64: 6400 } as const;
type Writers = keyof typeof APPENDS;

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

/** So many records are written, each by itself, and then synced, again and again. */
function plain(path: string, record: Buffer, count: number, group: number): number {
  const file = openSync(path, 'a');
  const started = performance.now();
  for (let n = 0; n < count; n += group) {
    for (let i = 0; i < group; i += 1) writeSync(file, record);
    fdatasyncSync(file);
  }
  const rate = (count / (performance.now() - started)) * 1000;
  closeSync(file);
  return rate;
}

const dir = mkdtempSync(join(tmpdir(), 'placet-bench-'));
const closers: (() => Promise<void> | void)[] = [];
const log = (line: string) => console.error(line);
const data = join(dir, 'data');
const { journal, ledger, changes } = await openStore(
  { data, software: 'bench', clock, random, log },
  closers,
);
const checkpoints = await openCheckpoints({
  dir: join(data, 'journal'),
  keysDir: join(data, 'keys'),
  host: 'localhost',
  journal,
  custody: () => ledger.custody,
  changes,
  clock,
  random,
  log,
});
closers.push(() => checkpoints.close());
try {
  const entries = await journal.append(drafts());
  const record = Buffer.from(entries.map((entry) => `${canonicalJson(entry)}\n`).join(''));
  const file = join(dir, 'plain');
  const rates: Record<'one' | 'many' | 'plain' | 'group', number[]> = {
    one: [],
    many: [],
    plain: [],
    group: [],
  };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const now = {
      one: await appendAll(journal, 1),
      plain: plain(file, record, APPENDS[1], 1),
      many: await appendAll(journal, 64),
      group: plain(file, record, APPENDS[64], GROUP),
    };
    // The first round warms up.
    if (round > 0) for (const name of ['one', 'many', 'plain', 'group'] as const) rates[name].push(now[name]);
  }
  const signed = readFileSync(join(data, 'journal/checkpoints.log'), 'utf8').split('\n').length - 1;
  console.log(
    `journal: appends of ${record.length} bytes (two entries) a second, medians of ${ROUNDS} rounds, ${signed} checkpoints signed meanwhile\n`,
  );
  console.log('| writers | journal | plain | ratio |\n|---|---|---|---|');
  for (const [writers, own, other, what] of [
    [1, rates.one, rates.plain, 'a sync each'],
    [64, rates.many, rates.group, '64 records a sync'],
  ] as const)
    console.log(
      `| ${writers} | ${spread(own, 0)} | ${what}: ${spread(other, 0)} | ${(median(own) / median(other)).toFixed(2)} |`,
    );
  console.log(
    `| 64 | | a sync each: ${spread(rates.plain, 0)} | ${(median(rates.many) / median(rates.plain)).toFixed(2)} |`,
  );

  const lines = entries.map((entry) => canonicalJson(entry));
  const frontier = new Frontier();
  const COUNT = 200_000;
  const [hashed, taken] = [0, 1].map((pass) => {
    const began = performance.now();
    for (let n = 0; n < COUNT; n += 1) {
      const leaf = leafHash(lines[n % lines.length] ?? '');
      if (pass === 1) frontier.append(leaf);
    }
    return ((performance.now() - began) / COUNT) * 1000;
  }) as [number, number];
  const entry = 1_000_000 / (median(rates.many) * entries.length);
  console.log(
    `\nof ${entry.toFixed(1)} µs an entry with 64 writers, the tree takes ${taken.toFixed(1)}: ${hashed.toFixed(1)} for its leaf, ${(taken - hashed).toFixed(1)} for the nodes above`,
  );
} finally {
  for (const close of closers.reverse()) await close();
  rmSync(dir, { recursive: true, force: true });
}
