import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSeals } from '../../src/reviewers/seal.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';

const KEY = Buffer.alloc(32, 7);
const VALUE = { nonce: 'AAAA', list: [1, null, 'ü\u202e'], deep: { a: true } };

function scene() {
  const clock = new FakeClock();
  const seals = createSeals(KEY, clock, seededRandom());
  return { clock, seals, end: clock.now() + 60_000 };
}

test('what was sealed comes back unchanged, whatever JSON it is', () => {
  const { seals, end } = scene();
  for (const value of [VALUE, null, false, 0, '', [], {}, 'text']) {
    assert.equal(seals.open('form', seals.seal('form', value, end)), value);
  }
});

test('nothing of the value can be read in it, and the same value is never sealed alike', () => {
  const { seals, end } = scene();
  const sealed = seals.seal('form', 'a readable secret', end);
  assert.match(sealed, /^[\w-]+$/);
  assert.not.ok(Buffer.from(sealed, 'base64url').toString('latin1').includes('readable'));
  assert.is.not(seals.seal('form', 'a readable secret', end), sealed);
});

test('another purpose does not open it', () => {
  const { seals, end } = scene();
  const sealed = seals.seal('form', VALUE, end);
  for (const purpose of ['', 'form ', 'Form', 'decision form', 'form\n'])
    assert.is(seals.open(purpose, sealed), undefined);
});

test('another key does not open it', () => {
  const { clock, seals, end } = scene();
  const other = createSeals(Buffer.alloc(32, 8), clock, seededRandom());
  assert.is(other.open('form', seals.seal('form', VALUE, end)), undefined);
});

test('the same key opens it after a restart', () => {
  const { clock, seals, end } = scene();
  const sealed = seals.seal('form', VALUE, end);
  assert.equal(createSeals(KEY, clock, seededRandom(9)).open('form', sealed), VALUE);
});

test('it opens until its time is over, and not at that time', () => {
  const { clock, seals, end } = scene();
  const sealed = seals.seal('form', VALUE, end);
  clock.advance(59_999);
  assert.equal(seals.open('form', sealed), VALUE);
  clock.advance(1);
  assert.is(seals.open('form', sealed), undefined);
});

test('a time that is none is over already', () => {
  const { seals } = scene();
  for (const end of [Number.NaN, Number.POSITIVE_INFINITY, -1])
    assert.is(seals.open('form', seals.seal('form', VALUE, end)), undefined);
});

test('a bit wrong anywhere opens nothing', () => {
  const { seals, end } = scene();
  const bytes = Buffer.from(seals.seal('form', VALUE, end), 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const wrong = Buffer.from(bytes);
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.is(seals.open('form', wrong.toString('base64url')), undefined);
  }
});

test('cut short or made longer it opens nothing', () => {
  const { seals, end } = scene();
  const sealed = seals.seal('form', VALUE, end);
  for (let length = 0; length < sealed.length; length += 1)
    assert.is(seals.open('form', sealed.slice(0, length)), undefined);
  for (const more of ['A', 'AAAA', '=', '==', '\n', ' ', '\0'])
    assert.is(seals.open('form', sealed + more), undefined);
});

test('the same bytes written in another way open nothing', () => {
  const { clock, end } = scene();
  // So many that one has characters that differ in base64, and one has bits to spare at its end.
  const seals = createSeals(KEY, clock, seededRandom(3));
  let inBase64 = 0;
  let withSpareBits = 0;
  for (let size = 0; size < 40; size += 1) {
    const sealed = seals.seal('form', 'x'.repeat(size), end);
    const bytes = Buffer.from(sealed, 'base64url');
    const base64 = bytes.toString('base64');
    if (base64 !== sealed) {
      inBase64 += 1;
      assert.is(seals.open('form', base64), undefined);
    }
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const other = sealed.slice(0, -1) + last.charAt(last.indexOf(sealed.slice(-1)) + 1);
    if (bytes.equals(Buffer.from(other, 'base64url'))) {
      withSpareBits += 1;
      assert.is(seals.open('form', other), undefined);
    }
    assert.is(seals.open('form', ` ${sealed}`), undefined);
  }
  assert.ok(inBase64 > 10);
  assert.ok(withSpareBits > 10);
});

test('texts that were never sealed open nothing', () => {
  const { seals } = scene();
  for (const text of [
    '',
    'x',
    'null',
    '{}',
    'A'.repeat(38),
    'A'.repeat(39),
    'A'.repeat(100_000),
    'ü',
    '../../',
  ])
    assert.is(seals.open('form', text), undefined);
});

test.run();
