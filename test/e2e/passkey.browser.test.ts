import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { browserPerson, complaintsOf, DESK } from '../support/browser-person.ts';
import { launchChromium } from '../support/chromium.ts';
import { openOutside, pathIn } from '../support/outside.ts';
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
const alice = await browserPerson(browser, site);
const carol = await browserPerson(browser, site, { viewport: DESK });

test.after(async () => {
  await browser.close();
  await workspace.end();
  await inbox.close();
});

async function hold(name: string): Promise<{ readonly id: string; readonly link: string }> {
  const path = join(workspace.dir, 'files', name);
  const id = approvalId(await agent.call('files__write_file', { path, content: `${name}\n` }));
  return { id, link: await site.linkTo(id, 'alice') };
}
const outcome = (id: string, wait_seconds = 25) =>
  agent.call('placet_status', { approval_id: id, wait_seconds });
const isWritten = (name: string): boolean => existsSync(join(workspace.dir, 'files', name));
const entries = (type: string): Record<string, unknown>[] =>
  workspace.journal().filter((entry) => entry.type === type);
const told = (): Promise<string | null> => alice.page.locator('[data-told]').textContent();

test('an operator invites; the mail has the link and not the code, and opening it twice spends nothing', async () => {
  const { code: exit, stdout } = await workspace.placet('people', 'invite', 'alice', '--json');
  assert.is(exit, 0);
  const { code } = JSON.parse(stdout) as { code: string };
  const mail = await inbox.waitFor(
    (each) => each.to === 'alice@example.com' && each.text.includes('/enrol/'),
  );
  assert.not.match(mail.text + mail.html + mail.subject, code);
  assert.match(mail.text, '24 hours after this mail was sent');
  const path = pathIn(mail, 'enrol');
  const before = await site.lengthAtRest();
  assert.is(await alice.open(path), 200);
  assert.is(await alice.open(path), 200);
  assert.is(await site.lengthAtRest(), before);

  await alice.page.getByLabel('Code').fill('WRONG-CODE');
  assert.is(await alice.press('Continue'), 422);
  await alice.page.getByRole('heading', { name: 'The code is not right' }).waitFor();
  assert.is(await site.lengthAtRest(), before);

  await alice.enrol({ path, code }, 'Phone');
  assert.equal(
    entries('passkey.enrolled').map((entry) => [entry.person, entry.name]),
    [['alice', 'Phone']],
  );
  assert.is(await alice.open(path), 410);
});

test('a press on Approve with passkey in the page of the mail runs the call, and the signature stands in the journal', async () => {
  const { id, link } = await hold('approved.txt');
  await alice.open(link);
  assert.is(isWritten('approved.txt'), false);
  assert.is(await alice.press('Approve with passkey'), 200);
  assert.is(statusOf(await outcome(id)), 'succeeded');
  assert.is(workspace.file('approved.txt'), 'approved.txt\n');
  const [decided] = entries('approval.decided');
  const receipt = decided?.receipt as Record<string, unknown> | undefined;
  assert.is(decided?.verification, 'passkey');
  assert.is(receipt?.credential_id, (await alice.device.credentials())[0]?.id);
  for (const part of ['nonce', 'authenticator_data', 'client_data', 'signature'])
    assert.match(String(receipt?.[part]), /^[\w-]{16,}$/, part);
});

test('a press on Reject with passkey rejects, with a reason that the agent is told', async () => {
  const { id, link } = await hold('rejected.txt');
  await alice.open(link);
  await alice.page.getByLabel('Reason').first().fill('Not this one.');
  assert.is(await alice.press('Reject with passkey'), 200);
  const answer = await outcome(id);
  assert.is(statusOf(answer), 'rejected');
  assert.match(JSON.stringify(answer.content), 'Not this one.');
  assert.is(isWritten('rejected.txt'), false);
});

test('the typed name rejects from the mail, and approves nothing even in a form that was tampered with', async () => {
  const { id, link } = await hold('typed.txt');
  await alice.open(link);
  await alice.page.getByText('Reject without a passkey').click();
  await alice.page.fill('#reject input[name=confirm]', 'write_file');
  await alice.page
    .locator('#reject button.reject')
    .evaluate((button) => button.setAttribute('value', 'approve'));
  assert.is(await alice.press('Reject'), 403);
  await alice.page.getByRole('heading', { name: 'A link is not enough here' }).waitFor();
  assert.is(statusOf(await outcome(id, 0)), 'pending_approval');

  await alice.page.getByText('Reject without a passkey').click();
  await alice.page.fill('#reject input[name=confirm]', 'write_file');
  assert.is(await alice.press('Reject'), 200);
  assert.is(statusOf(await outcome(id)), 'rejected');
  assert.is(isWritten('typed.txt'), false);
});

test('a device that does not check who holds it sends nothing, and the page says what to do', async () => {
  const { id, link } = await hold('unverified.txt');
  await alice.open(link);
  await alice.device.verifyUser(false);
  const before = await site.lengthAtRest();
  await alice.page.getByRole('button', { name: 'Approve with passkey' }).click();
  await alice.page.locator('[data-told]:not([hidden])').waitFor();
  assert.match((await told()) ?? '', 'Nothing was sent');
  assert.is(await site.lengthAtRest(), before);
  await alice.device.verifyUser(true);
  assert.is(await alice.press('Approve with passkey'), 200, 'the same page still works');
  assert.is(statusOf(await outcome(id)), 'succeeded');
});

test("another person's device does not decide on a forwarded link", async () => {
  await carol.enrol(await site.invite('carol'), 'Laptop');
  const { id, link } = await hold('forwarded.txt');
  await carol.open(link);
  await carol.page.getByText('This link is for Alice Ng alone').waitFor();
  await carol.page.getByRole('button', { name: 'Approve with passkey' }).click();
  await carol.page.locator('[data-told]:not([hidden])').waitFor();
  assert.is(statusOf(await outcome(id, 0)), 'pending_approval');
  assert.is(isWritten('forwarded.txt'), false);
  await agent.call('placet_cancel', { approval_id: id });
});

interface Focused {
  readonly name: string;
  readonly body: boolean;
  readonly outlineStyle: string;
  readonly width: number;
  readonly inView: boolean;
}

test('by keyboard alone, always seeing where they are, a person signs in and approves what waits', async () => {
  const { id } = await hold('keyboard.txt');
  const { keyboard } = alice.page;
  const tabTo = async (name: string): Promise<void> => {
    for (let left = 60; left > 0; left -= 1) {
      await keyboard.press('Tab');
      const here: Focused = await alice.page.evaluate(`(() => {
        const at = document.activeElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(at);
        const { top, bottom } = at.getBoundingClientRect();
        return { name: at.textContent.trim(), body: at === document.body, outlineStyle, width: parseFloat(outlineWidth),
          inView: bottom > 0 && top < innerHeight };
      })()`);
      if (here.body) continue;
      assert.ok(here.outlineStyle !== 'none' && here.width >= 1, `no outline on “${here.name}”`);
      assert.ok(here.inView, `“${here.name}” is out of view`);
      if (here.name.startsWith(name)) return;
    }
    throw new Error(`No Tab leads to “${name}”.`);
  };
  await alice.open('/');
  await tabTo('Sign in with a passkey');
  await keyboard.press('Space');
  await alice.page.waitForURL('**/console');
  await tabTo('claude → write_file');
  await keyboard.press('Enter');
  await alice.page.waitForURL(`**/console/requests/${id}`);
  await tabTo('Approve with passkey');
  await keyboard.press('Enter');
  assert.is(statusOf(await outcome(id)), 'succeeded');
  await alice.page.getByText('You approved this').waitFor();
});

test('the journal verifies, with every signature checked again, and tells decisions by passkey apart', async () => {
  const { code, stdout } = await workspace.placet('log', 'verify');
  assert.is(code, 0, stdout);
  assert.match(stdout, '5 decisions: 1 by link, 0 by single sign-on, 4 by passkey');
});

test('no page broke its content security policy or complained', () => {
  assert.equal([...complaintsOf(alice.watch), ...complaintsOf(carol.watch)], []);
});

test.run();
