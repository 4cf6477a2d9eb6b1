import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { argumentRows, excerpt, type Row } from '../../src/core/argument-rows.ts';
import type { Json } from '../../src/core/json.ts';
import type { Segment } from '../../src/core/reveal.ts';

const plain = (segments: readonly Segment[]): string =>
  segments.map((each) => (each.kind === 'text' ? each.text : `[${each.label}]`)).join('');
const brief = (row: Row): string => `${plain(row.path)} ${row.type} ${plain(row.value)}`;

test('each leaf is a row with its path, its type and its value', () => {
  const args = { path: '/srv/a', options: { tags: ['x', 7], dry: false, owner: null, none: {}, list: [] } };
  assert.equal(argumentRows(args).map(brief), [
    'path text /srv/a',
    'options.tags[0] text x',
    'options.tags[1] number 7',
    'options.dry boolean false',
    'options.owner null null',
    'options.none empty object {}',
    'options.list empty list []',
  ]);
});

test('no arguments are no rows', () => {
  assert.equal(argumentRows({}), []);
});

test('a name that could pass for a path stands in quotes', () => {
  assert.equal(argumentRows({ 'a.b[0]': 1, '': 2, 'x" = "y': 3 }).map(brief), [
    '["a.b[0]"] number 1',
    '[""] number 2',
    '["x\\" = \\"y"] number 3',
  ]);
});

test('what hides in a name is made visible', () => {
  assert.is(brief(argumentRows({ 'a\u202eb': 1 })[0]!), '["a[U+202E right-to-left override]b"] number 1');
});

test('a name in another script than Latin stands in quotes', () => {
  assert.is(brief(argumentRows({ раth: 'x' })[0]!), '["раth"] text x');
});

test('a member called __proto__ is shown like any other', () => {
  const args = JSON.parse('{"__proto__": {"admin": true}}') as Record<string, Json>;
  assert.equal(argumentRows(args).map(brief), ['__proto__.admin boolean true']);
});

test('very many leaves come as one row of JSON with all of them', () => {
  const [row, ...others] = argumentRows({ list: Array.from({ length: 600 }, (_, index) => index) });
  assert.is(others.length, 0);
  assert.is(row?.type, 'JSON');
  assert.equal(JSON.parse(plain(row?.value ?? [])), {
    list: Array.from({ length: 600 }, (_, index) => index),
  });
});

test('very deep arguments come as one row of JSON with all of them', () => {
  let deep: Json = 'bottom';
  for (let level = 0; level < 40; level += 1) deep = [deep];
  const [row] = argumentRows({ deep });
  assert.is(row?.type, 'JSON');
  assert.match(plain(row?.value ?? []), 'bottom');
});

test('the characters of a value are counted as people count them', () => {
  assert.is(argumentRows({ a: '🙂🙂é' })[0]?.characters, 3);
});

test('an excerpt of little is all of it', () => {
  const of = excerpt({ path: '/srv/a' }, 600);
  assert.is(of.shown, 10);
  assert.is(of.total, 10);
  assert.is(of.rows[0]?.left_out, 0);
});

test('an excerpt shows short values whole and cuts the long one, to the character', () => {
  const of = excerpt({ content: 'x'.repeat(8000), path: '/srv/a' }, 200);
  assert.is(of.total, 8017);
  assert.is(of.shown, 200);
  assert.is(of.rows[0]?.left_out, 7817);
  assert.is(plain(of.rows[1]?.value ?? []), '/srv/a');
});

test('an excerpt of many arguments counts the rows that it leaves out', () => {
  const of = excerpt(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, 'v'])), 600);
  assert.is(of.rows.length, 12);
  assert.is(of.rows_left_out, 8);
  assert.is(of.total - of.shown, 32);
});

test('an excerpt never cuts a character in two', () => {
  const of = excerpt({ a: '🙂'.repeat(10) }, 4);
  assert.is(plain(of.rows[0]?.value ?? []), '🙂🙂🙂');
});

test('an excerpt cuts a name that is too long and counts what is missing', () => {
  const of = excerpt({ ['k'.repeat(500)]: 'v' }, 600);
  assert.is(of.rows[0]?.left_out, 420);
});

test.run();
