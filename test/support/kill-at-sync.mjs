// Preloaded into a real witness by a test: kills it with SIGKILL when the KILL_AT-th checkpoint that it cosigned is on
// the disk under its name, and before anybody is answered.
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const killAt = Number(process.env.KILL_AT);
const rename = fs.rename;
let renamed = 0;
fs.rename = async (from, to) => {
  await rename(from, to);
  if (!String(to).endsWith('/checkpoint')) return;
  renamed += 1;
  if (renamed < killAt) return;
  process.kill(process.pid, 'SIGKILL');
  for (;;);
};
syncBuiltinESMExports();
