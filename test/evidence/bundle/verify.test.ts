// needs: go openssl
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sha256 } from '../../../src/core/digest.ts';
import { auditedWeek } from '../../support/audited-week.ts';
import { commandsIn, runCommands } from '../../support/shell-blocks.ts';
import { tempDir } from '../../support/temp.ts';

const { bundle, key, oldKey, other } = await auditedWeek();
const commands = commandsIn(bundle);
const [, , hashes] = commands;

const files = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();

/** What the commands say of a copy in which something was changed. */
function after(change: (dir: string) => void, { noted = key }: { readonly noted?: string } = {}) {
  const dir = join(tempDir(), 'bundle');
  cpSync(bundle, dir, { recursive: true });
  change(dir);
  const checked = runCommands(dir, commands, noted === '' ? undefined : noted);
  rmSync(dir, { recursive: true });
  return checked;
}

test('a whole bundle passes every command of its own page', () => {
  assert.is(commands.length, 5);
  const { ok, said } = runCommands(bundle, commands, key);
  assert.ok(ok, said);
  assert.match(
    said,
    /^ok: 41 entries from 10 on, among 54 that are signed; 8 calls, 5 of them proven; 13 exceptions/m,
  );
});

/** On which everything else rests. */
const ROOTS = /^(?:manifest\.|log-key|checkpoints\/.*\.note)/;

/** Bytes of a file: of those on which everything rests, more than one. */
function placesIn(file: string): readonly number[] {
  const { length } = readFileSync(join(bundle, file));
  const any = Number.parseInt(sha256(file).slice(0, 8), 16) % length;
  return ROOTS.test(file) ? [0, any, length - 1] : [any];
}

test('one changed byte is found, whichever file it is in', () => {
  const all = files(bundle);
  assert.ok(all.length > 50);
  const dir = join(tempDir(), 'bundle');
  cpSync(bundle, dir, { recursive: true });
  const unnoticed: string[] = [];
  for (const file of all) {
    const bytes = readFileSync(join(bundle, file));
    for (const at of placesIn(file)) {
      writeFileSync(join(dir, file), bytes.with(at, (bytes[at] ?? 0) ^ 1));
      // First the command that looks at every file: the others take their time.
      if (runCommands(dir, [hashes ?? '', ...commands], key).ok) unnoticed.push(`byte ${at} of ${file}`);
    }
    writeFileSync(join(dir, file), bytes);
  }
  assert.equal(unnoticed, []);
  assert.ok(runCommands(dir, commands, key).ok, 'with every byte as it was');
});

test('a missing file, one more, and one by a link are found', () => {
  assert.is(after((dir) => rmSync(join(dir, 'completeness.md'))).failed, 2);
  assert.is(after((dir) => rmSync(join(dir, 'log-keys.txt'))).failed, 2);
  assert.is(after((dir) => writeFileSync(join(dir, 'sample/more.html'), '')).failed, 2);
  assert.is(after((dir) => writeFileSync(join(dir, 'a b\n"c'), '')).failed, 2);
  assert.is(
    after((dir) => {
      mkdirSync(join(dir, 'more'));
      symlinkSync('/etc/hostname', join(dir, 'more/link'));
    }).failed,
    2,
  );
});

test('without a key that was noted the first command says so and fails', () => {
  const { failed, said } = after(() => undefined, { noted: '' });
  assert.is(failed, 0);
  assert.match(said, 'KEY: is not set: set it to the key that you noted');
});

test('another key than the one that was noted does not sign it, nor does another bundle’s manifest', () => {
  assert.is(after(() => undefined, { noted: oldKey }).failed, 0);
  const { failed } = after((dir) => {
    for (const name of ['manifest.json', 'manifest.note']) cpSync(join(other, name), join(dir, name));
  });
  assert.is(failed, 2);
});

test.run();
