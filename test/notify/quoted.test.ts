import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { quoted, secretsOf } from '../../src/notify/quoted.ts';
import { retryAfter } from '../../src/core/retry-after.ts';

const URL = 'https://hook.example/workflows/6f2a7d1c9b8e4f30a1b2/run?v=1&sig=Xk3v-9Qp%2F7Zt1';

for (const told of [
  URL,
  `POST ${URL} HTTP/1.1`,
  '/workflows/6f2a7d1c9b8e4f30a1b2/run?v=1&sig=Xk3v-9Qp%2F7Zt1',
  'sig=Xk3v-9Qp/7Zt1',
  '6f2a7d1c9b8e4f30a1b2',
]) {
  test(`quoted without what is secret: ${told}`, () => {
    const text = quoted(`No: ${told}.`, secretsOf(URL));
    assert.match(text, /^No: .*\[secret\]/);
    assert.not.match(text, /6f2a7d1c|Xk3v/);
  });
}

test('what is quoted is one short line with nothing hidden in it', () => {
  assert.is(quoted('a\n\nb\u202ec', []), 'a b[U+202E right-to-left override]c');
  assert.is(quoted('x'.repeat(1000), []).length, 300);
});

const NOW = Date.parse('2026-11-23T10:00:00.000Z');

for (const [header, wait] of [
  ['30', 30_000],
  ['0', 0],
  ['Mon, 23 Nov 2026 10:01:00 GMT', 60_000],
  ['Mon, 23 Nov 2026 09:00:00 GMT', 0],
  ['999999999', 86_400_000],
  ['soon', undefined],
  ['-5', undefined],
  ['', undefined],
  [null, undefined],
] as const) {
  test(`Retry-After: ${String(header)} is ${String(wait)} ms`, () => {
    assert.is(retryAfter(header, NOW), wait);
  });
}

test.run();
