import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { askWitnesses, type WitnessClient } from '../../src/attest/witness-client.ts';
import { openCheckpoint } from '../../src/tlog/checkpoint.ts';
import { runWitness, type RunningWitness } from '../../src/witness/run.ts';
import { seededRandom } from '../support/clock.ts';
import { checkpointBench, type CheckpointBench } from '../support/checkpoint-bench.ts';
import { allowed } from '../support/journal-drafts.ts';
import { realClock } from '../support/real-clock.ts';
import { tempDir } from '../support/temp.ts';

/** A host with its real journal and its witness for the other one. */
interface Host {
  readonly bench: CheckpointBench;
  readonly witness: RunningWitness;
  /** Of the witness. */
  readonly dir: string;
  readonly told: string[];
}

async function host(seed: number): Promise<Host> {
  const bench = checkpointBench();
  await bench.open();
  const told: string[] = [];
  const dir = tempDir();
  const witness = await runWitness({
    dir,
    host: '127.0.0.1',
    port: 0,
    logs: [],
    clock: bench.clock,
    random: seededRandom(seed),
    log: (line) => told.push(line),
  });
  return { bench, witness, dir, told };
}

function asking({ bench }: Pick<Host, 'bench'>, { witness }: Host): WitnessClient {
  return askWitnesses({
    witnesses: [{ vkey: witness.verifier.vkey, url: witness.url }],
    checkpoints: bench.checkpoints,
    tree: bench.journal.tree,
    // Its spacing and its patience are the real ones.
    clock: realClock,
    random: seededRandom(),
    log: () => undefined,
  });
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds() && Date.now() < end) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(holds(), 'it never came to be');
}

/** Writes the keys of one host's log into the file of the other's witness. */
function introduce(log: Host, witness: Host, ...before: readonly string[]): void {
  writeFileSync(
    join(witness.dir, 'logs'),
    [...before, log.bench.checkpoints.verifier().vkey].map((vkey) => `${vkey}\n`).join(''),
  );
}

let calls = 0;

async function call({ bench }: Pick<Host, 'bench'>): Promise<void> {
  calls += 1;
  await bench.journal.append(allowed(`cal_${calls}`), {});
}

/** Appends, signs, and waits until the witness has cosigned it. */
async function cosigned(log: Pick<Host, 'bench'>, by: Host, client: WitnessClient): Promise<number> {
  await call(log);
  const { size } = await log.bench.cover();
  await until(() => client.state()[0]?.size === size);
  await log.bench.idle();
  const note = log.bench.checkpoints.newest()?.note ?? '';
  assert.is(openCheckpoint(note, [by.witness.verifier]).right.length, 1);
  return size;
}

test('two hosts witness each other, also while one of them changes its key', async () => {
  const [one, two] = [await host(11), await host(12)];
  introduce(one, two);
  introduce(two, one);
  const clients = [asking(one, two), asking(two, one)] as const;
  const sizes = [await cosigned(one, two, clients[0]), await cosigned(two, one, clients[1])];
  assert.ok(sizes.every((size) => size > 0));
  assert.ok((await cosigned(one, two, clients[0])) > (sizes[0] ?? 0));

  const before = one.bench.checkpoints.verifier().vkey;
  await one.bench.checkpoints.rotate('a test');
  // The first one after it is signed under both keys.
  const { size } = await one.bench.cover();
  await until(() => clients[0].state()[0]?.size === size);
  await call(one);
  await one.bench.cover();
  await until(() => clients[0].state()[0]?.trouble !== undefined);
  assert.match(clients[0].state()[0]?.trouble ?? '', 'does not accept the log’s key (403)');
  introduce(one, two, before);
  await until(() => clients[0].state()[0]?.trouble === undefined);

  assert.equal([...one.told, ...two.told], []);
  for (const client of clients) await client.close();
  for (const each of [one, two]) {
    await each.witness.close();
    await each.bench.close();
  }
});

test('a host that was put back from a backup learns from its witness that entries are missing, and gets nothing for others in their place', async () => {
  const [one, two] = [await host(21), await host(22)];
  introduce(one, two);
  const first = asking(one, two);
  await cosigned(one, two, first);
  await first.close();
  await one.bench.close();
  const backup = { bench: checkpointBench(one.bench.data) };
  await one.bench.open();
  const second = asking(one, two);
  await call(one);
  await call(one);
  const lost = await cosigned(one, two, second);
  await second.close();
  await one.bench.close();

  await backup.bench.open();
  await call(backup);
  const { size } = await backup.bench.cover();
  assert.ok(size < lost, `${size} ${lost}`);
  const third = asking(backup, two);
  await until(() => third.state()[0]?.trouble !== undefined);
  assert.match(
    third.state()[0]?.trouble ?? '',
    `says that it cosigned ${lost} entries of this log, which has only ${size}: entries are missing here`,
  );
  await third.close();

  while (backup.bench.journal.head().size <= lost) await call(backup);
  await backup.bench.cover();
  const fourth = asking(backup, two);
  await until(() => fourth.state()[0]?.trouble !== undefined);
  assert.match(fourth.state()[0]?.trouble ?? '', 'does not extend what it cosigned before (422)');
  assert.match(two.told.join('\n'), `still holds ${lost} entries under the root`);
  await fourth.close();
  await backup.bench.close();
  await one.witness.close();
  await two.witness.close();
});

test.run();
