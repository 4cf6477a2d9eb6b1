import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsoleBrowser, formIn, formsIn, signedFields } from '../support/console-browser.ts';
import { CONSOLE_PEOPLE, withConsole, type ConsoleSite } from '../support/console-site.ts';
import { linkAccount, linkPath } from '../support/slack-person.ts';

const LINK = '/console/link/slack';
const ALICE = 'U0ALICE01';
const CAROL = 'U0CAROL01';

async function signedIn(site: ConsoleSite, person: string) {
  const browser = new ConsoleBrowser(site);
  const key = await site.enrol(person);
  await browser.signIn(key);
  return { browser, key };
}

const accountsOf = (site: ConsoleSite, person: string) =>
  site.ledger.reviewerAccess.accountsOf(person).map(({ user }) => user);
const withSlack = (run: (site: ConsoleSite) => Promise<void>) =>
  withConsole(run, { slack: 'endpoint', sso: true });

test(
  'the page shows which account will speak for whom; opening it appends nothing, signing it links',
  withSlack(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const before = site.journal.entries.length;
    const page = await browser.get(linkPath(site, ALICE));
    assert.is(page.status, 200);
    for (const part of ['u0alice01', ALICE, 'acme', 'T0PLACET1', 'Alice Ng', 'Go on only if you pressed'])
      assert.match(page.text, part);
    assert.is(site.journal.entries.length, before);
    const answer = await browser.post(LINK, signedFields(formIn(page, LINK.slice(1)), key));
    assert.is(answer.status, 303);
    const linked = site.journal.entries.at(-1);
    assert.is(linked?.type, 'account.linked');
    assert.is(linked?.type === 'account.linked' && linked.receipt.kind, 'passkey');
    assert.equal(accountsOf(site, 'alice'), [ALICE]);
    assert.match((await browser.get('/console/me')).text, ALICE);
  }),
);

test(
  'a session alone links nothing, nor does a signature for another account or by another person',
  withSlack(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const carol = await signedIn(site, 'carol');
    const form = await browser.form(linkPath(site, ALICE), LINK.slice(1));
    const other = await browser.form(linkPath(site, CAROL), LINK.slice(1));
    for (const fields of [
      form.fields,
      signedFields(form, carol.key),
      { ...signedFields(other, key), proof: form.fields['proof'] ?? '' },
      { ...signedFields(form, key), proof: 'x' },
      { ...signedFields(form, key), proof: '' },
    ])
      assert.is((await browser.post(LINK, fields)).status, 403);
    assert.is((await carol.browser.post(LINK, signedFields(form, carol.key))).status, 403);
    assert.equal(accountsOf(site, 'alice'), []);
    assert.equal(accountsOf(site, 'carol'), []);
  }),
);

test(
  'a link that is made up, changed or ten minutes old links nothing',
  withSlack(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const path = linkPath(site, ALICE);
    const form = await browser.form(path, LINK.slice(1));
    for (const bad of [LINK, `${LINK}?state=`, `${path}x`, `${LINK}?state=${'x'.repeat(900)}`])
      assert.is((await browser.get(bad)).status, 410, bad);
    site.clock.advance(10 * 60_000);
    assert.is((await browser.get(path)).status, 410);
    assert.is((await browser.post(LINK, signedFields(form, key))).status, 410);
    assert.equal(accountsOf(site, 'alice'), []);
  }),
);

test(
  'an account speaks for one person, until that person unlinks it',
  withSlack(async (site) => {
    const alice = await linkAccount(site, 'alice', ALICE);
    const carol = await signedIn(site, 'carol');
    const page = await carol.browser.get(linkPath(site, ALICE));
    assert.is(page.status, 409);
    assert.match(page.text, 'speaks for somebody else');
    assert.equal(
      formsIn(page.text).filter((form) => form.action.endsWith(LINK)),
      [],
    );
    const form = await alice.form('/console/me', 'accounts/unlink');
    assert.is((await carol.browser.post('/console/me/accounts/unlink', form.fields)).status, 403);
    assert.equal(accountsOf(site, 'alice'), [ALICE]);
    assert.is((await alice.post('/console/me/accounts/unlink', form.fields)).status, 303);
    assert.is((await alice.post('/console/me/accounts/unlink', form.fields)).status, 404);
    assert.equal(accountsOf(site, 'alice'), []);
    const again = await carol.browser.form(linkPath(site, ALICE), LINK.slice(1));
    assert.is((await carol.browser.post(LINK, signedFields(again, carol.key))).status, 303);
    assert.equal(accountsOf(site, 'carol'), [ALICE]);
  }),
);

test(
  'people.yaml says whose account is whose: a link that somebody else sent is refused',
  withSlack(async (site) => {
    site.setPeople({
      ...CONSOLE_PEOPLE,
      people: CONSOLE_PEOPLE.people.map((each) =>
        each.id === 'alice'
          ? { ...each, slack: ALICE }
          : each.id === 'dan'
            ? { ...each, slack: 'U0DAN0001' }
            : each,
      ),
    });
    const { browser, key } = await signedIn(site, 'alice');
    for (const user of [CAROL, 'U0DAN0001']) {
      const page = await browser.get(linkPath(site, user));
      assert.is(page.status, 403);
      assert.match(page.text, 'people.yaml says that this account is not yours');
    }
    const form = await browser.form(linkPath(site, ALICE), LINK.slice(1));
    assert.is((await browser.post(LINK, signedFields(form, key))).status, 303);
  }),
);

test(
  'a fresh sign-on links it too, once, and only for whom it is',
  withSlack(async (site) => {
    const { browser } = await signedIn(site, 'alice');
    const path = linkPath(site, ALICE);
    const page = await browser.get(path);
    const start = /href="([^"]*sso\/start[^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const { headers } = await browser.get(new URL(start, `http://x${LINK}`).href.slice('http://x'.length));
    assert.is(site.started.at(-1)?.purpose.kind, 'account');
    assert.is(site.started.at(-1)?.maxAgeMs, 300_000);
    const state = new URL(headers.location ?? '').searchParams.get('state');
    const before = site.journal.entries.length;
    const back = await browser.get(`/sso/callback?code=1&state=${state}`);
    assert.is(back.status, 200);
    assert.match(back.text, 'Yes, this account is mine');
    assert.is(site.journal.entries.length, before);
    const form = formIn(back, LINK.slice(1));
    assert.is((await browser.post(LINK, form.fields)).status, 303);
    assert.equal(accountsOf(site, 'alice'), [ALICE]);
    await site.accounts.unlink({ person: 'alice', team: 'T0PLACET1', user: ALICE });
    assert.is((await browser.post(LINK, form.fields)).status, 409);
    assert.equal(accountsOf(site, 'alice'), []);
  }),
);

test(
  "somebody else's sign-on links nothing, nor does one that is older than five minutes",
  withSlack(async (site) => {
    const signOn = async (browser: ConsoleBrowser) => {
      const state = linkPath(site, ALICE).split('state=')[1] ?? '';
      const { headers } = await browser.get(`/sso/start?for=account&state=${state}`);
      const { searchParams } = new URL(headers.location ?? '');
      return browser.get(`/sso/callback?code=1&state=${searchParams.get('state')}`);
    };
    const carol = await signedIn(site, 'carol');
    const form = formIn(await signOn(carol.browser), LINK.slice(1));
    assert.is((await carol.browser.post(LINK, form.fields)).status, 403);
    const alice = await signedIn(site, 'alice');
    const own = formIn(await signOn(alice.browser), LINK.slice(1));
    site.clock.advance(6 * 60_000 + 1);
    assert.is((await alice.browser.post(LINK, own.fields)).status, 403);
    assert.equal(accountsOf(site, 'alice'), []);
    assert.is((await new ConsoleBrowser(site).get('/sso/start?for=account&state=x')).status, 303);
    assert.is((await alice.browser.get('/sso/start?for=account&state=x')).status, 404);
  }),
);

test(
  'nobody gets there without signing in, and is led back to it after that',
  withSlack(async (site) => {
    const browser = new ConsoleBrowser(site);
    const path = linkPath(site, ALICE);
    const door = await browser.get(path);
    assert.is(door.status, 303);
    const key = await site.enrol('alice');
    const to = new URL(door.headers.location ?? '', `${site.origin}${LINK}`);
    const answer = await browser.signIn(key, `${to.pathname}${to.search}`);
    assert.is(new URL(answer.headers.location ?? '', `${site.origin}/sign-in`).href, `${site.origin}${path}`);
  }),
);

test(
  'hostile names of an account are text on the page, with what is hidden in them marked',
  withSlack(async (site) => {
    const { browser } = await signedIn(site, 'alice');
    const name = '<img src=x onerror=alert(1)>\u202e';
    const state = site.accounts.seal({ team: 'T0PLACET1', user: ALICE, name, domain: name });
    const page = await browser.get(`${LINK}?state=${state}`);
    assert.not.match(page.text, '<img src=x');
    assert.not.match(page.text, '\u202e');
    assert.match(page.text, 'U+202E right-to-left override');
  }),
);

test(
  'without a chat in which people decide there is no such page',
  withConsole(async (site) => {
    const { browser } = await signedIn(site, 'alice');
    assert.is((await browser.get(linkPath(site, ALICE))).status, 404);
    assert.not.match((await browser.get('/console/me')).text, 'Accounts in Slack');
  }),
);

test.run();
