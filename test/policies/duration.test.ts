import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatDuration, parseDuration } from '../../src/policies/duration.ts';

const CASES: readonly (readonly [string, number])[] = [
  ['20s', 20_000],
  ['30m', 1_800_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['0s', 0],
  ['20d', 1_728_000_000],
];
for (const [text, ms] of CASES) {
  test(`${text} is ${ms} milliseconds`, () => {
    assert.is(parseDuration(text), ms);
  });
  test(`${ms} milliseconds are written as ${text}`, () => {
    assert.is(formatDuration(ms), text);
  });
}

for (const text of ['', '30', 'm', '1.5h', '-1s', '1h30m', ' 1s', '1 s', '5M', '1w', '21d', '99999999s']) {
  test(`${JSON.stringify(text)} is not a duration`, () => {
    assert.is(parseDuration(text), undefined);
  });
}

test.run();
