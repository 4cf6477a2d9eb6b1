import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createIdempotency } from '../../../src/web/api/idempotency.ts';
import { FakeClock } from '../../support/clock.ts';
import { rejection } from '../../support/rejects.ts';

const HOUR_MS = 60 * 60_000;

function bench(max = 3) {
  const clock = new FakeClock();
  const idempotency = createIdempotency<number>(clock, max);
  let done = 0;
  const ask = (key: string, fingerprint = 'f') =>
    idempotency.once({ key, fingerprint }, async () => (done += 1));
  return { clock, idempotency, ask, done: () => done };
}

test('what is asked for twice is done once', async () => {
  const { ask, done } = bench();
  assert.equal(await Promise.all([ask('a'), ask('a')]), [
    { kind: 'answered', answer: 1, again: false },
    { kind: 'answered', answer: 1, again: true },
  ]);
  assert.equal(await ask('a'), { kind: 'answered', answer: 1, again: true });
  assert.equal(await ask('a', 'other'), { kind: 'reused' });
  assert.is(done(), 1);
});

test('what failed is not kept, and what waited for it fails with it', async () => {
  const { idempotency, ask } = bench();
  const failing = () =>
    idempotency.once({ key: 'a', fingerprint: 'f' }, () => Promise.reject(new Error('disk')));
  const both = await Promise.all([rejection(failing()), rejection(ask('a'))]);
  assert.equal(
    both.map((error) => (error as Error).message),
    ['disk', 'disk'],
  );
  assert.equal(await ask('a', 'other'), { kind: 'answered', answer: 1, again: false });
});

test('answers are kept for a day, and so many', async () => {
  const { clock, ask } = bench();
  await ask('a');
  clock.advance(24 * HOUR_MS - 1);
  assert.equal(await ask('a'), { kind: 'answered', answer: 1, again: true });
  clock.advance(1);
  assert.equal(await ask('a', 'other'), { kind: 'answered', answer: 2, again: false });
  for (const key of ['b', 'c', 'd']) await ask(key);
  assert.equal(await ask('d'), { kind: 'answered', answer: 5, again: true });
  assert.equal(await ask('a', 'third'), { kind: 'answered', answer: 6, again: false });
});

test.run();
