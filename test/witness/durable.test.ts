import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PlacetError } from '../../src/core/errors.ts';
import type { Disk } from '../../src/journal/disk.ts';
import type { SignedCheckpoint } from '../../src/journal/checkpoints.ts';
import { openCheckpoint } from '../../src/tlog/checkpoint.ts';
import { parseVerifier } from '../../src/tlog/note.ts';
import { originHash } from '../../src/witness/records.ts';
import { runWitness, type RunningWitness } from '../../src/witness/run.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { countingDisk } from '../support/counting-disk.ts';
import { fakeCheckpoints, LOG, logKey } from '../support/fake-checkpoints.ts';
import { rejection } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';
import { witnessProcess } from '../support/witness-process.ts';

const log = fakeCheckpoints(new FakeClock());
const signed = new Map<number, SignedCheckpoint>();
for (let size = 1; size <= 40; size += 1) signed.set(size, log.sign(size));

function at(size: number): SignedCheckpoint {
  const checkpoint = signed.get(size);
  assert.ok(checkpoint);
  return checkpoint;
}

function run(
  dir: string,
  options: { readonly disk?: Disk; readonly told?: string[] } = {},
): Promise<RunningWitness> {
  return runWitness({
    dir,
    host: '127.0.0.1',
    port: 0,
    logs: [logKey().verifier.vkey],
    clock: new FakeClock(),
    random: seededRandom(),
    log: (line) => options.told?.push(line),
    ...(options.disk ? { disk: options.disk } : {}),
  });
}

async function submit(url: string, old: number, size: number): Promise<{ status: number; body: string }> {
  const response = await fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    body: await log.submission(old, at(size)),
  });
  return { status: response.status, body: await response.text() };
}

function recordIn(dir: string): string {
  return readFileSync(join(dir, originHash(LOG), 'checkpoint'), 'utf8');
}

const sizeIn = (dir: string) => openCheckpoint(recordIn(dir), []).checkpoint.size;

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await rejection(promise);
  if (error instanceof PlacetError) return error.code;
  throw error;
}

test('a restarted witness goes on under the same key where it was', async () => {
  const dir = tempDir();
  const first = await run(dir);
  assert.is((await submit(first.url, 0, 5)).status, 200);
  await first.close();
  const second = await run(dir);
  assert.is(second.verifier.vkey, first.verifier.vkey);
  assert.equal(await submit(second.url, 0, 9), { status: 409, body: '5\n' });
  assert.is((await submit(second.url, 5, 9)).status, 200);
  await second.close();
});

test('of twenty submissions at once from one size, one wins and none rolls back', async () => {
  const dir = tempDir();
  const witness = await run(dir);
  assert.is((await submit(witness.url, 0, 10)).status, 200);
  const sizes = Array.from({ length: 20 }, (_, i) => 11 + ((i * 7) % 20));
  const answers = await Promise.all(
    sizes.map(async (size) => ({ size, ...(await submit(witness.url, 10, size)) })),
  );
  const [winner, ...others] = answers.filter(({ status }) => status === 200);
  assert.is(others.length, 0);
  for (const { status, body } of answers.filter((each) => each !== winner))
    assert.equal({ status, body }, { status: 409, body: `${winner?.size}\n` });
  assert.is(sizeIn(dir), winner?.size);
  await witness.close();
});

test('of twenty clients that correct themselves at once, each cosignature is of a larger log than the one before', async () => {
  const dir = tempDir();
  const done: number[] = [];
  const disk = countingDisk();
  // Each rename of a record is one cosigning, in its order.
  const rename: Disk['rename'] = async (from, to) => {
    if (to.endsWith('/checkpoint')) done.push(openCheckpoint(readFileSync(from, 'utf8'), []).checkpoint.size);
    await disk.rename(from, to);
  };
  const witness = await run(dir, { disk: { ...disk, rename } });
  const sizes = Array.from({ length: 20 }, (_, i) => 1 + ((i * 7) % 20));
  const cosigned: number[] = [];
  await Promise.all(
    sizes.map(async (size) => {
      for (let old = 0; old <= size; ) {
        const { status, body } = await submit(witness.url, old, size);
        if (status === 200) return cosigned.push(size);
        assert.is(status, 409);
        old = Number(body);
      }
    }),
  );
  assert.ok(cosigned.includes(20));
  assert.is(sizeIn(dir), 20);
  assert.equal(
    done,
    [...done].sort((a, b) => a - b),
  );
  assert.is(new Set(done).size, done.length);
  assert.equal(
    [...cosigned].sort((a, b) => a - b),
    done,
  );
  await witness.close();
});

test('whichever call of the disk fails, nothing is cosigned that is not kept, and it recovers', async () => {
  let faults = 0;
  for (const fault of ['fails', 'short'] as const) {
    for (let nth = 0; ; nth += 1) {
      const dir = tempDir();
      const disk = countingDisk();
      const told: string[] = [];
      const witness = await run(dir, { disk, told });
      assert.is((await submit(witness.url, 0, 5)).status, 200);
      disk.arm(nth, fault);
      const { status, body } = await submit(witness.url, 5, 9);
      const calls = disk.calls.length;
      disk.arm();
      assert.ok(status === 200 || status === 500, `${status} ${body}`);
      if (status === 200) assert.is(sizeIn(dir), 9);
      else {
        faults += 1;
        assert.match(told.join('\n'), /^Nothing is cosigned for localhost\/placet-0123456789ab: /);
        assert.is((await submit(witness.url, 5, 9)).status, 200);
      }
      await witness.close();
      const again = await run(dir);
      assert.equal(await submit(again.url, 0, 12), { status: 409, body: '9\n' });
      await again.close();
      if (nth >= calls) break;
    }
  }
  assert.ok(faults >= 6, `${faults}`);
});

test('a witness whose folder is taken away cosigns nothing', async () => {
  const dir = join(tempDir(), 'w');
  const told: string[] = [];
  const witness = await run(dir, { told });
  assert.is((await submit(witness.url, 0, 5)).status, 200);
  renameSync(dir, `${dir}.away`);
  const { status } = await submit(witness.url, 5, 9);
  assert.is(status === 404 || status === 500, true, `${status}`);
  renameSync(`${dir}.away`, dir);
  assert.is((await submit(witness.url, 5, 9)).status, 200);
  await witness.close();
});

test('a record that was changed stops the start', async () => {
  const dir = tempDir();
  const witness = await run(dir);
  assert.is((await submit(witness.url, 0, 5)).status, 200);
  await witness.close();
  const path = join(dir, originHash(LOG), 'checkpoint');
  const right = readFileSync(path, 'utf8');
  for (const wrong of [right.replace('\n5\n', '\n4\n'), at(5).note, '', right.slice(0, -9)]) {
    writeFileSync(path, wrong);
    assert.is(await codeOf(run(dir)), 'record_damaged');
  }
  writeFileSync(path, right);
  const elsewhere = join(dir, originHash('another/log'));
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'checkpoint'), right);
  assert.is(await codeOf(run(dir)), 'record_damaged');
  rmSync(elsewhere, { recursive: true });
  await (await run(dir)).close();
});

test('what a log contradicted is kept with both notes, once', async () => {
  const dir = tempDir();
  const told: string[] = [];
  const witness = await run(dir, { told });
  assert.is((await submit(witness.url, 0, 3)).status, 200);
  const fork = fakeCheckpoints(new FakeClock(), { words: (i) => `other ${i}` });
  const forged = fork.sign(3);
  for (let i = 0; i < 3; i += 1) {
    const body = await fork.submission(3, forged);
    assert.is((await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body })).status, 422);
  }
  await witness.close();
  const path = join(dir, originHash(LOG), 'refused');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.is(lines.length, 1);
  const kept = JSON.parse(lines[0] ?? '') as { kind: string; size: number; note: string; cosigned: string };
  assert.equal([kept.kind, kept.size, kept.note], ['forked', 3, forged.note]);
  assert.is(openCheckpoint(kept.cosigned, [logKey().verifier]).right.length, 1);
  assert.is(told.length, 1);
});

test('one that was killed between writing and answering goes on from what it wrote', async () => {
  const dir = tempDir();
  const key = ['--log', logKey().verifier.vkey];
  const preload = [fileURLToPath(new URL('../support/kill-at-sync.mjs', import.meta.url))];
  const doomed = await witnessProcess(dir, key, { preload, env: { KILL_AT: '2' } });
  assert.is((await submit(doomed.url, 0, 5)).status, 200);
  await rejection(submit(doomed.url, 5, 9));
  assert.is(await doomed.ended, 'SIGKILL');
  assert.is(sizeIn(dir), 9);

  const witness = await witnessProcess(dir);
  assert.is(witness.vkey, doomed.vkey);
  assert.equal(await submit(witness.url, 5, 9), { status: 409, body: '9\n' });
  assert.equal(await submit(witness.url, 5, 8), { status: 409, body: '9\n' });
  const { status, body } = await submit(witness.url, 9, 9);
  assert.is(status, 200);
  assert.is(openCheckpoint(`${at(9).note}${body}`, [parseVerifier(witness.vkey)]).right.length, 1);
  assert.is((await submit(witness.url, 9, 12)).status, 200);
  assert.is(await witness.stop(), 0);
});

test('two witnesses never work in one folder', async () => {
  const dir = tempDir();
  const witness = await run(dir);
  assert.is(await codeOf(run(dir)), 'witness_in_use');
  await witness.close();
  await (await run(dir)).close();
});

test('the key is for its owner alone, and one that others can read is not used', async () => {
  const dir = tempDir();
  await (await run(dir)).close();
  assert.is(statSync(join(dir, 'key')).mode & 0o777, 0o600);
  chmodSync(join(dir, 'key'), 0o640);
  assert.match(String(await rejection(run(dir))), 'can be read by other users');
  chmodSync(join(dir, 'key'), 0o600);
  writeFileSync(join(dir, 'key'), 'nonsense');
  assert.is(await codeOf(run(dir)), 'key_unusable');
});

test('a log that is added to the file is cosigned at once, and a mistake in it changes nothing', async () => {
  const dir = tempDir();
  const told: string[] = [];
  const witness = await run(dir, { told });
  const other = fakeCheckpoints(new FakeClock(), {
    signers: [logKey(5, 'other.example')],
    origin: 'other.example',
  });
  const body = await other.submission(0, other.sign(2));
  const ask = async () => (await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body })).status;
  assert.is(await ask(), 404);
  const path = join(dir, 'logs');
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, `${before}\n# the other\n${logKey(5, 'other.example').verifier.vkey}\n`);
  assert.is(await ask(), 200);
  writeFileSync(path, `${before}nonsense here\n`);
  assert.is((await submit(witness.url, 0, 5)).status, 200);
  assert.match(told.join('\n'), 'Line 2 of ');
  await witness.close();
  assert.is(await codeOf(run(dir)), 'bad_logs');
});

test.run();
