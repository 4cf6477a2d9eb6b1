import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readLastSigned } from '../../src/journal/last-signed.ts';
import { checkpointText } from '../../src/tlog/checkpoint.ts';
import { formatNote, parseSigner } from '../../src/tlog/note.ts';
import { checkpointBench, sizesIn, wrongIn } from '../support/checkpoint-bench.ts';
import { allowed } from '../support/journal-drafts.ts';
import { codeOf } from '../support/journal-suite.ts';

const JOURNALS = fileURLToPath(new URL('../fixtures/journals/0.2.0', import.meta.url));
/** Those of a checkpoint; a test above them all has them listed. */
const CALLS = 6;

for (const fault of ['fails', 'short'] as const) {
  for (const then of ['goes on', 'is killed'] as const) {
    test(`whatever call of a checkpoint ${fault === 'fails' ? fault : 'is short'}, nothing that was given is contradicted when the host ${then}`, async () => {
      let failed = 0;
      for (let nth = 0; nth < CALLS; nth += 1) {
        const bench = checkpointBench();
        await bench.open();
        await bench.journal.append(allowed('c1'));
        bench.disk.arm(nth, fault, then === 'is killed');
        const answer = await bench.cover().then(
          () => 'given',
          (error: { code: string }) => error.code,
        );
        assert.ok(['given', 'checkpoint_unwritable'].includes(answer), answer);
        if (answer !== 'given') {
          failed += 1;
          assert.ok(bench.checkpoints.trouble());
          assert.is(bench.checkpoints.newest()?.size, 2);
        }
        if (then === 'goes on') {
          await bench.journal.append(allowed('c2'));
          await bench.cover();
          assert.is(bench.checkpoints.trouble(), undefined);
          assert.is(bench.checkpoints.newest()?.size, 6);
          await bench.reopen();
          assert.equal(await wrongIn(bench), []);
          await bench.close();
        } else {
          const after = await bench.crashed();
          bench.disk.arm();
          await bench.close();
          await after.open();
          assert.is(after.checkpoints.newest()?.size, 5);
          assert.equal(await wrongIn(after), []);
          const sizes = sizesIn(after.dir);
          assert.equal(
            sizes,
            [...sizes].sort((a, b) => a - b),
          );
          await after.close();
        }
      }
      // Two of them write; after the last one nothing follows that could fail.
      const short = then === 'is killed' ? CALLS - 1 : 2;
      assert.is(failed, fault === 'fails' ? CALLS : short);
    });
  }
}

test('a disk that fails again while it is being mended only delays the checkpoint', async () => {
  const bench = checkpointBench();
  await bench.open();
  for (let nth = 0; nth < 14; nth += 1) {
    await bench.journal.append(allowed(`c${nth}`));
    bench.disk.arm(1);
    await bench.cover().catch(() => undefined);
    bench.disk.arm(nth);
    await bench.cover().catch(() => undefined);
    bench.disk.arm();
    await bench.cover();
    assert.is(bench.checkpoints.trouble(), undefined);
  }
  await bench.reopen();
  assert.equal(await wrongIn(bench), []);
  await bench.close();
});

for (const name of readdirSync(JOURNALS)) {
  test(`a journal of 0.2.0 (${name}) gets a key and a first checkpoint, and not one of its lines is changed`, async () => {
    const bench = checkpointBench();
    cpSync(join(JOURNALS, name), bench.data, { recursive: true });
    assert.is(await readLastSigned(bench), undefined);
    await bench.open();
    const { size } = bench.journal.head();
    const key = bench.checkpoints.verifier().vkey;
    for await (const entry of bench.journal.read(size - 1))
      assert.equal([entry.type, 'key' in entry && entry.key], ['log.key', key]);
    assert.equal(sizesIn(bench.dir), [size]);
    assert.equal(await wrongIn(bench), []);
    assert.is((await readLastSigned(bench))?.size, size);
    const before = readFileSync(join(JOURNALS, name, 'journal', '00000000.jsonl'));
    const after = readFileSync(join(bench.dir, '00000000.jsonl'));
    assert.ok(after.subarray(0, before.length).equals(before));
    await bench.reopen();
    assert.equal(sizesIn(bench.dir), [size, size + 1]);
    assert.equal(await wrongIn(bench), []);
    await bench.close();
  });
}

test('the last signed is the largest that the log’s key signed, wherever it stands', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.journal.append(allowed('c1'));
  await bench.close();
  const other = checkpointBench();
  await other.open();
  for (let i = 0; i < 5; i += 1) await other.journal.append(allowed(`c${i}`));
  await other.close();
  assert.is((await readLastSigned(bench))?.size, 4);
  cpSync(join(other.dir, 'checkpoint'), join(bench.dir, 'checkpoint'));
  assert.is((await readLastSigned(bench))?.size, 4);
  cpSync(join(other.dir, 'checkpoints.log'), join(bench.dir, 'checkpoints.log'));
  assert.is(await codeOf(readLastSigned(bench)), 'log_key_lost');
});

test('two checkpoints of one size that the log’s key signed are a contradiction, and a start refuses', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.close();
  const key = parseSigner(readFileSync(join(bench.keysDir, 'log.key'), 'utf8'));
  const root = Buffer.alloc(32, 1);
  const text = checkpointText({ origin: key.verifier.name, size: 2, root });
  writeFileSync(join(bench.dir, 'checkpoint'), formatNote(text, [key.sign(text, 0)]));
  assert.is(await codeOf(readLastSigned(bench)), 'checkpoint_contradicted');
  assert.is(await codeOf(bench.open()), 'checkpoint_contradicted');
});

test.run();
