import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sameHello, sameSteps, seeBothSides, unasked } from './compare.ts';
import { memory } from './scripts/memory.ts';

const { direct, through, recorded } = await seeBothSides(memory);

test('the memory server says what was recorded', () => {
  assert.equal(direct, recorded);
});

test('every tool, resource and prompt that the memory server offers is asked for', () => {
  assert.equal(unasked(direct), []);
});

test('every request is answered through Placet as the memory server answers it, with the same bytes', () => {
  sameSteps(direct, through);
});

test('Placet says hello as the memory server does', () => {
  sameHello(direct, through);
});

test('the lists that change are said to change through Placet', () => {
  assert.equal(through.changed, direct.changed);
});

test.run();
