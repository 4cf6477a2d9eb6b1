import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { markedText } from '../../src/web/views/marked-text.ts';

const shown = (text: string, from: number, to: number, tag: 'ins' | 'del' = 'ins'): string =>
  // A String object, where nothing in it is asynchronous.
  (markedText(text, { from, to }, tag) as string).valueOf();

test('a stretch is marked, and everything stays text', () => {
  assert.is(shown('a <b> c', 2, 5), 'a <ins>&lt;b&gt;</ins> c');
  assert.is(shown('all', 0, 3, 'del'), '<del>all</del>');
  assert.is(shown('none', 2, 2), 'none');
});

test('a space at the end of a stretch is none at the end of a line', () => {
  assert.is(shown('ab cd', 0, 3), '<ins>ab </ins>cd');
  assert.is(shown('ab ', 0, 2), '<ins>ab</ins><mark>U+0020 space</mark>');
});

test('what hides in a row is counted on either side of where the stretch begins and ends', () => {
  assert.is(
    shown('a\u200b\u200b\u200bb', 2, 3),
    'a<mark>U+200B zero-width space</mark><ins><mark>U+200B zero-width space</mark></ins><mark>U+200B zero-width space</mark>b',
  );
  assert.is(
    shown('\u{E0041}\u{E0041}\u{E0041}', 2, 6),
    '<mark>U+E0041 tag A</mark><ins><mark>U+E0041 tag A ×2</mark></ins>',
  );
});

test('line feeds and tabs stay layout', () => {
  assert.is(shown('a\n\tb', 1, 3), 'a<ins><i class="lay">↵</i>\n<i class="lay">⇥</i>\t</ins>b');
});

test.run();
