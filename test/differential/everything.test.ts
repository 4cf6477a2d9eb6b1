import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sameHello, sameSteps, seeBothSides, unasked } from './compare.ts';
import { everything } from './scripts/everything.ts';

const { direct, through, recorded } = await seeBothSides(everything);

test('the everything server says what was recorded', () => {
  assert.equal(direct, recorded);
});

test('every tool, resource and prompt that the everything server offers is asked for', () => {
  assert.equal(unasked(direct), []);
});

test('every request is answered through Placet as the everything server answers it, with the same bytes', () => {
  sameSteps(direct, through);
});

test('Placet says hello as the everything server does', () => {
  sameHello(direct, through);
});

test('the lists that change are said to change through Placet', () => {
  assert.equal(through.changed, direct.changed);
});

test.run();
