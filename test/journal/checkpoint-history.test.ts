import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verifyJournal } from '../../src/evidence/verify.ts';
import { makeSignerKey, parseSigner } from '../../src/tlog/note.ts';
import { checkpointBench, sizesIn } from '../support/checkpoint-bench.ts';
import { allowed } from '../support/journal-drafts.ts';
import { rejection } from '../support/journal-suite.ts';

/** What is kept of checkpoints must survive what happens to its file and when cosignatures come. */

const NOW = Date.parse('2027-01-01');
const witness = parseSigner(makeSignerKey('cosignature', 'witness.example', Buffer.alloc(32, 1)));
const cosign = ({ note }: { readonly note: string }, time = 1_800_000_000): string =>
  witness.sign(`${note.split('\n\n')[0]}\n`, time);
const text = (dir: string): string => readFileSync(join(dir, 'checkpoints.log'), 'utf8');

test('a folder that was away and is put back has its whole history still', async () => {
  const bench = checkpointBench();
  await bench.open();
  for (let n = 0; n < 5; n += 1) {
    await bench.journal.append(allowed(`c${n}`));
    await bench.cover();
  }
  const before = text(bench.dir);
  await bench.journal.append(allowed('d'));
  renameSync(bench.dir, `${bench.dir}.away`);
  for (let n = 0; n < 3; n += 1) await rejection(bench.cover());
  renameSync(`${bench.dir}.away`, bench.dir);
  await bench.cover();
  assert.ok(text(bench.dir).startsWith(before));
  assert.ok(text(bench.dir).length > before.length);
  await bench.close();
});

test('a history that is put back after another was begun is not cut', async () => {
  const bench = checkpointBench();
  await bench.open();
  for (let n = 0; n < 5; n += 1) {
    await bench.journal.append(allowed(`c${n}`));
    await bench.cover();
  }
  const path = join(bench.dir, 'checkpoints.log');
  const before = text(bench.dir);
  renameSync(path, `${path}.away`);
  await bench.journal.append(allowed('d'));
  await bench.cover().catch(() => bench.cover());
  rmSync(path);
  renameSync(`${path}.away`, path);
  await bench.journal.append(allowed('e'));
  await bench.cover().catch(() => bench.cover());
  assert.ok(text(bench.dir).startsWith(before));
  await bench.close();
});

test('a checkpoint whose tiles cannot be written stands once in the history, however often it is tried', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.journal.append(allowed('a'));
  const { tree } = bench.journal;
  const publish = tree.publish.bind(tree);
  const sizes = sizesIn(bench.dir);
  tree.publish = () => Promise.reject(new Error('no room'));
  for (let n = 0; n < 4; n += 1) await rejection(bench.cover());
  tree.publish = publish;
  await bench.cover();
  assert.is(sizesIn(bench.dir).length, sizes.length + 1);
  await bench.close();
});

test('a cosignature that comes after the key was turned over is no alarm', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.journal.append(allowed('c0'));
  const old = await bench.cover();
  await bench.checkpoints.rotate('yearly');
  await bench.checkpoints.addCosignatures(old, [cosign(old)]);
  await bench.journal.append(allowed('c1'));
  await bench.cover();
  await bench.close();
  const { problems } = await verifyJournal({ dir: bench.dir, now: NOW });
  assert.equal(problems, []);
});

test('a cosignature of a time that no calendar has counts for nothing, and stops nobody', async () => {
  const bench = checkpointBench();
  await bench.open();
  const checkpoint = await bench.cover();
  await bench.checkpoints.addCosignatures(checkpoint, [cosign(checkpoint, 9_000_000_000_000_000)]);
  await bench.close();
  const { log, problems } = await verifyJournal({
    dir: bench.dir,
    now: NOW,
    witnesses: [witness.verifier],
  });
  assert.equal([...new Set(problems.map(({ code }) => code))], ['cosignature']);
  assert.is(log.checkpoints.cosignatures, 0);
});

test.run();
