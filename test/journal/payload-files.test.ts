import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openPayloadFiles } from '../../src/journal/payload-files.ts';
import type { Payloads } from '../../src/journal/payloads.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { diskError, faultyDisk, type FaultyDisk } from '../support/faulty-disk.ts';
import { codeOf, rejection, until } from '../support/journal-suite.ts';
import { tempDir } from '../support/temp.ts';

interface Bench {
  payloads: Payloads;
  readonly dir: string;
  readonly disk: FaultyDisk;
  readonly clock: FakeClock;
  readonly troubles: string[];
  readonly open: (key?: Buffer<ArrayBuffer>) => Payloads;
}

const random = seededRandom(5);
const PACK = '00000001.pack';

function bench(): Bench {
  const dir = join(tempDir(), 'payloads');
  const disk = faultyDisk();
  const clock = new FakeClock();
  const troubles: string[] = [];
  const open = (key = Buffer.alloc(32, 3)) =>
    openPayloadFiles({ dir, key, clock, random, disk, onTrouble: (sentence) => troubles.push(sentence) });
  return { payloads: open(), dir, disk, clock, troubles, open };
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('a small payload comes back, and does not stand readable in its pack', async () => {
  const { payloads, dir } = bench();
  const ref = await payloads.put(Buffer.from('delete everything'), 'synced');
  assert.is(ref.at, '1:0');
  assert.match(ref.commit, /^[0-9a-f]{64}$/);
  assert.is(text(await payloads.get(ref)), 'delete everything');
  assert.not.ok(readFileSync(join(dir, PACK)).includes('delete'));
  assert.is(statSync(join(dir, PACK)).mode & 0o777, 0o600);
  await payloads.close();
});

test('a large payload stands in a file named by its commitment', async () => {
  const { payloads, dir } = bench();
  const bytes = Buffer.alloc(16 * 1024 + 1, 'x');
  const ref = await payloads.put(bytes, 'synced');
  assert.is(ref.at, undefined);
  assert.ok(existsSync(join(dir, ref.commit.slice(0, 2), `${ref.commit}.payload`)));
  assert.ok(bytes.equals(await payloads.get(ref)));
  await payloads.close();
});

test('16 KiB still stand in a pack', async () => {
  const { payloads } = bench();
  assert.is((await payloads.put(Buffer.alloc(16 * 1024), 'synced')).at, '1:0');
  await payloads.close();
});

test('the empty payload comes back', async () => {
  const { payloads } = bench();
  assert.is((await payloads.get(await payloads.put(Buffer.alloc(0), 'synced'))).length, 0);
  await payloads.close();
});

test('the same bytes twice have two commitments', async () => {
  const { payloads } = bench();
  const [a, b] = [
    await payloads.put(Buffer.from('x'), 'synced'),
    await payloads.put(Buffer.from('x'), 'synced'),
  ];
  assert.is.not(a.commit, b.commit);
  await payloads.close();
});

test('payloads survive a restart, and the pack goes on', async () => {
  const { payloads, open } = bench();
  const first = await payloads.put(Buffer.from('first'), 'synced');
  await payloads.close();
  const again = open();
  const second = await again.put(Buffer.from('second'), 'synced');
  assert.is(second.at, `1:${132 + 5 + 16}`);
  assert.equal([text(await again.get(first)), text(await again.get(second))], ['first', 'second']);
  await again.close();
});

test('many at once share syncs and each comes back', async () => {
  const { payloads, disk } = bench();
  await payloads.put(Buffer.from('opens the pack'), 'synced');
  const before = disk.syncs;
  const refs = await Promise.all(
    Array.from({ length: 100 }, (_, n) => payloads.put(Buffer.from(`payload ${n}`), 'synced')),
  );
  assert.is(disk.syncs - before, 1);
  for (const [n, ref] of refs.entries()) assert.is(text(await payloads.get(ref)), `payload ${n}`);
  await payloads.close();
});

test('a written payload is synced within 5 ms', async () => {
  const { payloads, disk, clock } = bench();
  const ref = await payloads.put(Buffer.from('x'), 'written');
  assert.is(disk.syncs, 0);
  assert.is(text(await payloads.get(ref)), 'x');
  clock.advance(5);
  await until(() => disk.syncs === 1);
  await payloads.close();
});

test('who only reads leaves no trace', async () => {
  const { payloads, dir } = bench();
  assert.is(await codeOf(payloads.get({ commit: 'a'.repeat(64), at: '1:0' })), 'payload_missing');
  assert.is(await codeOf(payloads.get({ commit: 'a'.repeat(64) })), 'payload_missing');
  await payloads.close();
  assert.not.ok(existsSync(dir));
});

test('another workspace key cannot read it', async () => {
  const { payloads, open } = bench();
  const ref = await payloads.put(Buffer.from('x'), 'synced');
  await payloads.close();
  assert.is(await codeOf(open(Buffer.alloc(32, 4)).get(ref)), 'payload_corrupt');
});

test('no single changed byte goes unnoticed', async () => {
  const { payloads, dir } = bench();
  const ref = await payloads.put(Buffer.from('pay 10'), 'synced');
  await payloads.close();
  const path = join(dir, PACK);
  const bytes = readFileSync(path);
  for (let place = 0; place < bytes.length; place += 1) {
    const changed = Buffer.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ 1;
    writeFileSync(path, changed);
    assert.is(await codeOf(payloads.get(ref)), 'payload_corrupt', `byte ${place}`);
  }
});

test('a payload in the place of another is refused', async () => {
  const { payloads } = bench();
  const a = await payloads.put(Buffer.from('a'), 'synced');
  const b = await payloads.put(Buffer.from('b'), 'synced');
  assert.is(await codeOf(payloads.get({ commit: a.commit, at: b.at ?? '' })), 'payload_corrupt');
  await payloads.close();
});

for (const at of ['../../etc:0', '1', '1:-1', '1:1e3', '1:0:0', '']) {
  test(`the place ${JSON.stringify(at)} is refused`, async () => {
    const { payloads } = bench();
    assert.is(await codeOf(payloads.get({ commit: 'a'.repeat(64), at })), 'payload_corrupt');
  });
}

test('a commitment that is none is never taken for a path', async () => {
  const { payloads } = bench();
  assert.is(await codeOf(payloads.get({ commit: '../../../../etc/passwd' })), 'payload_corrupt');
});

test('an erased payload is gone for good, and its neighbours stay', async () => {
  const { payloads, dir, open } = bench();
  const refs = [];
  for (const name of ['a', 'b', 'c']) refs.push(await payloads.put(Buffer.from(name), 'synced'));
  const [a, b, c] = refs;
  assert.ok(a && b && c);
  assert.equal(await payloads.erase(b), ['erased']);
  await payloads.close();
  const again = open();
  assert.is(await codeOf(again.get(b)), 'payload_erased');
  assert.equal([text(await again.get(a)), text(await again.get(c))], ['a', 'c']);
  assert.ok(
    readFileSync(join(dir, PACK))
      .subarray(149 + 40, 149 + 132)
      .every((byte) => byte === 0),
  );
});

test('a large payload can be erased, and what is left of its file still says that there was one', async () => {
  const { payloads, dir } = bench();
  const ref = await payloads.put(Buffer.alloc(20_000), 'synced');
  const path = join(dir, ref.commit.slice(0, 2), `${ref.commit}.payload`);
  assert.equal([await payloads.holds(ref), statSync(path).size], [true, 20_148]);
  assert.equal(await payloads.erase(ref), ['erased']);
  assert.equal([await payloads.holds(ref), statSync(path).size], [false, 132]);
  assert.is(await codeOf(payloads.get(ref)), 'payload_erased');
  await payloads.close();
});

test('to erase twice harms nothing, and says what was gone before', async () => {
  const { payloads } = bench();
  const small = await payloads.put(Buffer.from('small'), 'synced');
  const large = await payloads.put(Buffer.alloc(20_000), 'synced');
  const stays = await payloads.put(Buffer.from('stays'), 'synced');
  const never = { commit: 'a'.repeat(64), at: '7:0' };
  assert.equal(await payloads.erase(small), ['erased']);
  assert.equal(await payloads.erase(small, large, never), ['gone', 'erased', 'gone']);
  assert.equal(await payloads.erase(large, small), ['gone', 'gone']);
  assert.is(text(await payloads.get(stays)), 'stays');
  assert.equal([await payloads.holds(stays), await payloads.holds(never)], [true, false]);
  await payloads.close();
});

test('payloads in one pack are erased with one sync', async () => {
  const { payloads, disk } = bench();
  const refs = [];
  for (const name of ['a', 'b', 'c']) refs.push(await payloads.put(Buffer.from(name), 'synced'));
  const before = disk.syncs;
  assert.equal(await payloads.erase(...refs), ['erased', 'erased', 'erased']);
  assert.is(disk.syncs - before, 1);
  await payloads.close();
});

test('what stands in the place of another payload is left alone', async () => {
  const { payloads } = bench();
  const one = await payloads.put(Buffer.from('one'), 'synced');
  const wrong = { ...one, commit: 'b'.repeat(64) };
  assert.equal(await payloads.erase(wrong), ['misplaced']);
  assert.is(await payloads.holds(wrong), true);
  assert.is(text(await payloads.get(one)), 'one');
  await payloads.close();
});

test('a store whose folder is gone proves nothing, so nothing is called erased', async () => {
  const { payloads, dir } = bench();
  const ref = await payloads.put(Buffer.from('one'), 'synced');
  renameSync(dir, `${dir}.away`);
  assert.is(await codeOf(payloads.erase(ref)), 'payload_unreadable');
  assert.is(await codeOf(payloads.holds(ref)), 'payload_unreadable');
  renameSync(`${dir}.away`, dir);
  assert.equal(await payloads.erase(ref), ['erased']);
  await payloads.close();
});

test('an erasure that the disk refuses is told, and done when it is asked for again', async () => {
  const { payloads, disk } = bench();
  const small = await payloads.put(Buffer.from('small'), 'synced');
  const large = await payloads.put(Buffer.alloc(20_000), 'synced');
  disk.openError = diskError('EROFS');
  assert.is(await codeOf(payloads.erase(small)), 'journal_unwritable');
  assert.is(text(await payloads.get(small)), 'small');
  disk.openError = undefined;
  disk.room = 50;
  assert.is(await codeOf(payloads.erase(small)), 'journal_unwritable');
  disk.room = Number.POSITIVE_INFINITY;
  disk.syncError = diskError('EIO');
  assert.is(await codeOf(payloads.erase(small)), 'journal_unwritable');
  disk.syncError = undefined;
  disk.truncateError = diskError('EIO');
  assert.is(await codeOf(payloads.erase(large)), 'journal_unwritable');
  disk.truncateError = undefined;
  await payloads.erase(small, large);
  assert.equal([await payloads.holds(small), await payloads.holds(large)], [false, false]);
  await payloads.close();
});

test('a short write is refused, and the next payload stands in a new pack', async () => {
  const { payloads, disk, dir } = bench();
  const before = await payloads.put(Buffer.from('before'), 'synced');
  disk.room = 50;
  const error = await rejection(payloads.put(Buffer.from('lost'), 'synced'));
  assert.match(
    error.message,
    /^The payload store cannot be written: the disk took only 50 of 152 bytes; it is full\./,
  );
  disk.room = Number.POSITIVE_INFINITY;
  const after = await payloads.put(Buffer.from('after'), 'synced');
  assert.is(after.at, '2:0');
  assert.equal([text(await payloads.get(before)), text(await payloads.get(after))], ['before', 'after']);
  assert.equal(readdirSync(dir).sort(), [PACK, '00000002.pack']);
  await payloads.close();
});

test('a failed sync is told to everyone who waits, and it goes on by itself', async () => {
  const { payloads, disk, troubles } = bench();
  await payloads.put(Buffer.from('x'), 'written');
  disk.syncError = diskError('EIO');
  const codes = await Promise.all([1, 2].map(() => codeOf(payloads.put(Buffer.from('y'), 'synced'))));
  assert.equal(codes, ['journal_unwritable', 'journal_unwritable']);
  assert.is(troubles.length, 1);
  disk.syncError = undefined;
  await payloads.put(Buffer.from('z'), 'synced');
  await payloads.close();
});

test('a large payload that cannot be written whole leaves no file', async () => {
  const { payloads, disk, dir } = bench();
  disk.room = 1000;
  assert.is(await codeOf(payloads.put(Buffer.alloc(20_000), 'synced')), 'journal_unwritable');
  assert.equal(
    readdirSync(dir, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()),
    [],
  );
  await payloads.close();
});

test('a payload after close is refused', async () => {
  const { payloads } = bench();
  await payloads.close();
  assert.is(await codeOf(payloads.put(Buffer.from('x'), 'synced')), 'journal_closed');
});

test.run();
