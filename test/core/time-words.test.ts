import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { untilInWords, counted, duration, utc } from '../../src/core/time-words.ts';

test('a time is written with its month as a word and its zone', () => {
  assert.is(utc('2026-11-23T09:05:59.123Z'), '23 Nov 2026, 09:05 UTC');
});

const DURATIONS: readonly (readonly [number, string])[] = [
  [0, 'less than a minute'],
  [59_999, 'less than a minute'],
  [60_000, '1 minute'],
  [28 * 60_000, '28 minutes'],
  [119 * 60_000, '119 minutes'],
  [120 * 60_000, '2 hours'],
  [47.9 * 3_600_000, '47 hours'],
  [72 * 3_600_000, '3 days'],
];

for (const [ms, words] of DURATIONS) {
  test(`${ms} ms are ${words}`, () => {
    assert.is(duration(ms), words);
  });
}

test('numbers are grouped by thousands and units are plural where they have to be', () => {
  assert.is(`${counted(8120, 'character')}, ${counted(1, 'line')}`, '8,120 characters, 1 line');
});

test('what is left of a time is told to the nearest minute', () => {
  const now = Date.parse('2026-11-23T10:00:00.004Z');
  assert.is(untilInWords('2026-11-24T10:00:00.000Z', now), '24 hours');
  assert.is(untilInWords('2026-11-23T10:30:00.000Z', now), '30 minutes');
  assert.is(untilInWords('2026-11-23T10:00:20.000Z', now), 'less than a minute');
});

test.run();
