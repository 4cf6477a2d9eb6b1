import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JournalError } from '../../src/core/errors.ts';
import { realDisk } from '../../src/journal/disk.ts';
import { verifyJournal } from '../../src/evidence/verify.ts';
import { diskError } from '../support/faulty-disk.ts';
import { allowed } from '../support/journal-drafts.ts';
import { jsonlBench, type JsonlBench } from '../support/jsonl-bench.ts';
import { all, codeOf, rejection } from '../support/journal-suite.ts';
import { tempDir } from '../support/temp.ts';

async function mustBeWhole(bench: JsonlBench, entries: number): Promise<void> {
  assert.equal(
    (await all(bench.journal.read(0))).map((entry) => entry.seq),
    Array.from({ length: entries }, (_, seq) => seq),
  );
  const verdict = await verifyJournal({ dir: bench.dir, now: bench.clock.now() });
  assert.equal([verdict.ok, verdict.entries, verdict.tail], [true, entries, undefined]);
}

function segments(bench: JsonlBench): string[] {
  return readdirSync(bench.dir).filter((name) => name.endsWith('.jsonl'));
}

test('a short write fails the append, is cut off, and the journal goes on in a new segment', async () => {
  const bench = await jsonlBench();
  const before = readFileSync(join(bench.dir, '00000000.jsonl'), 'utf8');
  bench.disk.room = 200;
  const error = await rejection(bench.journal.append(allowed('a')));
  assert.instance(error, JournalError);
  assert.match(
    error.message,
    /^The journal cannot be written: the disk took only 200 of \d+ bytes; it is full\./,
  );
  bench.disk.room = Number.POSITIVE_INFINITY;
  await bench.journal.append(allowed('a'));
  assert.is(readFileSync(join(bench.dir, '00000000.jsonl'), 'utf8'), before);
  assert.equal(segments(bench), ['00000000.jsonl', '00000001.jsonl']);
  await mustBeWhole(bench, 3);
  await bench.reopen();
  await mustBeWhole(bench, 4);
  await bench.journal.close();
});

test('while the disk stays full every append is refused, and none leaves a byte', async () => {
  const bench = await jsonlBench();
  bench.disk.room = 0;
  for (const name of ['a', 'b', 'c']) {
    assert.is(await codeOf(bench.journal.append(allowed(name))), 'journal_unwritable');
  }
  bench.disk.room = Number.POSITIVE_INFINITY;
  await bench.journal.append(allowed('d'));
  await mustBeWhole(bench, 3);
  await bench.journal.close();
});

test('a failed sync is not believed: what was written is cut off', async () => {
  const bench = await jsonlBench();
  await bench.journal.append(allowed('a'));
  bench.disk.syncError = diskError('EIO');
  assert.is(await codeOf(bench.journal.append(allowed('b'))), 'journal_unwritable');
  bench.disk.syncError = undefined;
  await bench.journal.append(allowed('c'));
  assert.is(readFileSync(join(bench.dir, '00000000.jsonl'), 'utf8').split('\n').length, 4);
  assert.equal(segments(bench), ['00000000.jsonl', '00000003.jsonl']);
  await mustBeWhole(bench, 5);
  await bench.journal.close();
});

test('nothing is written while the failed bytes cannot be cut off', async () => {
  const bench = await jsonlBench();
  bench.disk.syncError = diskError('EIO');
  await rejection(bench.journal.append(allowed('a')));
  bench.disk.syncError = undefined;
  bench.disk.truncateError = diskError('EIO');
  assert.is(await codeOf(bench.journal.append(allowed('a'))), 'journal_unwritable');
  assert.equal(segments(bench), ['00000000.jsonl']);
  bench.disk.truncateError = undefined;
  await bench.journal.append(allowed('a'));
  await mustBeWhole(bench, 3);
  await bench.journal.close();
});

test('a failure before the first entry of a segment begins that segment anew', async () => {
  const bench = await jsonlBench();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    bench.disk.syncError = diskError('EIO');
    await rejection(bench.journal.append(allowed('a')));
    bench.disk.syncError = undefined;
    bench.disk.room = 10;
    await rejection(bench.journal.append(allowed('a')));
    bench.disk.room = Number.POSITIVE_INFINITY;
  }
  await bench.journal.append(allowed('a'));
  assert.equal(segments(bench), ['00000000.jsonl', '00000001.jsonl']);
  await mustBeWhole(bench, 3);
  await bench.reopen();
  await bench.journal.close();
});

test('a segment that cannot be begun refuses the append that needed it, and the next one goes on', async () => {
  const bench = await jsonlBench();
  await Promise.all(Array.from({ length: 2047 }, (_, n) => bench.journal.append(allowed(`c${n}`))));
  assert.is(bench.journal.head().size, 4095);
  bench.disk.openError = diskError('EMFILE');
  assert.is(await codeOf(bench.journal.append(allowed('x'))), 'journal_unwritable');
  assert.is(await codeOf(bench.journal.append(allowed('x'))), 'journal_unwritable');
  bench.disk.openError = undefined;
  await bench.journal.append(allowed('x'));
  assert.equal(segments(bench), ['00000000.jsonl', '00004095.jsonl']);
  await mustBeWhole(bench, 4097);
  await bench.journal.close();
});

test('a journal that cannot be written does not open, and lets go of its lock', async () => {
  const bench = await jsonlBench();
  await bench.journal.close();
  bench.disk.syncError = diskError('EROFS');
  const error = await rejection(bench.open());
  assert.match(error.message, /cannot be (written|opened): its folder is not writable \(EROFS\)/);
  bench.disk.syncError = undefined;
  await bench.open();
  assert.is(bench.journal.head().size, 2);
  await bench.journal.close();
});

test('an error names neither the folder nor what was to be written', async () => {
  const bench = await jsonlBench();
  bench.disk.syncError = diskError('EIO');
  const { message } = await rejection(bench.journal.append(allowed('secret')));
  assert.is(
    message,
    'The journal cannot be written: the disk reports EIO. Nothing that is guarded runs until it can be; it goes on by itself.',
  );
  bench.disk.syncError = undefined;
  await bench.journal.close();
});

test('what is written while a sync is under way is written at once, and synced by the next one', async () => {
  const bench = await jsonlBench();
  const release = bench.holdSyncs();
  const first = bench.journal.append(allowed('a'));
  await Promise.resolve();
  await bench.journal.append(allowed('b'), { durability: 'written' });
  assert.is(readFileSync(join(bench.dir, '00000000.jsonl'), 'utf8').split('\n').length, 6);
  release();
  await first;
  assert.is(bench.journal.head().size, 3);
  await bench.journal.sync();
  assert.is(bench.journal.head().size, 5);
  await mustBeWhole(bench, 5);
  await bench.journal.close();
});

test('a write that fails while a sync is under way takes nothing from what that sync covers', async () => {
  const bench = await jsonlBench();
  const release = bench.holdSyncs();
  const first = bench.journal.append(allowed('a'));
  await Promise.resolve();
  await bench.journal.append(allowed('b'), { durability: 'written' });
  bench.disk.room = 100;
  const late = codeOf(bench.journal.append(allowed('c'), { durability: 'written' }));
  await Promise.resolve();
  bench.disk.room = Number.POSITIVE_INFINITY;
  release();
  await first;
  assert.is(await late, 'journal_unwritable');
  assert.is(bench.journal.head().size, 3);
  await bench.journal.append(allowed('d'));
  // What was promised as written stands before what came later.
  const calls = (await all(bench.journal.read(3))).map((entry) => 'call_id' in entry && entry.call_id);
  assert.equal(calls, ['b', 'b', 'd', 'd']);
  await mustBeWhole(bench, 7);
  await bench.journal.close();
});

test('when a sync fails, what was written during it is written again', async () => {
  const bench = await jsonlBench();
  const release = bench.holdSyncs();
  const first = codeOf(bench.journal.append(allowed('a')));
  await Promise.resolve();
  await bench.journal.append(allowed('b'), { durability: 'written' });
  bench.disk.syncError = diskError('EIO');
  release();
  assert.is(await first, 'journal_unwritable');
  bench.disk.syncError = undefined;
  await bench.journal.append(allowed('c'));
  const calls = (await all(bench.journal.read(1))).map((entry) => 'call_id' in entry && entry.call_id);
  assert.equal(calls, ['b', 'b', 'c', 'c']);
  await mustBeWhole(bench, 5);
  await bench.journal.close();
});

test('64 writers share syncs', async () => {
  const bench = await jsonlBench();
  const before = bench.disk.syncs;
  const release = bench.holdSyncs();
  const first = bench.journal.append(allowed('first'));
  await Promise.resolve().then(() => undefined);
  const rest = Array.from({ length: 64 }, (_, n) => bench.journal.append(allowed(`c${n}`)));
  release();
  await Promise.all([first, ...rest]);
  assert.ok(bench.disk.syncs - before <= 2, `${bench.disk.syncs - before} syncs`);
  await bench.journal.close();
});

test('500 allowed calls, their ends behind, take hardly more than 500 syncs', async () => {
  const bench = await jsonlBench();
  const before = bench.disk.syncs;
  for (let n = 0; n < 500; n += 1) {
    await bench.journal.append(allowed(`c${n}`));
    await bench.journal.append([{ type: 'call.completed', call_id: `c${n}`, outcome: 'succeeded' }], {
      durability: 'behind',
    });
  }
  assert.is(bench.disk.syncs - before, 500);
  await bench.journal.close();
});

test('a disk that is really full refuses, keeps what it had, and goes on when there is room', async () => {
  const full = fullDisk();
  try {
    const bench = await full.bench();
    let written = 0;
    const error = await rejection(
      (async () => {
        for (;;) {
          await bench.journal.append(allowed(`call ${written}`));
          written += 1;
        }
      })(),
    );
    assert.match(
      error.message,
      /^The journal cannot be written: (the disk is full \(ENOSPC\)|the disk took only \d+ of \d+ bytes; it is full)\./,
    );
    assert.is(bench.journal.head().size, 1 + 2 * written);
    assert.is(await codeOf(bench.journal.append(allowed('still full'))), 'journal_unwritable');
    full.makeRoom();
    await bench.journal.append(allowed('room again'));
    await mustBeWhole(bench, 3 + 2 * written);
    await bench.journal.close();
  } finally {
    full.end();
  }
});

interface FullDisk {
  bench(): Promise<JsonlBench>;
  makeRoom(): void;
  end(): void;
}

/** A file system of 64 kB where this user may mount one; otherwise the device that is always full. */
function fullDisk(): FullDisk {
  const dir = tempDir();
  const options = (size: string) => ['-t', 'tmpfs', '-o', size, 'tmpfs', dir];
  if (spawnSync('mount', options('size=64k')).status === 0) {
    return {
      bench: () => jsonlBench(dir),
      makeRoom: () => assert.is(spawnSync('mount', options('remount,size=1m')).status, 0),
      end: () => assert.is(spawnSync('umount', ['-l', dir]).status, 0),
    };
  }
  let full = false;
  return {
    async bench() {
      const bench = await jsonlBench(dir);
      const open = bench.disk.open.bind(bench.disk);
      full = true;
      bench.disk.open = async (path, how) => {
        const file = await open(path, how);
        const device = full && how === 'create' ? await realDisk.open('/dev/full', 'existing') : undefined;
        return device
          ? {
              ...file,
              write: (bytes) => device.write(bytes, 0),
              close: async () => (await file.close(), device.close()),
            }
          : file;
      };
      bench.disk.room = 0;
      await rejection(bench.journal.append(allowed('to a new segment')));
      bench.disk.room = Number.POSITIVE_INFINITY;
      return bench;
    },
    makeRoom: () => {
      full = false;
    },
    end: () => undefined,
  };
}

test.run();
