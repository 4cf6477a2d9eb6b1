import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCheckpointSource, type NoteSigner } from '../../src/notify/checkpoint-source.ts';
import { FakeClock } from '../support/clock.ts';

function setUp(checkpoints: NoteSigner) {
  const clock = new FakeClock();
  const logged: string[] = [];
  const source = createCheckpointSource({ checkpoints, clock, log: (line) => logged.push(line) });
  return { clock, logged, source };
}

const FULL = 'The checkpoint cannot be written: the disk is full.';

test('what goes out is a note over all that is durable', async () => {
  const { source, logged } = setUp({
    newest: () => ({ note: 'older' }),
    cover: async () => ({ note: 'covering' }),
  });
  assert.is(await source(), 'covering');
  assert.equal(logged, []);
});

test('where none can be signed the newest goes out, and the reason is logged once until it changes', async () => {
  let trouble: string | undefined = FULL;
  const { source, logged } = setUp({
    newest: () => ({ note: 'older' }),
    cover: async () => {
      if (trouble !== undefined) throw new Error(trouble);
      return { note: 'covering' };
    },
  });
  assert.is(await source(), 'older');
  assert.is(await source(), 'older');
  assert.equal(logged, [
    `notify: No checkpoint covers what is sent, so an older one goes with it, or none: ${FULL}`,
  ]);
  trouble = undefined;
  assert.is(await source(), 'covering');
  trouble = FULL;
  await source();
  assert.is(logged.length, 2);
});

test('where there is none at all nothing goes out, and nothing is thrown', async () => {
  const { source } = setUp({
    newest: () => undefined,
    cover: () => {
      throw new Error(FULL);
    },
  });
  assert.is(await source(), undefined);
});

test('nobody waits longer than five seconds for a signature', async () => {
  const { source, clock, logged } = setUp({
    newest: () => ({ note: 'older' }),
    cover: () => new Promise(() => undefined),
  });
  const asked = source();
  clock.advance(4999);
  assert.equal(logged, []);
  clock.advance(1);
  assert.is(await asked, 'older');
  assert.match(logged[0] ?? '', 'It took longer than 5 seconds.');
});

test.run();
