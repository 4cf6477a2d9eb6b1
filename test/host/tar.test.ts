import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tarOf } from '../../src/host/tar.ts';
import { tempDir } from '../support/temp.ts';

const LONG = `${'a-long-folder-name/'.repeat(8)}${'x'.repeat(90)} ü.txt`;
const FILES: Readonly<Record<string, string | Buffer>> = {
  'manifest.json': '{}',
  'empty.txt': '',
  'log/entries.jsonl': 'x'.repeat(512),
  'sample/001/index.html': 'y'.repeat(600_000),
  'sample/001/bytes.bin': Buffer.from([0, 255, 10, 13, 0]),
  [LONG]: 'deep',
};

function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = join(tempDir(), 'bundle');
  for (const [path, content] of Object.entries(files)) {
    const full = join(folder, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, content);
    utimesSync(full, 1_764_000_000, 1_764_000_000);
  }
  return folder;
}

async function archiveOf(folder: string, root: string): Promise<string> {
  const path = join(tempDir(), 'bundle.tar');
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarOf(folder, root)) chunks.push(chunk);
  writeFileSync(path, Buffer.concat(chunks));
  return path;
}

test('the tar of the system gives the files back byte for byte, those with long names, too', async () => {
  const archive = await archiveOf(folderOf(FILES), 'placet-evidence');
  const out = tempDir();
  execFileSync('tar', ['-xf', archive, '-C', out]);
  const found = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.is(found.length, Object.keys(FILES).length);
  for (const [path, content] of Object.entries(FILES))
    assert.ok(readFileSync(join(out, 'placet-evidence', path)).equals(Buffer.from(content)), path);
});

test('the tar of the system lists no owner, and files that others cannot read', async () => {
  const archive = await archiveOf(folderOf({ 'a.txt': 'a' }), 'root');
  const listed = execFileSync('tar', ['--numeric-owner', '-tvf', archive], {
    encoding: 'utf8',
    env: { TZ: 'UTC', PATH: process.env.PATH ?? '' },
  });
  assert.match(listed, /^-rw------- 0\/0 +1 2025-11-24 16:00 root\/a\.txt\n$/);
});

test('an archive is made of whole blocks and ends with two empty ones', async () => {
  const archive = await archiveOf(folderOf({ 'a.txt': 'a' }), 'root');
  assert.is(statSync(archive).size, 4 * 512);
  assert.ok(readFileSync(archive).subarray(-1024).equals(Buffer.alloc(1024)));
});

test.run();
