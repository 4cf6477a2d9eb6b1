import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { launchChromium } from '../support/chromium.ts';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';

const inbox = await openInbox();
const workspace = makeWorkspace({ env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const agent = await workspace.agent();
const browser = await launchChromium();

test.after(async () => {
  await browser.close();
  await workspace.end();
  await inbox.close();
});

/** Asks for a write, opens the newest mail in the inbox on a phone, and follows its link as a person does. */
async function follow(name: string): Promise<{ readonly id: string; readonly page: Page }> {
  const held = await agent.call('files__write_file', {
    path: join(workspace.dir, 'files', name),
    content: `${name}\n`,
  });
  const id = approvalId(held);
  const mail = await inbox.waitFor((each) => each.requestId === id);
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const list = await context.newPage();
  await list.goto(`${inbox.url}mail/${mail.number}`);
  const opened = context.waitForEvent('page');
  await list.frameLocator('iframe').getByRole('link', { name: 'Review' }).click();
  const page = await opened;
  await page.waitForLoadState();
  return { id, page };
}

test('a person on a phone opens the mail, follows its link, types the name and approves', async () => {
  const { id, page } = await follow('approved.txt');
  await page.fill('input[name=confirm]', 'write_file');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.waitForLoadState();
  const outcome = await agent.call('placet_status', { approval_id: id, wait_seconds: 25 });
  assert.is(statusOf(outcome), 'succeeded');
  assert.is(workspace.file('approved.txt'), 'approved.txt\n');
});

test('a press on Approve without the typed name decides nothing', async () => {
  const { id, page } = await follow('unconfirmed.txt');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.waitForLoadState();
  const outcome = await agent.call('placet_status', { approval_id: id, wait_seconds: 0 });
  assert.is(statusOf(outcome), 'pending_approval');
  assert.is(existsSync(join(workspace.dir, 'files/unconfirmed.txt')), false);
});

test('a person rejects with a reason, which the agent is told', async () => {
  const { id, page } = await follow('rejected.txt');
  await page.fill('input[name=confirm]', 'write_file');
  await page.fill('textarea[name=reason]', 'Not in this folder.');
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.waitForLoadState();
  const outcome = await agent.call('placet_status', { approval_id: id, wait_seconds: 25 });
  assert.is(statusOf(outcome), 'rejected');
  assert.match(JSON.stringify(outcome.content), 'Not in this folder.');
});

test.run();
