import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keepPolicy } from '../../src/journal/policy-files.ts';
import { countingDisk } from '../support/counting-disk.ts';
import { tempDir } from '../support/temp.ts';

const VERSION = 'a'.repeat(64);
const files = [
  { name: 'people.yaml', bytes: Buffer.from('people: []\n') },
  { name: 'rules.yaml', bytes: Buffer.from('rules: []\n') },
];

const standing = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(dir, VERSION))
      .sort()
      .map((name) => [name, readFileSync(join(dir, VERSION, name), 'utf8')]),
  );

test('the files of a policy are kept under its digest, and written once', async () => {
  const dir = join(tempDir(), 'policies');
  await keepPolicy({ dir, version: VERSION, files });
  assert.equal(standing(dir), { 'people.yaml': 'people: []\n', 'rules.yaml': 'rules: []\n' });
  const disk = countingDisk();
  await keepPolicy({ dir, version: VERSION, files, disk });
  assert.equal(disk.calls, []);
});

test('what a crash left, and what somebody changed, is replaced', async () => {
  const dir = join(tempDir(), 'policies');
  mkdirSync(join(dir, `${VERSION}.new`), { recursive: true });
  writeFileSync(join(dir, `${VERSION}.new`, 'people.yaml'), 'peo');
  await keepPolicy({ dir, version: VERSION, files });
  assert.equal(readdirSync(dir), [VERSION]);
  writeFileSync(join(dir, VERSION, 'rules.yaml'), 'rules: [] # changed\n');
  writeFileSync(join(dir, VERSION, 'more.yaml'), '');
  await keepPolicy({ dir, version: VERSION, files });
  assert.equal(standing(dir), { 'people.yaml': 'people: []\n', 'rules.yaml': 'rules: []\n' });
});

test.run();
