import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { axeViolations } from '../support/axe.ts';
import { launchChromium } from '../support/chromium.ts';
import { eventually } from '../support/host.ts';
import { watchPage, type PageWatch } from '../support/page-watch.ts';
import { openSsoWorkspace } from '../support/sso-workspace.ts';

const RULES = `unmatched: review
review: { reviewers: [alice] }
rules:
  - id: writes
    match: { tool: write_file }
    verdict: review
    review: { reviewers: [alice], verification: sso, max_age: 5m }
  - id: infos
    match: { tool: get_file_info }
    verdict: review
    review: { reviewers: [alice], verification: sso, max_age: 3s }
  - id: folders
    match: { tool: create_directory }
    verdict: review
    review: { reviewers: [alice, group:ops], verification: sso, max_age: 5m }
`;
const people = (issuer: string, carol = ''): string => `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com], sso: [{ issuer: "${issuer}", subject: alice-at-idp }] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com]${carol} }
  - { id: gina, name: Gina Low, emails: [gina@example.com], sso: [{ issuer: "${issuer}", subject: gina-at-idp }] }
groups:
  ops: { sso: idp-ops }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const world = await openSsoWorkspace({
  people,
  rules: RULES,
  accounts: {
    alice: { sub: 'alice-at-idp' },
    carol: { sub: 'carol-at-idp' },
    gina: { sub: 'gina-at-idp', groups: ['idp-ops', 'all-staff'] },
  },
});
const { workspace, provider, site, hold, outcome, entries } = world;
const chromium = await launchChromium();
const watches: PageWatch[] = [];
const ofProvider: string[] = [];

test.after(async () => {
  await chromium.close();
  await world.close();
});

/** A page in a browser of its own, which is watched for what it complains of. */
async function openPage(): Promise<Page> {
  const context = await chromium.newContext({ viewport: { width: 360, height: 740 } });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  watches.push(await watchPage(page));
  // The provider's pages complain of their own, such as of an icon that it does not have.
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && message.location().url.startsWith(provider.issuer))
      ofProvider.push(message.text());
  });
  return page;
}

/** Types an account at the provider, which has to ask for it. */
async function typeAccount(page: Page, account: string): Promise<void> {
  assert.is(new URL(page.url()).origin, provider.issuer);
  await page.getByLabel('Account').fill(account);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${site.origin}/**`);
}

async function signIn(page: Page, account: string): Promise<void> {
  await page.goto(`${site.origin}/sign-in`);
  await page.getByRole('link', { name: 'Sign in with single sign-on' }).click();
  await typeAccount(page, account);
}

async function approve(page: Page, tool: string): Promise<void> {
  await page.fill('#decide input[name=confirm]', tool);
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.waitForLoadState();
}

/** What proves the one decision on a request. */
function receiptOf(id: string): Record<string, unknown> {
  const [decided, ...more] = entries(id, 'approval.decided');
  assert.equal(more, []);
  if (decided === undefined) throw new Error(`Nobody decided on ${id}.`);
  return decided.receipt as Record<string, unknown>;
}

async function axeEverywhere(page: Page): Promise<void> {
  for (const width of [360, 1280])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      assert.equal(await axeViolations(page), [], `${page.url()} at ${width} px, ${colorScheme}`);
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.is(overflow, 0, `${page.url()} at ${width} px`);
    }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Follows the way from a request's page to the provider and back. @returns whether the provider asked who is there */
async function signOnToDecide(page: Page, account: string): Promise<boolean> {
  await page.getByRole('link', { name: 'Sign on to decide' }).click();
  await page.waitForURL(
    (url) => url.port === new URL(provider.issuer).port || url.pathname === '/sso/callback',
  );
  const asked = new URL(page.url()).origin === provider.issuer;
  if (asked) await typeAccount(page, account);
  return asked;
}

const alice = await openPage();

test('a person signs in to the console at the provider, and the button opens it, not the way back', async () => {
  const before = await site.lengthAtRest();
  await signIn(alice, 'alice');
  const button = alice.getByRole('button', { name: 'Continue as Alice Ng' });
  assert.is(await button.count(), 1);
  await axeEverywhere(alice);
  assert.is(await site.lengthAtRest(), before, 'the way there and back appends nothing');
  await button.click();
  await alice.waitForURL(`${site.origin}/console`);
  assert.match(await alice.content(), 'Alice Ng');
  const opened = workspace.journal().slice(before);
  assert.equal(
    opened.map((entry) => [entry.type, entry.person]),
    [['session.opened', 'alice']],
  );
});

test('a person approves from the mail with a fresh sign-on and the typed name, and its receipt is kept', async () => {
  const { id, name } = await hold('write_file', 'by-link.txt');
  const link = await site.linkTo(id, 'alice');
  const page = await openPage();
  await page.goto(`${site.origin}${link}`);
  assert.is(await page.getByRole('button', { name: 'Approve' }).count(), 0);
  const before = await site.lengthAtRest();
  const began = Math.floor(Date.now() / 1000) * 1000;
  assert.ok(await signOnToDecide(page, 'alice'));
  await axeEverywhere(page);
  assert.is(await site.lengthAtRest(), before, 'to sign on appends nothing');
  await approve(page, 'write_file');
  assert.is(await outcome(id, 25), 'succeeded');
  assert.is(workspace.file(name), 'by-link.txt\n');
  assert.equal(
    entries(id, 'approval.decided').map((entry) => [entry.reviewer, entry.verification]),
    [['alice', 'sso']],
  );
  const { auth_time, id_token_sha256, ...receipt } = receiptOf(id);
  assert.equal(receipt, { kind: 'sso', issuer: provider.issuer, subject: 'alice-at-idp', groups: [] });
  const at = Date.parse(String(auth_time));
  assert.ok(at >= began && at <= Date.now(), String(auth_time));
  assert.match(String(id_token_sha256), /^[0-9a-f]{64}$/);
});

test('a person who is signed in approves in the console with a sign-on of its own', async () => {
  const { id, name } = await hold('write_file', 'console.txt');
  await alice.goto(`${site.origin}/console/requests/${id}`);
  assert.is(await alice.getByRole('button', { name: 'Approve' }).count(), 0, 'the session does not');
  await signOnToDecide(alice, 'alice');
  await axeEverywhere(alice);
  await approve(alice, 'write_file');
  assert.is(alice.url(), `${site.origin}/console/requests/${id}`);
  assert.is(await outcome(id, 25), 'succeeded');
  assert.is(workspace.file(name), 'console.txt\n');
  assert.is(receiptOf(id).subject, 'alice-at-idp');
});

test('the provider asks again for a rule whose age its session is over, and not for a longer one', async () => {
  const page = await openPage();
  await signIn(page, 'alice');
  const since = Date.now();
  const longer = await hold('write_file', 'longer.txt');
  const short = await hold('get_file_info', 'hello.txt');
  await page.goto(`${site.origin}${await site.linkTo(longer.id, 'alice')}`);
  assert.is(await signOnToDecide(page, 'alice'), false, 'five minutes');
  await page.goto(`${site.origin}${await site.linkTo(short.id, 'alice')}`);
  await eventually(() => Promise.resolve(Date.now() - since > 5000 || undefined), 'five seconds went by');
  assert.is(await signOnToDecide(page, 'alice'), true, 'three seconds');
  const shown = Date.now();
  await eventually(() => Promise.resolve(Date.now() - shown > 4000 || undefined), 'four seconds went by');
  await approve(page, 'get_file_info');
  assert.match(await page.content(), 'The sign-on is too old');
  assert.equal(entries(short.id, 'approval.decided'), []);
  for (const approval_id of [longer.id, short.id]) await world.agent.call('placet_cancel', { approval_id });
});

test('who calls the sign-on off at the provider comes back to a page that says so', async () => {
  const page = await openPage();
  const before = await site.lengthAtRest();
  await page.goto(`${site.origin}/sign-in`);
  await axeEverywhere(page);
  await page.getByRole('link', { name: 'Sign in with single sign-on' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForURL(`${site.origin}/sso/callback**`);
  assert.match(await page.content(), 'it says that the sign-on was called off or not allowed');
  assert.not.match(await page.content(), 'The person pressed Cancel');
  await axeEverywhere(page);
  assert.is(await site.lengthAtRest(), before);
});

test('an account of nobody is told what to add, and signs in once the operator has added it', async () => {
  const page = await openPage();
  const before = await site.lengthAtRest();
  await signIn(page, 'carol');
  assert.match((await page.locator('h1').textContent()) ?? '', 'This account is nobody’s here');
  const lines = (await page.getByLabel('Lines for people.yaml').textContent()) ?? '';
  assert.match(lines, `issuer: "${provider.issuer}"`);
  assert.match(lines, 'subject: "carol-at-idp"');
  await axeEverywhere(page);
  assert.is(await site.lengthAtRest(), before);
  await world.changePeople(
    people(provider.issuer, `, sso: [{ issuer: "${provider.issuer}", subject: carol-at-idp }]`),
  );
  await page.goto(`${site.origin}/sign-in`);
  await page.getByRole('link', { name: 'Sign in with single sign-on' }).click();
  await page.getByRole('button', { name: 'Continue as Carol Roy' }).click();
  await page.waitForURL(`${site.origin}/console`);
});

test('whom the provider names in a group is asked, and approves no more once it names them no longer', async () => {
  const gina = await openPage();
  await signIn(gina, 'gina');
  await gina.getByRole('button', { name: 'Continue as Gina Low' }).click();
  await gina.waitForURL(`${site.origin}/console`);
  const first = await hold('create_directory', 'in');
  const second = await hold('create_directory', 'out');
  await gina.goto(`${site.origin}${await site.linkTo(first.id, 'gina')}`);
  await signOnToDecide(gina, 'gina');
  await approve(gina, 'create_directory');
  assert.is(await outcome(first.id, 25), 'succeeded');
  assert.equal(receiptOf(first.id).groups, ['idp-ops']);
  provider.accounts.set('gina', { sub: 'gina-at-idp', groups: ['all-staff'] });
  await gina.goto(`${site.origin}${await site.linkTo(second.id, 'gina')}`);
  await signOnToDecide(gina, 'gina');
  await approve(gina, 'create_directory');
  assert.match(await gina.content(), 'You may no longer decide this');
  assert.equal(entries(second.id, 'approval.decided'), []);
  assert.is(await outcome(second.id, 0), 'pending_approval');
  await world.agent.call('placet_cancel', { approval_id: second.id });
});

test('no page broke its content security policy, and none complained but of its own refusal', () => {
  assert.ok(watches.length >= 6);
  assert.equal(
    watches.flatMap(({ violations }) => violations),
    [],
  );
  const refusals = /^Failed to load resource: the server responded with a status of 403 /;
  const said = watches.flatMap(({ complaints }) => complaints.filter((line) => !refusals.test(line)));
  assert.equal(said, ofProvider);
});

test('the journal verifies, and its report counts the decisions by single sign-on', async () => {
  const { code, stdout } = await workspace.placet('log', 'verify');
  assert.is(code, 0, stdout);
  assert.match(stdout, '3 decisions: 0 by link, 3 by single sign-on, 0 by passkey');
});

test.run();
