import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitsAny } from '../../src/mcp/uri-template.ts';

const CASES: readonly (readonly [template: string, uri: string, fits: boolean])[] = [
  ['db://{table}', 'db://people', true],
  ['db://{table}', 'db://', false],
  ['db://{table}', 'db://people/1', false],
  ['db://{table}/{id}', 'db://people/1', true],
  ['db://{table}/{id}', 'db://people', false],
  ['file:///{+path}', 'file:///a/b/c.txt', true],
  ['file:///{path*}', 'file:///a/b/c.txt', true],
  ['file:///{path}', 'file:///a/b', false],
  ['file:///{name}.md', 'file:///a.b.md', true],
  ['file:///{name}.md', 'file:///a.mdx', false],
  ['s://x{?q,page}', 's://x?q=1&page=2', true],
  ['s://x{?q}', 's://x', true],
  ['s://x{?q}', 's://xy', false],
  ['s://{host}{/path}', 's://h/p', true],
  ['s://a', 's://a', true],
  ['s://a', 's://ab', false],
  ['s://{a', 's://{a', false],
  ['{+any}', 'whatever:x/y', true],
  ['.*', 'xx', false],
];

for (const [template, uri, fits] of CASES) {
  test(`${uri} ${fits ? 'fits' : 'does not fit'} ${template}`, () =>
    assert.is(fitsAny([template], uri), fits));
}

test('what is no text, or too long, fits nothing', () => {
  assert.not(fitsAny([undefined, 7, {}, `a:${'{x}'.repeat(1000)}`], 'a:b'));
  assert.not(fitsAny(['a:{+x}'], `a:${'b'.repeat(3000)}`));
});

test('templates that would hold up a regular expression for hours are read at once', () => {
  const began = process.cpuUsage();
  const hostile = Array.from({ length: 2000 }, () => `a:${'{x}'.repeat(300)}!`);
  assert.not(fitsAny(hostile, `a:${'b'.repeat(1900)}`));
  assert.ok(process.cpuUsage(began).user < 1_000_000);
});

test('a template of another beginning costs nothing of what may be spent', () => {
  const others = Array.from({ length: 2000 }, (_, at) => `t${at}:${'{x}'.repeat(300)}`);
  assert.ok(fitsAny([...others, 'a:{x}'], 'a:b'));
});

test.run();
