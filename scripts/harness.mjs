/**
 * Runs uvu test files, one process each, and believes none of them: uvu exits with 0 after a `before` hook that
 * threw, without a `test.run()`, and after `test.only`. Alone: `harness.mjs [--limit-ms N] [--linger-ms N] FILE…`.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { missingOf, needsOf } from './needs.mjs';
import { ROOT, isMain, main } from './run.mjs';

const LIMIT_MS = 600_000;
/** One more than CI has cores: many tests wait for a mail, a disk or a browser. */
const POOL = 3;
/** What takes longer is said, so that it can be mended. */
const SLOW_S = 10;
const CLOSE_MS = 2_000;
/** Large folders are removed at the end, which takes a while on a busy disk. */
const LINGER_MS = 25_000;
const SUMMARY = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n/gm;

/**
 * @returns how many tests passed and failed (a file that cannot be believed is one failed at least), and of each file
 * that was skipped, as what it needs is missing, one line that says so
 */
export async function runTests(files, limits = {}) {
  const groups = new Set();
  const stop = (signal) => {
    for (const pid of groups) killGroup(pid);
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const queue = [...files];
  const sum = { passed: 0, failed: 0, skipped: [] };
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const missing = missingOf(needsOf(readFileSync(file, 'utf8')));
      if (missing) {
        const line = `${missing.skip ? 'skip ' : 'FAIL '} ${relative(ROOT, file)}: ${missing.why}`;
        console.log(line);
        if (missing.skip) sum.skipped.push(line);
        else sum.failed += 1;
        continue;
      }
      const began = Date.now();
      const { passed, failed, trouble, output } = judge(file, await runFile(file, limits, groups));
      const seconds = Math.round((Date.now() - began) / 1000);
      sum.passed += passed;
      sum.failed += failed;
      const name = relative(ROOT, file);
      console.log(
        trouble === undefined
          ? `ok    ${name} (${passed})${seconds < SLOW_S ? '' : ` in ${seconds} s`}`
          : `${output}\nFAIL  ${name}: ${trouble}`,
      );
    }
  };
  await Promise.all(Array.from({ length: POOL }, worker));
  process.off('SIGINT', stop).off('SIGTERM', stop);
  return sum;
}

function judge(file, { code, killed, stdout, output }) {
  const summaries = [...stripVTControlCharacters(stdout).matchAll(SUMMARY)];
  const [total = 0, passed = 0, skipped = 0] = (summaries[0] ?? []).slice(1).map(Number);
  const troubles = [
    [killed === 'late', 'it took too long and was killed'],
    [
      summaries.length !== 1,
      `it printed ${summaries.length} summaries instead of one: no test.run(), or it ended early`,
    ],
    [total === 0, 'it has no tests'],
    [skipped > 0, `${skipped} of its tests were skipped, or left out by test.only`],
    [passed !== total, `${total - passed} of ${total} tests failed, or a hook threw`],
    [killed === 'lingering', 'its process did not end after its tests'],
    [code !== 0, `it exited with ${code} although its tests passed`],
    [!/\.run\(\);\s*$/.test(readFileSync(file, 'utf8')), 'it does not end with test.run();'],
  ];
  const trouble = troubles.find(([holds]) => holds)?.[1];
  return { passed, failed: trouble === undefined ? 0 : Math.max(1, total - passed), trouble, output };
}

/** In a process group of its own, so that nothing that a test starts outlives it. */
function runFile(file, { limitMs = LIMIT_MS, lingerMs = LINGER_MS }, groups) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), file], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    groups.add(child.pid);
    const seen = { stdout: '', output: '' };
    let killed;
    const kill = (why) => {
      killed ??= why;
      killGroup(child.pid);
    };
    const limit = setTimeout(kill, limitMs, 'late');
    let linger;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      seen.stdout += text;
      seen.output += text;
      if (stripVTControlCharacters(seen.stdout).search(SUMMARY) >= 0) {
        linger ??= setTimeout(kill, lingerMs, 'lingering');
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      seen.output += text;
    });
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      clearTimeout(linger);
      killGroup(child.pid);
      groups.delete(child.pid);
      const done = () => resolve({ code: code ?? signal, killed, ...seen });
      // Something that left the group may hold the pipes open for ever.
      const close = setTimeout(done, CLOSE_MS);
      child.on('close', () => {
        clearTimeout(close);
        done();
      });
    });
  });
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const args = process.argv.slice(2);
    const limitMs = args[0] === '--limit-ms' ? Number(args.splice(0, 2)[1]) : undefined;
    const lingerMs = args[0] === '--linger-ms' ? Number(args.splice(0, 2)[1]) : undefined;
    const { passed, failed, skipped } = await runTests(args, { limitMs, lingerMs });
    for (const line of skipped) console.log(line);
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 && passed > 0 ? 0 : 1;
  });
}
