import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reveal, revealedLine } from '../../src/core/reveal.ts';

test('ordinary text, accents, other scripts and emoji stay as they are', () => {
  const text = 'Résumé of 3 files: 日本語, Москва, 🙂 — done…';
  assert.equal(reveal(text), [{ kind: 'text', text }]);
});

test('empty text has no segments', () => {
  assert.equal(reveal(''), []);
});

test('a bidirectional override is named where it stands', () => {
  assert.equal(reveal('a\u202eb'), [
    { kind: 'text', text: 'a' },
    { kind: 'mark', codePoint: 0x202e, label: 'U+202E right-to-left override', times: 1 },
    { kind: 'text', text: 'b' },
  ]);
});

const HIDDEN: readonly (readonly [string, string, string])[] = [
  ['a null', '\0', '[U+0000 null]'],
  ['an escape sequence', '\x1b[2J', '[U+001B escape][2J'],
  ['a carriage return', 'a\rb', 'a[U+000D carriage return]b'],
  ['a line feed', 'a\nb', 'a[U+000A line feed]b'],
  ['a tab', 'a\tb', 'a[U+0009 tab]b'],
  ['a control character of Latin-1', '\x85', '[U+0085 control character]'],
  ['a zero-width space', 'a\u200bb', 'a[U+200B zero-width space]b'],
  ['a zero-width joiner', '\u200d', '[U+200D zero-width joiner]'],
  ['a byte order mark', '\ufeff', '[U+FEFF byte order mark]'],
  ['a soft hyphen', '\u00ad', '[U+00AD soft hyphen]'],
  ['an isolate', '\u2066x\u2069', '[U+2066 left-to-right isolate]x[U+2069 end of isolate]'],
  ['a line separator', '\u2028', '[U+2028 line separator]'],
  ['a paragraph separator', '\u2029', '[U+2029 paragraph separator]'],
  ['a no-break space', 'a\u00a0b', 'a[U+00A0 no-break space]b'],
  ['an em space', '\u2003', '[U+2003 odd space]'],
  ['an ideographic space', '\u3000', '[U+3000 ideographic space]'],
  ['a blank Braille pattern', '\u2800', '[U+2800 blank Braille pattern]'],
  ['a Hangul filler', '\u3164', '[U+3164 Hangul filler]'],
  ['a variation selector', '\ufe0f', '[U+FE0F variation selector]'],
  ['a supplementary variation selector', '\u{e0100}', '[U+E0100 variation selector]'],
  ['tag characters', '\u{e0068}\u{e0069}', '[U+E0068 tag h][U+E0069 tag i]'],
  ['a private use character', '\ue000', '[U+E000 private use]'],
  ['an unassigned code point', '\u0378', '[U+0378 unassigned]'],
  ['a noncharacter', '\uffff', '[U+FFFF unassigned]'],
  ['half of a surrogate pair', 'a\ud800', 'a[U+D800 half of a surrogate pair]'],
  ['a slash that is none', 'a\u2215b', 'a[U+2215 looks like another sign]b'],
  ['spaces at the end', 'rm  ', 'rm[U+0020 space ×2]'],
  ['spaces before a line feed', 'a \nb', 'a[U+0020 space][U+000A line feed]b'],
  ['a long run of spaces', `a${' '.repeat(20)}b`, 'a[U+0020 space ×20]b'],
  ['marks in a row, counted', '\u200b\u200b\u200b', '[U+200B zero-width space ×3]'],
  ['stacked combining marks', `z${'\u0301'.repeat(5)}`, `z${'\u0301'.repeat(3)}[U+0301 stacked mark ×2]`],
];

for (const [what, text, seen] of HIDDEN) {
  test(`made visible: ${what}`, () => {
    assert.is(revealedLine(text), seen);
  });
}

test('line feeds are marks of their own each, so that a channel can break the line at every one', () => {
  assert.is(reveal('\n\n').length, 2);
});

test('nothing is stripped: texts and marks give back every character', () => {
  const text = 'a\u202e\u200b\u200b b\n\t \u{e0041}\ud800z  ';
  const back = reveal(text)
    .map((each) =>
      each.kind === 'text' ? each.text : String.fromCodePoint(each.codePoint).repeat(each.times),
    )
    .join('');
  assert.is(back, text);
});

test.run();
