import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ledger } from '../../src/core/ledger.ts';
import { observedLedger } from '../../src/host/changes.ts';
import { openCheckpoints } from '../../src/journal/checkpoint-files.ts';
import { openCheckpoint, type Checkpoint } from '../../src/tlog/checkpoint.ts';
import { makeSignerKey, parseSigner } from '../../src/tlog/note.ts';
import { checkpointBench, historyOf, sizesIn, wrongIn } from '../support/checkpoint-bench.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { allowed, completed, wholeStory } from '../support/journal-drafts.ts';
import { all, codeOf, rejection } from '../support/journal-suite.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { tempDir } from '../support/temp.ts';

/** Signature lines of a note. */
function linesOf(note: string): readonly string[] {
  return note.slice(note.indexOf('\n\n') + 2, -1).split('\n');
}

function witness(name: string, fill: number) {
  return parseSigner(makeSignerKey('cosignature', name, Buffer.alloc(32, fill)));
}

function cosignature(of: { readonly note: string }, name: string, fill: number): string {
  return witness(name, fill).sign(`${of.note.split('\n\n')[0]}\n`, 1_800_000_000);
}

test('the first start makes a key, journals it and signs a first checkpoint under it', async () => {
  const bench = checkpointBench();
  await bench.open();
  const entries = await all(bench.journal.read(0));
  assert.equal(
    entries.map((entry) => entry.type),
    ['log.opened', 'log.key'],
  );
  const { vkey, name } = bench.checkpoints.verifier();
  assert.match(name, /^placet\.example\/placet-[0-9a-f]{12}$/);
  const [, key] = entries;
  assert.ok(key?.type === 'log.key');
  assert.equal([key.key, key.by, key.previous], [vkey, 'placet', undefined]);
  const note = readFileSync(join(bench.dir, 'checkpoint'), 'utf8');
  const opened = openCheckpoint(note, [bench.checkpoints.verifier()]);
  assert.is(opened.right.length, 1);
  assert.is(opened.checkpoint.origin, name);
  assert.is(opened.checkpoint.size, 2);
  assert.ok(opened.checkpoint.root.equals(bench.journal.tree.pinned().root));
  assert.is(bench.checkpoints.newest()?.note, note);
  assert.equal(historyOf(bench.dir), [note]);
  assert.is(statSync(join(bench.keysDir, 'log.key')).mode & 0o777, 0o600);
  await bench.close();
});

test('a later start goes on under the same key and extends what was signed', async () => {
  const bench = checkpointBench();
  await bench.open();
  const { vkey } = bench.checkpoints.verifier();
  await bench.journal.append(allowed('c1'));
  await bench.reopen();
  assert.is(bench.checkpoints.verifier().vkey, vkey);
  assert.equal(sizesIn(bench.dir), [2, 4, 5]);
  assert.equal(await wrongIn(bench), []);
  await bench.close();
});

test('a checkpoint costs one sync and writes nothing but the history and the newest', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.journal.append(allowed('c1'));
  bench.disk.arm();
  await bench.cover();
  assert.equal(bench.disk.calls, [
    'write checkpoints.log',
    'sync checkpoints.log',
    'remove checkpoint.new',
    'open checkpoint.new',
    'write checkpoint.new',
    'rename checkpoint.new',
  ]);
  await bench.close();
});

test('nothing is signed twice when nothing was appended', async () => {
  const bench = checkpointBench();
  await bench.open();
  bench.disk.arm();
  const [first, second] = [await bench.cover(), await bench.cover()];
  assert.is(first.note, second.note);
  assert.equal(bench.disk.calls, []);
  await bench.close();
});

test('of racing calls each gets a checkpoint over what was durable when it called', async () => {
  const bench = checkpointBench();
  await bench.open();
  const calls = [];
  for (let i = 0; i < 40; i += 1) {
    await bench.journal.append(allowed(`c${i}`));
    const durable = bench.journal.tree.pinned().size;
    calls.push(bench.cover().then(({ size }) => [durable, size] as const));
    if (i % 3 === 0) calls.push(bench.cover().then(({ size }) => [durable, size] as const));
  }
  const answered = await Promise.all(calls);
  assert.equal(
    answered.filter(([durable, size]) => size < durable),
    [],
  );
  const sizes = sizesIn(bench.dir);
  assert.equal(
    sizes,
    [...new Set(sizes)].sort((a, b) => a - b),
  );
  assert.equal(await wrongIn(bench), []);
  await bench.close();
});

test('calls of one breath share one checkpoint', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.journal.append(allowed('c1'));
  bench.disk.arm();
  const given = await Promise.all([bench.cover(), bench.cover(), bench.cover()]);
  assert.equal(
    given.map(({ size }) => size),
    [4, 4, 4],
  );
  assert.is(bench.disk.calls.filter((call) => call.startsWith('sync')).length, 1);
  await bench.close();
});

test('the end syncs the journal and signs a last checkpoint over all of it', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.journal.append(allowed('c1'));
  await bench.journal.append([completed('c1')], { durability: 'behind' });
  await bench.checkpoints.close();
  assert.equal(sizesIn(bench.dir), [2, 5]);
  assert.is(await codeOf(bench.cover()), 'journal_closed');
  assert.is(await codeOf(bench.checkpoints.rotate('late')), 'journal_closed');
  await bench.journal.close();
});

test('a torn last line of the history is cut off and said', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.close();
  const path = join(bench.dir, 'checkpoints.log');
  appendFileSync(path, '{"at":"2026-11-23T10:0');
  await bench.open();
  assert.match(bench.logs.join('\n'), 'The last line of checkpoints.log was torn and is cut off.');
  assert.equal(sizesIn(bench.dir), [2, 3]);
  await bench.close();
});

test('what the newest holds and the history lost is appended to the history again', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.close();
  const newest = readFileSync(join(bench.dir, 'checkpoint'), 'utf8');
  writeFileSync(join(bench.dir, 'checkpoints.log'), '');
  await bench.open();
  assert.equal(historyOf(bench.dir)[0], newest);
  assert.equal(sizesIn(bench.dir), [2, 3]);
  await bench.close();
});

test('the newest is made again from the history when a power cut emptied it', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.close();
  writeFileSync(join(bench.dir, 'checkpoint'), '');
  await bench.open();
  assert.is(readFileSync(join(bench.dir, 'checkpoint'), 'utf8'), historyOf(bench.dir).at(-1));
  assert.equal(await wrongIn(bench), []);
  await bench.close();
});

test('a history that is removed under a running host is seen, and begun again with the newest', async () => {
  const bench = checkpointBench();
  await bench.open();
  rmSync(join(bench.dir, 'checkpoints.log'));
  await bench.journal.append(allowed('c1'));
  const error = await rejection(bench.cover());
  assert.is(
    error.message,
    "The log's checkpoints cannot be written: its file checkpoints.log was moved or deleted, and has to be put back. Nothing new is signed until they can be; it goes on by itself.",
  );
  assert.is(bench.checkpoints.newest()?.size, 2);
  await bench.cover();
  assert.equal(sizesIn(bench.dir), [2, 4]);
  assert.is(bench.checkpoints.trouble(), undefined);
  await bench.close();
});

test('a tree that does not begin with what was signed is never signed', async () => {
  const bench = checkpointBench();
  await bench.open();
  const { tree } = bench.journal;
  const pinned = tree.pinned.bind(tree);
  Object.assign(tree, { pinned: () => ({ ...pinned(), root: Buffer.alloc(32, 9) }) });
  assert.is(await codeOf(bench.cover()), 'checkpoint_contradicted');
  await bench.journal.append(allowed('c1'));
  assert.is(await codeOf(bench.cover()), 'checkpoint_contradicted');
  Object.assign(tree, { pinned: () => ({ size: 1, root: Buffer.alloc(32, 9) }) });
  assert.is(await codeOf(bench.cover()), 'checkpoint_contradicted');
  assert.match(
    bench.checkpoints.trouble() ?? '',
    'A checkpoint of 2 entries was signed, and the journal has a tree of 1 that does not begin with it',
  );
  assert.equal(sizesIn(bench.dir), [2]);
  Object.assign(tree, { pinned });
  assert.is((await bench.cover()).size, 4);
  await bench.close();
});

test('a start refuses a journal that is shorter than what was signed', async () => {
  const bench = checkpointBench();
  await bench.open();
  const short = await bench.crashed();
  await bench.journal.append(allowed('c1'));
  await bench.close();
  for (const name of ['checkpoint', 'checkpoints.log'])
    writeFileSync(join(short.dir, name), readFileSync(join(bench.dir, name)));
  assert.is(await codeOf(short.open()), 'checkpoint_contradicted');
  assert.equal(sizesIn(short.dir), [2, 4]);
});

test('a start refuses a journal without a key under checkpoints of the key', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.close();
  for (const name of ['00000000.jsonl', 'snapshot.json', 'head', 'tile'])
    rmSync(join(bench.dir, name), { recursive: true, force: true });
  const key = readFileSync(join(bench.keysDir, 'log.key'), 'utf8');
  assert.is(await codeOf(bench.open()), 'checkpoint_contradicted');
  assert.equal(readdirSync(bench.keysDir), ['log.key']);
  assert.is(readFileSync(join(bench.keysDir, 'log.key'), 'utf8'), key);
});

test('it signs over any driver of the journal', async () => {
  const data = tempDir();
  mkdirSync(join(data, 'journal'));
  const clock = new FakeClock();
  const ledger = new Ledger();
  const { fold, changes } = observedLedger(ledger, () => undefined);
  const journal = memoryJournal(fold, clock);
  const checkpoints = await openCheckpoints({
    dir: join(data, 'journal'),
    keysDir: join(data, 'keys'),
    host: 'localhost',
    journal,
    custody: () => ledger.custody,
    changes,
    clock,
    random: seededRandom(3),
    log: () => undefined,
  });
  const signed = Promise.all([
    new Promise<number>((resolve) => {
      checkpoints.subscribe(({ size }) => resolve(size));
    }),
    wholeStory(journal, clock),
  ]);
  assert.is((await signed)[0], 5);
  await checkpoints.close();
  assert.is(checkpoints.newest()?.size, 8);
  assert.ok(checkpoints.newest()?.root.equals(journal.tree.pinned().root));
});

test('cosignatures are added to the newest, once, and kept', async () => {
  const bench = checkpointBench();
  await bench.open();
  const newest = await bench.cover();
  const line = cosignature(newest, 'witness.example', 1);
  await bench.checkpoints.addCosignatures(newest, [line]);
  await bench.checkpoints.addCosignatures(newest, [line, cosignature(newest, 'other.example', 2)]);
  const note = bench.checkpoints.newest()?.note ?? '';
  assert.is(linesOf(note).length, 3);
  assert.is(linesOf(note)[1], line);
  assert.is(readFileSync(join(bench.dir, 'checkpoint'), 'utf8'), note);
  assert.is(historyOf(bench.dir).at(-1), note);
  const check = openCheckpoint(note, [witness('witness.example', 1).verifier]);
  assert.is(check.right[0]?.time, 1_800_000_000);
  await bench.close();
});

test('cosignatures of an older checkpoint go to the history alone', async () => {
  const bench = checkpointBench();
  await bench.open();
  const old = await bench.cover();
  await bench.journal.append(allowed('c1'));
  const newest = await bench.cover();
  await bench.checkpoints.addCosignatures(old, [cosignature(old, 'witness.example', 1)]);
  assert.is(readFileSync(join(bench.dir, 'checkpoint'), 'utf8'), newest.note);
  assert.is(linesOf(historyOf(bench.dir).at(-1) ?? '').length, 2);
  assert.equal(sizesIn(bench.dir), [2, 4, 2]);
  await bench.reopen();
  assert.equal(sizesIn(bench.dir), [2, 4, 2, 5]);
  await bench.close();
});

test('cosignatures of a checkpoint that was never signed, and lines in the log’s own name, are refused', async () => {
  const bench = checkpointBench();
  await bench.open();
  const newest = await bench.cover();
  const forked: Checkpoint = { ...newest, root: Buffer.alloc(32, 1) };
  const line = cosignature(newest, 'witness.example', 1);
  assert.is(await codeOf(bench.checkpoints.addCosignatures(forked, [line])), 'unknown_checkpoint');
  const own = cosignature(newest, newest.origin, 1);
  assert.is(await codeOf(bench.checkpoints.addCosignatures(newest, [own])), 'bad_cosignature');
  assert.is(await codeOf(bench.checkpoints.addCosignatures(newest, ['no line'])), 'bad_note');
  assert.is(bench.checkpoints.newest()?.note, newest.note);
  await bench.close();
});

test('who listens is told of each newly signed checkpoint, until they stop, and one that fails hinders nobody', async () => {
  const bench = checkpointBench();
  await bench.open();
  const told: number[] = [];
  bench.checkpoints.subscribe(() => {
    throw new Error('no');
  });
  const stop = bench.checkpoints.subscribe(({ size }) => told.push(size));
  await bench.journal.append(allowed('c1'));
  await bench.cover();
  await bench.cover();
  stop();
  await bench.journal.append(allowed('c2'));
  await bench.cover();
  assert.equal(told, [4]);
  assert.match(bench.logs.join('\n'), 'Something failed on hearing of a checkpoint: no');
  await bench.close();
});

test.run();
