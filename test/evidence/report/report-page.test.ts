import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXCEPTION_KINDS } from '../../../src/core/evidence.ts';
import { gatherFacts } from '../../../src/evidence/report/gather.ts';
import { reportPage, type Medium } from '../../../src/evidence/report/report-page.ts';
import { each, reportInput } from '../../support/report-world.ts';
import type { ReportInput } from '../../../src/evidence/bundle/report-input.ts';

async function page(more: Partial<ReportInput> = {}, medium?: Medium): Promise<string> {
  return reportPage(await gatherFacts(reportInput(undefined, more)), medium);
}

const EMPTY: Partial<ReportInput> = {
  tally: {
    calls: 0,
    carried: 0,
    by_verdict: {},
    by_outcome: {},
    by_tool: {},
    by_agent: {},
    by_person: {},
    by_verification: {},
    by_day: {},
    exceptions: {},
  },
  population: () => each([]),
  exceptions: () => each([]),
  entries: () => each([]),
  sample: { seed: 's', by_default: false, calls: [] },
  access: [],
};

test('the same facts give the same bytes', async () => {
  assert.is(await page(), await page());
});

test('it holds no script and fetches nothing', async () => {
  const text = await page();
  assert.match(
    text,
    `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
  );
  assert.not(/<script|<link|<img|<iframe|<object|src=|url\(|@import|https?:/i.test(text));
});

test('every link leads to a place of the page, or to a page of the sample', async () => {
  const text = await page();
  const links = [...text.matchAll(/href="([^"]*)"/g)].map(([, to = '']) => to);
  const ids = new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => `#${id}`));
  const outside = new Set(links.filter((to) => !ids.has(to)));
  assert.equal(
    [...outside],
    [
      './sample/001-cal_01kb4e5m7n8p9q0r1s2t3v4w5x/index.html',
      './sample/002-cal_01kb5a0b1c2d3e4f5g6h7j8k9m/index.html',
    ],
  );
  assert.is(new Set(ids).size, [...text.matchAll(/ id="/g)].length);
});

test('on paper no link leads to a folder of the machine that printed it', async () => {
  const text = await page({}, 'paper');
  assert.equal([...text.matchAll(/href="[^#]/g)], []);
  assert.match(text, '@page { size: A4; }');
  assert.not((await page()).includes('size: A4'));
});

test('the numbers at the head are those of the tally', async () => {
  const text = await page();
  for (const key of [
    '<b>772</b> <span>calls by agents</span>',
    '<b>344</b> <span>held for people to decide</span>',
    '<b>89</b> <span>denied</span>',
    '<b>125</b> <span>exceptions to look at</span>',
  ]) {
    assert.match(text, key);
  }
});

test('of each kind the first 25 exceptions are listed, and it says how many there are', async () => {
  const text = await page();
  assert.match(text, 'Denied <span class="count">89</span>');
  assert.match(
    text,
    'The first 25 of 89. The others stand in <code>exceptions.csv</code>, kind <code>denied</code>.',
  );
  assert.is(text.split('By the rule crm-deny.').length - 1, 25);
  assert.is(text.split('By the rule files-review.').length - 1 > 0, true);
  assert.not(text.includes('The first 25 of 20'));
});

test('every kind of exception is named, also where there was none', async () => {
  const text = await page(EMPTY);
  const rows = text.split('<tr class="none">').length - 1;
  assert.is(rows, EXCEPTION_KINDS.length);
  assert.is(rows, 21);
});

test('a period in which nothing happened is told in sentences', async () => {
  const text = await page(EMPTY);
  for (const sentence of [
    'No call was asked for within the period.',
    'People decided on nothing within the period.',
    'No tool was called.',
    'No person decided on anything.',
    'No rule let anybody decide within the period.',
    'There is no call to draw from.',
  ]) {
    assert.match(text, sentence);
  }
  assert.not(text.includes('<svg'));
  assert.not(/NaN|undefined|Infinity/.test(text));
});

test('a control says what supports it, how much, and what it does not show', async () => {
  const text = await page();
  const from = text.indexOf('<span class="id">AC-6(9)</span>');
  const part = text.slice(from, text.indexOf('</article>', from));
  assert.match(part, 'Least Privilege | Log Use of Privileged Functions');
  assert.match(part, 'Baselines: moderate, high');
  assert.match(part, 'That calls of agents are judged by rules');
  assert.match(part, '<dd>772 entries</dd>');
  assert.match(part, 'Who may reach the tools in another way than through Placet.');
  assert.match(part, '>001</a>, <a');
});

test('a control without an entry is not left out', async () => {
  const text = await page();
  const from = text.indexOf('<span class="id">CC8.1</span>');
  assert.match(text.slice(from, text.indexOf('</article>', from)), '<dd>0 entries</dd>');
});

test('it never says that anything is met', async () => {
  const text = (await page()).replace(/<style>[^]*?<\/style>/, '');
  assert.not(/complian|conform|satisf|certif/i.test(text));
});

test('why there is no PDF is said where there is none, and only there', async () => {
  const facts = await gatherFacts(reportInput());
  const said = 'no PDF: no Chromium found; open report.html';
  assert.match(reportPage({ ...facts, no_pdf: said }), said);
  assert.not(reportPage(facts).includes('no PDF'));
});

test.run();
