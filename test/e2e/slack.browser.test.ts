import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { browserPerson, complaintsOf } from '../support/browser-person.ts';
import { launchChromium } from '../support/chromium.ts';
import { BOT_TOKEN, SIGNING_SECRET, startFakeSlack } from '../support/fake-slack.ts';
import { eventually } from '../support/host.ts';
import { openOutside } from '../support/outside.ts';
import { answerOf, read } from '../support/slack-person.ts';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';

/** One story, told in order, over the real program and a fake of Slack. */

const PEOPLE = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com], slack: U0ALICE01 }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const RULES = `unmatched: review
review: { reviewers: [alice], verification: link, slack: decide, notify: [email, slack, "slack:#ops", "slack:#gone"] }
`;
const ALICE = 'U0ALICE01';
const BOB = 'U0BOB0001';

const inbox = await openInbox();
const slack = await startFakeSlack({ now: () => Date.now() });
const workspace = makeWorkspace({
  people: PEOPLE,
  rules: RULES,
  env: {
    PLACET_SMTP_URL: inbox.smtpUrl,
    PLACET_SLACK_BOT_TOKEN: BOT_TOKEN,
    PLACET_SLACK_SIGNING_SECRET: SIGNING_SECRET,
    PLACET_SLACK_API_URL: slack.apiUrl,
  },
});
const agent = await workspace.agent();
const site = await openOutside(workspace, inbox);
const browser = await launchChromium();
const alice = await browserPerson(browser, site);
const hook = `${site.origin.replace('localhost', '127.0.0.1')}/hooks/slack`;

test.after(async () => {
  await browser.close();
  await workspace.end();
  await slack.close();
  await inbox.close();
});

const entries = (type: string): Record<string, unknown>[] =>
  workspace.journal().filter((entry) => entry.type === type);

async function hold(name: string): Promise<string> {
  const path = join(workspace.dir, 'files', name);
  return approvalId(await agent.call('files__write_file', { path, content: `${name}\n` }));
}

/** The messages about a request in Alice's own channel and in #ops. */
const messagesOf = (id: string, count: number) =>
  eventually(async () => {
    const found = slack.messages().filter(({ message }) => JSON.stringify(message).includes(id.slice(-6)));
    return found.length >= count ? found : undefined;
  }, 'the messages came');

async function press(user: string, action: string, id: string) {
  const before = slack.dialogs.length;
  const answer = await slack.deliver(hook, slack.pressed(user, action, id));
  assert.equal(answer, { status: 200, text: '' });
  return eventually(
    async () => (slack.dialogs.length > before ? slack.dialogs.at(-1) : undefined),
    'a dialog opened',
  );
}
const submit = async (user: string, confirm: string, reason: string | null = null) =>
  answerOf(await slack.deliver(hook, slack.submitted(user, { confirm, reason })));

let id = '';

test('the card stands in a message of her own and in the room, with buttons that decide; a room that is not there is told', async () => {
  await alice.enrol(await site.invite('alice'), 'Phone');
  id = await hold('approved.txt');
  const found = await messagesOf(id, 2);
  assert.equal(found.map(({ channel }) => channel).sort(), ['C0OPS0001', 'D0ALICE01']);
  for (const { message, channel } of found) {
    const actions = message.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    assert.equal(
      actions.map((button) => button.text.text),
      ['Review', 'Approve', 'Reject'],
    );
    const url = actions[0]?.url ?? '';
    assert.match(url, channel === 'C0OPS0001' ? `/console/requests/${id}` : '/r/');
  }
  await eventually(async () => entries('notice.failed')[0], 'the missing room is journalled');
  const [failed] = entries('notice.failed');
  assert.is(failed?.channel, 'slack:#gone');
  assert.match(String(failed?.detail), 'Slack knows no such channel');
});

test('a press by an account that is linked to nobody leads to the page where she links it, with her passkey', async () => {
  const before = await site.lengthAtRest();
  const { title, links } = read(await press(ALICE, 'placet_approve', id));
  assert.is(title, 'Nothing was decided');
  const page = new URL(links[0] ?? '');
  assert.is(page.origin, site.origin);
  await alice.signIn();
  assert.is(await alice.open(`${page.pathname}${page.search}`), 200);
  await alice.page.getByText('Go on only if you pressed the button').waitFor();
  assert.match(await alice.page.locator('main').innerText(), ALICE);
  const [opened] = entries('session.opened');
  assert.is(await site.lengthAtRest(), before + 1, 'the session alone was added');
  assert.ok(opened);
  assert.is(await alice.press('Yes, it is mine: link it with a passkey'), 200);
  await alice.page.getByRole('heading', { name: 'Accounts in Slack' }).waitFor();
  const [linked] = entries('account.linked');
  assert.is(linked?.person, 'alice');
  assert.is(linked?.user, ALICE);
});

test('pressed again, the typed name decides, the call runs, and every message shows how it ended', async () => {
  const view = await press(ALICE, 'placet_approve', id);
  assert.is(view.title.text, 'Approve this call');
  assert.is(existsSync(join(workspace.dir, 'files', 'approved.txt')), false);
  assert.match((await submit(ALICE, 'yes')).errors?.['confirm'] ?? '', 'write_file');
  assert.is((await submit(ALICE, 'write_file', 'Fine by me')).response_action, 'update');
  const outcome = await agent.call('placet_status', { approval_id: id, wait_seconds: 25 });
  assert.is(statusOf(outcome), 'succeeded');
  assert.is(workspace.file('approved.txt'), 'approved.txt\n');
  const [decided] = entries('approval.decided');
  assert.is(decided?.verification, 'slack');
  assert.is(decided?.reviewer, 'alice');
  const receipt = decided?.receipt as Record<string, unknown> | undefined;
  assert.equal([receipt?.kind, receipt?.team, receipt?.user], ['slack', 'T0PLACET1', ALICE]);
  assert.match(String(receipt?.payload_sha256), /^[0-9a-f]{64}$/);
  const updated = await eventually(async () => {
    const found = slack.messages().filter(({ edited }) => edited);
    return found.length === 2 ? found : undefined;
  }, 'both messages were changed');
  assert.is(slack.messages().length, 2, 'nothing was posted beside them');
  for (const { message } of updated) {
    const text = JSON.stringify(message.blocks);
    for (const part of ['Approved by', 'Alice Ng', 'Fine by me']) assert.ok(text.includes(part), text);
    assert.not.match(text, '"actions"');
  }
});

test('a second press, a replay and the owner of the agent change nothing', async () => {
  assert.match(read(await press(ALICE, 'placet_reject', id)).text, 'approved and carried out');
  const next = await hold('other.txt');
  await messagesOf(next, 2);
  assert.is(read(await press(BOB, 'placet_approve', next)).title, 'Nothing was decided');
  const before = await site.lengthAtRest();
  const { body } = slack.signed(slack.pressed(ALICE, 'placet_approve', next));
  const forged = await site.ask('/hooks/slack', { method: 'POST', body, headers: { accept: 'text/plain' } });
  assert.is(forged.status, 401);
  assert.is(await site.lengthAtRest(), before);
  await press(ALICE, 'placet_reject', next);
  assert.is((await submit(ALICE, 'write_file', 'Not this one')).response_action, 'update');
  const outcome = await agent.call('placet_status', { approval_id: next, wait_seconds: 25 });
  assert.is(statusOf(outcome), 'rejected');
  assert.is(existsSync(join(workspace.dir, 'files', 'other.txt')), false);
});

test('a token that was revoked is told by placet status, and mail goes on', async () => {
  slack.state.error = 'token_revoked';
  const next = await hold('mailed.txt');
  await site.linkTo(next, 'alice');
  await eventually(async () => {
    const { stdout } = await workspace.placet('status');
    return stdout.includes('PLACET_SLACK_BOT_TOKEN was revoked') ? true : undefined;
  }, 'the status tells of it');
  slack.state.error = undefined;
  await agent.call('placet_cancel', { approval_id: next });
});

test('the journal verifies, tells decisions in Slack apart, and holds no secret', async () => {
  const { code, stdout } = await workspace.placet('log', 'verify');
  assert.is(code, 0, stdout);
  assert.match(stdout, '2 in Slack');
  const all = JSON.stringify(workspace.journal());
  for (const secret of [BOT_TOKEN, SIGNING_SECRET, '/r/']) assert.not.ok(all.includes(secret));
});

test('no page broke its content security policy or complained', () => {
  assert.equal(complaintsOf(alice.watch), []);
});

test.run();
