import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JournalError } from '../../src/core/errors.ts';
import { lockFolder } from '../../src/journal/lock.ts';
import { codeOf, rejection } from '../support/journal-suite.ts';
import { tempDir } from '../support/temp.ts';

/** Another process that holds the lock until it is killed. */
async function holder(dir: string): Promise<{ pid: number; kill(): Promise<void> }> {
  const lock = pathToFileURL(join(import.meta.dirname, '../../src/journal/lock.ts')).href;
  const child = spawn(
    process.execPath,
    [
      '--import',
      import.meta.resolve('tsx'),
      '--input-type=module',
      '--eval',
      `const { lockFolder } = await import(${JSON.stringify(lock)});
       globalThis.kept = await lockFolder(${JSON.stringify(dir)});
       console.log('locked');
       setInterval(() => undefined, 1e6);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

test('a second process is refused, told the folder, the holder and what to do', async () => {
  const dir = tempDir();
  const other = await holder(dir);
  try {
    const error = await rejection(lockFolder(dir));
    assert.instance(error, JournalError);
    assert.is((error as JournalError).code, 'workspace_in_use');
    assert.is(
      error.message,
      `Another Placet host (process ${other.pid}) works in ${dir}: end it with \`placet stop\`, or give this one another folder with PLACET_DATA.`,
    );
  } finally {
    await other.kill();
  }
});

test('the lock is free as soon as its holder was killed', async () => {
  const dir = tempDir();
  const other = await holder(dir);
  await other.kill();
  const lock = await lockFolder(dir);
  await lock.release();
});

test('the same process cannot take it twice, and the refusal does not free it', async () => {
  const dir = tempDir();
  const lock = await lockFolder(dir);
  assert.is(await codeOf(lockFolder(dir)), 'workspace_in_use');
  assert.is(await codeOf(lockFolder(dir)), 'workspace_in_use');
  await lock.release();
  await (await lockFolder(dir)).release();
});

test.run();
