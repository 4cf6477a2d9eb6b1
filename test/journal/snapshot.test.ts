import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/core/entry.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { openJsonlJournal } from '../../src/journal/jsonl.ts';
import { seededRandom } from '../support/clock.ts';
import { allowed, completed, wholeStory } from '../support/journal-drafts.ts';
import { jsonlBench, SNAPSHOT_KEY, type JsonlBench } from '../support/jsonl-bench.ts';
import { all, rejection, until } from '../support/journal-suite.ts';

/** Opens the journal counting the entries that are replayed, closes it, and returns their numbers. */
async function replayed(bench: JsonlBench, software = '0.1.0', key = SNAPSHOT_KEY): Promise<number[]> {
  const seen: number[] = [];
  const ledger = new Ledger();
  const apply = ledger.apply.bind(ledger);
  ledger.apply = (entry: Entry) => {
    if (entry.type !== 'log.opened' || entry.seq === 0) seen.push(entry.seq);
    apply(entry);
  };
  const { dir, clock, troubles } = bench;
  const journal = await openJsonlJournal({
    dir,
    clock,
    random: seededRandom(2),
    node: 'host',
    fold: ledger,
    snapshotKey: key,
    software,
    onTrouble: (sentence) => troubles.push(sentence),
  });
  assert.equal(ledger.save(), bench.ledger.save());
  await journal.close();
  return seen;
}

async function closedJournal(): Promise<JsonlBench & { snapshot: string }> {
  const bench = await jsonlBench();
  await wholeStory(bench.journal, bench.clock);
  await bench.journal.close();
  return Object.assign(bench, { snapshot: join(bench.dir, 'snapshot.json') });
}

const EVERYTHING = [0, 1, 2, 3, 4, 5, 6, 7];

test('a start from a snapshot replays nothing that it holds', async () => {
  const bench = await closedJournal();
  assert.equal(await replayed(bench), []);
});

test('a start from a stale snapshot replays what came after it', async () => {
  const bench = await closedJournal();
  const stale = readFileSync(bench.snapshot);
  await bench.open();
  await bench.journal.append(allowed('later'));
  await bench.journal.close();
  writeFileSync(bench.snapshot, stale);
  assert.equal(await replayed(bench), [9, 10]);
});

test('without a snapshot everything is replayed', async () => {
  const bench = await closedJournal();
  rmSync(bench.snapshot);
  assert.equal(await replayed(bench), EVERYTHING);
});

test('a forged snapshot is not believed', async () => {
  const bench = await closedJournal();
  writeFileSync(bench.snapshot, readFileSync(bench.snapshot, 'utf8').replace('"alice"', '"mallo"'));
  assert.equal(await replayed(bench), EVERYTHING);
  assert.match(bench.troubles[0] ?? '', /not written under the key of this workspace/);
});

test('a snapshot under another key is not believed', async () => {
  const bench = await closedJournal();
  assert.equal(await replayed(bench, '0.1.0', Buffer.alloc(32, 8)), EVERYTHING);
});

test('a snapshot by another version is not used', async () => {
  const bench = await closedJournal();
  assert.equal(await replayed(bench, '0.2.0'), EVERYTHING);
});

test('an empty snapshot is not believed', async () => {
  const bench = await closedJournal();
  writeFileSync(bench.snapshot, '');
  assert.equal(await replayed(bench), EVERYTHING);
});

test('a snapshot of another journal is not believed', async () => {
  const bench = await closedJournal();
  const other = await jsonlBench();
  for (const name of ['a', 'b', 'c', 'd']) await other.journal.append(allowed(name));
  await other.journal.close();
  writeFileSync(bench.snapshot, readFileSync(join(other.dir, 'snapshot.json')));
  assert.equal(await replayed(bench), EVERYTHING);
  assert.match(bench.troubles[0] ?? '', /does not hold its last entry/);
});

test('a snapshot that cannot be written is told and harms nothing', async () => {
  const bench = await jsonlBench();
  await bench.journal.append(allowed('a'));
  bench.disk.openError = new Error('no more files');
  await bench.journal.close();
  assert.match(bench.troubles.join(), /snapshot cannot be written: .*no more files/);
  bench.disk.openError = undefined;
  await bench.open();
  assert.is(bench.journal.head().size, 4);
  await bench.journal.close();
});

/** A journal of three segments: 4,096, 4,096 and some entries. */
async function threeSegments(): Promise<JsonlBench> {
  const bench = await jsonlBench();
  for (let i = 0; i < 90; i += 1) {
    const calls = Array.from({ length: 31 }, (_, n) => `c${i}.${n}`);
    await Promise.all([
      ...calls.map((call) => bench.journal.append(allowed(call))),
      ...calls.map((call) => bench.journal.append([completed(call)])),
    ]);
  }
  await wholeStory(bench.journal, bench.clock);
  return bench;
}

test('a segment takes 4,096 lines, and no append is split between two', async () => {
  const bench = await threeSegments();
  await bench.journal.close();
  const count = (name: string) => readFileSync(join(bench.dir, name), 'utf8').split('\n').length - 1;
  const first = count('00000000.jsonl');
  assert.ok(first === 4096 || first === 4095, `the first has ${first}`);
  const name = `${String(first).padStart(8, '0')}.jsonl`;
  assert.match(readFileSync(join(bench.dir, name), 'utf8'), new RegExp(`"seq":${first},`));
  await bench.open();
  assert.is((await all(bench.journal.read(first - 2, first + 2))).length, 4);
  assert.is((await all(bench.journal.read(0))).length, bench.journal.head().size);
  await bench.journal.close();
});

test('a start after a crash replays from the snapshot of a segment change', async () => {
  const bench = await threeSegments();
  // It is written in the background, behind the tiles that it rests on.
  await until(() => existsSync(join(bench.dir, 'snapshot.json')));
  const kept = readFileSync(join(bench.dir, 'snapshot.json'));
  await bench.journal.close();
  writeFileSync(join(bench.dir, 'snapshot.json'), kept);
  const [from] = await replayed(bench);
  assert.ok(from !== undefined && from >= 4095, `it began at ${from}`);
});

test('a request of an old segment is found after a start from a snapshot', async () => {
  const bench = await jsonlBench();
  const id = await wholeStory(bench.journal, bench.clock);
  bench.clock.advance(60_000);
  for (let i = 0; i < 45; i += 1) {
    await Promise.all(Array.from({ length: 50 }, (_, n) => bench.journal.append(allowed(`c${i}.${n}`))));
  }
  await bench.reopen();
  assert.is((await bench.journal.readRequest(id)).length, 6);
  await bench.journal.close();
});

test('a removed segment refuses to start, with a snapshot and without', async () => {
  const bench = await threeSegments();
  await bench.journal.close();
  rmSync(join(bench.dir, '00000000.jsonl'));
  assert.match((await rejection(bench.open())).message, /the entries from 0 on are missing/);
  rmSync(join(bench.dir, 'snapshot.json'));
  assert.match((await rejection(bench.open())).message, /the entries from 0 on are missing/);
});

test.run();
