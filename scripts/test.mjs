/**
 * `npm test [WORD…]`: builds, checks format, lint and types, then runs every test/**\/*.test.ts; with words only
 * the files whose path holds one of them, and no checks. Files that need a program which is missing are skipped and
 * named once more at the end. The last line is `N passed, N failed`.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { check } from './check.mjs';
import { runTests } from './harness.mjs';
import { ROOT, StepFailed, main } from './run.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  const sum = { passed: 0, failed: 0, skipped: [] };
  const add = ({ passed, failed, skipped = [] }) => {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped.push(...skipped);
  };
  const words = process.argv.slice(2);
  try {
    await setup();
    if (words.length === 0) add(await check());
    await build();
    const files = readdirSync(join(ROOT, 'test'), { recursive: true })
      .filter((name) => name.endsWith('.test.ts'))
      .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
      .sort()
      .map((name) => join(ROOT, 'test', name));
    if (files.length === 0) throw new StepFailed('No test file was found.');
    add(await runTests(files));
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.log(`${error.output}FAIL  ${error.message}`);
    sum.failed += 1;
  }
  for (const line of sum.skipped) console.log(line);
  console.log(`${sum.passed} passed, ${sum.failed} failed`);
  return sum.failed === 0 ? 0 : 1;
});
