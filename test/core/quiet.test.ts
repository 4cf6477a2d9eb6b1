import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { quietUntil } from '../../src/core/quiet.ts';

const BERLIN = { from: 22 * 60, to: 7 * 60, zone: 'Europe/Berlin' };

function ends(quiet: Parameters<typeof quietUntil>[0], at: string): string | undefined {
  const end = quietUntil(quiet, Date.parse(at));
  return end === undefined ? undefined : new Date(end).toISOString();
}

const CASES: readonly (readonly [string, Parameters<typeof quietUntil>[0], string, string | undefined])[] = [
  ['nobody who named none is quiet', undefined, '2026-11-23T02:00:00Z', undefined],
  ['a minute before they begin they have not begun', BERLIN, '2026-11-23T20:59:59.999Z', undefined],
  ['they begin with their first minute', BERLIN, '2026-11-23T21:00:00Z', '2026-11-24T06:00:00.000Z'],
  ['over midnight they end in the morning', BERLIN, '2026-11-24T02:34:56Z', '2026-11-24T06:00:00.000Z'],
  ['their last minute belongs to them', BERLIN, '2026-11-24T05:59:59.999Z', '2026-11-24T06:00:00.000Z'],
  ['when they end they are over', BERLIN, '2026-11-24T06:00:00Z', undefined],
  [
    'within a day they end on the same one',
    { from: 12 * 60, to: 13 * 60 + 30, zone: 'UTC' },
    '2026-11-23T12:10:00Z',
    '2026-11-23T13:30:00.000Z',
  ],
  [
    'hours that end when they begin are none',
    { from: 60, to: 60, zone: 'UTC' },
    '2026-11-23T01:00:00Z',
    undefined,
  ],
  [
    'in summer time the same clock is an hour earlier',
    BERLIN,
    '2026-07-01T23:00:00Z',
    '2026-07-02T05:00:00.000Z',
  ],
  [
    'the night in which clocks go forward is an hour shorter',
    BERLIN,
    '2026-03-28T21:30:00Z',
    '2026-03-29T05:00:00.000Z',
  ],
  [
    'the night in which clocks go back is an hour longer',
    BERLIN,
    '2026-10-24T20:30:00Z',
    '2026-10-25T06:00:00.000Z',
  ],
  [
    'an end that the clock jumps over is the jump',
    { from: 22 * 60, to: 2 * 60 + 30, zone: 'Europe/Berlin' },
    '2026-03-28T23:00:00Z',
    '2026-03-29T01:00:00.000Z',
  ],
  [
    'an end that the clock shows twice is the first',
    { from: 22 * 60, to: 2 * 60 + 30, zone: 'Europe/Berlin' },
    '2026-10-24T22:00:00Z',
    '2026-10-25T00:30:00.000Z',
  ],
  [
    'places whose clocks are off by a quarter of an hour keep theirs',
    { from: 22 * 60, to: 7 * 60, zone: 'Asia/Kathmandu' },
    '2026-11-23T18:00:00Z',
    '2026-11-24T01:15:00.000Z',
  ],
  [
    'where clocks move by half an hour they are right, too',
    { from: 22 * 60, to: 7 * 60, zone: 'Australia/Lord_Howe' },
    '2026-10-03T12:30:00Z',
    '2026-10-03T20:00:00.000Z',
  ],
];

for (const [title, quiet, at, end] of CASES) {
  test(title, () => assert.is(ends(quiet, at), end));
}

test('whatever the moment of a year, what is called the end is the first minute that is not quiet', () => {
  const shown = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Berlin',
    timeStyle: 'short',
  });
  let seen = 0;
  for (
    let at = Date.parse('2026-01-01T00:00:00Z');
    at < Date.parse('2027-01-01T00:00:00Z');
    at += 7_000_000
  ) {
    const end = quietUntil(BERLIN, at);
    const hour = Number(shown.format(at).slice(0, 2));
    assert.is(end !== undefined, hour >= 22 || hour < 7);
    if (end === undefined) continue;
    seen += 1;
    assert.is(shown.format(end), '07:00');
    assert.ok(end - at <= 10 * 3_600_000);
  }
  assert.ok(seen > 1000);
});

test.run();
