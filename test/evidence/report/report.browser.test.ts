import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReportPart } from '../../../src/evidence/report/report-part.ts';
import { axeViolations } from '../../support/axe.ts';
import { launchChromium } from '../../support/chromium.ts';
import type { Write } from '../../support/report-calls.ts';
import { keptFiles, reportInput } from '../../support/report-world.ts';
import { tempDir } from '../../support/temp.ts';

const CALL = 'sample/001-cal_01kb4e5m7n8p9q0r1s2t3v4w5x/index.html';
const PAGES = ['report.html', 'sample/index.html', CALL];

interface Box {
  readonly left: number;
  readonly right: number;
  readonly height: number;
}

let browser: Browser;

test.before(async () => {
  browser = await launchChromium();
});

test.after(async () => {
  await browser.close();
});

/** A folder with what the part writes, but for the PDF. */
async function written(write?: Write): Promise<{ readonly dir: string; readonly names: readonly string[] }> {
  const dir = tempDir();
  const kept = keptFiles();
  await createReportPart({ places: [] })(reportInput(write), kept);
  for (const [name, content] of kept.files) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
  return { dir, names: [...kept.files.keys()] };
}

test('the pages are for everybody, on a phone and a desk, by day and by night', async () => {
  const { dir } = await written((text) => `${text}\u202e`);
  for (const name of PAGES) {
    for (const [width, colorScheme] of [
      [360, 'dark'],
      [1200, 'light'],
    ] as const) {
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
      await page.goto(pathToFileURL(join(dir, name)).href);
      assert.equal(await axeViolations(page), []);
      assert.is(await page.evaluate('document.documentElement.scrollWidth'), width);
      await page.close();
    }
  }
});

test('a browser finds no script, no handler and nothing to fetch in hostile pages', async () => {
  const attack = `"'><img src=http://127.0.0.1:9/x onerror=document.title='hit'><script>document.title='hit'</script>`;
  const { dir } = await written((text) => `${attack}${text}`);
  for (const name of PAGES) {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const url = pathToFileURL(join(dir, name)).href;
    await page.goto(url);
    assert.equal(asked, [url]);
    assert.not((await page.title()) === 'hit');
    const found = await page.evaluate(
      `[...document.querySelectorAll('*')].filter((each) => ['SCRIPT', 'IMG', 'IFRAME', 'OBJECT', 'FORM'].includes(each.tagName) || [...each.attributes].some(({ name }) => name.startsWith('on'))).length`,
    );
    assert.is(found, 0);
    await page.close();
  }
});

test('a chart is as wide as its place and no wider', async () => {
  const { dir } = await written();
  const page = await browser.newPage({ viewport: { width: 360, height: 800 } });
  await page.goto(pathToFileURL(join(dir, 'report.html')).href);
  const boxes = await page.evaluate<readonly Box[]>(
    `[...document.querySelectorAll('svg.chart')].map((each) => each.getBoundingClientRect()).map(({ left, right, height }) => ({ left, right, height }))`,
  );
  assert.is(boxes.length, 7);
  for (const { left, right, height } of boxes) {
    assert.ok(left >= 0 && right <= 360 && height > 20);
  }
  await page.close();
});

test('where there is a Chromium the report is a PDF, too, on A4', async () => {
  const kept = keptFiles();
  await createReportPart()(reportInput(), kept);
  const pdf = kept.files.get('report.pdf');
  const text = Buffer.from(pdf ?? '').toString('latin1');
  assert.is(text.slice(0, 5), '%PDF-');
  const pages = text.match(/\/MediaBox \[0 0 594\.\d+ 841\.\d+\]/g) ?? [];
  assert.ok(pages.length >= 8 && pages.length <= 20, String(pages.length));
  assert.not(text.includes('file://'));
  assert.not(String(kept.files.get('report.html')).includes('no PDF'));
});

test.run();
