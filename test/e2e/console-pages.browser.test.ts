import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { axeViolations, COLOURS } from '../support/axe.ts';
import { browserPerson, complaintsOf, DESK, type BrowserPerson } from '../support/browser-person.ts';
import { launchChromium } from '../support/chromium.ts';
import { openOutside } from '../support/outside.ts';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';

const PEOPLE = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com] }
groups:
  ops: [alice, carol]
agents:
  - { id: claude, owner: bob, cool_down: 0s }
  - { id: nightly, owner: bob, cool_down: 0s }
`;
const RULES = `unmatched: review
review: { reviewers: [alice] }
rules:
  - id: passkeys
    match: { tool: write_file }
    verdict: review
    review: { reviewers: [alice], verification: passkey }
  - id: typed
    match: { tool: create_directory }
    verdict: review
    review: { reviewers: [group:ops] }
`;

const inbox = await openInbox();
const workspace = makeWorkspace({ people: PEOPLE, rules: RULES, env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const [claude, nightly] = [await workspace.agent(), await workspace.agent('nightly')];
const site = await openOutside(workspace, inbox);
const browser = await launchChromium();
const alice = await browserPerson(browser, site);

test.after(async () => {
  await browser.close();
  await workspace.end();
  await inbox.close();
});

const at = (name: string): string => join(workspace.dir, 'files', name);
const write = async (name: string, content = 'written\n', agent = claude): Promise<string> =>
  approvalId(await agent.call('files__write_file', { path: at(name), content }));
const makeFolder = async (name: string, agent = nightly): Promise<string> =>
  approvalId(await agent.call('files__create_directory', { path: at(name) }));

await alice.enrol(await site.invite('alice'), 'Phone');
await alice.signIn();
const long = await write('long.txt', 'A line of a report that goes on and on.\n'.repeat(400));
const odd = await write('pаypal\u202Efdp.exe', 'gadget\u200Bs');
const done = await makeFolder('done');
const typed = await makeFolder('typed');
const typedLink = await site.linkTo(typed, 'carol');
const passkeyLink = await site.linkTo(long, 'alice');
{
  const page = (await site.browser().get(await site.linkTo(done, 'carol'))).text;
  assert.match(page, 'Approve');
}
const invitation = await site.invite('carol');

const PAGES: Readonly<Record<string, string>> = {
  waiting: '/console',
  history: '/console/requests',
  'history, filtered': '/console/requests?text=write&agent=claude&outcome=pending',
  'history, of a day that is none': '/console/requests?from=x',
  'request with long arguments': `/console/requests/${long}`,
  'request with odd characters': `/console/requests/${odd}`,
  'request that was not decided by a session': `/console/requests/${typed}`,
  tools: '/console/tools',
  me: '/console/me',
  people: '/console/people',
  rules: '/console/rules',
  journal: '/console/journal',
  'no such request': '/console/requests/req_nothing',
  'link page, passkey': passkeyLink,
};
const OUTSIDE_PAGES: Readonly<Record<string, string>> = {
  'sign-in': '/sign-in',
  'link page, typed': typedLink,
  'enrol, code': invitation.path,
  'no such link': `/r/${'A'.repeat(43)}`,
  'no such invitation': `/enrol/${'A'.repeat(43)}`,
  'no such page': '/nothing',
};

async function mustBeFit({ page }: BrowserPerson, what: string): Promise<void> {
  assert.equal(await axeViolations(page), [], what);
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.equal(await axeViolations(page, COLOURS), [], `${what}, dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  const widths: readonly [number, number] = await page.evaluate(
    '[innerWidth, document.documentElement.scrollWidth]',
  );
  const [inner, whole] = widths;
  assert.ok(whole <= inner, `${what} is ${whole} pixels wide on a screen of ${inner}`);
}

for (const width of [360, 1280])
  test(`every page is fit for everyone, and needs no scrolling sideways, at ${width} pixels, by day and by night`, async () => {
    const look = { viewport: { width, height: 800 } };
    const storageState = await alice.page.context().storageState();
    const insider = await browserPerson(browser, site, { ...look, storageState });
    const outsider = await browserPerson(browser, site, look);
    for (const [visitor, pages] of [
      [insider, PAGES],
      [outsider, OUTSIDE_PAGES],
    ] as const)
      for (const [what, path] of Object.entries(pages)) {
        await visitor.open(path);
        await mustBeFit(visitor, what);
      }
    await outsider.open(invitation.path);
    await outsider.page.getByLabel('Code').fill(invitation.code);
    await outsider.press('Continue');
    await mustBeFit(outsider, 'enrol, key');
    await outsider.open(typedLink);
    await outsider.page.fill('input[name=confirm]', 'another_tool');
    assert.is(await outsider.press('Approve'), 422);
    await mustBeFit(outsider, 'link page with a problem');
    assert.equal([...complaintsOf(insider.watch), ...complaintsOf(outsider.watch)], []);
    await insider.close();
    await outsider.close();
  });

test('a call that is held comes up on the waiting page by itself', async () => {
  await alice.open('/console');
  const count = alice.page.getByRole('navigation', { name: 'Console' }).locator('.count');
  const before = Number.parseInt((await count.textContent()) ?? '', 10);
  assert.ok(before >= 3);
  const id = await write('live.txt');
  await alice.page.locator(`a[href$="${id}"]`).waitFor();
  assert.is(Number.parseInt((await count.textContent()) ?? '', 10), before + 1);
  await claude.call('placet_cancel', { approval_id: id });
  await alice.page.locator(`a[href$="${id}"]`).waitFor({ state: 'detached' });
});

test('whoever is typing is told of a change and loses nothing', async () => {
  await alice.open(`/console/requests/${long}`);
  await alice.page.getByLabel('Reason').fill('I am still writing this');
  const id = await write('meanwhile.txt');
  await alice.page.getByText('Something has changed.').waitFor();
  assert.is(await alice.page.getByLabel('Reason').inputValue(), 'I am still writing this');
  await claude.call('placet_cancel', { approval_id: id });
});

test('a change does not call back whoever is on the way to another page', async () => {
  await alice.open('/console');
  // What the browser says as soon as a link was followed, long before the other page is there.
  await alice.page.evaluate("dispatchEvent(new Event('beforeunload'))");
  const id = await write('leaving.txt');
  await alice.page.getByText('Something has changed.').waitFor();
  await claude.call('placet_cancel', { approval_id: id });
});

test('the history is searched and filtered, and what was looked for stays in the form', async () => {
  const { page } = alice;
  const found = () => page.locator('ul.rows > li').count();
  await alice.open('/console/requests');
  const all = await found();
  assert.ok(all >= 6, `${all} requests`);
  await page.getByLabel('Search', { exact: true }).fill('create_DIR');
  await alice.press('Search');
  assert.is(await found(), 2);
  assert.is(await page.getByLabel('Search', { exact: true }).inputValue(), 'create_DIR');
  await alice.open('/console/requests');
  await page.getByText('Filters', { exact: true }).click();
  await page.getByLabel('Outcome').selectOption('Cancelled');
  await alice.press('Apply');
  assert.is(await found(), 3);
  await page.getByLabel('Agent', { exact: true }).fill('nightly');
  await alice.press('Apply');
  await page.getByText('No request matches.').waitFor();
  await alice.press('Clear');
  assert.is(await found(), all);
  await page.getByText('Filters', { exact: true }).click();
  await page.getByLabel('To UTC').fill('2020-01-01');
  await alice.press('Apply');
  assert.is(await found(), 0);
});

test("a request's page in the console tells its whole story", async () => {
  const id = await write('story.txt');
  await alice.open(`/console/requests/${id}`);
  await alice.press('Approve with passkey');
  await claude.call('placet_status', { approval_id: id, wait_seconds: 25 });
  await alice.open(`/console/requests/${id}`);
  const main = (await alice.page.locator('main').textContent()) ?? '';
  for (const part of ['Alice Ng', 'passkey', 'The quorum was reached']) assert.match(main, part);
  await mustBeFit(alice, 'story');
});

test('times are shown in the reader’s zone, with the exact one at hand', async () => {
  const tokyo = await browserPerson(browser, site, { viewport: DESK, timezoneId: 'Asia/Tokyo' });
  await tokyo.open(typedLink);
  const time = tokyo.page.locator('time[data-local]').first();
  assert.match((await time.textContent()) ?? '', /GMT\+9|JST/);
  assert.match((await time.getAttribute('title')) ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  await tokyo.close();
});

test('without scripts the sign-in page says what needs one, and a link is decided by the typed name', async () => {
  const context = await browser.newContext({ baseURL: site.origin, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/sign-in');
  const note = page.locator('noscript p');
  await note.waitFor();
  assert.match((await note.textContent()) ?? '', 'A passkey needs the script of this page');
  await page.goto(typedLink);
  await page.fill('input[name=confirm]', 'create_directory');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('You approved this').waitFor();
  const outcome = await nightly.call('placet_status', { approval_id: typed, wait_seconds: 25 });
  assert.is(statusOf(outcome), 'succeeded');
  await context.close();
});

test('no page broke its content security policy or complained', () => {
  assert.equal(complaintsOf(alice.watch), []);
});

test.run();
