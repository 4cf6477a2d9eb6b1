import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openSecretFiles } from '../../src/journal/secret-files.ts';
import { seededRandom } from '../support/clock.ts';
import { diskError, faultyDisk } from '../support/faulty-disk.ts';
import { codeOf } from '../support/journal-suite.ts';
import { tempDir } from '../support/temp.ts';

const random = seededRandom(9);

function bench() {
  const dir = join(tempDir(), 'secrets');
  const disk = faultyDisk();
  const open = (key = Buffer.alloc(32, 3)) => openSecretFiles({ dir, key, random, disk });
  return { dir, disk, open, secrets: open() };
}
const bytes = Buffer.from('hunter2 hunter2');

test('secrets come back, after a restart too, and stand readable in no file', async () => {
  const { dir, secrets, open } = bench();
  const commit = await secrets.put(bytes);
  assert.match(commit, /^[0-9a-f]{64}$/);
  assert.equal(Buffer.from(await open().get(commit)), bytes);
  for (const name of readdirSync(dir)) assert.not.ok(readFileSync(join(dir, name)).includes('hunter2'));
  assert.is(await codeOf(open(Buffer.alloc(32, 4)).get(commit)), 'payload_corrupt');
});

test('what is erased is gone from the disk, and to erase it again harms nothing', async () => {
  const { dir, secrets } = bench();
  const [commit, other] = [await secrets.put(bytes), await secrets.put(bytes)];
  await secrets.erase(commit);
  await secrets.erase(commit);
  assert.is(await codeOf(secrets.get(commit)), 'payload_missing');
  assert.equal(readdirSync(dir), [`${other}.secret`]);
});

test('all but those that are named are erased, also what a crash cut short; other files are let be', async () => {
  const { dir, secrets } = bench();
  const [kept, orphan] = [await secrets.put(bytes), await secrets.put(bytes)];
  const torn = `${'a'.repeat(64)}.secret`;
  writeFileSync(join(dir, torn), 'PLC1');
  writeFileSync(join(dir, 'notes.txt'), 'mine');
  await secrets.eraseOthers(new Set([kept]));
  assert.equal(readdirSync(dir).sort(), [`${kept}.secret`, 'notes.txt'].sort());
  assert.is(await codeOf(secrets.get(orphan)), 'payload_missing');
});

test('where there never was a secret there is no folder, and nothing to erase', async () => {
  const { dir, secrets } = bench();
  await secrets.eraseOthers(new Set());
  await secrets.erase('b'.repeat(64));
  assert.not.ok(existsSync(dir));
});

test('what cannot be put leaves nothing, and what cannot be erased is still there', async () => {
  const { dir, disk, secrets } = bench();
  const commit = await secrets.put(bytes);
  disk.syncError = diskError('EIO');
  assert.is(await codeOf(secrets.put(bytes)), 'journal_unwritable');
  assert.is(await codeOf(secrets.erase(commit)), 'journal_unwritable');
  disk.syncError = undefined;
  assert.equal(readdirSync(dir), [`${commit}.secret`]);
  await secrets.erase(commit);
  assert.equal(readdirSync(dir), []);
});

test('one file in the place of another is not taken for it', async () => {
  const { dir, secrets } = bench();
  const [a, b] = [await secrets.put(bytes), await secrets.put(Buffer.from('other'))];
  writeFileSync(join(dir, `${a}.secret`), readFileSync(join(dir, `${b}.secret`)));
  assert.is(await codeOf(secrets.get(a)), 'payload_corrupt');
});

test.run();
