import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { htmlPart } from '../../../src/notify/email/html-part.ts';
import { letterOf } from '../../../src/notify/letter.ts';
import { launchChromium } from '../../support/chromium.ts';
import { askNotice } from '../../support/notices.ts';

const NOW = Date.parse('2026-11-23T10:02:00.000Z');

for (const width of [320, 360, 1280]) {
  test(`at ${width} px a mail does not scroll sideways, asks for nothing and runs nothing`, async () => {
    const notice = await askNotice({
      args: {
        path: `/srv/${'x'.repeat(400)}`,
        'key\u202e': '<img src="http://evil.example/x"><script>console.log("ran")</script>',
      },
      card: { summary: `Write ${'W'.repeat(200)}`, agent: 'a'.repeat(200) },
    });
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width, height: 740 } });
      const seen: string[] = [];
      page.on('request', (request) => seen.push(request.url()));
      page.on('console', (message) => seen.push(message.text()));
      await page.setContent(htmlPart(letterOf(notice, NOW)));
      const sideways = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.is(sideways, 0);
      assert.equal(seen, []);
    } finally {
      await browser.close();
    }
  });
}

test.run();
