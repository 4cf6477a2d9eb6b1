import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tempDir } from '../support/temp.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Runs the harness on planted files, in a folder of their own. */
function harness(files: Readonly<Record<string, string>>, limitMs = 60_000) {
  const dir = join(tempDir(), 'planted');
  mkdirSync(dir);
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  const paths = Object.entries(files).map(([name, body]) => {
    writeFileSync(join(dir, name), `import { suite, test } from 'uvu';\n${body}\n`);
    return join(dir, name);
  });
  const program = join(ROOT, 'scripts/harness.mjs');
  const { status, stdout } = spawnSync(process.execPath, [program, '--limit-ms', String(limitMs), ...paths], {
    encoding: 'utf8',
  });
  const lines = stdout.trimEnd().split('\n');
  return { status, last: lines.at(-1), verdicts: lines.filter((line) => /^(ok|FAIL) /.test(line)), stdout };
}

/** That a file is failed, with the file named and this reason. */
function fails(body: string, trouble: string, last: string, limitMs?: number): void {
  const ran = harness({ 'planted.test.ts': body }, limitMs);
  assert.is(ran.status, 1);
  assert.is(ran.last, last);
  assert.is(ran.verdicts.length, 1);
  assert.ok(ran.verdicts[0]?.endsWith(`/planted.test.ts: ${trouble}`), ran.verdicts[0]);
}

/** Whether a process runs: one that is dead and waits to be collected does not. */
function runs(pid: string): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !readFileSync(stat, 'utf8').includes(') Z ');
}

const GOOD = "test('a', () => {});\ntest('b', () => {});\ntest.run();";

test('files whose tests pass are counted, and the last line says so', () => {
  const ran = harness({ 'a.test.ts': GOOD, 'b.test.ts': GOOD });
  assert.is(ran.status, 0);
  assert.is(ran.last, '4 passed, 0 failed');
});

test('a failing test fails, with its output shown', () => {
  const ran = harness({ 'a.test.ts': GOOD.replace('{}', "{ throw new Error('planted failure'); }") });
  assert.is(ran.status, 1);
  assert.is(ran.last, '1 passed, 1 failed');
  assert.match(ran.stdout, 'planted failure');
});

test('a broken file does not hide the good ones', () => {
  const ran = harness({ 'a.test.ts': 'process.exit(0);', 'b.test.ts': GOOD });
  assert.is(ran.last, '2 passed, 1 failed');
});

test('a before hook that throws fails', () => {
  fails(
    `test.before(() => { throw new Error('no'); });\n${GOOD}`,
    '2 of 2 tests failed, or a hook threw',
    '0 passed, 2 failed',
  );
});

test('an after hook that throws fails', () => {
  fails(
    `test.after(() => { throw new Error('no'); });\n${GOOD}`,
    'it printed 0 summaries instead of one: no test.run(), or it ended early',
    '0 passed, 1 failed',
  );
});

test('a file that forgets test.run() fails', () => {
  fails(
    "test('a', () => {});",
    'it printed 0 summaries instead of one: no test.run(), or it ended early',
    '0 passed, 1 failed',
  );
});

test('a file that forgets the run() of its last suite fails', () => {
  fails(
    `${GOOD}\nconst more = suite('more');\nmore('c', () => {});`,
    'it does not end with test.run();',
    '2 passed, 1 failed',
  );
});

test('test.only fails', () => {
  fails(
    GOOD.replace("test('a'", "test.only('a'"),
    '1 of its tests were skipped, or left out by test.only',
    '1 passed, 1 failed',
  );
});

test('a skipped test fails', () => {
  fails(
    GOOD.replace("test('a'", "test.skip('a'"),
    '1 of its tests were skipped, or left out by test.only',
    '1 passed, 1 failed',
  );
});

test('a file without tests fails', () => {
  fails('test.run();', 'it has no tests', '0 passed, 1 failed');
});

test('a file that does not load fails', () => {
  fails(
    `import './nowhere.ts';\n${GOOD}`,
    'it printed 0 summaries instead of one: no test.run(), or it ended early',
    '0 passed, 1 failed',
  );
});

test('a file that exits early with 0 fails', () => {
  fails(
    `test('exits', () => process.exit(0));\n${GOOD}`,
    'it printed 0 summaries instead of one: no test.run(), or it ended early',
    '0 passed, 1 failed',
  );
});

test('a file that never ends is killed with all that it started, and fails', () => {
  const dir = tempDir();
  fails(
    `import { spawn } from 'node:child_process';
     import { writeFileSync } from 'node:fs';
     test('hangs', async () => {
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
       writeFileSync('${dir}/pid', String(child.pid));
       await new Promise(() => {});
     });
     test.run();`,
    'it took too long and was killed',
    '0 passed, 1 failed',
    3000,
  );
  assert.not(runs(readFileSync(join(dir, 'pid'), 'utf8')));
});

test('a process that does not end after its tests fails', () => {
  fails(
    `setInterval(() => {}, 1000);\n${GOOD}`,
    'its process did not end after its tests',
    '2 passed, 1 failed',
  );
});

test('an error after the tests fails', () => {
  fails(
    `process.on('exit', () => { process.exitCode = 5; });\n${GOOD}`,
    'it exited with 5 although its tests passed',
    '2 passed, 1 failed',
  );
});

test('no files at all fail', () => {
  const ran = harness({});
  assert.is(ran.status, 1);
  assert.is(ran.last, '0 passed, 0 failed');
});

test.run();
