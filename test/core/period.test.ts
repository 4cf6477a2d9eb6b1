import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { monthOf, periodOf, quarterOf, wordsOf } from '../../src/core/period.ts';

for (const [first, last, from, to] of [
  ['2026-11-01', '2026-11-30', '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
  ['2028-02-29', '2028-02-29', '2028-02-29T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  [
    '2026-11-01T10:00:00+02:00',
    '2026-11-01T08:30:00Z',
    '2026-11-01T08:00:00.000Z',
    '2026-11-01T08:30:00.000Z',
  ],
] as const)
  test(`the period from ${first} to ${last}`, () => {
    assert.equal(periodOf(first, last), { from, to });
  });

for (const [first, last, why] of [
  [
    '',
    '2026-11-30',
    'The beginning of the period must be a day such as 2026-11-30, or a time such as 2026-11-30T12:00:00Z.',
  ],
  [
    '2026-11-01',
    '2026-11-31',
    'The end of the period must be a day such as 2026-11-30, or a time such as 2026-11-30T12:00:00Z.',
  ],
  [
    '2026-11-01T10:00:00',
    '2026-11-30',
    'The beginning of the period must be a day such as 2026-11-30, or a time such as 2026-11-30T12:00:00Z.',
  ],
  ['2026-11-02', '2026-11-01', 'The period must end after it begins.'],
  ['2026-11-01T10:00:00Z', '2026-11-01T10:00:00Z', 'The period must end after it begins.'],
] as const)
  test(`there is no period from ${JSON.stringify(first)} to ${last}`, () => {
    assert.is(periodOf(first, last), why);
  });

test('a period is written in days where it consists of them, and in times otherwise', () => {
  assert.equal(wordsOf({ from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' }), {
    first: '2026-11-01',
    last: '2026-11-30',
  });
  assert.equal(wordsOf({ from: '2026-11-01T08:00:00.000Z', to: '2026-11-01T09:00:00.000Z' }), {
    first: '2026-11-01T08:00:00.000Z',
    last: '2026-11-01T09:00:00.000Z',
  });
});

test('months and quarters of the calendar go over the turn of the year', () => {
  const at = Date.parse('2026-01-31T23:59:59.999Z');
  assert.equal(monthOf(at), { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' });
  assert.equal(monthOf(at, -1), { from: '2025-12-01T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z' });
  assert.equal(quarterOf(at), { from: '2026-01-01T00:00:00.000Z', to: '2026-04-01T00:00:00.000Z' });
  assert.equal(quarterOf(at, -1), { from: '2025-10-01T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z' });
});

test.run();
