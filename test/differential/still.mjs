// Preloaded into a server so that it says the same twice: its clock stands, chance counts, and its environment is
// this. What is left that depends on the time or the machine is named in transcript.ts.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const KEPT = ['MEMORY_FILE_PATH'];

class StillDate extends Date {
  constructor(...args) {
    if (args.length === 0) super(NOW);
    else super(...args);
  }
  static now() {
    return NOW;
  }
  toLocaleTimeString() {
    return '03:04:05';
  }
}
globalThis.Date = StillDate;
Math.random = () => 0;

let drawn = 0;
const next = () => (drawn += 1).toString(16).padStart(12, '0');
crypto.randomUUID = () => `00000000-0000-4000-8000-${next()}`;
crypto.randomBytes = (size) => Buffer.alloc(size, Buffer.from(next(), 'hex'));
globalThis.crypto.randomUUID = crypto.randomUUID;
syncBuiltinESMExports();

for (const name of Object.keys(process.env)) if (!KEPT.includes(name)) delete process.env[name];
process.env.STILL = 'yes';
