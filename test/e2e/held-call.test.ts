import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { review } from '../support/reviewer.ts';
import { approvalId, makeWorkspace, statusOf, textOf } from '../support/workspace.ts';

const inbox = await openInbox();
const workspace = makeWorkspace({ env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const agent = await workspace.agent();
const target = join(workspace.dir, 'files', 'report.txt');

test.after(async () => {
  await workspace.end();
  await inbox.close();
});

const write = (name: string, content = 'written\n') =>
  agent.call('files__write_file', { path: join(workspace.dir, 'files', name), content });

test('an allowed call is answered by the downstream itself', async () => {
  const answer = await agent.call('files__read_text_file', { path: join(workspace.dir, 'files/hello.txt') });
  assert.is(textOf(answer), 'hello\n');
  assert.is(answer._meta, undefined);
});

test('a held call answers pending at once and runs only after a reviewer approved by mail', async () => {
  const held = await write('report.txt');
  assert.is(held.isError, undefined);
  assert.is((held.structuredContent as { status: string }).status, 'pending_approval');
  assert.is(existsSync(target), false);

  const mail = await inbox.waitFor((each) => each.requestId === approvalId(held));
  assert.is(mail.to, 'alice@example.com');
  assert.is(await review(mail, 'approve', 'write_file'), 303);

  const outcome = await agent.call('placet_status', { approval_id: approvalId(held), wait_seconds: 25 });
  assert.is(outcome.isError, undefined);
  assert.is(statusOf(outcome), 'succeeded');
  assert.match(textOf(outcome), 'Successfully wrote');
  assert.is(workspace.file('report.txt'), 'written\n');
});

test('the owner of the agent is never asked, and that stands in the journal', async () => {
  const refused = workspace.journal().filter((entry) => entry.type === 'self_approval.refused');
  assert.is(refused[0]?.reviewer, 'bob');
});

test('a rejected call never runs and says why', async () => {
  const held = await write('rejected.txt');
  const mail = await inbox.waitFor((each) => each.requestId === approvalId(held));
  assert.is(await review(mail, 'reject', 'write_file', 'Wrong folder.'), 303);
  const outcome = await agent.call('placet_status', { approval_id: approvalId(held), wait_seconds: 25 });
  assert.is(outcome.isError, true);
  assert.is(statusOf(outcome), 'rejected');
  assert.is(outcome.structuredContent, undefined);
  assert.match(textOf(outcome), 'Wrong folder.');
  assert.is(existsSync(join(workspace.dir, 'files/rejected.txt')), false);
});

test('the same call while pending gets the same id and no second mail', async () => {
  const first = await write('twice.txt');
  const second = await write('twice.txt');
  assert.is(approvalId(second), approvalId(first));
  await inbox.waitFor((each) => each.requestId === approvalId(first));
  const issued = workspace
    .journal()
    .filter((entry) => entry.type === 'link.issued' && entry.request_id === approvalId(first));
  assert.is(issued.length, 1);
});

test('the journal of all that verifies', async () => {
  const verdict = await workspace.placet('log', 'verify');
  assert.is(verdict.code, 0, verdict.stdout + verdict.stderr);
});

test.run();
