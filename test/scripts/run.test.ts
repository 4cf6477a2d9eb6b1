import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const RUN = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), '../../scripts/run.mjs')).href;

/** A process that becomes another one, whose program this is; resolves once that one has printed. */
async function becoming(program: string) {
  const script = `
    import { become } from '${RUN}';
    process.exitCode = await become(process.execPath, ['-e', ${JSON.stringify(program)}]);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  return { child, ended };
}

test('a program that was become passes its exit code on', async () => {
  const { ended } = await becoming("console.log('up'); process.exitCode = 7;");
  assert.equal(await ended, [7, null]);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} is passed on, and how the program ends is how it ends`, async () => {
    const { child, ended } = await becoming(
      `process.on('${signal}', () => process.exit(9)); setInterval(() => {}, 1000); console.log('up');`,
    );
    child.kill(signal);
    assert.equal(await ended, [9, null]);
  });
}

test('a program that dies of a signal takes the script with it by the same', async () => {
  const { child, ended } = await becoming("setInterval(() => {}, 1000); console.log('up');");
  child.kill('SIGTERM');
  assert.equal(await ended, [null, 'SIGTERM']);
});

test.run();
