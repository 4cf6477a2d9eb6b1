/** `npm run check`: format, lint and types, a line each. */
import { join } from 'node:path';
import { ROOT, isMain, main, run } from './run.mjs';
import { setup } from './setup.mjs';

const CHECKS = [
  ['format', '@biomejs/biome/bin/biome', 'format', '.'],
  ['lint', 'oxlint/bin/oxlint', '--type-aware'],
  ['types', 'typescript/bin/tsc', '-p', 'tsconfig.json'],
];

/** @returns how many passed and failed */
export async function check() {
  let failed = 0;
  for (const [name, program, ...args] of CHECKS) {
    const { code, output } = await run(process.execPath, [join(ROOT, 'node_modules', program), ...args]);
    if (code === 0) {
      console.log(`ok    ${name}`);
    } else {
      failed += 1;
      console.log(`${output}FAIL  ${name}`);
    }
  }
  return { passed: CHECKS.length - failed, failed };
}

if (isMain(import.meta.url)) {
  await main(async () => {
    await setup();
    const { failed } = await check();
    return failed === 0 ? 0 : 1;
  });
}
