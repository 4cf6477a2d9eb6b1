import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openWorkspaceKeys, readWorkspaceKeys } from '../../src/journal/keys.ts';
import { seededRandom } from '../support/clock.ts';
import { codeOf, rejection } from '../support/journal-suite.ts';
import { tempDir } from '../support/temp.ts';

test('the first start makes a key of 32 bytes that only its owner can read', async () => {
  const dir = join(tempDir(), 'keys');
  await openWorkspaceKeys(dir, seededRandom());
  assert.equal(readdirSync(dir), ['workspace.key']);
  assert.is(statSync(join(dir, 'workspace.key')).mode & 0o777, 0o600);
  assert.is(statSync(dir).mode & 0o777, 0o700);
  assert.is(readFileSync(join(dir, 'workspace.key')).length, 32);
});

test('later starts derive the same keys, one for each purpose', async () => {
  const dir = tempDir();
  const first = await openWorkspaceKeys(dir, seededRandom(1));
  const second = await openWorkspaceKeys(dir, seededRandom(2));
  assert.ok(first.derive('snapshot').equals(second.derive('snapshot')));
  assert.not.ok(first.derive('snapshot').equals(first.derive('payloads')));
  assert.is(first.derive('snapshot').length, 32);
  assert.not.ok(first.derive('snapshot').equals(readFileSync(join(dir, 'workspace.key'))));
});

test('a key is derived by HKDF-SHA-256 with the purpose as info', async () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'workspace.key'), Buffer.alloc(32, 1), { mode: 0o600 });
  const keys = await openWorkspaceKeys(dir, seededRandom());
  assert.is(
    keys.derive('snapshot').toString('hex'),
    '2c3aefcf1d4aeddccb3aa91bd20af53e25ece2e4219a5325add533c08e050227',
  );
});

test('hosts that start at the same instant agree on one key', async () => {
  const dir = tempDir();
  const keys = await Promise.all([1, 2, 3, 4].map((seed) => openWorkspaceKeys(dir, seededRandom(seed))));
  assert.is(new Set(keys.map((each) => each.derive('x').toString('hex'))).size, 1);
  assert.equal(readdirSync(dir), ['workspace.key']);
});

test('reading alone makes no key', async () => {
  const dir = tempDir();
  assert.is(await readWorkspaceKeys(dir), undefined);
  assert.equal(readdirSync(dir), []);
});

test('a key that others can read is refused', async () => {
  const dir = tempDir();
  await openWorkspaceKeys(dir, seededRandom());
  chmodSync(join(dir, 'workspace.key'), 0o644);
  assert.match((await rejection(openWorkspaceKeys(dir, seededRandom()))).message, /chmod 600/);
});

test('a key that was cut short is refused and not replaced', async () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'workspace.key'), 'short', { mode: 0o600 });
  assert.is(await codeOf(openWorkspaceKeys(dir, seededRandom())), 'key_unusable');
  assert.is(readFileSync(join(dir, 'workspace.key'), 'utf8'), 'short');
});

test.run();
