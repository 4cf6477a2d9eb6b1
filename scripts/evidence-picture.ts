/**
 * Takes the picture of the auditor's report of the documentation: pages of the PDF of a month that a test made up. Run
 * it by `npx tsx scripts/evidence-picture.ts`; it needs Chromium and pdftoppm (poppler-utils).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatherFacts } from '../src/evidence/report/gather.ts';
import { printPdf } from '../src/evidence/report/pdf.ts';
import { reportPage } from '../src/evidence/report/report-page.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { reportInput } from '../test/support/report-world.ts';

const FILE = join(import.meta.dirname, '../docs/images/evidence-report.png');
const PAGES = [1, 3, 5];
const WIDTH = 480;

const facts = await gatherFacts(reportInput());
const printed = await printPdf(reportPage(facts, 'paper'));
if (!('pdf' in printed)) throw new Error(printed.none);

const dir = mkdtempSync(join(tmpdir(), 'placet-picture-'));
const browser = await launchChromium();
try {
  writeFileSync(join(dir, 'report.pdf'), printed.pdf);
  const pictures = PAGES.map((page) => {
    const range = ['-f', String(page), '-l', String(page)];
    const scale = ['-scale-to-x', String(WIDTH), '-scale-to-y', '-1'];
    const name = join(dir, String(page));
    execFileSync('pdftoppm', ['-png', '-singlefile', ...range, ...scale, join(dir, 'report.pdf'), name]);
    const data = readFileSync(`${name}.png`).toString('base64');
    return `<img src="data:image/png;base64,${data}" width="${WIDTH}" style="display:block" alt="">`;
  });
  const page = await browser.newPage({ viewport: { width: (WIDTH + 12) * PAGES.length + 12, height: 400 } });
  await page.setContent(
    `<body style="margin:0"><main style="display:flex;gap:12px;padding:12px;background:#8d8d88">${pictures.join('')}</main>`,
  );
  await page.locator('main').screenshot({ path: FILE });
} finally {
  await browser.close();
  rmSync(dir, { recursive: true, force: true });
}
