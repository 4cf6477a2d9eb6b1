import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LowSync } from 'lowdb';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AppendFile } from '../../src/journal/append-file.ts';
import { AppendOnlyAdapter, type SegmentData } from '../../src/journal/append-only-adapter.ts';
import { realDisk } from '../../src/journal/disk.ts';
import { codeOf } from '../support/journal-suite.ts';
import { tempDir } from '../support/temp.ts';

async function segment(): Promise<{ db: LowSync<SegmentData>; path: string }> {
  const path = join(tempDir(), '00000000.jsonl');
  const file = await AppendFile.create(realDisk, path);
  const db = new LowSync<SegmentData>(new AppendOnlyAdapter(file), { lines: [] });
  db.update((data) => data.lines.push('one', 'two'));
  return { db, path };
}

const codeOfThrown = (act: () => void) => codeOf(Promise.resolve().then(act));

test('a write adds only the lines that are new', async () => {
  const { db, path } = await segment();
  db.update((data) => data.lines.push('drei ß'));
  db.write();
  assert.is(readFileSync(path, 'utf8'), 'one\ntwo\ndrei ß\n');
});

test('a changed line is refused and nothing is written', async () => {
  const { db, path } = await segment();
  assert.is(
    await codeOfThrown(() =>
      db.update((data) => {
        data.lines[0] = 'ONE';
        data.lines.push('three');
      }),
    ),
    'journal_rewritten',
  );
  assert.is(readFileSync(path, 'utf8'), 'one\ntwo\n');
});

test('a shorter log is refused', async () => {
  const { db, path } = await segment();
  assert.is(await codeOfThrown(() => db.update((data) => data.lines.pop())), 'journal_shortened');
  assert.is(readFileSync(path, 'utf8'), 'one\ntwo\n');
});

test('data from elsewhere is refused', async () => {
  const { db } = await segment();
  db.data = { lines: ['three', 'four', 'five'] };
  assert.is(await codeOfThrown(() => db.write()), 'journal_rewritten');
});

test('read gives the lines that stand in the file, and writing goes on behind them', async () => {
  const { path } = await segment();
  const file = await AppendFile.resume(realDisk, path);
  const db = new LowSync<SegmentData>(new AppendOnlyAdapter(file), { lines: [] });
  db.read();
  assert.equal(db.data, { lines: ['one', 'two'] });
  db.update((data) => data.lines.push('three'));
  assert.is(readFileSync(path, 'utf8'), 'one\ntwo\nthree\n');
});

test.run();
