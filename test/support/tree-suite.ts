import * as assert from 'uvu/assert';
import type { Journal } from '../../src/journal/journal.ts';
import { allowed } from './journal-drafts.ts';
import { behaviourOf, codeOf, until, type JournalBench } from './journal-suite.ts';
import { naiveLeaf, naiveRoot } from './naive-tree.ts';

async function leavesOf(journal: Journal): Promise<Buffer[]> {
  const leaves: Buffer[] = [];
  for await (const line of journal.readLines(0)) leaves.push(naiveLeaf(line.toString('utf8')));
  return leaves;
}

/** That size, root and the tiles of leaves are those of the definition over the lines. */
export async function mustBeTheTree(journal: Journal): Promise<void> {
  const leaves = await leavesOf(journal);
  const { size, root } = journal.tree.pinned();
  assert.equal([size, root.toString('hex')], [leaves.length, naiveRoot(leaves).toString('hex')]);
  for (let index = 0; index * 256 < leaves.length; index += 1) {
    const hashes = leaves.slice(index * 256, (index + 1) * 256);
    const tile = await journal.tree.tile({ level: 0, index, width: hashes.length });
    assert.ok(Buffer.concat(hashes).equals(tile), `tile ${index}`);
  }
}

/** What every driver of the journal has to do about the tree, and about recovering. */
export function treeSuite(driver: string, open: () => Promise<JournalBench>): void {
  const behaviour = behaviourOf(driver, open);

  behaviour('reads the lines of the entries as they are hashed, without line feeds', async ({ journal }) => {
    const [entry] = await journal.append(allowed('c1'));
    const lines: string[] = [];
    for await (const line of journal.readLines(1, 2)) lines.push(line.toString('utf8'));
    assert.is(lines.length, 1);
    assert.equal(JSON.parse(lines[0] ?? ''), entry);
    assert.not.match(lines[0] ?? '', /\n/);
  });

  behaviour('the tree is that of RFC 6962 over the lines, at every size', async ({ journal }) => {
    for (let n = 0; n < 20; n += 1) {
      await mustBeTheTree(journal);
      await journal.append(allowed(`c${n}`));
    }
  });

  behaviour('the tree goes on after it is opened again', async (bench) => {
    await Promise.all(Array.from({ length: 300 }, (_, n) => bench.journal.append(allowed(`c${n}`))));
    await mustBeTheTree(bench.journal);
    await bench.reopen();
    await mustBeTheTree(bench.journal);
    await Promise.all(Array.from({ length: 300 }, (_, n) => bench.journal.append(allowed(`d${n}`))));
    await mustBeTheTree(bench.journal);
    assert.is(bench.journal.tree.pinned().size, 1202);
  });

  behaviour('a line that is not durable is not in the tree', async (bench) => {
    const before = bench.journal.tree.pinned();
    const release = bench.holdSyncs();
    const appending = bench.journal.append(allowed('a'));
    await bench.journal.append(allowed('b'), { durability: 'written' });
    assert.equal(bench.journal.tree.pinned(), before);
    release();
    await appending;
    assert.is(bench.journal.tree.pinned().size, 5);
  });

  behaviour('what failed is not in the tree, and what follows it is', async (bench) => {
    const { journal } = bench;
    for (let n = 0; n < 3; n += 1) {
      await journal.append(allowed(`a${n}`), { durability: n === 1 ? 'written' : 'synced' });
      bench.fail(true);
      assert.is(await codeOf(journal.append(allowed(`b${n}`))), 'journal_unwritable');
      bench.fail(false);
      await journal.append(allowed(`c${n}`));
      await mustBeTheTree(journal);
    }
    await bench.reopen();
    await mustBeTheTree(bench.journal);
  });

  behaviour('a tile that is wider than the tree is missing', async ({ journal }) => {
    await journal.append(allowed('a'));
    const { tree } = journal;
    assert.is((await tree.tile({ level: 0, index: 0, width: 3 })).length, 96);
    assert.is((await tree.tile({ level: 0, index: 0, width: 1 })).length, 32);
    for (const tile of [
      { level: 0, index: 0, width: 4 },
      { level: 0, index: 0, width: 256 },
      { level: 0, index: 1, width: 1 },
      { level: 1, index: 0, width: 1 },
    ])
      assert.is(await codeOf(tree.tile(tile)), 'tile_missing');
  });

  behaviour('sync makes durable what was written and behind', async ({ journal }) => {
    await journal.append(allowed('a'), { durability: 'behind' });
    await journal.append(allowed('b'), { durability: 'written' });
    await journal.sync();
    assert.is(journal.head().size, 5);
    await journal.sync();
  });

  behaviour('sync waits for a sync that is under way, and not for what comes after it', async (bench) => {
    const { journal } = bench;
    const release = bench.holdSyncs();
    const first = journal.append(allowed('a'));
    let synced = false;
    const syncing = journal.sync().then(() => {
      synced = true;
      return journal.head().size;
    });
    await Promise.resolve();
    assert.is(synced, false);
    release();
    assert.ok((await syncing) >= 3);
    await first;
  });

  behaviour('sync fails when what was promised cannot be made durable', async (bench) => {
    const { journal } = bench;
    await journal.append(allowed('a'), { durability: 'behind' });
    bench.fail(true);
    assert.is(await codeOf(journal.sync()), 'journal_unwritable');
    bench.fail(false);
    await journal.sync();
    assert.is(journal.head().size, 3);
  });

  behaviour('recovers by itself although nobody appends', async (bench) => {
    const { journal, clock } = bench;
    bench.fail(true);
    assert.is(await codeOf(journal.append(allowed('a'))), 'journal_unwritable');
    clock.advance(1000);
    await until(() => journal.trouble() !== undefined);
    bench.fail(false);
    await until(() => {
      clock.advance(1000);
      return journal.trouble() === undefined;
    });
    assert.is(journal.head().size, 1);
    await journal.append(allowed('b'));
    await mustBeTheTree(journal);
  });
}
