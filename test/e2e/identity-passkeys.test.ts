import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { createAuthenticator, type Authenticator, type Knobs } from '../support/authenticator.ts';
import {
  decisionForms,
  signedFields,
  type ConsoleBrowser,
  type ReadForm,
} from '../support/console-browser.ts';
import { openOutside } from '../support/outside.ts';
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
review: { reviewers: [alice, dan, eve], verification: passkey }
`;

const inbox = await openInbox();
const workspace = makeWorkspace({ people: PEOPLE, rules: RULES, env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const agent = await workspace.agent();
const site = await openOutside(workspace, inbox);
const key = await site.enrol('alice', { algorithm: -7 });

test.after(async () => {
  await workspace.end();
  await inbox.close();
});

interface Held {
  readonly id: string;
  readonly file: string;
  /** The path of the reviewer's link. */
  readonly link: string;
}

async function hold(name: string, reviewer = 'alice'): Promise<Held> {
  const file = join(workspace.dir, 'files', name);
  const id = approvalId(await agent.call('files__write_file', { path: file, content: 'written\n' }));
  return { id, file, link: await site.linkTo(id, reviewer) };
}

const outcome = async (id: string, wait_seconds: number): Promise<string | undefined> =>
  statusOf(await agent.call('placet_status', { approval_id: id, wait_seconds }));

async function signedForm(browser: ConsoleBrowser, path: string): Promise<ReadForm> {
  const page = await browser.get(path);
  const { signed } = decisionForms(page);
  if (!signed) throw new Error(`Nothing is signed at ${path}: ${page.text}`);
  return signed;
}

/** Posts an approval, signed with these knobs. */
async function approve(path: string, by: Authenticator, knobs: Knobs = {}) {
  const browser = site.browser();
  const { fields, toSign } = await signedForm(browser, path);
  const assertion = JSON.stringify(by.assert(toSign?.approve ?? {}, knobs));
  return browser.post(`${path}/decision`, { ...fields, assertion, decision: 'approve' });
}

async function staysHeld({ id, file }: Held): Promise<void> {
  assert.is(await outcome(id, 0), 'pending_approval');
  assert.is(existsSync(file), false);
  assert.equal(
    workspace.journal().filter((entry) => entry.request_id === id && entry.type === 'approval.decided'),
    [],
  );
  await agent.call('placet_cancel', { approval_id: id });
}

for (const [what, knobs] of [
  ['without a check of who it is', { uv: false }],
  ['without a touch', { up: false }],
  ['from another origin', { origin: 'http://localhost:1' }],
  ['from a site of another name', { rpId: 'evil.example' }],
  ['in a frame of another site', { crossOrigin: true }],
  ['with a bit changed', { tampered: true }],
  ['as if a key were made', { type: 'webauthn.create' }],
  ['over another challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
] as const) {
  test(`a signature ${what} approves nothing, and that it was refused is journalled`, async () => {
    const held = await hold('refused.txt');
    const answer = await approve(held.link, key, knobs);
    assert.is(answer.status, 403);
    const refused = workspace
      .journal()
      .filter((entry) => entry.request_id === held.id && entry.type === 'verification.refused');
    assert.equal(
      refused.map((entry) => [entry.reviewer, entry.verification]),
      [['alice', 'passkey']],
    );
    await staysHeld(held);
  });
}

test('a signature to reject does not approve', async () => {
  const held = await hold('other-decision.txt');
  const browser = site.browser();
  const { fields, toSign } = await signedForm(browser, held.link);
  const assertion = JSON.stringify(key.assert(toSign?.reject ?? {}));
  const answer = await browser.post(`${held.link}/decision`, { ...fields, assertion, decision: 'approve' });
  assert.is(answer.status, 403);
  await staysHeld(held);
});

test('a signature for one request does not approve another', async () => {
  const [mine, other] = [await hold('mine.txt'), await hold('other.txt')];
  const browser = site.browser();
  const form = await signedForm(browser, mine.link);
  const fields = { ...signedFields(form, key, 'approve'), decision: 'approve' };
  assert.is((await browser.post(`${other.link}/decision`, fields)).status, 403, 'the whole form');
  const { proof = '' } = (await signedForm(browser, other.link)).fields;
  assert.is(
    (await browser.post(`${other.link}/decision`, { ...fields, proof })).status,
    403,
    'what was signed',
  );
  await staysHeld(other);
  await staysHeld(mine);
});

test('what was signed and used once decides nothing a second time', async () => {
  const held = await hold('once.txt');
  const browser = site.browser();
  const form = await signedForm(browser, held.link);
  const fields = { ...signedFields(form, key, 'approve'), decision: 'approve' };
  assert.is((await browser.post(`${held.link}/decision`, fields)).status, 303);
  assert.is(await outcome(held.id, 25), 'succeeded');
  const before = await site.lengthAtRest();
  assert.is((await browser.post(`${held.link}/decision`, fields)).status, 409);
  assert.is(await site.lengthAtRest(), before);
});

test('what signed somebody in signs nobody in again, and decides nothing', async () => {
  const held = await hold('sign-in.txt');
  const browser = site.browser();
  const form = await browser.form('/sign-in', 'sign-in');
  const fields = signedFields(form, key);
  assert.is((await browser.post('/sign-in', fields)).status, 303);
  const before = await site.lengthAtRest();
  const thief = site.browser();
  assert.is((await thief.post('/sign-in', fields)).status, 409);
  assert.is(thief.cookies.size, 0);
  assert.is(await site.lengthAtRest(), before);
  const { proof = '' } = (await signedForm(browser, held.link)).fields;
  const decision = { ...fields, proof, decision: 'approve' };
  assert.is((await browser.post(`${held.link}/decision`, decision)).status, 403);
  await staysHeld(held);
});

test('a key that nobody enrolled neither signs in nor approves', async () => {
  const held = await hold('unknown.txt');
  const stranger = createAuthenticator({ origin: site.origin });
  const browser = site.browser();
  assert.is((await browser.signIn(stranger)).status, 403);
  assert.is(browser.cookies.size, 0);
  assert.is((await approve(held.link, stranger)).status, 403);
  const claimed = await approve(held.link, stranger, { credentialId: key.id });
  assert.is(claimed.status, 403);
  await staysHeld(held);
});

test("another person's key does not approve, though they were invited and enrolled", async () => {
  const held = await hold('carol.txt');
  const carols = await site.enrol('carol', { algorithm: -257 });
  const answer = await approve(held.link, carols);
  assert.is(answer.status, 403);
  await staysHeld(held);
});

test('a session that another local port caught reads, and decides nothing by whatever it posts', async () => {
  const held = await hold('caught.txt');
  const alice = site.browser();
  await alice.signIn(key);
  const page = `/console/requests/${held.id}`;
  const thief = site.browser();
  for (const [name, value] of alice.cookies) thief.cookies.set(name, value);
  const seen = await thief.get(page);
  assert.match(seen.text, 'caught.txt');
  const { fields } = await signedForm(thief, page);
  const before = await site.lengthAtRest();
  const typed = { proof: fields.proof ?? '', confirm: 'write_file' };
  for (const decision of ['approve', 'reject'])
    for (const [what, posted, headers] of [
      ['as it stands', { ...fields, decision }, {}],
      ['typed', { ...typed, decision }, {}],
      ['with an empty assertion', { ...fields, assertion: '{}', decision }, {}],
      ['with a sign-on that nobody made', { ...typed, sign_on: 'x'.repeat(80), decision }, {}],
      ['from another origin', { ...typed, decision }, { origin: 'http://localhost:1' }],
      ['from another site', { ...typed, decision }, { 'sec-fetch-site': 'same-site' }],
      ['as JSON', JSON.stringify({ ...typed, decision }), { 'content-type': 'application/json' }],
      ['as text', JSON.stringify({ ...typed, decision }), { 'content-type': 'text/plain' }],
    ] as const) {
      const answer = await thief.post(`${page}/decision`, posted, headers);
      assert.ok(answer.status >= 400, `${decision} ${what}: ${answer.status}`);
    }
  const me = await thief.get('/console/me');
  assert.match(me.text, 'Alice Ng');
  // An empty assertion is a proof that did not hold; of that a line is kept.
  const added = workspace.journal().slice(before);
  assert.equal([...new Set(added.map((entry) => entry.type))], ['verification.refused']);
  await staysHeld(held);
});

test('a key that is revoked between the page and the press approves nothing, and its session is over', async () => {
  const eves = await site.enrol('eve');
  const held = await hold('revoked.txt', 'eve');
  const browser = site.browser();
  assert.is((await browser.signIn(eves)).status, 303);
  const form = await signedForm(browser, held.link);
  await site.revoke('eve', eves.id);
  const fields = { ...signedFields(form, eves, 'approve'), decision: 'approve' };
  const answer = await browser.post(`${held.link}/decision`, fields);
  assert.is(answer.status, 403);
  assert.is((await browser.get('/console')).status, 303, 'signed out');
  assert.is((await site.browser().signIn(eves)).status, 403);
  const page = decisionForms(await browser.get(held.link));
  assert.is(page.signed, undefined, 'nothing is offered to be signed');
  const typed = { ...page.typed?.fields, confirm: 'write_file', decision: 'approve' };
  assert.is((await browser.post(`${held.link}/decision`, typed)).status, 403, 'nor does the mailbox approve');
  await staysHeld(held);
});

test('a key whose counter went back, as that of a copy does, approves nothing and is revoked', async () => {
  const dans = await site.enrol('dan', { counter: 10 });
  const first = await hold('counted.txt', 'dan');
  assert.is((await approve(first.link, dans)).status, 303);
  assert.is(await outcome(first.id, 25), 'succeeded');
  const held = await hold('cloned.txt', 'dan');
  const answer = await approve(held.link, dans, { counter: 11 });
  assert.is(answer.status, 403);
  assert.match(answer.text, 'there may be a copy of it');
  const revoked = workspace.journal().filter((entry) => entry.type === 'passkey.revoked');
  assert.equal(
    revoked.filter((entry) => entry.person === 'dan').map((entry) => [entry.credential_id, entry.by]),
    [[dans.id, 'placet']],
  );
  assert.is((await site.browser().signIn(dans)).status, 403);
  await staysHeld(held);
});

test('the journal verifies, with every signature checked again', async () => {
  const { code, stdout } = await workspace.placet('log', 'verify');
  assert.is(code, 0, stdout);
});

test.run();
