import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { longArguments } from '../../src/core/long-arguments.ts';

test('a value of three thousand characters is not long and one more makes it so', () => {
  assert.equal(longArguments({ a: 'x'.repeat(3000), b: 'x'.repeat(3001) }), ['b']);
});

test('a value of forty lines is not long and one more makes it so', () => {
  assert.equal(longArguments({ a: 'x\n'.repeat(39), b: 'x\n'.repeat(40) }), ['b']);
});

test('characters are counted as people see them and not as the two halves of a pair', () => {
  assert.equal(longArguments({ a: '😀'.repeat(3000), b: '😀'.repeat(3001) }), ['b']);
});

test('a nested value is named by its whole path', () => {
  assert.equal(longArguments({ files: [{ 'odd name': 'x'.repeat(4000) }] }), ['files[0]["odd name"]']);
});

test('invisible characters of a path stand in it as they are', () => {
  assert.equal(longArguments({ 'a\u202e\u200b\u200bb': 'x'.repeat(4000) }), ['["a\u202e\u200b\u200bb"]']);
});

test('arguments too many for rows of their own are one long value', () => {
  const args = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`key${index}`, index]));
  assert.equal(longArguments(args), ['all arguments']);
});

test('no arguments are not long', () => {
  assert.equal(longArguments({}), []);
});

test.run();
