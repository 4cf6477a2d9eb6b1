import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint } from '../../src/tlog/checkpoint.ts';
import { parseVerifier } from '../../src/tlog/note.ts';
import { checkpointBench, historyOf, wrongIn, type CheckpointBench } from '../support/checkpoint-bench.ts';
import { allowed } from '../support/journal-drafts.ts';
import { all, codeOf, rejection } from '../support/journal-suite.ts';

async function opened(): Promise<CheckpointBench> {
  const bench = checkpointBench();
  await bench.open();
  return bench;
}

async function keysIn(bench: CheckpointBench) {
  return (await all(bench.journal.read(0))).flatMap((entry) => (entry.type === 'log.key' ? [entry] : []));
}

/** Which of the keys, by their place in the journal, signed each checkpoint of the history. */
async function signedBy(bench: CheckpointBench): Promise<readonly (readonly number[])[]> {
  const keys = (await keysIn(bench)).map(({ key }) => parseVerifier(key));
  return historyOf(bench.dir).map((note) =>
    openCheckpoint(note, keys)
      .right.map(({ verifier }) => keys.indexOf(verifier))
      .sort((a, b) => a - b),
  );
}

function hasNext(bench: CheckpointBench): boolean {
  return existsSync(join(bench.keysDir, 'log.key.next'));
}

test('a rotation journals the new key, signs once by both, and destroys the old one', async () => {
  const bench = await opened();
  const before = readFileSync(join(bench.keysDir, 'log.key'), 'utf8');
  const old = bench.checkpoints.verifier();
  const key = await bench.checkpoints.rotate('Carol left.');
  assert.is(bench.checkpoints.verifier().vkey, key.vkey);
  assert.is.not(key.vkey, old.vkey);
  assert.is(key.name, old.name);
  const [, entry] = await keysIn(bench);
  assert.equal(
    [entry?.key, entry?.previous, entry?.reason, entry?.by],
    [key.vkey, old.vkey, 'Carol left.', 'operator'],
  );
  await bench.journal.append(allowed('c1'));
  await bench.cover();
  assert.equal(await signedBy(bench), [[0], [0, 1], [1]]);
  assert.is.not(readFileSync(join(bench.keysDir, 'log.key'), 'utf8'), before);
  assert.not.ok(hasNext(bench));
  await bench.reopen();
  assert.is(bench.checkpoints.verifier().vkey, key.vkey);
  assert.equal(await wrongIn(bench), []);
  await bench.close();
});

test('rotations that are asked for at once follow each other', async () => {
  const bench = await opened();
  await Promise.all([
    bench.checkpoints.rotate('one'),
    bench.cover(),
    bench.checkpoints.rotate('two'),
    bench.checkpoints.rotate('three'),
  ]);
  assert.equal(
    (await keysIn(bench)).map(({ reason }) => reason),
    [undefined, 'one', 'two', 'three'],
  );
  const signers = await signedBy(bench);
  assert.equal(
    signers.filter((by) => by.length > 1),
    [
      [0, 1],
      [1, 2],
      [2, 3],
    ],
  );
  assert.equal(await wrongIn(bench), []);
  await bench.close();
});

test('a rotation that the journal does not take leaves the key in force, and the next try succeeds', async () => {
  const bench = await opened();
  const old = bench.checkpoints.verifier();
  assert.is(await codeOf(bench.checkpoints.rotate('x'.repeat(70_000))), 'entry_too_long');
  assert.is(bench.checkpoints.verifier().vkey, old.vkey);
  await bench.journal.append(allowed('c1'));
  await bench.cover();
  const key = await bench.checkpoints.rotate('once more');
  assert.is.not(key.vkey, old.vkey);
  assert.equal(await signedBy(bench), [[0], [0], [0, 1]]);
  await bench.close();
});

test('a next key that the journal never named is dropped at the start', async () => {
  const bench = await opened();
  const old = bench.checkpoints.verifier();
  await rejection(bench.checkpoints.rotate('x'.repeat(70_000)));
  assert.ok(hasNext(bench));
  await bench.reopen();
  assert.not.ok(hasNext(bench));
  assert.is(bench.checkpoints.verifier().vkey, old.vkey);
  await bench.close();
});

test('after a rotation whose checkpoint fails, the next checkpoint is signed by both', async () => {
  const bench = await opened();
  bench.disk.arm();
  await bench.checkpoints.rotate('to count the calls');
  const sync = bench.disk.calls.indexOf('sync checkpoints.log');
  bench.disk.arm(sync, 'fails', true);
  assert.is(await codeOf(bench.checkpoints.rotate('on a bad disk')), 'checkpoint_unwritable');
  assert.ok(hasNext(bench));
  assert.is(await codeOf(bench.checkpoints.rotate('still bad')), 'checkpoint_unwritable');
  bench.disk.arm();
  bench.clock.advance(3000);
  await bench.idle();
  assert.not.ok(hasNext(bench));
  assert.is(bench.checkpoints.trouble(), undefined);
  assert.equal(await signedBy(bench), [[0], [0, 1], [1, 2]]);
  await bench.checkpoints.rotate('a third');
  assert.equal(await wrongIn(bench), []);
  await bench.close();
});

for (const first of [true, false]) {
  test(`a crash at any call of ${first ? 'the first start' : 'a rotation'} is settled by what stands in the journal`, async () => {
    const counted = checkpointBench();
    if (!first) await counted.open();
    counted.disk.arm();
    await (first ? counted.open() : counted.checkpoints.rotate('counted'));
    const calls = counted.disk.calls.length;
    await counted.close();
    assert.ok(calls > 10);
    const kept = new Set<boolean>();
    for (const fault of ['fails', 'short'] as const) {
      for (let nth = 0; nth < calls; nth += 1) {
        const bench = checkpointBench();
        if (!first) await bench.open();
        bench.disk.arm(nth, fault, true);
        await (first ? bench.open() : bench.checkpoints.rotate('crashes')).catch(() => undefined);
        const after = await bench.crashed();
        bench.disk.arm();
        if (!first) await bench.close();
        await after.open();
        const keys = await keysIn(after);
        assert.is(after.checkpoints.verifier().vkey, keys.at(-1)?.key);
        assert.not.ok(hasNext(after), `${nth}`);
        const signers = await signedBy(after);
        // The first checkpoint by a new key is by the one before it, too.
        for (const key of [1, 2].slice(0, keys.length - 1))
          assert.equal(
            signers.find((by) => by.includes(key)),
            [key - 1, key],
          );
        kept.add(keys.length === (first ? 1 : 2));
        await after.journal.append(allowed('c1'));
        await after.cover();
        assert.equal(await wrongIn(after), []);
        await after.close();
      }
    }
    assert.ok(kept.has(true));
    if (!first) assert.ok(kept.has(false));
  });
}

test.run();
