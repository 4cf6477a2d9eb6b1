import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { formIn, formsIn, type ConsoleBrowser } from '../support/console-browser.ts';
import type { Answered } from '../support/console-site.ts';
import { openProvider, signOnOver, type CookieJar } from '../support/oidc.ts';
import { openOutside } from '../support/outside.ts';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';

const RULES = `unmatched: review
review: { reviewers: [alice, group:engineers], verification: sso, max_age: 2m }
rules:
  - id: engineers
    match: { tool: create_directory }
    verdict: review
    review: { reviewers: [group:engineers] }
`;

/** The provider has to know the address to which it sends browsers back before the site is up. */
const port = await freePort();
const inbox = await openInbox();
const provider = await openProvider({
  redirectUris: [`http://localhost:${port}/sso/callback`],
  accounts: {
    alice: { sub: 'idp|1001' },
    carol: { sub: 'idp|1003', groups: ['eng'] },
    mallory: { sub: 'idp|6666', groups: ['eng'] },
  },
});
const workspace = makeWorkspace({
  people: `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com], sso: [{ issuer: "${provider.issuer}", subject: "idp|1001" }] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com], sso: [{ issuer: "${provider.issuer}", subject: "idp|1003" }] }
groups:
  engineers: { sso: eng }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`,
  rules: RULES,
  env: {
    PLACET_SMTP_URL: inbox.smtpUrl,
    PLACET_PORT: String(port),
    PLACET_OIDC_ISSUER: provider.issuer,
    PLACET_OIDC_CLIENT_ID: provider.clientId,
    PLACET_OIDC_CLIENT_SECRET: provider.clientSecret,
  },
});
const agent = await workspace.agent();
const site = await openOutside(workspace, inbox);

test.after(async () => {
  await workspace.end();
  await provider.close();
  await inbox.close();
});

const at = (name: string): string => join(workspace.dir, 'files', name);

async function hold(tool: 'write_file' | 'create_directory', name: string): Promise<string> {
  const content = tool === 'write_file' ? { content: 'written\n' } : {};
  return approvalId(await agent.call(`files__${tool}`, { path: at(name), ...content }));
}

const outcome = async (id: string, wait_seconds: number): Promise<string | undefined> =>
  statusOf(await agent.call('placet_status', { approval_id: id, wait_seconds }));

const decisionsOn = (id: string) =>
  workspace
    .journal()
    .filter((entry) => entry.request_id === id && entry.type === 'approval.decided')
    .map((entry) => ({ ...entry, receipt: { ...(entry.receipt as Record<string, unknown>) } }));

/** Follows a page's link to the provider, signs on there, and comes back. @returns what the callback shows */
async function signOn(
  browser: ConsoleBrowser,
  path: string,
  account: string,
  jar?: CookieJar,
): Promise<Answered> {
  const page = await browser.get(path);
  const link = /href="[^"]*?(sso\/start\?[^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&');
  if (link === undefined) throw new Error(`Nothing at ${path} leads to a sign-on: ${page.text}`);
  const start = await browser.get(`/${link}`);
  const back = new URL(await signOnOver(start.headers.location ?? '', { account, ...(jar ? { jar } : {}) }));
  assert.is(back.origin, site.origin);
  return browser.get(`${back.pathname}${back.search}`);
}

/** Presses a button of the page that a sign-on for a link led to. */
function decideOn(browser: ConsoleBrowser, page: Answered, link: string, fields: Record<string, string>) {
  return browser.post(`${link}/decision`, { ...formIn(page, '/decision').fields, ...fields });
}

test('a sign-on at a real provider approves one call, and its receipt stands in the journal', async () => {
  const id = await hold('write_file', 'approved.txt');
  const link = await site.linkTo(id, 'alice');
  const browser = site.browser();
  const page = await signOn(browser, link, 'alice');
  assert.is(page.status, 200);
  const answer = await decideOn(browser, page, link, { decision: 'approve', confirm: 'write_file' });
  assert.is(answer.status, 303);
  assert.is(await outcome(id, 25), 'succeeded');
  assert.is(workspace.file('approved.txt'), 'written\n');

  const decisions = decisionsOn(id) as readonly Record<string, unknown>[];
  const receipt = decisionsOn(id).map((each) => each.receipt)[0] ?? {};
  assert.equal(
    [decisions[0]?.reviewer, decisions[0]?.verification, Object.keys(receipt).toSorted()],
    ['alice', 'sso', ['auth_time', 'groups', 'id_token_sha256', 'issuer', 'kind', 'subject']],
  );
  assert.equal(
    [receipt['kind'], receipt['issuer'], receipt['subject'], receipt['groups']],
    ['sso', provider.issuer, 'idp|1001', []],
  );
  assert.match(String(receipt['id_token_sha256']), /^[0-9a-f]{64}$/);
  assert.ok(Math.abs(Date.now() - Date.parse(String(receipt['auth_time']))) < 120_000);
});

test('a link alone does not approve where a sign-on is asked for', async () => {
  const id = await hold('write_file', 'link.txt');
  const link = await site.linkTo(id, 'alice');
  const browser = site.browser();
  const typed = formsIn((await browser.get(link)).text).find((form) => form.action.endsWith('/decision'));
  const answer = await browser.post(`${link}/decision`, {
    ...typed?.fields,
    decision: 'approve',
    confirm: 'write_file',
  });
  assert.is(answer.status, 403);
  assert.is(await outcome(id, 0), 'pending_approval');
  assert.is(existsSync(at('link.txt')), false);
});

test('the account of another person, or of nobody, decides nothing behind a link that was forwarded', async () => {
  const id = await hold('write_file', 'forwarded.txt');
  const link = await site.linkTo(id, 'alice');
  const carol = site.browser();
  const page = await signOn(carol, link, 'carol');
  const answer = await decideOn(carol, page, link, { decision: 'approve', confirm: 'write_file' });
  assert.is(answer.status, 403);
  assert.match(answer.text, 'is not linked to you');
  const stranger = await signOn(site.browser(), link, 'mallory');
  assert.is(stranger.status, 403);
  assert.equal(formsIn(stranger.text), []);
  assert.equal(decisionsOn(id), []);
  assert.is(await outcome(id, 0), 'pending_approval');
});

test('a sign-on for one request serves for no other', async () => {
  const [first, second] = [await hold('write_file', 'one.txt'), await hold('write_file', 'other.txt')];
  const links = await Promise.all([first, second].map((id) => site.linkTo(id, 'alice')));
  const browser = site.browser();
  const page = await signOn(browser, links[0] ?? '', 'alice');
  const own = formsIn((await browser.get(links[1] ?? '')).text).find(({ action }) =>
    action.endsWith('/decision'),
  );
  const { sign_on: stolen = '' } = formIn(page, '/decision').fields;
  assert.ok(stolen.length > 40);
  const answer = await browser.post(`${links[1]}/decision`, {
    ...own?.fields,
    sign_on: stolen,
    decision: 'approve',
    confirm: 'write_file',
  });
  assert.is(answer.status, 403);
  assert.equal(decisionsOn(second), []);
  assert.is(await outcome(second, 0), 'pending_approval');
});

test('who a provider says is in a group is asked from then on, and no more once it says otherwise', async () => {
  const before = await agent.call('files__create_directory', { path: at('early') });
  assert.match(JSON.stringify(before), 'no_eligible_reviewers');

  const browser = site.browser();
  const jar: CookieJar = new Map();
  const back = await signOn(browser, '/sign-in', 'carol', jar);
  const opened = await browser.post('/sso/continue', formIn(back, 'sso/continue').fields);
  assert.is(opened.status, 303);

  const id = await hold('create_directory', 'approved');
  const link = await site.linkTo(id, 'carol');
  const page = await signOn(browser, link, 'carol', jar);
  const confirm = 'create_directory';
  assert.is((await decideOn(browser, page, link, { decision: 'approve', confirm })).status, 303);
  assert.is(await outcome(id, 25), 'succeeded');
  assert.equal(
    decisionsOn(id).map((each) => each.receipt['groups']),
    [['eng']],
  );

  const later = await hold('create_directory', 'refused');
  const laterLink = await site.linkTo(later, 'carol');
  provider.accounts.set('carol', { sub: 'idp|1003', groups: [] });
  const again = await signOn(browser, laterLink, 'carol', jar);
  const refused = await decideOn(browser, again, laterLink, { decision: 'approve', confirm });
  assert.is(refused.status, 403);
  assert.equal(decisionsOn(later), []);
  assert.is(existsSync(at('refused')), false);
});

test('neither the secret nor a code or token of the provider stands in the journal or the log', async () => {
  const { stdout } = await workspace.placet('log', 'export');
  const status = await workspace.placet('status');
  for (const text of [stdout, status.stdout]) {
    assert.not.match(text, provider.clientSecret);
    assert.not.match(text, 'eyJ');
  }
  const { code, stdout: verdict } = await workspace.placet('log', 'verify');
  assert.is(code, 0, verdict);
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as AddressInfo;
      server.close(() => resolve(free));
    });
  });
}

test.run();
