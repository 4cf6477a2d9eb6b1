import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { browserPerson, complaintsOf, DESK, type BrowserPerson } from '../support/browser-person.ts';
import { launchChromium } from '../support/chromium.ts';
import { openOutside } from '../support/outside.ts';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';

/** One story, told in order: each test goes on where the one before it ended. */

const PEOPLE = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com] }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const RULES = `unmatched: review
review: { reviewers: [alice], verification: passkey }
`;

const inbox = await openInbox();
const workspace = makeWorkspace({ people: PEOPLE, rules: RULES, env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const agent = await workspace.agent();
const site = await openOutside(workspace, inbox);
const browser = await launchChromium();
const phone = await browserPerson(browser, site);
const desk = await browserPerson(browser, site, { viewport: DESK });
const carol = await browserPerson(browser, site, { viewport: DESK });

test.after(async () => {
  await browser.close();
  await workspace.end();
  await inbox.close();
});

const entries = (type: string): Record<string, unknown>[] =>
  workspace.journal().filter((entry) => entry.type === type);
const section = ({ page }: BrowserPerson, name: string) => page.getByRole('region', { name });

test('a person adds a second key, signed for by the first, and each has its name', async () => {
  await phone.enrol(await site.invite('alice'), 'Phone');
  await phone.signIn();
  await phone.open('/console/me');
  await section(phone, 'Passkeys').getByText('locked out').waitFor();
  await phone.page.getByText('Add a passkey').click();
  await phone.page.getByLabel('A name for the new passkey').fill('Security key');
  await phone.press('Continue with a passkey you have');
  // The new key is made on a device that has none yet.
  const [first] = await phone.device.credentials();
  assert.ok(first);
  await phone.device.remove(first.id);
  await phone.press('Make the passkey');
  await phone.page.waitForURL('**/console/me');
  await section(phone, 'Passkeys').getByText('Security key', { exact: true }).waitFor();
  // A device keeps one key for a person and site, so the first one lives on elsewhere.
  await desk.device.put(first);
  const enrolled = entries('passkey.enrolled');
  assert.equal(
    enrolled.map((entry) => entry.name),
    ['Phone', 'Security key'],
  );
  const receipt = enrolled[1]?.receipt as { credential_id?: string } | undefined;
  assert.is(receipt?.credential_id, first.id);
});

test('a key that is in place already is not made twice', async () => {
  await phone.open('/console/me');
  await phone.page.getByText('Add a passkey').click();
  await phone.page.getByLabel('A name for the new passkey').fill('Again');
  await phone.press('Continue with a passkey you have');
  await phone.page.getByRole('button', { name: 'Make the passkey' }).click();
  await phone.page.locator('[data-told]:not([hidden])').waitFor();
  assert.match(
    (await phone.page.locator('[data-told]').textContent()) ?? '',
    'has a passkey for you already',
  );
});

test('sessions are listed, and those elsewhere are ended from here', async () => {
  await desk.signIn();
  await phone.open('/console/me');
  assert.is(await section(phone, 'Sessions').getByRole('listitem').count(), 2);
  assert.is(await section(phone, 'Sessions').getByText('This one').count(), 1);
  await phone.press('Sign out everywhere else');
  assert.is(await section(phone, 'Sessions').getByRole('listitem').count(), 1);
  await desk.open('/console/me');
  assert.match(desk.page.url(), /\/sign-in/);
  await desk.page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
});

test('after signing in, one is where one wanted to go', async () => {
  await desk.press('Sign in with a passkey');
  await desk.page.waitForURL('**/console/me');
});

test('a revoked key takes its sessions with it and decides nothing, and the other goes on', async () => {
  const path = join(workspace.dir, 'files', 'revoked.txt');
  const id = approvalId(await agent.call('files__write_file', { path, content: 'written\n' }));
  const link = await site.linkTo(id, 'alice');
  await desk.open(link);
  await phone.page.context().clearCookies();
  await phone.signIn();
  await phone.open('/console/me');
  await phone.page.getByText('Revoke “Phone”').click();
  await phone.page
    .getByRole('form', { name: 'Revoke Phone' })
    .getByRole('button', { name: 'Revoke, signing with any passkey of yours' })
    .click();
  await section(phone, 'Passkeys').getByText('Revoked', { exact: true }).waitFor();

  assert.is(await desk.press('Approve with passkey'), 403, 'the page was open before');
  assert.is(existsSync(path), false);
  await desk.open('/console');
  assert.match(desk.page.url(), /\/sign-in/);
  assert.is(await desk.press('Sign in with a passkey'), 403);
  await desk.page.getByText('was revoked').waitFor();

  await phone.open(link);
  assert.is(await phone.press('Approve with passkey'), 200);
  const outcome = await agent.call('placet_status', { approval_id: id, wait_seconds: 25 });
  assert.is(statusOf(outcome), 'succeeded');
});

test('whoever has lost all keys is invited again only once a second person has approved by passkey', async () => {
  await carol.enrol(await site.invite('carol'), 'Laptop');
  await site.revoke('alice');
  const again = await workspace.placet('people', 'invite', 'alice', '--json');
  assert.is(again.code, 0);
  const { code, needs_approval } = JSON.parse(again.stdout) as { code: string; needs_approval: boolean };
  assert.is(needs_approval, true);
  await carol.signIn();
  const before = await site.lengthAtRest();
  const waiting = carol.page.getByRole('region', { name: 'Invitations to approve' });
  await waiting.getByText('A new passkey for Alice Ng').waitFor();
  assert.is(await site.lengthAtRest(), before, 'nothing is mailed before');
  const mailed = site.nextInvitation('alice');
  await carol.press('Approve with a passkey');
  const { path } = await mailed;
  await phone.enrol({ path, code }, 'New phone');
  await phone.signIn();
  assert.equal(
    entries('passkey.invitation_approved').map((entry) => entry.by),
    ['carol'],
  );
});

test('who signs out is out, also with the cookie that was there', async () => {
  const cookies = await phone.page.context().cookies();
  assert.is(cookies.length, 1);
  assert.is(cookies[0]?.httpOnly, true);
  assert.is(cookies[0]?.sameSite, 'Lax');
  await phone.press('Sign out');
  await phone.page.waitForURL('**/sign-in');
  assert.equal(await phone.page.context().cookies(), []);
  await phone.page.context().addCookies(cookies);
  await phone.open('/console');
  assert.match(phone.page.url(), /\/sign-in/);
});

test('the journal verifies with all of this', async () => {
  await site.lengthAtRest();
  const { code, stdout } = await workspace.placet('log', 'verify');
  assert.is(code, 0, stdout);
  assert.match(stdout, 'The journal is whole.');
});

test('no page broke its content security policy or complained', () => {
  assert.equal(
    [phone, desk, carol].flatMap(({ watch }) => complaintsOf(watch)),
    [],
  );
});

test.run();
