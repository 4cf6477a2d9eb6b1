import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Request } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { browserPerson } from '../support/browser-person.ts';
import { launchChromium } from '../support/chromium.ts';
import { eventually } from '../support/host.ts';
import { enrolWith, openOutside } from '../support/outside.ts';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';

const PEOPLE = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com] }
  - { id: dan, name: Dan Roe, emails: [dan@example.com] }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const RULES = `unmatched: review
review: { reviewers: [alice, carol] }
`;

const inbox = await openInbox();
const workspace = makeWorkspace({ people: PEOPLE, rules: RULES, env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const agent = await workspace.agent();
const site = await openOutside(workspace, inbox);
const browser = await launchChromium();
const alice = await browserPerson(browser, site);
await alice.enrol(await site.invite('alice'), 'Phone');

test.after(async () => {
  await browser.close();
  await workspace.end();
  await inbox.close();
});

async function hold(name: string): Promise<{ readonly id: string; readonly path: string }> {
  const path = join(workspace.dir, 'files', name);
  const id = approvalId(
    await agent.call('files__write_file', { path, content: 'A long line of text.\n'.repeat(400) }),
  );
  await Promise.all([site.linkTo(id, 'alice'), site.linkTo(id, 'carol')]);
  return { id, path };
}

/** What a scanner does to the forms of a page before it sends them. */
interface Filling {
  readonly ticks: boolean;
  readonly word: string;
}
const AS_IT_STANDS: Filling = { ticks: false, word: '' };
const FILLINGS: readonly (readonly [string, Filling])[] = [
  ['as they stand', AS_IT_STANDS],
  ['with every box ticked', { ticks: true, word: '' }],
  ['with every box ticked and a word in every field', { ticks: true, word: 'test' }],
];

/** Runs in the page: fills what can be filled, and lifts what the browser would hold a form back for. */
function prepare({ ticks, word }: Filling): string {
  return `(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    for (const form of document.forms) form.noValidate = true;
    for (const box of document.querySelectorAll('input[type=checkbox]')) if (${ticks}) box.checked = true;
    for (const field of document.querySelectorAll('input[type=text], input[type=search], textarea'))
      if (${JSON.stringify(word)} !== '') field.value = ${JSON.stringify(word)};
  })()`;
}

/** @returns what waits until the page is on its way to no other page, twice in a row */
function settling(page: Page): () => Promise<void> {
  const underWay = new Set<Request>();
  let asked = 0;
  page.on('request', (request) => {
    if (!request.isNavigationRequest()) return;
    asked += 1;
    underWay.add(request);
  });
  page.on('response', (response) => underWay.delete(response.request()));
  page.on('requestfailed', (request) => underWay.delete(request));
  return async () => {
    let seen = -1;
    await eventually(async () => {
      const quiet = underWay.size === 0 && asked === seen;
      seen = asked;
      return quiet || undefined;
    }, 'the page was on its way to no other');
    await page.waitForLoadState();
  };
}

/** Opens the address anew for each of its buttons and forms, follows its links, and presses or sends each once. */
async function scan(page: Page, path: string, filling: Filling): Promise<number> {
  const settled = settling(page);
  const open = async (): Promise<void> => {
    await page.goto(path);
    await page.evaluate(prepare(filling));
  };
  await open();
  const buttons = await page.locator('button').count();
  const forms = await page.locator('form').count();
  const links = await page
    .locator('a[href]')
    .evaluateAll((all) => all.map((link) => (link as unknown as { href: string }).href));
  for (let index = 0; index < buttons; index += 1) {
    await open();
    // A press as a script makes it, which no overlay keeps off.
    await page
      .locator('button')
      .nth(index)
      .evaluate((button) => (button as unknown as { click(): void }).click());
    await settled();
  }
  for (let index = 0; index < forms; index += 1)
    for (const how of ['submit', 'requestSubmit']) {
      await open();
      await page
        .locator('form')
        .nth(index)
        .evaluate((form, name) => (form as unknown as Record<string, () => void>)[name]?.(), how);
      await settled();
    }
  for (const link of new Set(links)) {
    await page.goto(link);
  }
  return buttons + forms + links.length;
}

/** @param what is scanned: the scanner has no key, no code, and nobody's session */
async function scannedInVain(what: () => Promise<readonly string[]>, filling: Filling): Promise<void> {
  const context = await browser.newContext({ baseURL: site.origin, viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const paths = await what();
  const before = await site.lengthAtRest();
  let touched = 0;
  for (const path of paths) touched += await scan(page, path, filling);
  assert.ok(touched > 3, `${touched} buttons, forms and links`);
  assert.is(await site.lengthAtRest(), before);
  assert.equal(await context.cookies(), []);
  await context.close();
}

for (const [index, [how, filling]] of FILLINGS.entries())
  test(`a scanner that presses every button and sends every form of a request's page, ${how}, decides nothing, and people still do`, async () => {
    const { id, path } = await hold(`scanned-${index}.txt`);
    const links = [await site.linkTo(id, 'carol'), await site.linkTo(id, 'alice')];
    await scannedInVain(async () => links, filling);
    const now = await agent.call('placet_status', { approval_id: id, wait_seconds: 0 });
    assert.is(statusOf(now), 'pending_approval');
    assert.is(existsSync(path), false);

    await alice.open(links[1] ?? '');
    await alice.page.evaluate(prepare({ ticks: true, word: '' }));
    await alice.press(filling.ticks ? 'Approve with passkey' : 'Reject with passkey');
    const outcome = await agent.call('placet_status', { approval_id: id, wait_seconds: 25 });
    assert.is(statusOf(outcome), filling.ticks ? 'succeeded' : 'rejected');
  });

test('a scanner that has been there keeps nobody from deciding by the typed name', async () => {
  const { id } = await hold('typed.txt');
  const link = await site.linkTo(id, 'carol');
  await scannedInVain(async () => [link], { ticks: true, word: '' });
  const carol = await browserPerson(browser, site);
  await carol.open(link);
  await carol.page.evaluate(prepare({ ticks: true, word: '' }));
  await carol.page.fill('#decide input[name=confirm]', 'write_file');
  assert.is(await carol.press('Approve'), 200);
  const outcome = await agent.call('placet_status', { approval_id: id, wait_seconds: 25 });
  assert.is(statusOf(outcome), 'succeeded');
  await carol.close();
});

test('a scanner of an invitation and of the sign-in page makes no key and opens nothing, and the invited person still enrols', async () => {
  const invitation = await site.invite('dan');
  const paths = async () => [invitation.path, '/sign-in', '/'];
  await scannedInVain(paths, AS_IT_STANDS);
  const dan = await browserPerson(browser, site);
  await dan.enrol(invitation, 'Laptop');
  await dan.close();
});

test('a scanner that puts words into every field of an invitation uses up no more than some of its five tries', async () => {
  const invitation = await site.invite('carol');
  const context = await browser.newContext({ baseURL: site.origin });
  await scan(await context.newPage(), invitation.path, { ticks: true, word: 'test' });
  await context.close();
  const key = createAuthenticator({ origin: site.origin });
  const { path, code } = invitation;
  assert.is((await enrolWith(site.browser(), { path, code, key })).status, 200);
});

test.run();
