import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { barChart, longest } from '../../../src/evidence/report/charts/bars.ts';
import { niceTop } from '../../../src/evidence/report/charts/chart.ts';
import { columnChart } from '../../../src/evidence/report/charts/columns.ts';
import { Html } from '../../../src/evidence/report/html.ts';
import { stretchesOf } from '../../../src/evidence/report/charts/stretches.ts';

const WORDS = { id: 'chart-x', title: 'By x', description: 'What is x.' };

function rectangles(svg: Html | string, kind: string): readonly string[] {
  return (svg instanceof Html ? svg.text : svg).match(new RegExp(`<rect class="${kind}"[^>]*>`, 'g')) ?? [];
}

test('a chart says what it is to who cannot see it', () => {
  const svg = barChart(WORDS, [{ name: 'a', values: [1] }], ['first']).text;
  assert.match(svg, 'role="img" aria-labelledby="chart-x-title chart-x-desc"');
  assert.match(svg, '<title id="chart-x-title">By x</title>');
  assert.match(svg, '<desc id="chart-x-desc">What is x.</desc>');
});

test('bars of nothing are drawn without a number that is none', () => {
  const svg = barChart(WORDS, [], ['first']).text;
  assert.match(svg, 'viewBox="0 0 420 32"');
  assert.is(rectangles(svg, 'first').length, 0);
  assert.not(/NaN|Infinity/.test(svg));
});

test('one bar is as long as the chart, and the others in their proportion', () => {
  const bars = [
    { name: 'a', values: [8] },
    { name: 'b', values: [2] },
    { name: 'c', values: [0] },
  ];
  assert.equal(rectangles(barChart(WORDS, bars.slice(0, 1), ['first']), 'first'), [
    '<rect class="first" x="0" y="17" width="420" height="9"/>',
  ]);
  assert.equal(rectangles(barChart(WORDS, bars, ['first']), 'first'), [
    '<rect class="first" x="0" y="17" width="420" height="9"/>',
    '<rect class="first" x="0" y="49" width="105" height="9"/>',
  ]);
});

test('two series of a bar stand one behind the other', () => {
  const svg = barChart(WORDS, [{ name: 'a', values: [3, 1] }], ['first', 'third']);
  assert.equal(rectangles(svg, 'first'), ['<rect class="first" x="0" y="17" width="315" height="9"/>']);
  assert.equal(rectangles(svg, 'third'), ['<rect class="third" x="315" y="17" width="105" height="9"/>']);
});

test('what is beyond the longest is put together, and nothing is lost', () => {
  const bars = Array.from({ length: 30 }, (_, index) => ({ name: `n${index}`, values: [index, 1] }));
  const few = longest(bars, 3, (count) => `${count} others`);
  assert.equal(few, [
    { name: 'n29', values: [29, 1] },
    { name: 'n28', values: [28, 1] },
    { name: '28 others', values: [378, 28] },
  ]);
  assert.equal(longest(bars.slice(0, 1), 3, String), [{ name: 'n0', values: [0, 1] }]);
});

test('bars of one length stand in the order of their names', () => {
  const bars = ['b', 'a', 'c'].map((name) => ({ name, values: [1] }));
  assert.equal(
    longest(bars, 5, String).map(({ name }) => name),
    ['a', 'b', 'c'],
  );
});

test('columns stand on the ground, series on series, under a round number', () => {
  const svg = columnChart(WORDS, [{ name: '2026-11-30', values: [30, 17] }], ['first', 'second']);
  assert.equal(rectangles(svg, 'first'), ['<rect class="first" x="209" y="80" width="40" height="70"/>']);
  assert.equal(rectangles(svg, 'second'), [
    '<rect class="second" x="209" y="40.33" width="40" height="39.67"/>',
  ]);
  assert.match(svg.text, '>60</text>');
  assert.match(svg.text, '>30 Nov</text>');
});

test('columns of nothing are drawn, and so are many', () => {
  assert.not(/NaN|Infinity/.test(columnChart(WORDS, [], ['first']).text));
  const many = Array.from({ length: 62 }, (_, index) => ({ name: String(index), values: [index] }));
  const svg = columnChart(WORDS, many, ['first']).text;
  assert.is(rectangles(svg, 'first').length, 61);
  assert.not(/NaN|Infinity/.test(svg));
});

test('the top of a scale is the least round number that is not below', () => {
  assert.equal(
    [0, 1, 3, 7, 10, 11, 47, 100, 101, 1999].map(niceTop),
    [2, 2, 4, 8, 10, 20, 60, 100, 200, 2000],
  );
});

test('days without a call stand among the others', () => {
  const period = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-04T00:00:00.000Z' };
  assert.equal(stretchesOf(period, { '2026-11-02': { calls: 5, held: 2 } }), {
    unit: 'day',
    columns: [
      { name: '2026-11-01', values: [0, 0] },
      { name: '2026-11-02', values: [2, 3] },
      { name: '2026-11-03', values: [0, 0] },
    ],
  });
});

test('a part of a day at either end is a day', () => {
  const period = { from: '2026-11-01T23:00:00.000Z', to: '2026-11-02T01:00:00.000Z' };
  assert.equal(
    stretchesOf(period, {}).columns.map(({ name }) => name),
    ['2026-11-01', '2026-11-02'],
  );
});

test('a longer period is drawn by week, month or year, with every call in it', () => {
  const day = { '2026-03-09': { calls: 4, held: 1 }, '2026-03-31': { calls: 2, held: 2 } };
  const quarter = stretchesOf({ from: '2026-01-01T00:00:00.000Z', to: '2026-04-01T00:00:00.000Z' }, day);
  assert.is(quarter.unit, 'week');
  assert.is(quarter.columns.length, 13);
  assert.equal(
    quarter.columns.filter(({ values }) => values.some((value) => value > 0)),
    [
      { name: '2026-03-05', values: [1, 3] },
      { name: '2026-03-26', values: [2, 0] },
    ],
  );
  const years = stretchesOf({ from: '2024-01-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' }, day);
  assert.is(years.unit, 'month');
  assert.is(years.columns.length, 36);
  assert.equal(
    years.columns.find(({ name }) => name === '2026-03'),
    { name: '2026-03', values: [3, 3] },
  );
  const long = stretchesOf({ from: '1990-01-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' }, day);
  assert.is(long.unit, 'year');
  assert.is(long.columns.length, 37);
});

test.run();
