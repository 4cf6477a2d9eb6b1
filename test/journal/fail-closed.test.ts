import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ledger } from '../../src/core/ledger.ts';
import { openJsonlJournal } from '../../src/journal/jsonl.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { diskError, faultyDisk } from '../support/faulty-disk.ts';
import { allowed } from '../support/journal-drafts.ts';
import { jsonlBench, type JsonlBench } from '../support/jsonl-bench.ts';
import { all, codeOf, rejection, until } from '../support/journal-suite.ts';
import { tempDir } from '../support/temp.ts';
import { mustBeTheTree } from '../support/tree-suite.ts';

const SEGMENT = '00000000.jsonl';

/** An open journal in a folder below a temporary one, so that the folder itself can be moved. */
async function opened(): Promise<{ bench: JsonlBench; dir: string; away: string; segment: string }> {
  const dir = join(tempDir(), 'journal');
  const bench = await jsonlBench(dir);
  await bench.journal.append(allowed('a'));
  return { bench, dir, away: `${dir}.away`, segment: join(dir, SEGMENT) };
}

/** Lets seconds pass until the trouble is over. */
async function recovered({ journal, clock }: JsonlBench): Promise<void> {
  await until(() => {
    clock.advance(1000);
    return journal.trouble() === undefined;
  });
}

async function staysInTrouble({ journal, clock }: JsonlBench): Promise<void> {
  for (let second = 0; second < 3; second += 1) {
    clock.advance(1000);
    assert.is(await codeOf(journal.append(allowed(`try ${second}`))), 'journal_unwritable');
  }
}

async function goesOn(bench: JsonlBench, size: number): Promise<void> {
  await bench.journal.append(allowed('goes on'));
  assert.equal(
    (await all(bench.journal.read(0))).map((entry) => entry.seq),
    Array.from({ length: size + 2 }, (_, seq) => seq),
  );
  await mustBeTheTree(bench.journal);
  await bench.reopen();
  await mustBeTheTree(bench.journal);
  await bench.journal.close();
}

test('a folder that is moved away fails the next append, and it goes on by itself when it is back', async () => {
  const { bench, dir, away } = await opened();
  renameSync(dir, away);
  const { message } = await rejection(bench.journal.append(allowed('b')));
  assert.is(
    message,
    'The journal cannot be written: its file 00000000.jsonl was moved or deleted, and has to be put back. Nothing that is guarded runs until it can be; it goes on by itself.',
  );
  await staysInTrouble(bench);
  assert.not.ok(existsSync(dir), 'nothing is made in its place');
  renameSync(away, dir);
  await recovered(bench);
  assert.is(bench.journal.head().size, 3);
  await goesOn(bench, 3);
});

test('that the folder is gone is told although nobody appends, and no more once it is back', async () => {
  const { bench, dir, away } = await opened();
  renameSync(dir, away);
  assert.match(bench.journal.trouble() ?? '', '00000000.jsonl was moved or deleted');
  renameSync(away, dir);
  assert.is(bench.journal.trouble(), undefined);
  await goesOn(bench, 3);
});

test('an append that is only written is refused when its segment is gone', async () => {
  const { bench, segment } = await opened();
  renameSync(segment, `${segment}.away`);
  assert.is(
    await codeOf(bench.journal.append(allowed('b'), { durability: 'written' })),
    'journal_unwritable',
  );
  renameSync(`${segment}.away`, segment);
  await recovered(bench);
  await goesOn(bench, 3);
});

test('a deleted folder is not made anew, and no entry follows what is lost', async () => {
  const { bench, dir } = await opened();
  rmSync(dir, { recursive: true });
  await staysInTrouble(bench);
  assert.not.ok(existsSync(dir));
  mkdirSync(dir);
  await staysInTrouble(bench);
  assert.equal(readdirSync(dir), []);
  await bench.journal.close().catch(() => undefined);
});

test('a segment that was cut short fails the next append, and nothing follows it', async () => {
  const { bench, dir, segment } = await opened();
  const whole = readFileSync(segment);
  truncateSync(segment, whole.length - 1);
  assert.is(await codeOf(bench.journal.append(allowed('b'))), 'journal_unwritable');
  await staysInTrouble(bench);
  assert.match(bench.journal.trouble() ?? '', /its file 00000000\.jsonl was cut short by someone else/);
  assert.is(readFileSync(segment).length, whole.length - 1, 'nothing is written behind the gap');
  assert.equal(
    readdirSync(dir).filter((name) => name.endsWith('.jsonl')),
    [SEGMENT],
  );
  await bench.journal.close().catch(() => undefined);
});

test('a segment that was emptied is not followed by another', async () => {
  const { bench, dir, segment } = await opened();
  bench.disk.syncError = diskError('EIO');
  assert.is(await codeOf(bench.journal.append(allowed('b'))), 'journal_unwritable');
  bench.disk.syncError = undefined;
  truncateSync(segment, 0);
  await staysInTrouble(bench);
  assert.match(bench.journal.trouble() ?? '', /its file 00000000\.jsonl was cut short by someone else/);
  assert.equal(
    readdirSync(dir).filter((name) => name.endsWith('.jsonl')),
    [SEGMENT],
  );
  await bench.journal.close().catch(() => undefined);
});

test('another file in the place of the segment is not written to', async () => {
  const { bench, segment } = await opened();
  renameSync(segment, `${segment}.away`);
  copyFileSync(`${segment}.away`, segment);
  const before = readFileSync(segment, 'utf8');
  await staysInTrouble(bench);
  assert.match(bench.journal.trouble() ?? '', /another file stands in the place of its file 00000000\.jsonl/);
  assert.is(readFileSync(segment, 'utf8'), before);
  renameSync(`${segment}.away`, segment);
  await recovered(bench);
  await goesOn(bench, 3);
});

test('bytes that someone else appended fail the next append and are cut off', async () => {
  const { bench, segment } = await opened();
  appendFileSync(segment, 'x'.repeat(5000));
  assert.is(await codeOf(bench.journal.append(allowed('b'))), 'journal_unwritable');
  await recovered(bench);
  assert.not.match(readFileSync(segment, 'utf8'), /xxx/);
  await goesOn(bench, 3);
});

test('an earlier segment that is gone is noticed at a recovery', async () => {
  const { bench, segment } = await opened();
  bench.disk.syncError = diskError('EIO');
  assert.is(await codeOf(bench.journal.append(allowed('b'))), 'journal_unwritable');
  bench.disk.syncError = undefined;
  await bench.journal.append(allowed('c'));
  renameSync(segment, `${segment}.away`);
  bench.disk.syncError = diskError('EIO');
  assert.is(await codeOf(bench.journal.append(allowed('d'))), 'journal_unwritable');
  bench.disk.syncError = undefined;
  await staysInTrouble(bench);
  renameSync(`${segment}.away`, segment);
  await recovered(bench);
  await goesOn(bench, 5);
});

test('what was written or behind before the folder went is written again first when it is back', async () => {
  const { bench, dir, away } = await opened();
  await bench.journal.append(allowed('b'), { durability: 'written' });
  await bench.journal.append([{ type: 'call.completed', call_id: 'b', outcome: 'succeeded' }], {
    durability: 'behind',
  });
  renameSync(dir, away);
  assert.is(await codeOf(bench.journal.sync()), 'journal_unwritable');
  renameSync(away, dir);
  await recovered(bench);
  await until(() => bench.journal.head().size === 6);
  assert.equal(
    (await all(bench.journal.read(3))).map((entry) => entry.type),
    ['call.requested', 'call.allowed', 'call.completed'],
  );
  await goesOn(bench, 6);
});

test('a full disk stays in trouble while it is full, and is recovered from although nobody appends', async () => {
  const { bench, dir } = await opened();
  bench.disk.room = 100;
  assert.is(await codeOf(bench.journal.append(allowed('b'))), 'journal_unwritable');
  bench.disk.room = 60_000;
  bench.clock.advance(1000);
  await until(() => bench.disk.room < 60_000);
  assert.match(bench.journal.trouble() ?? '', /cannot be written/);
  bench.disk.room = Number.POSITIVE_INFINITY;
  await recovered(bench);
  assert.not.ok(existsSync(join(dir, 'probe')));
  await goesOn(bench, 3);
});

test('a folder in which nothing can be made is recovered from when it can', async () => {
  const { bench } = await opened();
  bench.disk.syncError = diskError('EROFS');
  assert.is(await codeOf(bench.journal.append(allowed('b'))), 'journal_unwritable');
  bench.disk.syncError = undefined;
  bench.disk.openError = diskError('EACCES');
  await staysInTrouble(bench);
  assert.match(bench.journal.trouble() ?? '', /its folder is not writable \(EACCES\)/);
  bench.disk.openError = undefined;
  await recovered(bench);
  await goesOn(bench, 3);
});

test('a journal that could not be opened touches nothing more, whoever opens it next', async () => {
  const { bench, dir, segment } = await opened();
  await bench.journal.close();
  const clock = new FakeClock();
  const disk = faultyDisk();
  const options = {
    dir,
    random: seededRandom(3),
    node: 'nod_1',
    snapshotKey: Buffer.alloc(32, 7),
    software: '0.1.0',
  };
  disk.room = 0;
  await rejection(openJsonlJournal({ ...options, clock, fold: new Ledger(), disk }));
  disk.room = Number.POSITIVE_INFINITY;
  const next = await openJsonlJournal({ ...options, clock: new FakeClock(), fold: new Ledger() });
  for (const id of ['b', 'c', 'd']) await next.append(allowed(id));
  const before = readFileSync(segment, 'utf8');
  for (let second = 0; second < 5; second += 1) {
    clock.advance(1000);
    await next.append(allowed(`e${second}`));
  }
  assert.ok(readFileSync(segment, 'utf8').startsWith(before));
  assert.is(next.trouble(), undefined);
  await next.close();
});

test.run();
