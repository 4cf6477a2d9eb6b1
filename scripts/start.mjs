/** `npm start`: everything that the demo needs, then the demo. */
import { join } from 'node:path';
import { build } from './build.mjs';
import { ROOT, become, main } from './run.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup();
  await build();
  return become(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'demo', ...process.argv.slice(2)]);
});
