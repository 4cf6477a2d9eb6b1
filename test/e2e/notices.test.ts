import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventually } from '../support/host.ts';
import { openMailbox } from '../support/mailbox.ts';
import { decide, openPage } from '../support/reviewer.ts';
import { approvalId, makeWorkspace } from '../support/workspace.ts';

const PEOPLE = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com], outcomes: [email] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com] }
  - { id: dan, name: Dan Roe, emails: [dan@example.com] }
fallback: [dan]
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;

const RULES = `unmatched: review
review: { reviewers: [alice] }
rules:
  - id: writes
    match: { server: files, tool: write_file }
    verdict: review
    review:
      reviewers: [alice]
      notify: [email, teams]
      escalate: { after: 2s, to: [carol] }
  - id: folders
    match: { server: files, tool: create_directory }
    verdict: review
    review: { reviewers: [alice], expires: 12s }
  - id: moves
    match: { server: files, tool: move_file }
    verdict: review
    review: { reviewers: [alice], notify: [teams] }
`;

const mailbox = await openMailbox();
const workspace = makeWorkspace({
  people: PEOPLE,
  rules: RULES,
  env: { PLACET_SMTP_URL: mailbox.smtpUrl, PLACET_DIGEST_AFTER: '5' },
});
const agent = await workspace.agent();

test.after(async () => {
  await workspace.end();
  await mailbox.close();
});

const at = (name: string): string => join(workspace.dir, 'files', name);

test('who is asked because nobody decided decides, and everyone and the owner are told', async () => {
  const id = approvalId(await agent.call('files__write_file', { path: at('a.txt'), content: 'x' }));
  const first = await mailbox.ask(id, 'alice@example.com');
  const second = await mailbox.ask(id, 'carol@example.com');
  assert.match(second.text, 'APPROVAL REQUEST, NOT DECIDED IN TIME');
  assert.is.not(first.link, second.link);
  const page = await openPage(second.link);
  assert.is(await decide(page, { decision: 'reject', confirm: 'write_file', reason: 'Not today' }), 303);
  assert.is((await mailbox.outcome(id, 'alice@example.com')).inReplyTo, first.messageId);
  assert.is((await mailbox.outcome(id, 'carol@example.com')).inReplyTo, second.messageId);
  const toOwner = (await mailbox.inbox.arrived(5)).find(({ to }) => to.includes('bob@example.com'));
  assert.match(toOwner?.parsed.text ?? '', 'Rejected by:  Carol Roy');
  assert.not.match(toOwner?.raw ?? '', '/r/');
});

test('a channel that is not set up is said in the journal and the status, and holds no other up', async () => {
  const id = approvalId(await agent.call('files__write_file', { path: at('b.txt'), content: 'x' }));
  await mailbox.ask(id, 'alice@example.com');
  const sentence = 'The channel teams is not set up: give its settings in .env, or name another in the rule.';
  const { stdout } = await eventually(async () => {
    const status = await workspace.placet('status');
    return status.stdout.includes(`gave up: ask in teams about ${id}`) ? status : undefined;
  }, 'the status shows what was given up');
  assert.match(stdout, `gave up: ask in teams about ${id} (${sentence})`);
  assert.equal(
    workspace
      .journal()
      .filter(({ request_id, type }) => request_id === id && type === 'notice.failed')
      .map(({ channel, reviewer, detail }) => [channel, reviewer, detail]),
    [['teams', undefined, sentence]],
  );
  await agent.call('placet_cancel', { approval_id: id });
});

test('a request that no channel carries goes to the people who are asked last', async () => {
  const id = approvalId(
    await agent.call('files__move_file', { source: at('hello.txt'), destination: at('c.txt') }),
  );
  const mail = await mailbox.ask(id, 'dan@example.com');
  assert.match(mail.text, 'APPROVAL REQUEST, NOBODY ELSE WAS REACHED');
  assert.is(await decide(await openPage(mail.link), { decision: 'approve', confirm: 'move_file' }), 303);
  const outcome = await mailbox.outcome(id, 'dan@example.com');
  assert.match(outcome.text, 'It was approved and carried out.');
});

test('of many questions at once the last come together, in time, and each can be decided', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 7; count += 1)
    ids.push(approvalId(await agent.call('files__create_directory', { path: at(`folder-${count}`) })));
  const digest = await eventually(
    async () => mailbox.inbox.mails.find(({ parsed }) => parsed.headers.has('x-placet-digest')),
    'a digest came',
  );
  const text = digest.parsed.text ?? '';
  const links = text.match(/https?:\/\/\S+\/r\/[\w-]+/g) ?? [];
  assert.ok(links.length >= 2);
  const page = await openPage(links[0] ?? '');
  assert.is(await decide(page, { decision: 'reject', confirm: 'create_directory' }), 303);
  const journalled = await eventually(async () => {
    const found = workspace
      .journal()
      .filter(({ message_id, notice }) => notice === 'ask' && message_id === digest.parsed.messageId);
    return found.length === links.length ? found : undefined;
  }, 'each question of the digest is journalled');
  assert.ok(journalled.every(({ request_id }) => ids.includes(String(request_id))));
});

test.run();
