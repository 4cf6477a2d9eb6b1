import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointBench, sizesIn, wrongIn, type CheckpointBench } from '../support/checkpoint-bench.ts';
import {
  allowed,
  at,
  claimed,
  completed,
  decided,
  held,
  requestId,
  resolved,
  started,
  succeeded,
} from '../support/journal-drafts.ts';

async function opened(): Promise<CheckpointBench> {
  const bench = checkpointBench();
  await bench.open();
  return bench;
}

test('an entry is covered within two seconds, and not before', async () => {
  const bench = await opened();
  await bench.journal.append(allowed('c1'));
  bench.clock.advance(1500);
  await bench.journal.append([completed('c1')]);
  bench.clock.advance(499);
  await bench.idle();
  assert.equal(sizesIn(bench.dir), [2]);
  bench.clock.advance(1);
  await bench.idle();
  assert.equal(sizesIn(bench.dir), [2, 5]);
  await bench.close();
});

test('without entries nothing is signed, however long it takes', async () => {
  const bench = await opened();
  await bench.journal.append(allowed('c1'));
  bench.clock.advance(2000);
  await bench.idle();
  bench.disk.arm();
  bench.clock.advance(3_600_000);
  await bench.idle();
  assert.equal(sizesIn(bench.dir), [2, 4]);
  assert.equal(bench.disk.calls, []);
  await bench.close();
});

test('a resolution and each step of an execution are covered at once', async () => {
  const bench = await opened();
  const id = requestId(bench.clock);
  let version = (await bench.journal.append(held(id, bench.clock), at(id, null))).at(-1)?.seq ?? null;
  await bench.idle();
  assert.equal(sizesIn(bench.dir), [2]);
  for (const drafts of [[decided(id), resolved(id)], [claimed(id)], [started(id)], [succeeded(id)]]) {
    version = (await bench.journal.append(drafts, at(id, version))).at(-1)?.seq ?? null;
    await bench.idle();
  }
  assert.equal(sizesIn(bench.dir), [2, 6, 7, 8, 9]);
  assert.equal(await wrongIn(bench), []);
  await bench.close();
});

test('what is durable together is covered by one checkpoint', async () => {
  const bench = await opened();
  const ids = [1, 2, 3, 4, 5].map(() => requestId(bench.clock));
  await Promise.all(ids.map((id) => bench.journal.append(held(id, bench.clock), at(id, null))));
  await Promise.all(
    ids.map((id) =>
      bench.journal.append([decided(id), resolved(id)], at(id, bench.ledger.version(id) ?? null)),
    ),
  );
  await bench.idle();
  assert.equal(sizesIn(bench.dir), [2, 22]);
  await bench.close();
});

test('a checkpoint that fails is tried again every three seconds, and says why until it succeeds', async () => {
  const bench = await opened();
  await bench.journal.append(allowed('c1'));
  const sentence =
    "The log's checkpoints cannot be written: the disk reports EIO. Nothing new is signed until they can be; it goes on by itself.";
  bench.disk.arm(0, 'fails', true);
  bench.clock.advance(2000);
  await bench.idle();
  assert.is(bench.checkpoints.trouble(), sentence);
  for (let i = 0; i < 3; i += 1) {
    bench.clock.advance(2999);
    await bench.idle();
    const before = bench.disk.calls.length;
    bench.clock.advance(1);
    await bench.idle();
    assert.ok(bench.disk.calls.length > before);
  }
  assert.is(bench.checkpoints.newest()?.size, 2);
  assert.is(bench.logs.filter((line) => line === sentence).length, 1);
  bench.disk.arm();
  bench.clock.advance(3000);
  await bench.idle();
  assert.is(bench.checkpoints.trouble(), undefined);
  assert.equal(sizesIn(bench.dir), [2, 4]);
  await bench.close();
});

test('appends never wait for a checkpoint', async () => {
  const bench = await opened();
  let release: () => void = () => undefined;
  bench.disk.holdSync = new Promise((resolve) => {
    release = resolve;
  });
  const id = requestId(bench.clock);
  await bench.journal.append(held(id, bench.clock), at(id, null));
  await bench.journal.append([decided(id), resolved(id)], at(id, bench.ledger.version(id) ?? null));
  await bench.journal.append(allowed('c1'));
  assert.is(bench.journal.head().size, 8);
  assert.is(bench.checkpoints.newest()?.size, 2);
  release();
  await bench.idle();
  assert.is(bench.checkpoints.newest()?.size, 6);
  await bench.close();
  assert.equal(sizesIn(bench.dir), [2, 6, 8]);
});

test.run();
