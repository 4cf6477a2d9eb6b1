import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createTail } from '../../src/stream/tail.ts';
import { entry } from '../support/identity-entries.ts';

function tailOf(seqs: readonly number[], kept?: number) {
  const tail = createTail(kept);
  for (const seq of seqs) tail.push(entry({ type: 'log.opened', software: '1' }, 0, seq));
  return (from: number) => tail.from(from)?.map(({ seq }) => seq);
}

test('what is kept is given from any of them on', () => {
  const from = tailOf([5, 6, 7]);
  assert.equal(from(5), [5, 6, 7]);
  assert.equal(from(7), [7]);
});

test('what is older, or did not come yet, has to be read elsewhere', () => {
  const from = tailOf([5, 6, 7]);
  assert.is(from(4), undefined);
  assert.is(from(8), undefined);
  assert.is(tailOf([])(0), undefined);
});

test('it forgets the oldest, and everything before a gap', () => {
  const from = tailOf([0, 1, 2, 3], 2);
  assert.is(from(1), undefined);
  assert.equal(from(2), [2, 3]);
  assert.equal(tailOf([0, 1, 9])(9), [9]);
  assert.is(tailOf([0, 1, 9])(1), undefined);
});

test('it forgets the oldest of large ones, and keeps the newest however large it is', () => {
  const tail = createTail(100, 2000);
  const push = (seq: number, letters: number): void =>
    tail.push(entry({ type: 'log.opened', software: 'é'.repeat(letters / 2) }, 0, seq));
  for (const seq of [0, 1, 2]) push(seq, 800);
  assert.equal(
    tail.from(0)?.map(({ seq }) => seq),
    [0, 1, 2],
  );
  push(3, 1600);
  assert.is(tail.from(2), undefined);
  assert.is(tail.from(3)?.length, 1);
  push(4, 9000);
  assert.is(tail.from(3), undefined);
  assert.is(tail.from(4)?.length, 1);
  push(5, 100);
  assert.is(tail.from(4), undefined);
  assert.is(tail.from(5)?.length, 1);
});

test.run();
