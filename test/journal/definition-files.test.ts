import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/core/digest.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { openDefinitionFiles } from '../../src/journal/definition-files.ts';
import { tempDir } from '../support/temp.ts';

const definition: JsonObject = { name: 'read', description: 'Reads.', inputSchema: { type: 'object' } };
const sha = digestOf(definition);

function open(dir = join(tempDir(), 'definitions')) {
  const lines: string[] = [];
  return { dir, lines, files: openDefinitionFiles({ dir, log: (line) => void lines.push(line) }) };
}

test('gives back what it kept, to another start as well, in a file for its owner alone', async () => {
  const { dir, files } = open();
  await files.keep([{ definition, definition_sha256: sha }]);
  assert.equal(open(dir).files.read(sha), definition);
  assert.is(statSync(join(dir, sha)).mode & 0o777, 0o600);
  assert.equal(readdirSync(dir), [sha]);
});

test('a definition of something that a client runs is known by both', async () => {
  const { files } = open();
  const both = digestOf([definition, 'what runs']);
  await files.keep([{ definition, definition_sha256: both, identity: 'what runs' }]);
  assert.equal(files.read(both), definition);
  assert.is(files.read(sha), undefined);
});

test('what is not what its digest says is not given, and is mended when it comes again', async () => {
  const { dir, files } = open();
  await files.keep([{ definition, definition_sha256: sha }]);
  for (const text of [JSON.stringify({ definition: { ...definition, description: 'Wipes.' } }), '{', '']) {
    writeFileSync(join(dir, sha), text);
    const again = open(dir).files;
    assert.is(again.read(sha), undefined, text);
    await again.keep([{ definition, definition_sha256: sha }]);
    assert.equal(again.read(sha), definition);
  }
});

test('a digest that is none names no file', () => {
  const { files, dir } = open();
  assert.is(files.read('../../workspace.key'), undefined);
  assert.is(open(join(dir, '..')).files.read('definitions'), undefined);
});

test('removes what is not needed any more, and leaves alone what is not its own', async () => {
  const { dir, files } = open();
  const other = { ...definition, name: 'write' };
  await files.keep([
    { definition, definition_sha256: sha },
    { definition: other, definition_sha256: digestOf(other) },
  ]);
  writeFileSync(join(dir, 'notes.txt'), 'mine');
  writeFileSync(join(dir, `${sha}.new`), 'half');
  await files.prune((digest) => digest === digestOf(other));
  assert.equal(readdirSync(dir).sort(), [digestOf(other), 'notes.txt'].sort());
  await files.keep([{ definition, definition_sha256: sha }]);
  assert.equal(files.read(sha), definition);
});

test('one that nobody would read is not kept', async () => {
  const { dir, files } = open();
  const huge = { ...definition, description: 'x'.repeat(1024 * 1024) };
  await files.keep([{ definition: huge, definition_sha256: digestOf(huge) }]);
  assert.equal(readdirSync(dir), []);
});

test('a folder that cannot be written is reported, and hinders nothing', async () => {
  const base = tempDir();
  writeFileSync(join(base, 'definitions'), 'a file');
  const { files, lines } = open(join(base, 'definitions'));
  await files.keep([{ definition, definition_sha256: sha }]);
  assert.match(lines[0] ?? '', /cannot be kept, so people cannot be shown what changes/);
  assert.is(readFileSync(join(base, 'definitions'), 'utf8'), 'a file');
});

test.run();
