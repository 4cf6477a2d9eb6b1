import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasRightToLeft, mixedScripts } from '../../src/core/mixed-scripts.ts';

test('a Cyrillic letter in a Latin word is reported with both scripts', () => {
  assert.equal(mixedScripts('pay with pаypal now'), [{ word: 'pаypal', scripts: ['Cyrillic', 'Latin'] }]);
});

test('a Greek letter in a Latin word is reported', () => {
  assert.equal(mixedScripts('adminιstrator'), [{ word: 'adminιstrator', scripts: ['Greek', 'Latin'] }]);
});

test('a word made of nothing but doubles of Latin letters is reported', () => {
  assert.equal(mixedScripts('соре'), [{ word: 'соре', scripts: ['Cyrillic'] }]);
});

test('fullwidth and mathematical forms of Latin letters are reported', () => {
  assert.equal(mixedScripts('ｐay 𝐫oot'), [
    { word: 'ｐay', scripts: ['Latin', 'styled Latin'] },
    { word: '𝐫oot', scripts: ['Latin', 'styled Latin'] },
  ]);
});

test('a word is reported once, however often it stands there', () => {
  assert.is(mixedScripts('pаypal pаypal pаypal').length, 1);
});

test('languages as they are written are not reported', () => {
  assert.equal(mixedScripts('naïve café, Москва и Казань, 日本語テスト, 한국어, ελληνικά, x2, Straße'), []);
});

test('words of different scripts side by side are not reported', () => {
  assert.equal(mixedScripts('/srv/отчёты/report.md'), []);
});

test('letters that run from right to left are noticed', () => {
  assert.is(hasRightToLeft('a שלום'), true);
});

test('letters that run from left to right are not', () => {
  assert.is(hasRightToLeft('Москва 日本語 abc'), false);
});

test.run();
