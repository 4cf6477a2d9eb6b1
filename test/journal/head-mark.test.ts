import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readHeadMark } from '../../src/journal/head-mark.ts';
import { diskError } from '../support/faulty-disk.ts';
import { allowed } from '../support/journal-drafts.ts';
import { jsonlBench, SNAPSHOT_KEY, type JsonlBench } from '../support/jsonl-bench.ts';
import { rejection } from '../support/journal-suite.ts';
import { naiveLeaf } from '../support/naive-tree.ts';

const SEGMENT = '00000000.jsonl';

/** A closed journal of five entries without a snapshot. */
async function five(): Promise<{ bench: JsonlBench; path: string; lines: string[] }> {
  const bench = await jsonlBench();
  await bench.journal.append(allowed('a'));
  await bench.journal.append(allowed('b'));
  await bench.journal.close();
  rmSync(join(bench.dir, 'snapshot.json'));
  const path = join(bench.dir, SEGMENT);
  return { bench, path, lines: readFileSync(path, 'utf8').trimEnd().split('\n') };
}

test('the head mark names how many entries are durable, and the last of them', async () => {
  const { bench, lines } = await five();
  const { mark, why } = await readHeadMark(bench.dir, SNAPSHOT_KEY);
  assert.is(why, undefined);
  assert.is(mark?.size, 5);
  assert.is(mark?.leaf.toString('hex'), naiveLeaf(lines[4] ?? '').toString('hex'));
});

test('it follows every append that is synced, and none that is not', async () => {
  const bench = await jsonlBench();
  const size = async () => (await readHeadMark(bench.dir, SNAPSHOT_KEY)).mark?.size;
  assert.is(await size(), 1);
  await bench.journal.append(allowed('a'));
  assert.is(await size(), 3);
  await bench.journal.append(allowed('b'), { durability: 'written' });
  assert.is(await size(), 3);
  bench.disk.syncError = diskError('EIO');
  await rejection(bench.journal.append(allowed('c')));
  assert.is(await size(), 3);
  bench.disk.syncError = undefined;
  await bench.journal.append(allowed('d'));
  assert.is(await size(), 7);
  await bench.journal.close();
});

test('a journal without its last acknowledged entries refuses to start, and nothing of it is changed', async () => {
  const { bench, path, lines } = await five();
  const cut = `${lines.slice(0, 3).join('\n')}\n{"torn`;
  writeFileSync(path, cut);
  const { message } = await rejection(bench.open());
  assert.match(
    message,
    /^The journal is damaged at 00000000\.jsonl: it ends after 3 entries, and 5 were acknowledged; the last ones are gone\./,
  );
  assert.is(readFileSync(path, 'utf8'), cut);
  writeFileSync(path, `${lines.join('\n')}\n`);
  await bench.open();
  assert.is(bench.journal.head().size, 6);
  await bench.journal.close();
});

test('a journal whose last acknowledged entry is another one refuses to start', async () => {
  const { bench, path } = await five();
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"node":"host"(?!.*\n.)/, '"node":"ghost"'));
  assert.match((await rejection(bench.open())).message, /entry 4 is not the one that was acknowledged/);
});

test('a journal may be longer than its head mark', async () => {
  const { bench } = await five();
  const head = readFileSync(join(bench.dir, 'head'));
  await bench.reopen();
  await bench.journal.append(allowed('c'));
  await bench.journal.close();
  writeFileSync(join(bench.dir, 'head'), head);
  await bench.open();
  assert.equal(bench.troubles, []);
  await bench.journal.close();
});

test('a journal without a head mark starts, and gets one', async () => {
  const { bench } = await five();
  rmSync(join(bench.dir, 'head'));
  await bench.open();
  assert.equal(bench.troubles, []);
  assert.is((await readHeadMark(bench.dir, SNAPSHOT_KEY)).mark?.size, 6);
  await bench.journal.close();
});

for (const [what, change, why] of [
  ['with another size', (text: string) => text.replace('05\n', '04\n'), /not written under the key/],
  ['that is cut', (text: string) => text.slice(0, 60), /it is no head mark/],
] as const) {
  test(`a head mark ${what} is not believed, and that is told`, async () => {
    const { bench } = await five();
    const path = join(bench.dir, 'head');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    assert.match((await readHeadMark(bench.dir, SNAPSHOT_KEY)).why ?? '', why);
    await bench.open();
    assert.match(bench.troubles.join(), /^The journal's head mark is not used: it /);
    assert.is((await readHeadMark(bench.dir, SNAPSHOT_KEY)).mark?.size, 6);
    await bench.journal.close();
  });
}

test('under another key it is not believed', async () => {
  const { bench } = await five();
  const { mark, why } = await readHeadMark(bench.dir, Buffer.alloc(32, 8));
  assert.equal([mark, why], [undefined, 'it was not written under the key of this workspace']);
});

test('a head mark that cannot be written is told once and is no failure', async () => {
  const bench = await jsonlBench();
  await bench.journal.close();
  const open = bench.disk.open.bind(bench.disk);
  bench.disk.open = async (path, how) => {
    const file = await open(path, how);
    return path.endsWith('head')
      ? {
          ...file,
          write: () => {
            throw diskError('EIO');
          },
        }
      : file;
  };
  await bench.open();
  await bench.journal.append(allowed('a'));
  await bench.journal.append(allowed('b'));
  assert.equal(bench.troubles, ["The journal's head mark cannot be written: the disk reports EIO."]);
  assert.is(bench.journal.trouble(), undefined);
  await bench.journal.close();
});

test.run();
