import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleBench } from '../../support/bundle-bench.ts';
import { allowed, completed, wholeStory } from '../../support/journal-drafts.ts';

test('a bundle holds the lines, the population and the proofs of a period', async () => {
  const bench = await bundleBench();
  await bench.journal.append(allowed('before'));
  await bench.cover();
  bench.clock.advance(24 * 3_600_000);
  await bench.journal.append([...allowed('one'), completed('one')]);
  await wholeStory(bench.journal, bench.clock);
  await bench.cover();
  const period = { from: '2026-11-24T00:00:00.000Z', to: '2026-11-25T00:00:00.000Z' };
  const { out, input } = await bench.make({ period, seed: 'fixed' });
  await bench.close();
  assert.ok(existsSync(join(out, 'VERIFY.md')));
  assert.is(input.tally.calls, 2);
});

test.run();
