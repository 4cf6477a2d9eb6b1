/**
 * Takes the pictures of the documentation: a real host, a real inbox, Chromium with a virtual authenticator, and the
 * story of an invitation and some requests. Run it by `npx tsx scripts/screenshots.ts` after `npm run build`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openInbox } from '../src/demo/inbox.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { eventually } from '../test/support/host.ts';
import { addAuthenticator } from '../test/support/webauthn-browser.ts';
import { approvalId, makeWorkspace } from '../test/support/workspace.ts';

const FOLDER = join(import.meta.dirname, '../docs/images');

const RULES = `unmatched: review
review: { reviewers: [alice] }
rules:
  - id: writes
    match: { server: files, tool: write_file }
    verdict: review
`;

const STRICT = RULES.replace('verdict: review', 'verdict: review\n    review: { verification: passkey }');

const report = (total: string) => `# Revenue, third quarter 2026

Total: EUR ${total} (+4.1% on the second quarter)

| Region  |     EUR |
|---------|---------|
| DACH    | 812,000 |
| Nordics | 402,100 |
| Benelux | 268,200 |
`;

mkdirSync(FOLDER, { recursive: true });
const inbox = await openInbox();
const workspace = makeWorkspace({ rules: RULES, env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const agent = await workspace.agent();
const browser = await launchChromium();
const path = join(workspace.dir, 'files/2026-q3-revenue.md');

try {
  const typed = await ask(report('1,482,300'));
  await shoot('mail.png', { width: 640, html: typed.html });
  await shoot('review-page.png', { width: 900, url: typed.link });
  await shoot('review-page-phone-dark.png', { width: 390, dark: true, url: typed.link });
  const page = await open({ width: 390, url: typed.link });
  await page.fill('input[name=confirm]', 'write_file');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.waitForLoadState();
  await agent.call('placet_status', { approval_id: typed.id, wait_seconds: 25 });

  await enrol(page);
  workspace.write('policies/rules.yaml', STRICT);
  await eventually(
    async () => workspace.types().filter((type) => type === 'policy.loaded').length > 1 || undefined,
    'the stricter rule is in force',
  );
  await agent.call('files__create_directory', { path: join(workspace.dir, 'files/archive') });
  const signed = await ask(report('1,468,900'));
  await page.goto(signed.link);
  await page.getByRole('button', { name: 'Approve with passkey' }).waitFor();
  await picture(page, 'passkey-phone.png');
  await page.goto(new URL('/sign-in', signed.link).href);
  await page.getByRole('button', { name: /passkey/i }).click();
  await page.waitForURL(/console/);
  await page.setViewportSize({ width: 900, height: 560 });
  await page.screenshot({ path: join(FOLDER, 'console.png') });
} finally {
  await browser.close();
  await workspace.end();
  await inbox.close();
}

async function ask(content: string) {
  const held = await agent.call('files__write_file', { path, content });
  const id = approvalId(held);
  const mail = await inbox.waitFor((each) => each.requestId === id);
  const link = /http\S+\/r\/[\w-]+/.exec(mail.text)?.[0];
  if (link === undefined) throw new Error('The mail has no link.');
  return { id, link, html: mail.html };
}

/** Alice follows her invitation. */
async function enrol(page: Page): Promise<void> {
  const { stdout } = await workspace.placet('people', 'invite', 'alice');
  const mail = await inbox.waitFor((each) => each.text.includes('/enrol/'));
  await addAuthenticator(page);
  await page.goto(/http\S+\/enrol\/[\w-]+/.exec(mail.text)?.[0] ?? '');
  await page.fill('input[name=code]', /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(stdout)?.[0] ?? '');
  await page.fill('input[name=name]', 'My phone');
  await page.locator('main button[type=submit]').click();
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await page.getByText('Done').first().waitFor();
}

interface Shot {
  readonly width: number;
  readonly dark?: boolean;
  readonly url?: string;
  readonly html?: string;
}

async function open({ width, dark, url, html }: Shot): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width, height: 400 },
    colorScheme: dark ? 'dark' : 'light',
    deviceScaleFactor: 1.5,
  });
  if (url !== undefined) await page.goto(url);
  else await page.setContent(html ?? '');
  return page;
}

async function shoot(name: string, what: Shot): Promise<void> {
  const page = await open(what);
  await picture(page, name);
  await page.close();
}

/** All of the page, in a window as high as it is: what sticks to the window's edge is then where it belongs. */
async function picture(page: Page, name: string): Promise<void> {
  const { width } = page.viewportSize() ?? { width: 900 };
  const height = await page.evaluate('document.documentElement.scrollHeight');
  await page.setViewportSize({ width, height: Number(height) });
  await page.screenshot({ path: join(FOLDER, name) });
}
