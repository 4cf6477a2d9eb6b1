import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Terms } from '../../../src/core/entry.ts';
import type { PlaceNotice } from '../../../src/notify/channel.ts';
import { createSlackDriver } from '../../../src/notify/slack/driver.ts';
import { launchChromium } from '../../support/chromium.ts';
import { FakeClock } from '../../support/clock.ts';
import { BOT_TOKEN, startFakeSlack } from '../../support/fake-slack.ts';
import { WRITES } from '../../support/memory-requests.ts';
import { placeAsk, placeOutcome } from '../../support/notices.ts';
import { everywhere, PAYLOADS } from '../../support/payloads.ts';
import { slackPage } from '../../support/slack-page.ts';

const ADMITS: Terms = { ...WRITES, admits: ['slack'] };

/** Where the picture of the documentation is kept, when it is made anew. */
const PICTURE = process.env['PLACET_TEST_PICTURE'];

async function drawn(notices: readonly PlaceNotice[]): Promise<string> {
  const clock = new FakeClock();
  const slack = await startFakeSlack({ now: () => clock.now() });
  const driver = createSlackDriver({
    settings: { botToken: BOT_TOKEN, apiUrl: slack.apiUrl },
    clock,
    log: () => undefined,
  });
  try {
    for (const notice of notices) await driver.place?.('slack:#ops')?.post(notice);
    return slackPage(slack.messages().map(({ message: { blocks } }) => ({ place: '#ops', blocks })));
  } finally {
    await driver.close();
    await slack.close();
  }
}

test('a question and its outcome, drawn', async () => {
  const made = {
    terms: [ADMITS],
    args: { path: '/srv/reports/q3.md', content: '# Third quarter\nRevenue up 4 %.\n' },
    card: { summary: 'Writes the report of the third quarter.' },
  };
  const html = await drawn([await placeAsk(made), await placeOutcome(made, 'The numbers are last year’s.')]);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 720, height: 900 }, deviceScaleFactor: 2 });
    await page.setContent(html);
    assert.equal(await page.locator('button').allInnerTexts(), ['Review', 'Approve', 'Reject']);
    if (PICTURE !== undefined) await page.screenshot({ path: PICTURE, fullPage: true });
  } finally {
    await browser.close();
  }
});

test('hostile text, drawn, runs nothing, asks for nothing and leads nowhere', async () => {
  const notices = await Promise.all(PAYLOADS.map(({ text }) => placeAsk(everywhere(text))));
  const html = await drawn(notices);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 720, height: 900 } });
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url()));
    page.on('dialog', (dialog) => {
      seen.push(dialog.message());
      void dialog.dismiss();
    });
    await page.setContent(html);
    assert.equal(seen, []);
    assert.is(await page.locator('script, img, a, mark').count(), 0);
    if (PICTURE !== undefined) await page.screenshot({ path: `${PICTURE}.hostile.png`, fullPage: true });
  } finally {
    await browser.close();
  }
});

test.run();
