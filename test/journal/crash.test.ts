import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verifyJournal } from '../../src/evidence/verify.ts';
import { jsonlBench } from '../support/jsonl-bench.ts';
import { all } from '../support/journal-suite.ts';
import { mustBeTheTree } from '../support/tree-suite.ts';
import { tempDir } from '../support/temp.ts';

/** Lets a process write until it has acknowledged `count` entries, then kills it. @returns what it acknowledged */
async function writeAndKill(dir: string, count: number): Promise<string[]> {
  const writer = join(import.meta.dirname, '../support/journal-writer.ts');
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), writer, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  const [, signal] = await exited;
  assert.is(signal, 'SIGKILL');
  return acknowledged;
}

test('a process that is killed under load loses no entry that it acknowledged', async () => {
  const dir = tempDir();
  const acknowledged: string[] = [];
  for (const count of [40, 900, 5000]) {
    acknowledged.push(...(await writeAndKill(dir, count)));
    const verdict = await verifyJournal({ dir, now: Date.now() });
    assert.equal(verdict.problems, []);
  }
  const bench = await jsonlBench(dir);
  const standing = new Set((await all(bench.journal.read(0))).map((entry) => `${entry.seq} ${entry.id}`));
  assert.equal(
    acknowledged.filter((line) => !standing.has(line)),
    [],
  );
  assert.ok(acknowledged.length >= 5940);
  assert.not.match(bench.troubles.join(), /made anew/);
  await mustBeTheTree(bench.journal);
  await bench.journal.close();
});

test.run();
