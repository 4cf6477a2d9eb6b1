import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decisionForms, formIn, signedFields } from '../support/console-browser.ts';
import { signOnOver, type CookieJar } from '../support/oidc.ts';
import {
  comeBack,
  forLink,
  openSsoWorkspace,
  signedOnForm,
  signOn,
  type HeldCall,
} from '../support/sso-workspace.ts';

const RULES = `unmatched: review
review: { reviewers: [alice], verification: link }
rules:
  - id: writes
    match: { tool: write_file }
    verdict: review
    review: { reviewers: [alice, dan], verification: sso, max_age: 10m }
  - id: both
    match: { tool: create_directory }
    verdict: review
    review: { reviewers: [alice, dan], quorum: 2, verification: sso, max_age: 10m }
`;
const people = (issuer: string): string => `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com], sso: [{ issuer: "${issuer}", subject: alice-at-idp }] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com], sso: [{ issuer: "${issuer}", subject: bob-at-idp }] }
  - { id: dan, name: Dan Roe, emails: [dan@example.com], sso: [{ issuer: "${issuer}", subject: dan-at-idp }] }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const world = await openSsoWorkspace({
  people,
  rules: RULES,
  accounts: {
    alice: { sub: 'alice-at-idp' },
    bob: { sub: 'bob-at-idp' },
    dan: { sub: 'dan-at-idp' },
    eve: { sub: 'eve-at-idp' },
  },
});
const { workspace, site, hold, outcome, entries } = world;

test.after(() => world.close());

const APPROVAL = { decision: 'approve', confirm: 'write_file' };

async function staysHeld({ id, name }: HeldCall): Promise<void> {
  assert.is(await outcome(id, 0), 'pending_approval');
  assert.is(existsSync(join(workspace.dir, 'files', name)), false);
  assert.equal(entries(id, 'approval.decided'), []);
  await world.agent.call('placet_cancel', { approval_id: id });
}

async function appendsNothing(act: () => Promise<void>): Promise<void> {
  const before = await site.lengthAtRest();
  await act();
  assert.is(await site.lengthAtRest(), before);
}

test('an approval by typing is refused where a sign-on is asked, and a rejection is taken', async () => {
  const held = await hold('write_file', 'typed.txt');
  const link = await site.linkTo(held.id, 'alice');
  const browser = site.browser();
  const { typed } = decisionForms(await browser.get(link));
  assert.ok(typed);
  const answer = await browser.post(`${link}/decision`, { ...typed.fields, ...APPROVAL });
  assert.is(answer.status, 403);
  assert.match(answer.text, 'This call cannot be approved by a link alone');
  assert.equal(entries(held.id, 'approval.decided'), []);
  const reject = { ...typed.fields, confirm: 'write_file', decision: 'reject' };
  assert.is((await browser.post(`${link}/decision`, reject)).status, 303);
  assert.is(await outcome(held.id, 0), 'rejected');
  assert.is(existsSync(join(workspace.dir, 'files/typed.txt')), false);
});

for (const [who, account] of [
  ['another reviewer', 'dan'],
  ["the agent's owner", 'bob'],
] as const) {
  test(`a sign-on of ${who} on somebody's link decides nothing, and that is journalled`, async () => {
    const held = await hold('write_file', `${account}.txt`);
    const link = await site.linkTo(held.id, 'alice');
    const browser = site.browser();
    const page = await signOn(browser, { query: forLink(link), account });
    const { fields } = signedOnForm(page);
    for (const decision of ['approve', 'reject']) {
      const answer = await browser.post(`${link}/decision`, { ...fields, ...APPROVAL, decision });
      assert.is(answer.status, 403);
      assert.match(answer.text, 'This was somebody else’s sign-on');
    }
    assert.equal(
      entries(held.id, 'verification.refused').map((entry) => [entry.reviewer, entry.verification]),
      [
        ['alice', 'sso'],
        ['alice', 'sso'],
      ],
    );
    await staysHeld(held);
  });
}

test('an account that is linked to nobody gets no form on a link', async () => {
  const held = await hold('write_file', 'eve.txt');
  const link = await site.linkTo(held.id, 'alice');
  await appendsNothing(async () => {
    const page = await signOn(site.browser(), { query: forLink(link), account: 'eve' });
    assert.is(page.status, 403);
    assert.match(page.text, 'eve-at-idp');
    assert.not.match(page.text, '<form');
  });
  await staysHeld(held);
});

test('a form with a sign-on decides once, for its request and its person alone', async () => {
  const mine = await hold('create_directory', 'mine');
  const other = await hold('create_directory', 'other');
  const link = await site.linkTo(mine.id, 'alice');
  const browser = site.browser();
  const { fields } = signedOnForm(await signOn(browser, { query: forLink(link), account: 'alice' }));
  const approval = { ...fields, decision: 'approve', confirm: 'create_directory' };
  for (const [what, path] of [
    ['another request', await site.linkTo(other.id, 'alice')],
    ["another person's link", await site.linkTo(mine.id, 'dan')],
  ] as const) {
    assert.is((await browser.post(`${path}/decision`, approval)).status, 403, `${what}: the whole form`);
    const { typed } = decisionForms(await browser.get(path));
    const answer = await browser.post(`${path}/decision`, { ...approval, proof: typed?.fields.proof ?? '' });
    assert.is(answer.status, 403, `${what}: what was signed on`);
    assert.match(answer.text, 'The sign-on is too old');
  }
  assert.equal([...entries(mine.id, 'approval.decided'), ...entries(other.id, 'approval.decided')], []);
  assert.is((await browser.post(`${link}/decision`, approval)).status, 303);
  await appendsNothing(async () => {
    assert.is((await browser.post(`${link}/decision`, approval)).status, 409, 'a second time');
  });
  assert.equal(
    entries(mine.id, 'approval.decided').map((entry) => entry.reviewer),
    ['alice'],
  );
  assert.is(await outcome(mine.id, 0), 'pending_approval', 'and fills one place of two');
  for (const { id } of [mine, other]) await world.agent.call('placet_cancel', { approval_id: id });
});

test('a sign-on to the console decides nothing, nor does a form of the link in the console', async () => {
  const held = await hold('write_file', 'console.txt');
  const link = await site.linkTo(held.id, 'alice');
  const browser = site.browser();
  const door = await signOn(browser, { query: 'for=sign-in', account: 'alice' });
  const { fields: entry } = formIn(door, 'sso/continue');
  assert.is((await browser.post('/sso/continue', entry)).status, 303);
  const page = `/console/requests/${held.id}`;
  const { fields } = signedOnForm(await signOn(browser, { query: forLink(link), account: 'alice' }));
  for (const [what, posted] of [
    ['what opened the session', { ...fields, sign_on: entry.proof ?? '' }],
    ['nothing', { proof: fields.proof ?? '' }],
    ['the form of the link', fields],
  ] as const) {
    const answer = await browser.post(`${page}/decision`, { ...posted, ...APPROVAL });
    assert.is(answer.status, 403, what);
  }
  await staysHeld(held);
});

test('a person with a passkey approves by it where a sign-on is asked, and by a sign-on too', async () => {
  const key = await site.enrol('dan');
  const [byKey, bySignOn] = [await hold('write_file', 'key.txt'), await hold('write_file', 'sign-on.txt')];
  const browser = site.browser();
  const keyed = await site.linkTo(byKey.id, 'dan');
  const { signed } = decisionForms(await browser.get(keyed));
  assert.ok(signed);
  const fields = { ...signedFields(signed, key, 'approve'), decision: 'approve' };
  assert.is((await browser.post(`${keyed}/decision`, fields)).status, 303);
  assert.is(await outcome(byKey.id, 25), 'succeeded');
  const link = await site.linkTo(bySignOn.id, 'dan');
  const form = signedOnForm(await signOn(browser, { query: forLink(link), account: 'dan' }));
  assert.is((await browser.post(`${link}/decision`, { ...form.fields, ...APPROVAL })).status, 303);
  assert.is(await outcome(bySignOn.id, 25), 'succeeded');
  assert.equal(
    [byKey, bySignOn].flatMap(({ id }) => entries(id, 'approval.decided').map((entry) => entry.verification)),
    ['passkey', 'sso'],
  );
});

test('an answer to a question that the browser took the age out of is refused', async () => {
  const { id } = await hold('write_file', 'stripped.txt');
  const jar: CookieJar = new Map();
  await comeBack(site.browser(), { query: 'for=sign-in', account: 'alice', jar });
  const link = await site.linkTo(id, 'alice');
  const browser = site.browser();
  const start = await browser.get(`/sso/start?${forLink(link)}`);
  const url = new URL(start.headers.location ?? '');
  assert.is(url.searchParams.get('max_age'), '600');
  url.searchParams.delete('max_age');
  const back = new URL(await signOnOver(url.href, { account: 'alice', jar }));
  await appendsNothing(async () => {
    const page = await browser.get(`${back.pathname}${back.search}`);
    assert.is(page.status, 403);
    assert.match(page.text, 'claim missing');
  });
  await staysHeld({ id, name: 'stripped.txt' });
});

test('an answer with another state, in another browser, or brought again opens nothing', async () => {
  await appendsNothing(async () => {
    const browser = site.browser();
    const back = await comeBack(browser, { query: 'for=sign-in', account: 'alice' });
    const cookies = [...browser.cookies];
    const put = (): void => cookies.forEach(([name, value]) => browser.cookies.set(name, value));
    const thief = site.browser();
    const theirs = await thief.get(back);
    assert.is(theirs.status, 403);
    assert.match(theirs.text, 'This browser did not begin this sign-on');
    await thief.get('/sso/start?for=sign-in');
    assert.is((await thief.get(back)).status, 403, "with a cookie of the thief's own");
    const twisted = await browser.get(back.replace(/state=[^&]*/, `state=${'A'.repeat(43)}`));
    assert.is(twisted.status, 403);
    assert.match(twisted.text, 'The sign-on was not accepted');
    assert.is(browser.cookies.size, 0);
    put();
    assert.is((await browser.get(back)).status, 200, 'what the thief tried did not spend it');
    put();
    const again = await browser.get(back);
    assert.is(again.status, 403);
    assert.match(again.text, 'it was used before, or is too old');
    assert.is(browser.cookies.size, 0);
  });
});

test('who calls the sign-on off is told so, and what the answer says of it is not shown', async () => {
  await appendsNothing(async () => {
    const browser = site.browser();
    const back = await comeBack(browser, { query: 'for=sign-in', account: 'alice', button: 'cancel' });
    assert.match(back, 'error=access_denied');
    const url = new URL(back, site.origin);
    url.searchParams.set('error_description', '<img src=x onerror=alert(1)>\u202eCall 555-0100');
    url.searchParams.set('error_uri', 'https://evil.example/');
    const page = await browser.get(`${url.pathname}${url.search}`);
    assert.is(page.status, 403);
    assert.match(page.text, 'it says that the sign-on was called off or not allowed');
    assert.not.match(page.text, /src=x|onerror|555-0100|evil\.example/);
  });
});

test('while the provider is down people are told so, and links decide where the rules admit that', async () => {
  const held = await hold('get_file_info', 'hello.txt');
  const asking = await hold('write_file', 'down.txt');
  const browser = site.browser();
  const back = await comeBack(browser, { query: 'for=sign-in', account: 'alice' });
  const issuer = new URL(world.provider.issuer).host;
  await world.provider.close();
  const late = await browser.get(back);
  assert.is(late.status, 503);
  assert.match(late.text, `The identity provider at http://${issuer} does not answer as it should`);
  assert.is((await browser.get('/sign-in')).status, 200);
  await world.agent.close();
  assert.is((await workspace.placet('stop')).code, 0);
  const agent = await workspace.agent();
  const start = await browser.get(`/sso/start?${forLink(await site.linkTo(asking.id, 'alice'))}`);
  assert.is(start.status, 503);
  assert.match(start.text, 'The sign-on service does not answer');
  assert.match(start.text, 'Try again in a while');
  const link = await site.linkTo(held.id, 'alice');
  const { typed } = decisionForms(await browser.get(link));
  assert.ok(typed);
  const fields = { ...typed.fields, confirm: 'get_file_info', decision: 'approve' };
  assert.is((await browser.post(`${link}/decision`, fields)).status, 303);
  assert.equal(
    entries(held.id, 'approval.decided').map((entry) => [entry.decision, entry.verification]),
    [['approve', 'link']],
  );
  assert.equal(entries(asking.id, 'approval.decided'), []);
  await agent.close();
});

test('the journal verifies, and its report counts how each decision was verified', async () => {
  const { code, stdout } = await workspace.placet('log', 'verify');
  assert.is(code, 0, stdout);
  assert.match(stdout, '5 decisions: 2 by link, 2 by single sign-on, 1 by passkey');
});

test.run();
