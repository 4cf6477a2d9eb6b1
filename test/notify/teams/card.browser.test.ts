import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlaceNotice } from '../../../src/notify/channel.ts';
import { letterOf } from '../../../src/notify/letter.ts';
import { messageOf } from '../../../src/notify/teams/card.ts';
import { launchChromium } from '../../support/chromium.ts';
import { placeAsk, placeOutcome } from '../../support/notices.ts';
import { everywhere, PAYLOADS } from '../../support/payloads.ts';
import { openTeamsWindow } from '../../support/teams-window.ts';

const NOW = Date.parse('2026-11-23T10:02:00.000Z');

const messageFor = (notice: PlaceNotice) => messageOf(letterOf(notice, NOW, 'message'));

/** Elements of the renderer; one more would be made of somebody's text. */
const ELEMENTS = 'div,span,button,mark,p,br';

test('in Microsoft’s renderer no text of the agent becomes a link, a picture, a macro or an element', async () => {
  const browser = await launchChromium();
  try {
    for (const payload of PAYLOADS) {
      const page = await openTeamsWindow(browser, messageFor(await placeAsk(everywhere(payload.text))), {
        width: 720,
      });
      const odd: unknown = await page.evaluate(
        `[...document.querySelectorAll('main *')].filter((each) => !each.matches(${JSON.stringify(ELEMENTS)})).map((each) => each.outerHTML)`,
      );
      assert.equal(odd, [], payload.name);
      const seen = String(await page.evaluate(`document.querySelector('main').innerText`));
      for (const part of payload.shows) assert.ok(seen.includes(part), `${payload.name}: ${seen}`);
      assert.is(await page.locator('button, a, [role=link], [role=button]').count(), 1);
      await page.close();
    }
  } finally {
    await browser.close();
  }
});

for (const scheme of ['light', 'dark'] as const) {
  test(`at 320 px, ${scheme}, a card asks for nothing and does not scroll sideways`, async () => {
    const notices: PlaceNotice[] = [
      await placeAsk({ args: { path: `/srv/${'x'.repeat(400)}` }, card: { summary: 'W'.repeat(200) } }),
      await placeOutcome(),
    ];
    const browser = await launchChromium();
    try {
      for (const notice of notices) {
        const page = await openTeamsWindow(browser, messageFor(notice), { width: 320, scheme });
        assert.is(
          await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
          0,
        );
        assert.equal(
          await page.evaluate(`performance.getEntriesByType('resource').map((each) => each.name)`),
          [],
        );
        await page.close();
      }
    } finally {
      await browser.close();
    }
  });
}

test.run();
