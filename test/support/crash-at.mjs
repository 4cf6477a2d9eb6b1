// Preloaded into a real host by the crash tests: kills it with SIGKILL at one durable step.
// CRASH_AT is WHEN:TYPE, where WHEN is `before` the entry of that type is written, `written` when it is in the
// operating system's hands, or `synced` when it is on the disk and nothing has followed from it yet.
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [when, type] = (process.env.CRASH_AT ?? '').split(':');
const mark = Buffer.from(`"type":"${type}"`);
let armed = false;

function die() {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

const writeSync = fs.writeSync;
fs.writeSync = (fd, bytes, ...rest) => {
  const hit =
    bytes instanceof Uint8Array && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(mark);
  if (hit && when === 'before') die();
  const written = writeSync(fd, bytes, ...rest);
  if (hit && when === 'written') die();
  if (hit && when === 'synced') armed = true;
  return written;
};
syncBuiltinESMExports();

const handle = await open(process.execPath, 'r');
const prototype = Object.getPrototypeOf(handle);
await handle.close();
const datasync = prototype.datasync;
prototype.datasync = async function () {
  const arming = armed;
  await datasync.call(this);
  if (arming) die();
};
