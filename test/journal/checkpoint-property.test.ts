import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JournalError } from '../../src/core/errors.ts';
import { checkpointBench, wrongIn, type CheckpointBench } from '../support/checkpoint-bench.ts';
import { allowed, at, decided, held, requestId, resolved } from '../support/journal-drafts.ts';

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), calls: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('resolve' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('cover' as const), settle: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(500, 2500) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rotate' as const), settle: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      nth: fc.nat(12),
      fault: fc.constantFrom('fails' as const, 'short' as const),
      dead: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('mend' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** @returns the bench that stands at the end, open and on a disk that works */
async function take(steps: readonly Step[]): Promise<CheckpointBench> {
  let bench = checkpointBench();
  await bench.open();
  let underWay: Promise<unknown>[] = [];
  const begin = (task: Promise<unknown>): void => {
    underWay.push(
      task.catch((error: unknown) => {
        if (!(error instanceof JournalError)) throw error;
      }),
    );
  };
  const settle = async (): Promise<void> => {
    await Promise.all(underWay);
    underWay = [];
  };
  let calls = 0;
  for (const each of steps) {
    switch (each.kind) {
      case 'append':
        for (let i = 0; i < each.calls; i += 1) begin(bench.journal.append(allowed(`c${(calls += 1)}`)));
        break;
      case 'resolve': {
        const id = requestId(bench.clock);
        await bench.journal.append(held(id, bench.clock), at(id, null));
        await bench.journal.append([decided(id), resolved(id)], at(id, bench.ledger.version(id) ?? null));
        break;
      }
      case 'cover':
      case 'rotate':
        begin(each.kind === 'cover' ? bench.cover() : bench.checkpoints.rotate('by chance'));
        if (each.settle) await settle();
        break;
      case 'wait':
        bench.clock.advance(each.ms);
        break;
      case 'fault':
        bench.disk.arm(each.nth, each.fault, each.dead);
        break;
      case 'mend':
        bench.disk.arm();
        break;
      case 'restart':
        await settle();
        bench.disk.arm();
        await bench.reopen();
        break;
      case 'crash': {
        // Copied in one turn: what a process that is killed now leaves.
        const after = await bench.crashed();
        await settle();
        bench.disk.arm();
        await bench.close();
        bench = after;
        await bench.open();
        break;
      }
    }
  }
  await settle();
  bench.disk.arm();
  return bench;
}

test('whatever happens, all that was ever given out is extended by the log at the end', async () => {
  let given = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const bench = await take(steps);
      await bench.cover();
      assert.is(bench.checkpoints.trouble(), undefined);
      assert.equal(await wrongIn(bench), []);
      await bench.reopen();
      assert.equal(await wrongIn(bench), []);
      given += bench.given.length;
      await bench.close();
    }),
    { numRuns: 60 },
  );
  // Each run ends with one at least.
  assert.ok(given >= 60, String(given));
});

test.run();
