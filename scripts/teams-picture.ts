/**
 * Takes the picture of the Teams card of the documentation, light beside dark, as Microsoft's renderer draws it. Run it
 * by `npx tsx scripts/teams-picture.ts`.
 */
import { join } from 'node:path';
import { letterOf } from '../src/notify/letter.ts';
import { messageOf } from '../src/notify/teams/card.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { placeAsk, placeOutcome } from '../test/support/notices.ts';
import { openTeamsWindow } from '../test/support/teams-window.ts';

const FILE = join(import.meta.dirname, '../docs/images/teams.png');
const WIDTH = 640;

const made = {
  args: {
    path: '/srv/reports/2026-q3\u202e.md',
    content: '# Revenue, third quarter 2026\n\nTotal: EUR 1,482,300\n',
  },
  card: { summary: 'Replace the revenue report of the third quarter.', effects: { destructive: true } },
};
const now = Date.parse('2026-11-23T10:00:00.000Z');
const notices = [await placeAsk(made), await placeOutcome(made, 'The total is wrong.')];

const browser = await launchChromium();
try {
  const columns: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    const pictures: string[] = [];
    for (const notice of notices) {
      const message = messageOf(letterOf(notice, now, 'message'));
      const page = await openTeamsWindow(browser, message, { width: WIDTH, scheme });
      const picture = await page.locator('body').screenshot();
      pictures.push(
        `<img src="data:image/png;base64,${picture.toString('base64')}" width="${WIDTH}" style="display:block" alt="">`,
      );
      await page.close();
    }
    const back = scheme === 'light' ? '#f5f5f5' : '#1f1f1f';
    columns.push(`<div style="background:${back}">${pictures.join('')}</div>`);
  }
  const page = await browser.newPage({ viewport: { width: WIDTH * 2, height: 400 } });
  await page.setContent(`<body style="margin:0"><main style="display:flex">${columns.join('')}</main>`);
  await page.locator('main').screenshot({ path: FILE });
} finally {
  await browser.close();
}
