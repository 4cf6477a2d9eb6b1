import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareArguments } from '../../src/core/argument-diff.ts';

/** As `path: change` lines, with the former value behind what was changed. */
function told(args: Parameters<typeof compareArguments>[0], earlier: typeof args) {
  const { rows, removed, differences } = compareArguments(args, earlier);
  return [
    ...rows.map(({ row, change, was }) => `${row.key}: ${change}${was ? ` from ${was.text}` : ''}`),
    ...removed.map((row) => `${row.key}: removed ${row.text}`),
    `${differences} differences`,
  ];
}

test('each leaf is same, changed with its former value, added or removed', () => {
  assert.equal(
    told(
      { path: '/srv/b.md', mode: 'overwrite', tags: ['x', 'y'] },
      { path: '/srv/a.md', mode: 'overwrite', tags: ['x'], force: false },
    ),
    [
      'path: changed from /srv/a.md',
      'mode: same',
      'tags[0]: same',
      'tags[1]: added',
      'force: removed false',
      '3 differences',
    ],
  );
});

test('a number and the text of the same digits are not the same', () => {
  assert.equal(told({ amount: '10' }, { amount: 10 }), ['amount: changed from 10', '1 differences']);
});

test('a character that is not seen makes a value another one', () => {
  assert.equal(told({ to: 'a\u200bb' }, { to: 'ab' }), ['to: changed from ab', '1 differences']);
});

test('the order of members makes no difference', () => {
  assert.equal(told({ a: 1, b: 2 }, { b: 2, a: 1 }), ['a: same', 'b: same', '0 differences']);
});

test('an argument named as a row that holds all arguments is not taken for one', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`) as Record<string, never>;
  const { rows, removed } = compareArguments({ 'all arguments': 1 }, deep);
  assert.equal(
    rows.map(({ row, change }) => [row.key, change]),
    [['["all arguments"]', 'added']],
  );
  assert.equal(
    removed.map((row) => row.key),
    ['all arguments'],
  );
});

test.run();
