/**
 * `npm run bench [NAME…] [NUMBER…]`: the benchmarks under bench/, or those whose name holds one of the words; they are
 * given the numbers.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { ROOT, StepFailed, become, main } from './run.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup();
  await build();
  const isNumber = (word) => /^\d+$/.test(word);
  const words = process.argv.slice(2).filter((word) => !isNumber(word));
  const numbers = process.argv.slice(2).filter(isNumber);
  const folder = join(ROOT, 'bench');
  const found = existsSync(folder) ? readdirSync(folder).sort() : [];
  const chosen = found.filter(
    (name) => /^[^_].*\.ts$/.test(name) && (words.length === 0 || words.some((word) => name.includes(word))),
  );
  if (chosen.length === 0) throw new StepFailed(`No benchmark under bench/ is named ${words.join(' or ')}.`);
  for (const name of chosen) {
    const file = join(folder, name);
    const code = await become(process.execPath, ['--import', import.meta.resolve('tsx'), file, ...numbers]);
    if (code !== 0) return code;
  }
  return 0;
});
