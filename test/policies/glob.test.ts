import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGlob, compileGlobs } from '../../src/policies/glob.ts';

const CASES: readonly (readonly [string, string, boolean])[] = [
  ['read_file', 'read_file', true],
  ['read_file', 'read_files', false],
  ['read_*', 'read_file', true],
  ['read_*', 'read_', true],
  ['read_*', 'xread_file', false],
  ['*_file', 'write_file', true],
  ['*_file', 'write_file2', false],
  ['*', '', true],
  ['*', 'anything/at all', true],
  ['a*b*c', 'a1b2b3c', true],
  ['a*b*c', 'a1b2b3', false],
  ['?', 'x', true],
  ['?', '', false],
  ['?', 'xy', false],
  ['?', '😀', true],
  ['a?c', 'abc', true],
  ['Read_*', 'read_file', false],
  ['[a-z]+', '[a-z]+', true],
  ['a.c', 'abc', false],
  ['a\\*', 'a\\bc', true],
  ['*.txt', 'a\n.txt', true],
];
for (const [pattern, value, matches] of CASES) {
  test(`${JSON.stringify(pattern)} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(value)}`, () => {
    assert.is(compileGlob(pattern)(value), matches);
  });
}

test('several globs match what any of them matches', () => {
  const matcher = compileGlobs(['read_*', 'list']);
  assert.equal([matcher('read_x'), matcher('list'), matcher('write')], [true, true, false]);
});

test('whatever pattern and value: the same as the regular expression that it stands for', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 10 });
  fc.assert(
    fc.property(text, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }), (pattern, value) => {
      const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
      assert.is(compileGlob(pattern)(value), new RegExp(`^${source}$`).test(value));
    }),
    { numRuns: 3000 },
  );
});

test('a pattern that would make a backtracking matcher hang is answered', () => {
  assert.is(compileGlob('*a'.repeat(30))(`${'a'.repeat(3000)}b`), false);
});

test.run();
