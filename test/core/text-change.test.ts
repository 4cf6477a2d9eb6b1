import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { textChange } from '../../src/core/text-change.ts';

const CASES: readonly (readonly [string, string, string, string, string, string, string])[] = [
  ['the middle', 'send to Ann now', 'send to Eve now', 'send to ', 'Ann', 'Eve', ' now'],
  ['something added', 'ab', 'axb', 'a', '', 'x', 'b'],
  ['something removed', 'axb', 'ab', 'a', 'x', '', 'b'],
  ['all of it', 'abc', 'xyz', '', 'abc', 'xyz', ''],
  ['nothing', 'same', 'same', 'same', '', '', ''],
  ['a repeated part', 'aa', 'aaa', 'aa', '', 'a', ''],
  ['the end of a pair', 'a😀b', 'a😁b', 'a', '😀', '😁', 'b'],
  ['the beginning of a pair', 'a\u{1F600}b', 'a\u{1FA00}b', 'a', '\u{1F600}', '\u{1FA00}', 'b'],
];

for (const [what, was, now, before, gone, come, after] of CASES) {
  test(`what differs is ${what}`, () => {
    assert.equal(textChange(was, now), { before, was: gone, now: come, after });
  });
}

test.run();
