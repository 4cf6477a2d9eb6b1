import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LimitError } from '../../src/core/errors.ts';
import { createLimits, type LimitKind } from '../../src/reviewers/limits.ts';
import { rejection } from '../support/rejects.ts';

const ALLOWED: readonly (readonly [LimitKind, number, number])[] = [
  ['link', 60, 300],
  ['confirm', 10, 900],
  ['sign_in', 20, 900],
  ['code', 20, 3600],
  ['api', 600, 60],
  ['key', 300, 60],
  ['bearer', 20, 900],
];

for (const [kind, times, seconds] of ALLOWED) {
  test(`${times} of ${kind} are let through, and then a time is told`, async () => {
    const limits = createLimits();
    for (let n = 0; n < times; n += 1) {
      await limits.check(kind, 'a');
      await limits.count(kind, 'a');
    }
    for (const refused of [limits.check(kind, 'a'), limits.count(kind, 'a'), limits.check(kind, 'a')]) {
      const error = await rejection(refused);
      assert.instance(error, LimitError);
      const { code, retry_after, message } = error as LimitError;
      assert.is(code, 'too_many_tries');
      assert.ok(Number.isInteger(retry_after));
      assert.ok(retry_after > 0 && retry_after <= seconds, String(retry_after));
      assert.match(
        message,
        /^There were too many tries in a short time\. Try again in \d+ (seconds|minutes)\.$/,
      );
    }
  });

  test(`one key's ${kind} is not another's, and not another kind's`, async () => {
    const limits = createLimits();
    for (let n = 0; n < times; n += 1) await limits.count(kind, 'a');
    await limits.check(kind, 'b');
    await limits.count(kind, 'b');
    for (const [other] of ALLOWED) if (other !== kind) await limits.check(other, 'a');
    assert.instance(await rejection(limits.check(kind, 'a')), LimitError);
  });
}

test('to look counts nothing', async () => {
  const limits = createLimits();
  for (let n = 0; n < 100; n += 1) await limits.check('confirm', 'a');
  await limits.count('confirm', 'a');
  await limits.check('confirm', 'a');
});

test('keys are told apart, whatever they are called', async () => {
  const limits = createLimits();
  for (const key of ['__proto__', 'constructor', '', ':', 'sign_in:a', 'a\nb'])
    for (let n = 0; n < 10; n += 1) await limits.count('confirm', key);
  await limits.check('confirm', 'toString');
  await limits.check('sign_in', 'a');
  assert.instance(await rejection(limits.check('confirm', '__proto__')), LimitError);
  assert.instance(await rejection(limits.check('confirm', '')), LimitError);
});

test('tries that come at once are counted each', async () => {
  const limits = createLimits();
  const all = await Promise.allSettled(Array.from({ length: 15 }, () => limits.count('confirm', 'a')));
  assert.is(all.filter(({ status }) => status === 'fulfilled').length, 10);
});

test('of very many keys the ones counted longest ago are forgotten, and no other', async () => {
  const limits = createLimits();
  for (let n = 0; n < 10; n += 1) await limits.count('confirm', 'idle');
  for (let n = 0; n < 10; n += 1) await limits.count('confirm', 'busy');
  for (let n = 0; n < 9_999; n += 1) await limits.count('confirm', `other ${n}`);
  assert.instance(await rejection(limits.count('confirm', 'busy')), LimitError);
  await limits.check('confirm', 'idle');
  await limits.count('confirm', 'one more');
  assert.instance(await rejection(limits.check('confirm', 'busy')), LimitError);
});

test('one set of limits knows nothing of another', async () => {
  const first = createLimits();
  for (let n = 0; n < 10; n += 1) await first.count('confirm', 'a');
  await createLimits().check('confirm', 'a');
});

test('who is counted is told how much is left', async () => {
  const limits = createLimits();
  const { reset, ...quota } = await limits.count('key', 'a');
  assert.equal(quota, { limit: 300, window: 60, left: 299 });
  assert.ok(reset > 0 && reset <= 60);
  assert.is((await limits.count('key', 'a')).left, 298);
  assert.is((await limits.count('key', 'b')).left, 299);
});

test.run();
