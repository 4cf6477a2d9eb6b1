/**
 * Draws the pictures of the documentation: the real review page and the real mail, for one request, in Chromium.
 * Run it by `npx tsx scripts/screenshots.ts`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AskNotice } from '../src/notify/channel.ts';
import { createEmailChannel } from '../src/notify/email/channel.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { startInbox } from '../test/support/inbox.ts';
import { PEOPLE } from '../test/support/memory-requests.ts';
import { startReviewSite } from '../test/support/review-site.ts';

const FOLDER = join(import.meta.dirname, '../docs/images');

const REPORT = `# Revenue, third quarter 2026

Total: EUR 1,482,300 (+4.1% on the second quarter)

| Region  |     EUR |
|---------|---------|
| DACH    | 812,000 |
| Nordics | 402,100 |
| Benelux | 268,200 |

Prepared for the board meeting of 27 November.
`;

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const site = await startReviewSite();
  const inbox = await startInbox();
  const browser = await launchChromium();
  try {
    const request = site.memory.open({
      args: { path: '/srv/reports/2026-q3-revenue.md', content: REPORT },
      card: {
        title: 'Write File',
        description: 'Create a new file or completely overwrite an existing file with new content.',
        tags: ['sensitive'],
        client: 'claude-ai 0.1.0',
      },
    });
    const link = `${site.base}/r/${site.fake.issue(request.id)}`;
    site.clock.advance(2 * 60_000);

    const shot = async (
      name: string,
      width: number,
      dark: boolean,
      open: string | { readonly html: string },
    ) => {
      const page = await browser.newPage({
        viewport: { width, height: 400 },
        colorScheme: dark ? 'dark' : 'light',
        deviceScaleFactor: 1.5,
      });
      if (typeof open === 'string') await page.goto(open);
      else await page.setContent(open.html);
      await page.screenshot({ path: join(FOLDER, name), fullPage: true });
      await page.close();
    };

    await shot('review-page.png', 900, false, link);
    await shot('review-page-phone-dark.png', 390, true, link);

    const channel = createEmailChannel({
      smtpUrl: `smtp://127.0.0.1:${inbox.port}`,
      from: 'placet@example.com',
      clock: site.clock,
    });
    const to = PEOPLE.people.find((person) => person.id === 'alice');
    if (!to) throw new Error('Nobody to write to.');
    const notice: AskNotice = { kind: 'ask', request, ...(await site.memory.content(request)), to, link };
    await channel.deliver(notice);
    await channel.close();
    const html = inbox.mails[0]?.parsed.html;
    if (typeof html !== 'string') throw new Error('The mail has no HTML part.');
    await shot('mail.png', 640, false, { html });
  } finally {
    await browser.close();
    await inbox.close();
    await site.close();
  }
}

await main();
