import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { decisionForms, formsIn, signedFields, type ConsoleBrowser } from '../support/console-browser.ts';
import { enrolWith, openOutside } from '../support/outside.ts';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';

const PEOPLE = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com] }
  - { id: dan, name: Dan Roe, emails: [dan@example.com] }
  - { id: eve, name: Eve Low, emails: [eve@example.com] }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const RULES = `unmatched: review
review: { reviewers: [alice, carol] }
rules:
  - id: writes
    match: { tool: write_file }
    verdict: review
    review: { reviewers: [alice], verification: passkey }
`;
/** Stands in the arguments of calls; whoever may not see a request does not see it. */
const MARK = 'mark-5d1c';
const JSON_ONLY = { accept: 'application/json' };

const inbox = await openInbox();
const workspace = makeWorkspace({ people: PEOPLE, rules: RULES, env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const agent = await workspace.agent();
const site = await openOutside(workspace, inbox);
const keys = { alice: await site.enrol('alice'), dan: await site.enrol('dan') };

test.after(async () => {
  await workspace.end();
  await inbox.close();
});

const at = (name: string): string => join(workspace.dir, 'files', name);
const files = { path: at(`${MARK}.txt`), content: 'written\n' };
const hold = async (tool: string, args: Record<string, unknown>): Promise<string> =>
  approvalId(await agent.call(`files__${tool}`, args));
const statusNow = async (id: string): Promise<string | undefined> =>
  statusOf(await agent.call('placet_status', { approval_id: id, wait_seconds: 0 }));
const cancel = (id: string): Promise<unknown> => agent.call('placet_cancel', { approval_id: id });

async function appendsNothing(act: () => Promise<void>): Promise<void> {
  const before = await site.lengthAtRest();
  await act();
  assert.is(await site.lengthAtRest(), before);
}

async function signedIn(person: keyof typeof keys): Promise<ConsoleBrowser> {
  const browser = site.browser();
  assert.is((await browser.signIn(keys[person])).status, 303);
  return browser;
}

const READS = (id: string): readonly string[] => [
  '/console',
  '/console/requests',
  `/console/requests?text=${MARK}`,
  `/console/requests/${id}`,
  '/console/me',
  '/console/people',
  '/console/rules',
  '/console/journal',
  '/console/events',
];
const WRITES = (id: string): readonly string[] => [
  '/sign-out',
  '/sso/continue',
  '/console/invitations/approve',
  `/console/requests/${id}/decision`,
  `/console/requests/${id}/reconcile`,
  '/console/me/passkeys/begin',
  '/console/me/passkeys',
  '/console/me/passkeys/revoke',
  '/console/me/sessions/revoke',
  `/r/${'A'.repeat(43)}/decision`,
  `/enrol/${'A'.repeat(43)}/begin`,
  `/enrol/${'A'.repeat(43)}/complete`,
];
/** What each form of the site asks for, all at once. */
const EVERYTHING = {
  decision: 'approve',
  outcome: 'done',
  confirm: 'write_file',
  reason: 'x',
  assertion: '{}',
};

for (const [who, headers] of [
  ['nobody', {}],
  ["an agent's credentials in the headers", { authorization: 'Bearer claude', 'x-placet-agent': 'claude' }],
  ['basic credentials of the owner', { authorization: `Basic ${btoa('bob:bob@example.com')}` }],
  ['a made-up session', { cookie: `placet_session_${new URL(site.origin).port}=${'B'.repeat(43)}` }],
] as const) {
  test(`every route shows nothing and appends nothing to ${who}`, async () => {
    const id = await hold('write_file', files);
    await site.linkTo(id, 'alice');
    await appendsNothing(async () => {
      const browser = site.browser();
      for (const path of READS(id)) {
        const page = await browser.get(path, headers);
        assert.is(page.status, 303, path);
        assert.match(page.headers.location ?? '', /^(?:\.\.\/)*(?:\.\/)?sign-in/, path);
        const data = await browser.get(path, { ...headers, ...JSON_ONLY });
        assert.is(data.status, 401, path);
        assert.not.match(page.text + data.text, MARK);
      }
      for (const path of WRITES(id)) {
        const answer = await browser.post(path, EVERYTHING, headers);
        assert.ok(answer.status >= 400 || answer.headers.location?.endsWith('sign-in'), path);
        assert.not.match(answer.text, MARK);
      }
      assert.is(browser.cookies.size, 0);
    });
    assert.is(await statusNow(id), 'pending_approval');
    await cancel(id);
  });
}

test('who was not asked and owns no agent finds no request in the console, by whatever way', async () => {
  const id = await hold('write_file', files);
  await site.linkTo(id, 'alice');
  const dan = await signedIn('dan');
  await appendsNothing(async () => {
    assert.is((await dan.get(`/console/requests/${id}`)).status, 404);
    for (const path of ['/console', `/console/requests?text=${MARK}`, '/console/requests?agent=claude'])
      assert.not.match((await dan.get(path)).text, id);
    assert.is((await dan.post(`/console/requests/${id}/decision`, EVERYTHING)).status, 404);
    assert.is((await dan.post(`/console/requests/${id}/reconcile`, EVERYTHING)).status, 404);
  });
  await cancel(id);
});

test("forms that were served to one person's session do nothing in another's", async () => {
  const id = await hold('write_file', files);
  await site.linkTo(id, 'alice');
  const alice = await signedIn('alice');
  const dan = await signedIn('dan');
  const forms = [
    ...formsIn((await alice.get('/console/me')).text),
    ...formsIn((await alice.get(`/console/requests/${id}`)).text),
  ];
  assert.ok(forms.length >= 4, `${forms.length} forms`);
  await appendsNothing(async () => {
    for (const form of forms) {
      const path = new URL(form.action, `${site.origin}/console/`).pathname;
      const fields = form.toSign?.['*'] ? signedFields(form, keys.dan) : form.fields;
      const answer = await dan.post(path, { ...EVERYTHING, ...fields });
      assert.ok(answer.status >= 400, `${path}: ${answer.status}`);
    }
  });
  assert.is((await dan.get('/console/me')).status, 200);
  await cancel(id);
});

test('who has stolen the mailbox of an invited person cannot enrol a key without the code', async () => {
  const { path, code } = await site.invite('carol');
  const key = createAuthenticator({ origin: site.origin });
  await appendsNothing(async () => {
    for (const guess of ['', '0', code.slice(0, -1), 'ABCD-EFGH']) {
      const answer = await enrolWith(site.browser(), { path, code: guess, key });
      assert.is(answer.status, 422, guess);
      assert.not.match(answer.text, 'data-passkey-create');
    }
    const registration = JSON.stringify(key.register('AAAA'));
    for (const proof of ['', 'x', 'A'.repeat(200)]) {
      const answer = await site.browser().post(`${path}/complete`, { proof, registration });
      assert.is(answer.status, 403);
    }
  });
  const carol = createAuthenticator({ origin: site.origin });
  assert.is((await enrolWith(site.browser(), { path, code, key: carol })).status, 200, 'it is still good');
  assert.is((await enrolWith(site.browser(), { path, code, key })).status, 410, 'and spent once');
});

test('an invitation is withdrawn after five wrong codes, so that a code is not guessed', async () => {
  const { path, code } = await site.invite('eve');
  const key = createAuthenticator({ origin: site.origin });
  const guess = (given: string) => enrolWith(site.browser(), { path, code: given, key });
  for (let tries = 0; tries < 4; tries += 1) assert.is((await guess('WRONG-CODE')).status, 422);
  assert.is((await guess('WRONG-CODE')).status, 410);
  assert.is((await guess(code)).status, 410);
  assert.ok(workspace.types().includes('passkey.invitation_withdrawn'));
});

test('a stolen mailbox rejects and does not approve for a person who has a passkey, whatever the rule says', async () => {
  const args = { path: at('by-link') };
  const id = await hold('create_directory', args);
  const path = await site.linkTo(id, 'alice');
  await site.linkTo(id, 'carol');
  const thief = site.browser();
  const { typed } = decisionForms(await thief.get(path));
  assert.ok(typed);
  const fields = { ...typed.fields, confirm: 'create_directory' };
  await appendsNothing(async () => {
    const answer = await thief.post(`${path}/decision`, { ...fields, decision: 'approve' });
    assert.is(answer.status, 403);
    assert.match(answer.text, 'You have a passkey');
  });
  assert.is(existsSync(at('by-link')), false);
  assert.is((await thief.post(`${path}/decision`, { ...fields, decision: 'reject' })).status, 303);
  assert.is(await statusNow(id), 'rejected');
});

test('a forwarded mail shows whose link it is, and decides with no key but theirs', async () => {
  const id = await hold('write_file', files);
  const path = await site.linkTo(id, 'alice');
  const dan = await signedIn('dan');
  const page = await dan.get(path);
  assert.match(page.text, 'This link is for Alice Ng alone');
  assert.match(page.text, 'You decide as <strong>Alice Ng</strong>');
  const { signed } = decisionForms(page);
  assert.ok(signed);
  assert.match(JSON.stringify(signed.toSign), keys.alice.id);
  const forged = { ...signedFields(signed, keys.dan, 'approve'), decision: 'approve' };
  const answer = await dan.post(`${path}/decision`, forged);
  assert.is(answer.status, 403);
  assert.match(answer.text, 'This passkey is not one of yours');
  assert.is(await statusNow(id), 'pending_approval');
  await cancel(id);
});

test.run();
