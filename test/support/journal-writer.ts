/** A process of its own that appends under load and says on standard output what was acknowledged. */
import { randomBytes } from 'node:crypto';
import { Ledger } from '../../src/core/ledger.ts';
import { openJsonlJournal } from '../../src/journal/jsonl.ts';
import { allowed, completed } from './journal-drafts.ts';

const [dir = ''] = process.argv.slice(2);
const journal = await openJsonlJournal({
  dir,
  clock: {
    now: () => Date.now(),
    after(ms, task) {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
  },
  random: (size) => randomBytes(size),
  node: 'writer',
  fold: new Ledger(),
  snapshotKey: Buffer.alloc(32, 7),
  software: '0.1.0',
});

async function write(worker: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const call = `${process.pid}.${worker}.${n}`;
    const entries = await journal.append(allowed(call));
    process.stdout.write(`${entries.map((entry) => `${entry.seq} ${entry.id}`).join('\n')}\n`);
    await journal.append([completed(call)], { durability: n % 2 === 0 ? 'written' : 'behind' });
  }
}

await Promise.all(Array.from({ length: 16 }, (_, worker) => write(worker)));
