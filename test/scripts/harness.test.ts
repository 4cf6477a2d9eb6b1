import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tempDir } from '../support/temp.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Runs the harness on planted files, in a folder of their own. */
function harness(
  files: Readonly<Record<string, string>>,
  limitMs = 60_000,
  env: Readonly<Record<string, string>> = {},
) {
  const dir = join(tempDir(), 'planted');
  mkdirSync(dir);
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  const paths = Object.entries(files).map(([name, body]) => {
    // What a file needs stands on its first line.
    const [, needs = '', rest = ''] = /^(\/\/ needs:.*\n)?([^]*)$/.exec(body) ?? [];
    writeFileSync(join(dir, name), `${needs}import { suite, test } from 'uvu';\n${rest}\n`);
    return join(dir, name);
  });
  const program = join(ROOT, 'scripts/harness.mjs');
  // Whoever lingers here lingers for ever, and need not be waited for as long as a real test that cleans up.
  const limits = ['--limit-ms', String(limitMs), '--linger-ms', '5000'];
  const { status, stdout } = spawnSync(process.execPath, [program, ...limits, ...paths], {
    encoding: 'utf8',
    env: { ...process.env, CI: '', PLACET_SKIP: '', ...env },
  });
  const lines = stdout.trimEnd().split('\n');
  return {
    status,
    last: lines.at(-1),
    verdicts: lines.filter((line) => /^(ok|skip|FAIL) /.test(line)),
    stdout,
  };
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

/** Without the folders in which programs stand nothing but Node itself is found. */
const NOWHERE = { PATH: '/nonexistent' };

test('a file whose needs are met runs', () => {
  const ran = harness({ 'a.test.ts': `// needs: openssl\n${GOOD}` });
  assert.is(ran.status, 0);
  assert.is(ran.last, '2 passed, 0 failed');
});

test('a file whose needs are missing is skipped by name, twice, and counted nowhere', () => {
  const ran = harness(
    { 'a.test.ts': `// needs: openssl strace\n${GOOD}`, 'b.test.ts': GOOD },
    undefined,
    NOWHERE,
  );
  assert.is(ran.status, 0);
  assert.is(ran.last, '2 passed, 0 failed');
  const line =
    '/planted/a.test.ts: needs openssl and strace, which cannot be had here: apt-get install openssl; apt-get install strace';
  const skipped = ran.verdicts.filter((verdict) => verdict.startsWith('skip  ') && verdict.endsWith(line));
  assert.is(skipped.length, 2);
  assert.is(ran.stdout.trimEnd().split('\n').at(-2), skipped[1]);
});

test('nothing but skipped files is no success', () => {
  const ran = harness({ 'a.test.ts': `// needs: openssl\n${GOOD}` }, undefined, NOWHERE);
  assert.is(ran.status, 1);
  assert.is(ran.last, '0 passed, 0 failed');
});

test('in continuous integration a file whose needs are missing fails', () => {
  const ran = harness({ 'a.test.ts': `// needs: openssl\n${GOOD}`, 'b.test.ts': GOOD }, undefined, {
    ...NOWHERE,
    CI: 'true',
  });
  assert.is(ran.status, 1);
  assert.is(ran.last, '2 passed, 1 failed');
});

test('there it is skipped where exactly what is missing may be missing', () => {
  const files = { 'a.test.ts': `// needs: openssl strace\n${GOOD}`, 'b.test.ts': GOOD };
  const skipping = (names: string) =>
    harness(files, undefined, { ...NOWHERE, CI: 'true', PLACET_SKIP: names }).last;
  assert.is(skipping('strace,openssl'), '2 passed, 0 failed');
  assert.is(skipping('strace'), '2 passed, 1 failed');
});

test('a need that nobody knows fails wherever it is', () => {
  const ran = harness({ 'a.test.ts': `// needs: magic\n${GOOD}` });
  assert.is(ran.status, 1);
  assert.ok(ran.verdicts[0]?.endsWith('it needs magic, which scripts/needs.mjs does not know'));
});

test('the needs that are missing are listed, with what mends each', () => {
  const { stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts/needs.mjs')], {
    encoding: 'utf8',
    env: NOWHERE,
  });
  const lines = stdout.trimEnd().split('\n');
  assert.ok(lines.includes('strace\tapt-get install strace'));
  assert.ok(lines.includes('openssl\tapt-get install openssl'));
});

test('no files at all fail', () => {
  const ran = harness({});
  assert.is(ran.status, 1);
  assert.is(ran.last, '0 passed, 0 failed');
});

test.run();
