import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId, timeOfId } from '../../src/core/ids.ts';
import { seededRandom } from '../support/clock.ts';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');

test('an id is its prefix and 26 characters of lower-case base 32', () => {
  assert.match(newId('apr', NOW, seededRandom()), /^apr_[0-9a-hjkmnp-tv-z]{26}$/);
});

test('an id tells when it was made', () => {
  assert.is(timeOfId(newId('apr', NOW, seededRandom())), NOW);
});

test('ids sort by the time at which they were made', () => {
  const random = seededRandom();
  assert.ok(newId('apr', NOW, random) < newId('apr', NOW + 1, random));
});

test('two ids of the same instant differ', () => {
  const random = seededRandom();
  assert.is.not(newId('apr', NOW, random), newId('apr', NOW, random));
});

for (const text of [
  '',
  'apr_',
  'apr_01',
  'apr_0000000000000000000000000u',
  '../apr_00000000000000000000000000',
]) {
  test(`${JSON.stringify(text)} is not an id`, () => {
    assert.is(timeOfId(text), undefined);
  });
}

test.run();
