/**
 * A host's store in a process of its own, to be broken from outside: `fault-writer-process.ts DATA`. It does what its
 * standard input says, a word a line, and answers each with a line of JSON; whatever it acknowledges or gives out
 * stands on standard output before anything else happens.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openStore } from '../../src/host/store.ts';
import { openCheckpoints } from '../../src/journal/checkpoint-files.ts';
import { PlacetError } from '../../src/core/errors.ts';
import type { WriterLine } from './fault-writer.ts';
import { allowed, completed } from './journal-drafts.ts';

const [data = ''] = process.argv.slice(2);
const clock = {
  now: () => Date.now(),
  after(ms: number, task: () => void) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
const say = (line: WriterLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const log = (trouble: string): void => say({ trouble });
const random = (size: number) => randomBytes(size);
const closers: (() => Promise<void> | void)[] = [];

function refusal(error: unknown): WriterLine {
  if (error instanceof PlacetError) return { refused: error.code, message: error.message };
  throw error;
}

try {
  say({ opening: process.pid });
  const { journal, ledger, changes } = await openStore(
    { data, software: 'faults', clock, random, log },
    closers,
  );
  const checkpoints = await openCheckpoints({
    dir: join(data, 'journal'),
    keysDir: join(data, 'keys'),
    host: 'localhost',
    journal,
    custody: () => ledger.custody,
    changes,
    clock,
    random,
    log,
  });
  checkpoints.subscribe(({ note }) => say({ checkpoint: note }));
  closers.push(() => checkpoints.close());
  const first = checkpoints.newest();
  if (first) say({ checkpoint: first.note });
  say({ ready: process.pid, key: checkpoints.verifier().vkey });

  let calls = 0;
  const append = async (size = 1): Promise<WriterLine> => {
    calls += 1;
    const call = `${process.pid}.${calls}.${'x'.repeat(size)}`;
    const entries = await journal.append(allowed(call));
    await journal.append([completed(call)], { durability: calls % 2 === 0 ? 'written' : 'behind' });
    return { acknowledged: entries.map(({ seq, id }) => [seq, id] as const) };
  };
  const load = async (): Promise<never> => {
    for (;;) {
      say(await append(calls % 7 === 0 ? 9_000 : 1));
      if (calls % 50 === 0) await checkpoints.cover();
    }
  };
  const works: Record<string, () => Promise<WriterLine>> = {
    append: () => append(),
    large: () => append(9_000),
    cover: async () => ({ covered: (await checkpoints.cover()).note }),
    trouble: () => Promise.resolve({ troubles: [journal.trouble(), checkpoints.trouble()] }),
    async load() {
      await Promise.all(Array.from({ length: 16 }, load));
      return { ended: true };
    },
    async close() {
      for (const close of closers.splice(0).reverse()) await close();
      return { ended: true };
    },
  };
  for await (const word of createInterface({ input: process.stdin })) {
    const work = works[word];
    if (!work) throw new TypeError(`${word} is no word`);
    say(await work().catch(refusal));
    if (word === 'close') break;
  }
} catch (error) {
  say(refusal(error));
  for (const close of closers.splice(0).reverse()) await Promise.resolve(close()).catch(() => undefined);
  process.exitCode = 1;
}
process.stdin.destroy();
