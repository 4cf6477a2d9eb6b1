import * as fc from 'fast-check';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JournalError, TransitionError } from '../../src/core/errors.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { Durability } from '../../src/journal/journal.ts';
import { verifyJournal } from '../../src/evidence/verify.ts';
import { diskError } from '../support/faulty-disk.ts';
import {
  allowed,
  at,
  claimed,
  completed,
  decided,
  held,
  requestId,
  resolved,
  started,
  succeeded,
} from '../support/journal-drafts.ts';
import { jsonlBench, type JsonlBench } from '../support/jsonl-bench.ts';
import { all } from '../support/journal-suite.ts';
import { mustBeTheTree } from '../support/tree-suite.ts';

type Step =
  | { readonly kind: 'call' | 'end'; readonly call: number; readonly durability: Durability }
  | { readonly kind: 'request'; readonly request: number; readonly change: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'turns'; readonly turns: number }
  | { readonly kind: 'full'; readonly room: number }
  | { readonly kind: 'settle' | 'break' | 'mend' | 'restart' | 'hold' | 'release' };

const durability = fc.constantFrom<Durability>('synced', 'written', 'behind');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('call' as const, 'end' as const),
      call: fc.nat(6),
      durability,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('request' as const), request: fc.nat(2), change: fc.nat(5) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turns' as const), turns: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('full' as const), room: fc.nat(1200) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('settle', 'break', 'mend', 'restart', 'hold', 'release'),
    }),
  },
);

/** Takes the steps without waiting for one before the next. Illegal ones are refused, which is no failure. */
async function take(bench: JsonlBench, steps: readonly Step[]): Promise<void> {
  const ids = [0, 1, 2].map(() => requestId(bench.clock));
  let underWay: Promise<unknown>[] = [];
  const append = (...args: Parameters<JsonlBench['journal']['append']>) => {
    underWay.push(
      bench.journal.append(...args).catch((error: unknown) => {
        if (!(error instanceof TransitionError) && !(error instanceof JournalError)) throw error;
      }),
    );
  };
  let release = (): void => undefined;
  const hold = () => {
    release();
    bench.disk.holdSync = new Promise((resolve) => {
      release = resolve;
    });
  };
  const settle = async () => {
    bench.disk.holdSync = Promise.resolve();
    release();
    await Promise.all(underWay);
    underWay = [];
  };
  const mend = () => {
    bench.disk.syncError = undefined;
    bench.disk.room = Number.POSITIVE_INFINITY;
  };
  for (const each of steps) {
    switch (each.kind) {
      case 'call':
        append(allowed(`c${each.call}`), { durability: each.durability });
        break;
      case 'end':
        append([completed(`c${each.call}`)], { durability: each.durability });
        break;
      case 'request': {
        const id = ids[each.request] ?? '';
        const changes = [
          held(id, bench.clock),
          [decided(id), resolved(id)],
          [claimed(id)],
          [started(id)],
          [succeeded(id)],
        ];
        append(
          changes[each.change] ?? [decided(id, 'carol', 'reject')],
          at(id, bench.ledger.version(id) ?? null),
        );
        break;
      }
      case 'wait':
        bench.clock.advance(each.ms);
        break;
      case 'turns':
        for (let turn = 0; turn < each.turns; turn += 1) await Promise.resolve();
        break;
      case 'settle':
        await settle();
        break;
      case 'hold':
        hold();
        break;
      case 'release':
        release();
        break;
      case 'break':
        bench.disk.syncError = diskError('EIO');
        break;
      case 'full':
        bench.disk.room = each.room;
        break;
      case 'mend':
        mend();
        break;
      case 'restart':
        await settle();
        mend();
        await bench.reopen();
        break;
    }
  }
  await settle();
  mend();
  // A sync that began before may still fail, and takes down with it whatever is appended until then.
  await bench.journal.sync().catch(() => undefined);
}

test('whatever happens in whatever order, the journal replays to the state that the host had', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const bench = await jsonlBench();
      await take(bench, steps);
      await bench.journal.append([
        { type: 'tool.registered', server: 's', tool: 't', definition_sha256: 'd'.repeat(64) },
      ]);
      const entries = await all(bench.journal.read(0));
      const replayed = new Ledger();
      for (const entry of entries) replayed.apply(entry);
      assert.equal(replayed.save(), bench.ledger.save());
      await mustBeTheTree(bench.journal);
      const before = bench.ledger.save();
      await bench.reopen();
      assert.equal(bench.ledger.save(), before);
      await bench.journal.close();
      await bench.disk.remove(join(bench.dir, 'snapshot.json'));
      await bench.open();
      assert.equal(bench.ledger.save(), before);
      await mustBeTheTree(bench.journal);
      await bench.journal.close();
      const verdict = await verifyJournal({ dir: bench.dir, now: bench.clock.now() });
      assert.equal(verdict.problems, []);
    }),
    { numRuns: 150 },
  );
});

test.run();
