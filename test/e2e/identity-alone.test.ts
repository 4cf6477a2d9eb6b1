import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import type { Authenticator } from '../support/authenticator.ts';
import { decisionForms, signedFields, type ConsoleBrowser } from '../support/console-browser.ts';
import { eventually } from '../support/host.ts';
import { openOutside, type Outside } from '../support/outside.ts';
import {
  approvalId,
  makeWorkspace,
  statusOf,
  type TestAgent,
  type TestWorkspace,
} from '../support/workspace.ts';

/** Who may decide on the calls of their own agent, and what others' keys are worth. */

const ONE = `people:
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const SOLO = `${ONE}solo: true\n`;
const ACTS_FOR = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com], acts_for: [alice] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com] }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const TWO = ACTS_FOR.replace(', acts_for: [alice]', '');
const rulesFor = (reviewers: string): string => `unmatched: review\nreview: { ${reviewers} }\n`;

interface Scene {
  readonly workspace: TestWorkspace;
  readonly agent: TestAgent;
  readonly site: Outside;
  readonly file: string;
  readonly write: () => ReturnType<TestAgent['call']>;
  readonly outcome: (id: string, wait?: number) => Promise<string | undefined>;
  readonly entries: (type: string) => Record<string, unknown>[];
}

function scene(people: string, reviewers: string, run: (scene: Scene) => Promise<void>): () => Promise<void> {
  return async () => {
    const inbox = await openInbox();
    const env = { PLACET_SMTP_URL: inbox.smtpUrl };
    const workspace = makeWorkspace({ people, rules: rulesFor(reviewers), env });
    try {
      const agent = await workspace.agent();
      const site = await openOutside(workspace, inbox);
      const file = join(workspace.dir, 'files', 'alone.txt');
      await run({
        workspace,
        agent,
        site,
        file,
        write: () => agent.call('files__write_file', { path: file, content: 'written\n' }),
        outcome: async (id, wait_seconds = 25) =>
          statusOf(await agent.call('placet_status', { approval_id: id, wait_seconds })),
        entries: (type) => workspace.journal().filter((entry) => entry.type === type),
      });
    } finally {
      await workspace.end();
      await inbox.close();
    }
  };
}

async function decide(browser: ConsoleBrowser, path: string, key: Authenticator, decision = 'approve') {
  const { signed } = decisionForms(await browser.get(path));
  if (!signed) throw new Error(`Nothing is to be signed at ${path}.`);
  return browser.post(`${path}/decision`, { ...signedFields(signed, key, decision), decision });
}

test(
  'the only human approves the call of their own agent by passkey, and page and journal say solo',
  scene(SOLO, 'reviewers: [bob]', async ({ workspace, site, file, write, outcome, entries }) => {
    const key = await site.enrol('bob');
    const id = approvalId(await write());
    const path = await site.linkTo(id, 'bob');
    const browser = site.browser();
    const page = await browser.get(path);
    assert.match(page.text, '<b>solo</b>');
    const { typed } = decisionForms(page);
    const forged = { ...typed?.fields, confirm: 'write_file', decision: 'approve' };
    assert.is((await browser.post(`${path}/decision`, forged)).status, 403, 'the mailbox does not');
    assert.is(existsSync(file), false);
    assert.is((await decide(browser, path, key)).status, 303);
    assert.is(await outcome(id), 'succeeded');
    assert.is(existsSync(file), true);
    assert.equal(
      entries('approval.decided').map(({ reviewer, verification, solo }) => [reviewer, verification, solo]),
      [['bob', 'passkey', true]],
    );
    assert.is((await workspace.placet('log', 'verify')).code, 0);
  }),
);

test(
  'without a passkey the only human approves nothing, typed name or not, and can reject',
  scene(SOLO, 'reviewers: [bob]', async ({ site, file, write, outcome }) => {
    const id = approvalId(await write());
    const path = await site.linkTo(id, 'bob');
    const browser = site.browser();
    const { typed } = decisionForms(await browser.get(path));
    assert.ok(typed);
    const fields = { ...typed.fields, confirm: 'write_file' };
    assert.is((await browser.post(`${path}/decision`, { ...fields, decision: 'approve' })).status, 403);
    assert.is(existsSync(file), false);
    assert.is((await browser.post(`${path}/decision`, { ...fields, decision: 'reject' })).status, 303);
    assert.is(await outcome(id), 'rejected');
  }),
);

test(
  'without solo a call that only its owner could review is refused at once, and the check of the policy says so',
  scene(ONE, 'reviewers: [bob]', async ({ workspace, write, file }) => {
    const answer = await write();
    assert.is(answer.isError, true);
    assert.match(JSON.stringify(answer), 'no_eligible_reviewers');
    assert.is(existsSync(file), false);
    const check = await workspace.placet('policy', 'check');
    assert.match(check.stdout + check.stderr, /nobody|owner/);
  }),
);

test(
  'whoever the owner acts for is not asked, and neither sees nor decides it',
  scene(ACTS_FOR, 'reviewers: [alice, carol]', async ({ site, write, outcome, entries }) => {
    const alice = await site.enrol('alice');
    const id = approvalId(await write());
    assert.equal(
      entries('approval.requested').map(({ terms }) =>
        JSON.stringify(terms).includes('"reviewers":["carol"]'),
      ),
      [true],
    );
    const browser = site.browser();
    await browser.signIn(alice);
    assert.is((await browser.get(`/console/requests/${id}`)).status, 404);
    assert.is((await browser.post(`/console/requests/${id}/decision`, { decision: 'approve' })).status, 404);
    assert.is(await outcome(id, 0), 'pending_approval');
  }),
);

test(
  'who becomes one for whom the owner acts after being asked is refused, and that is journalled',
  scene(TWO, 'reviewers: [alice]', async ({ workspace, site, file, write, outcome, entries }) => {
    const key = await site.enrol('alice');
    const id = approvalId(await write());
    const path = await site.linkTo(id, 'alice');
    const browser = site.browser();
    const { signed } = decisionForms(await browser.get(path));
    assert.ok(signed);
    const changes = entries('policy.loaded').length;
    workspace.write('policies/people.yaml', ACTS_FOR);
    await eventually(
      async () => entries('policy.loaded').length > changes || undefined,
      'the policy was read again',
    );
    const fields = { ...signedFields(signed, key, 'approve'), decision: 'approve' };
    const answer = await browser.post(`${path}/decision`, fields);
    assert.is(answer.status, 403);
    assert.equal(
      entries('self_approval.refused').map(({ reviewer }) => reviewer),
      ['alice'],
    );
    assert.is(await outcome(id, 0), 'pending_approval');
    assert.is(existsSync(file), false);
  }),
);

test(
  'an approval whose key is revoked before the quorum is reached runs nothing',
  scene(TWO, 'reviewers: [alice, carol], quorum: 2, verification: passkey', async (all) => {
    const { site, file, write, outcome } = all;
    const [alice, carol] = [await site.enrol('alice'), await site.enrol('carol')];
    const id = approvalId(await write());
    const [first, second] = [await site.linkTo(id, 'alice'), await site.linkTo(id, 'carol')];
    assert.is((await decide(site.browser(), first, alice)).status, 303);
    await site.revoke('alice', alice.id);
    await decide(site.browser(), second, carol);
    assert.is(await outcome(id), 'voided');
    assert.is(existsSync(file), false);
  }),
);

test.run();
