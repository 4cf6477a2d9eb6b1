import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { eventually } from '../support/host.ts';
import { openMailbox } from '../support/mailbox.ts';
import { decide, openPage } from '../support/reviewer.ts';
import { approvalId, makeWorkspace, statusOf, textOf } from '../support/workspace.ts';

const PEOPLE = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com, a.ng@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com] }
groups:
  both: [alice, carol]
agents:
  - { id: claude, owner: bob, cool_down: 0s }
  - { id: other, owner: bob, cool_down: 0s }
`;

const RULES = `unmatched: review
review: { reviewers: [alice] }
rules:
  - id: two
    match: { server: files, tool: create_directory }
    verdict: review
    review: { reviewers: [group:both], quorum: 2 }
  - id: one-of-two
    match: { server: files, tool: write_file }
    verdict: review
    review: { reviewers: [group:both] }
  - id: waits
    match: { server: files, tool: move_file }
    verdict: review
    review: { reviewers: [alice], wait: 20s }
`;

const ALICE = 'alice@example.com';
const CAROL = 'carol@example.com';

const mailbox = await openMailbox();
const workspace = makeWorkspace({ people: PEOPLE, rules: RULES, env: { PLACET_SMTP_URL: mailbox.smtpUrl } });
const agent = await workspace.agent();

test.after(async () => {
  await workspace.end();
  await mailbox.close();
});

const at = (name: string): string => join(workspace.dir, 'files', name);
const write = (name: string): Promise<CallToolResult> =>
  agent.call('files__write_file', { path: at(name), content: 'written\n' });
const outcomeOf = (id: string): Promise<CallToolResult> =>
  agent.call('placet_status', { approval_id: id, wait_seconds: 25 });
const entriesOf = (id: string, type: string): Record<string, unknown>[] =>
  workspace.journal().filter((entry) => entry.request_id === id && entry.type === type);

/** Posts a form to a link as no page of ours would. */
async function post(link: string, fields: Record<string, string>, headers: Record<string, string>) {
  const answer = await fetch(`${link}/decision`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
    headers,
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** The journal's length once every mail that is due has been sent and journalled. */
function lengthAtRest(): Promise<number> {
  return eventually(async () => {
    const { journal, undelivered } = JSON.parse((await workspace.placet('status', '--json')).stdout) as {
      journal: { entries: number };
      undelivered: unknown[];
    };
    return undelivered.length === 0 ? journal.entries : undefined;
  }, 'all mails were sent');
}

async function appendsNothing(act: () => Promise<void>): Promise<void> {
  const before = await lengthAtRest();
  await act();
  assert.is(await lengthAtRest(), before);
}

test('a quorum of two is reached by two people and not by one of them twice', async () => {
  const held = await agent.call('files__create_directory', { path: at('both') });
  const id = approvalId(held);
  assert.is((held.structuredContent as { reviewers_asked?: number }).reviewers_asked, 2);
  const [first, second] = await Promise.all([mailbox.ask(id, ALICE), mailbox.ask(id, CAROL)]);

  const approval = { decision: 'approve', confirm: 'create_directory' };
  const page = await openPage(first.link);
  assert.is(await decide(page, approval), 303);
  assert.is(await decide(page, approval), 409);
  assert.is(statusOf(await agent.call('placet_status', { approval_id: id })), 'pending_approval');
  assert.is(existsSync(at('both')), false);

  assert.is(await decide(await openPage(second.link), approval), 303);
  assert.is(statusOf(await outcomeOf(id)), 'succeeded');
  assert.is(existsSync(at('both')), true);
  assert.equal(
    entriesOf(id, 'approval.decided').map((entry) => entry.reviewer),
    ['alice', 'carol'],
  );
});

test('two people who decide at once leave one resolution, and the later one is told', async () => {
  const id = approvalId(await write('race.txt'));
  const [first, second] = await Promise.all([mailbox.ask(id, ALICE), mailbox.ask(id, CAROL)]);
  const pages = await Promise.all([openPage(first.link), openPage(second.link)]);
  const confirm = 'write_file';
  const statuses = await Promise.all([
    decide(pages[0], { decision: 'approve', confirm }),
    decide(pages[1], { decision: 'reject', confirm }),
  ]);
  assert.equal(
    statuses.toSorted((a, b) => a - b),
    [303, 409],
  );
  const end = statusOf(await outcomeOf(id));
  assert.is(end, statuses[0] === 303 ? 'succeeded' : 'rejected');
  assert.is(entriesOf(id, 'approval.decided').length, 1);
  assert.is(entriesOf(id, 'approval.resolved').length, 1);
});

test('everyone who was asked hears the outcome in the thread of the first mail', async () => {
  const id = approvalId(await write('thread.txt'));
  const asks = await Promise.all([mailbox.ask(id, ALICE), mailbox.ask(id, CAROL)]);
  await decide(await openPage(asks[0].link), { decision: 'approve', confirm: 'write_file' });
  const replies = await Promise.all([mailbox.outcome(id, ALICE), mailbox.outcome(id, CAROL)]);
  assert.is.not(asks[0].messageId, asks[1].messageId);
  assert.equal(
    replies.map((reply) => reply.inReplyTo),
    asks.map((ask) => ask.messageId),
  );
  assert.equal(
    replies.map((reply) => [...reply.references]),
    asks.map((ask) => [ask.messageId]),
  );
  assert.is(replies[0].link, '');
});

test('a link that was used decides nothing more and appends nothing', async () => {
  const id = approvalId(await write('used.txt'));
  const { link } = await mailbox.ask(id, ALICE);
  const page = await openPage(link);
  assert.is(await decide(page, { decision: 'approve', confirm: 'write_file' }), 303);
  await outcomeOf(id);
  await appendsNothing(async () => {
    assert.is(await decide(page, { decision: 'reject', confirm: 'write_file' }), 409);
    const again = await openPage(link);
    assert.is(again.fields.confirm, undefined, 'the page offers no form any more');
  });
  assert.is(statusOf(await outcomeOf(id)), 'succeeded');
});

test('the unused link of a request that is resolved decides nothing and appends nothing', async () => {
  const id = approvalId(await write('resolved.txt'));
  const mine = await mailbox.ask(id, CAROL);
  const page = await openPage(mine.link);
  const { link } = await mailbox.ask(id, ALICE);
  await decide(await openPage(link), { decision: 'reject', confirm: 'write_file' });
  await outcomeOf(id);
  await appendsNothing(async () => {
    assert.is(await decide(page, { decision: 'approve', confirm: 'write_file' }), 409);
  });
  assert.is(statusOf(await outcomeOf(id)), 'rejected');
});

test('a link that was made up is unknown to view and to post, and appends nothing', async () => {
  const id = approvalId(await write('made-up.txt'));
  const { link } = await mailbox.ask(id, ALICE);
  await mailbox.ask(id, CAROL);
  const page = await openPage(link);
  const invented = link.slice(0, -43) + 'A'.repeat(43);
  await appendsNothing(async () => {
    assert.is((await openPage(invented)).status, 404);
    const fields = { decision: 'approve', confirm: 'write_file' };
    assert.is(await decide({ ...page, link: invented }, fields), 404);
  });
  await agent.call('placet_cancel', { approval_id: id });
});

test("one person's page cannot decide through another's link", async () => {
  const id = approvalId(await write('swapped.txt'));
  const [mine, theirs] = await Promise.all([mailbox.ask(id, ALICE), mailbox.ask(id, CAROL)]);
  const page = await openPage(mine.link);
  await appendsNothing(async () => {
    const fields = { decision: 'approve', confirm: 'write_file' };
    assert.is(await decide({ ...page, link: theirs.link }, fields), 403);
  });
  await agent.call('placet_cancel', { approval_id: id });
});

for (const [what, headers] of [
  ['from another origin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['of the null origin', { origin: 'null' }],
  ['from another port of this machine', { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' }],
  ['without an Origin', {}],
] as const) {
  test(`a decision ${what} is refused and appends nothing`, async () => {
    const id = approvalId(await write('origin.txt'));
    const { link } = await mailbox.ask(id, ALICE);
    await mailbox.ask(id, CAROL);
    const { fields } = await openPage(link);
    await appendsNothing(async () => {
      const form = { ...fields, decision: 'approve', confirm: 'write_file' };
      assert.is(await post(link, form, headers), 403);
    });
    await agent.call('placet_cancel', { approval_id: id });
  });
}

test('a scanner that opens every link and submits every form uses up nothing; the human still approves', async () => {
  const id = approvalId(await write('scanned.txt'));
  const [ask] = await Promise.all([mailbox.ask(id, ALICE), mailbox.ask(id, CAROL)]);
  const links = [...ask.text.matchAll(/https?:\/\/\S+/g)].map(([link]) => link);
  assert.is(links.length, 1);
  const origin = new URL(ask.link).origin;
  await appendsNothing(async () => {
    for (const link of links) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        const answer = await fetch(link, { method });
        await answer.arrayBuffer();
        assert.is(answer.ok, true, method);
      }
    }
    const { fields, html } = await openPage(ask.link);
    for (const [, address = ''] of html.matchAll(/(?:href|src)="([^"]+)"/g)) {
      const answer = await fetch(new URL(address, ask.link));
      await answer.arrayBuffer();
    }
    const sameOrigin = { origin, 'sec-fetch-site': 'same-origin' };
    for (const decision of ['approve', 'reject']) {
      assert.is(await post(ask.link, { ...fields, decision }, sameOrigin), 422);
      const filled = Object.fromEntries(Object.keys(fields).map((name) => [name, fields[name] || 'test']));
      assert.is(await post(ask.link, { ...filled, decision }, sameOrigin), 422);
      assert.is((await post(ask.link, { decision }, sameOrigin)) >= 400, true);
    }
    assert.is((await post(ask.link, {}, sameOrigin)) >= 400, true);
  });
  const status = await decide(await openPage(ask.link), { decision: 'approve', confirm: 'write_file' });
  assert.is(status, 303);
  assert.is(statusOf(await outcomeOf(id)), 'succeeded');
});

test('a rule with wait has a quick approval answered in place', async () => {
  workspace.write('files/here.txt', 'moved\n');
  const call = agent.call('files__move_file', { source: at('here.txt'), destination: at('there.txt') });
  const { link } = await mailbox.askAbout('move_file', ALICE);
  await decide(await openPage(link), { decision: 'approve', confirm: 'move_file' });
  const answer = await call;
  assert.is(statusOf(answer), 'succeeded');
  assert.match(textOf(answer), 'Successfully moved');
  assert.is(workspace.file('there.txt'), 'moved\n');
});

test('a request that its agent cancelled is never run, and its link decides nothing', async () => {
  const id = approvalId(await write('cancelled.txt'));
  const { link } = await mailbox.ask(id, ALICE);
  const page = await openPage(link);
  const answer = await agent.call('placet_cancel', { approval_id: id });
  assert.is(answer.isError, true);
  assert.is(statusOf(answer), 'cancelled');
  assert.is(await decide(page, { decision: 'approve', confirm: 'write_file' }), 409);
  assert.is(statusOf(await outcomeOf(id)), 'cancelled');
  assert.is(existsSync(at('cancelled.txt')), false);
});

test("another agent's request is answered as one that does not exist", async () => {
  const id = approvalId(await write('theirs.txt'));
  const other = await workspace.agent('other');
  const real = await other.call('placet_status', { approval_id: id });
  const cancelled = await other.call('placet_cancel', { approval_id: id });
  const invented = await other.call('placet_status', { approval_id: 'apr_00000000000000000000000000' });
  const without = (answer: CallToolResult): string => textOf(answer).replaceAll(/apr_\w+/g, 'ID');
  assert.is(real.isError, true);
  assert.is(without(real), without(invented));
  assert.is(without(cancelled), without(invented));
  assert.is(statusOf(await agent.call('placet_status', { approval_id: id })), 'pending_approval');
  await agent.call('placet_cancel', { approval_id: id });
});

test('the same call gets the result once after it ran, and is held anew after that', async () => {
  const id = approvalId(await write('once.txt'));
  const { link } = await mailbox.ask(id, ALICE);
  assert.is(approvalId(await write('once.txt')), id);
  await decide(await openPage(link), { decision: 'approve', confirm: 'write_file' });
  await mailbox.outcome(id, ALICE);

  const fetched = await write('once.txt');
  assert.is(statusOf(fetched), 'succeeded');
  const anew = await write('once.txt');
  assert.is(statusOf(anew), 'pending_approval');
  assert.is.not(approvalId(anew), id);
  await agent.call('placet_cancel', { approval_id: approvalId(anew) });
});

test('an agent that people.yaml does not name is refused with one sentence', async () => {
  const { code, stdout, stderr } = await workspace.placet('stdio', '--agent', 'stranger');
  assert.is(code, 1);
  assert.is(stdout, '');
  assert.is(
    stderr,
    'placet: This workspace does not know the agent "stranger": name it in policies/people.yaml, with its owner. [unknown_agent]\n',
  );
});

test('an agent sees no link, no token and no address of a reviewer', async () => {
  const held = await write('secret.txt');
  const { link } = await mailbox.ask(approvalId(held), ALICE);
  await decide(await openPage(link), { decision: 'reject', confirm: 'write_file', reason: 'No.' });
  const told = JSON.stringify([held, await outcomeOf(approvalId(held))]);
  const token = link.split('/').at(-1) ?? '';
  for (const secret of [token, '/r/', ALICE, CAROL]) assert.is(told.includes(secret), false, secret);
});

test('the journal of all that verifies', async () => {
  const verdict = await workspace.placet('log', 'verify');
  assert.is(verdict.code, 0, verdict.stdout + verdict.stderr);
});

test.run();
