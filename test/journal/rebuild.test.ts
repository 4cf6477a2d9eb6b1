import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rebuildTiles } from '../../src/journal/rebuild.ts';
import { diskError, faultyDisk } from '../support/faulty-disk.ts';
import { allowed } from '../support/journal-drafts.ts';
import { jsonlBench, type JsonlBench } from '../support/jsonl-bench.ts';
import { codeOf, rejection } from '../support/journal-suite.ts';
import { naiveLeaf, naiveRoot } from '../support/naive-tree.ts';
import { tempDir } from '../support/temp.ts';
import { mustBeTheTree } from '../support/tree-suite.ts';

/** A closed journal of two segments, 4,097 and some entries. */
async function closed(): Promise<{ bench: JsonlBench; tiles: ReadonlyMap<string, string> }> {
  const bench = await jsonlBench();
  await Promise.all(Array.from({ length: 2100 }, (_, n) => bench.journal.append(allowed(`c${n}`))));
  await bench.journal.close();
  return { bench, tiles: tilesIn(bench.dir) };
}

function tilesIn(dir: string): Map<string, string> {
  return new Map(
    readdirSync(join(dir, 'tile'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path, readFileSync(path, 'hex')] as const),
  );
}

function leavesIn(dir: string): Buffer[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n').slice(0, -1))
    .map(naiveLeaf);
}

test('all tiles are made anew from the lines, and what was no tile of the log is gone', async () => {
  const { bench, tiles } = await closed();
  rmSync(join(bench.dir, 'tile/0/004'));
  writeFileSync(join(bench.dir, 'tile/0/005'), 'not a tile');
  writeFileSync(join(bench.dir, 'tile/0/900'), 'of no entry');
  const seen: number[] = [];
  const tree = await rebuildTiles({ dir: bench.dir, onProgress: (entries) => seen.push(entries) });
  assert.equal([...tilesIn(bench.dir)], [...tiles]);
  assert.is(tree.size, 4201);
  assert.is(tree.root.toString('hex'), naiveRoot(leavesIn(bench.dir)).toString('hex'));
  assert.is(seen.at(-1), 4201);
  assert.not.ok(existsSync(join(bench.dir, 'tile.old')));
  await bench.open();
  assert.equal(bench.troubles, []);
  await mustBeTheTree(bench.journal);
  await bench.journal.close();
});

test('an append that a crash cut short is left out', async () => {
  const bench = await jsonlBench();
  await bench.journal.append(allowed('a'));
  await bench.journal.append(allowed('b'));
  await bench.journal.close();
  const path = join(bench.dir, '00000000.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, `${lines.slice(0, 4).join('\n')}\n{"torn`);
  const { size, root } = await rebuildTiles({ dir: bench.dir });
  assert.is(size, 3);
  assert.is(root.toString('hex'), naiveRoot(lines.slice(0, 3).map(naiveLeaf)).toString('hex'));
});

test('while a host works in the folder nothing is touched', async () => {
  const bench = await jsonlBench();
  await bench.journal.append(allowed('a'));
  await bench.journal.tree.publish(3);
  const tiles = [...tilesIn(bench.dir)];
  assert.is(await codeOf(rebuildTiles({ dir: bench.dir })), 'workspace_in_use');
  assert.equal([...tilesIn(bench.dir)], tiles);
  await bench.journal.close();
});

test('where there is no journal none is made', async () => {
  const dir = join(tempDir(), 'journal');
  assert.is(await codeOf(rebuildTiles({ dir })), 'journal_missing');
  assert.not.ok(existsSync(dir));
});

test('a journal with a gap is refused', async () => {
  const { bench } = await closed();
  rmSync(join(bench.dir, '00000000.jsonl'));
  assert.match(
    (await rejection(rebuildTiles({ dir: bench.dir }))).message,
    /the entries from 0 on are missing/,
  );
});

test('on a disk that fails it says so, and can be run again', async () => {
  const { bench, tiles } = await closed();
  const disk = faultyDisk();
  disk.room = 20_000;
  assert.is(await codeOf(rebuildTiles({ dir: bench.dir, disk })), 'tiles_unwritable');
  disk.room = Number.POSITIVE_INFINITY;
  disk.syncError = diskError('EIO');
  assert.is(await codeOf(rebuildTiles({ dir: bench.dir, disk })), 'tiles_unwritable');
  await rebuildTiles({ dir: bench.dir });
  assert.equal([...tilesIn(bench.dir)], [...tiles]);
});

test.run();
