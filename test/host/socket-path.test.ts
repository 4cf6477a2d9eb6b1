import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mustBeOurs, socketPath } from '../../src/host/socket-path.ts';
import { tempDir } from '../support/temp.ts';

function folder(mode: number): string {
  const dir = join(tempDir(), 'run');
  mkdirSync(dir);
  chmodSync(dir, mode);
  return dir;
}

test("a socket in the owner's own folder is connected to", () => {
  mustBeOurs(join(folder(0o700), 'host.sock'));
});

test('a socket in a folder that others can enter is not connected to', () => {
  assert.throws(() => mustBeOurs(join(folder(0o755), 'host.sock')), 'a folder that only you can enter');
});

test('a link in the place of the folder is not followed', () => {
  const link = join(tempDir(), 'link');
  symlinkSync(folder(0o700), link);
  assert.throws(() => mustBeOurs(join(link, 'host.sock')), 'a folder that only you can enter');
});

test('a long path of a workspace gets a short socket', () => {
  assert.match(socketPath(`/srv/${'long/'.repeat(40)}`), /^\/tmp\/placet-\d+\/[0-9a-f]{24}\.sock$/);
});

test.run();
