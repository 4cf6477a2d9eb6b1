import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isWithin } from '../../src/policies/path.ts';

const CASES: readonly (readonly [string, string, boolean])[] = [
  ['/srv/a', '/srv', true],
  ['/srv', '/srv', true],
  ['/srv/', '/srv', true],
  ['/srv/a', '/srv/', true],
  ['/srv2/a', '/srv', false],
  ['/srv/../etc/passwd', '/srv', false],
  ['/srv/a/../../etc', '/srv', false],
  ['/srv/a/../b', '/srv', true],
  ['/srv/./a', '/srv', true],
  ['//srv///a', '/srv', true],
  ['/srv/...', '/srv', true],
  ['/srv/..a', '/srv', true],
  ['/../srv/a', '/srv', true],
  ['/../../etc', '/srv', false],
  ['/SRV/a', '/srv', false],
  ['/anything', '/', true],
  ['/', '/srv', false],
  ['/srv/a', '/srv/../srv', true],
  ['/srv/%2e%2e/etc', '/srv', true],
];
for (const [path, folder, within] of CASES) {
  test(`${path} is ${within ? '' : 'not '}within ${folder}`, () => {
    assert.is(isWithin(path, folder), within);
  });
}

const THROWS: readonly (readonly [string, unknown, RegExp])[] = [
  ['a relative path', 'srv/a', /absolute paths only/],
  ['an empty path', '', /absolute paths only/],
  ['a path in a home folder', '~/a', /absolute paths only/],
  ['a path of another scheme', 'file:///srv/a', /absolute paths only/],
  ['a path with a backslash', '/srv\\..\\etc', /backslash/],
  ['a path with a NUL', '/srv/a\0/../../etc', /NUL/],
  ['a number', 5, /text on both sides/],
  ['null', null, /text on both sides/],
  ['a list', ['/srv/a'], /text on both sides/],
];
for (const [name, path, message] of THROWS) {
  test(`${name} throws`, () => {
    assert.throws(() => isWithin(path, '/srv'), message);
  });
}

test('a relative folder throws', () => {
  assert.throws(() => isWithin('/srv/a', 'srv'), /absolute paths only/);
});

test.run();
