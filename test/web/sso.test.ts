import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsoleBrowser, formIn } from '../support/console-browser.ts';
import { withConsole, type ConsoleSite } from '../support/console-site.ts';

const SSO = { sso: true };

/** Goes to the provider and comes back. @returns what the callback answers */
async function round(browser: ConsoleBrowser, query = 'for=sign-in') {
  const start = await browser.get(`/sso/start?${query}`);
  assert.is(start.status, 302);
  const state = new URL(start.headers.location ?? '').searchParams.get('state');
  return browser.get(`/sso/callback?code=c&state=${state}`);
}

test(
  'a sign-on opens a session by a button, and not before',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    const back = await round(alice);
    assert.is(back.status, 200);
    assert.match(back.text, 'Continue as Alice Ng');
    assert.is(site.journal.entries.length, 0);
    const answer = await alice.post('/sso/continue', formIn(back, 'sso/continue').fields);
    assert.is(answer.status, 303);
    assert.is(answer.headers.location, '../console');
    assert.match((await alice.get('/console')).text, 'Alice Ng');
    assert.equal([...alice.cookies.keys()], [`placet_session_${new URL(site.base).port}`]);
  }, SSO),
);

test(
  'the cookie of a sign-on under way is sealed, short-lived and unseen by scripts',
  withConsole(async (site) => {
    const start = await site.ask('/sso/start?for=sign-in');
    assert.match(start.headers.location ?? '', 'https://login.example.com/auth?state=');
    assert.match(
      start.headers['set-cookie']?.[0] ?? '',
      /^placet_sso_\d+=[\w-]{40,}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
    );
    assert.is(site.journal.entries.length, 0);
  }, SSO),
);

test(
  'the way back of the sign-in page goes through the provider',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    const door = (await alice.get('/console/me')).headers.location?.replace('..', '') ?? '';
    const page = await alice.get(door);
    const link = /href="\.\/sso\/start\?([^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const answer = await alice.post('/sso/continue', formIn(await round(alice, link), 'sso/continue').fields);
    assert.is(answer.headers.location, '../console/me');
  }, SSO),
);

test(
  'an account that is nobody’s is shown issuer and subject, made visible, and opens nothing',
  withConsole(async (site) => {
    site.provider.subject = 'stranger<b>\u202e';
    const browser = new ConsoleBrowser(site);
    const back = await round(browser);
    assert.is(back.status, 403);
    assert.match(back.text, 'This account is nobody’s here');
    assert.match(back.text, 'https://login.example.com');
    assert.match(back.text, 'stranger&lt;b&gt;');
    assert.not.match(back.text, '\u202e');
    assert.not.match(back.text, '<form');
  }, SSO),
);

for (const [what, query] of [
  ['another state', 'code=c&state=state-99'],
  ['no code', 'state=state-1'],
  ['nothing', ''],
] as const) {
  test(
    `an answer with ${what} is refused, and spends the cookie`,
    withConsole(async (site) => {
      const browser = new ConsoleBrowser(site);
      await browser.get('/sso/start?for=sign-in');
      const answer = await browser.get(`/sso/callback?${query}`);
      assert.is(answer.status, 403);
      assert.match(answer.text, 'The sign-on was not accepted');
      assert.is(browser.cookies.size, 0);
    }, SSO),
  );
}

test(
  'an answer that comes to a browser which did not begin is refused',
  withConsole(async (site) => {
    const begun = new ConsoleBrowser(site);
    await begun.get('/sso/start?for=sign-in');
    const answer = await new ConsoleBrowser(site).get('/sso/callback?code=c&state=state-1');
    assert.is(answer.status, 403);
    assert.match(answer.text, 'did not begin this sign-on');
  }, SSO),
);

test(
  'the button of one browser opens nothing in another, and nothing twice',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    const { fields } = formIn(await round(alice), 'sso/continue');
    const thief = new ConsoleBrowser(site);
    assert.is((await thief.post('/sso/continue', fields)).status, 403);
    await round(thief);
    assert.is((await thief.post('/sso/continue', fields)).status, 403);
    assert.is((await alice.post('/sso/continue', fields)).status, 303);
    assert.is((await alice.post('/sso/continue', fields)).status, 403);
    assert.is(site.sessions.listOf('alice').length, 1);
  }, SSO),
);

test(
  'the button holds for ten minutes',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    const { fields } = formIn(await round(alice), 'sso/continue');
    site.clock.advance(10 * 60_000);
    assert.is((await alice.post('/sso/continue', fields)).status, 403);
  }, SSO),
);

test(
  'a sign-on for a link leads to the page of that link, with its freshness asked of the provider',
  withConsole(async (site) => {
    const token = await site.link(await site.call(), 'alice');
    const back = await round(new ConsoleBrowser(site), `for=link&token=${token}`);
    assert.is(back.status, 200);
    assert.match(back.text, 'write_file');
    assert.equal(site.started[0]?.purpose, { kind: 'link', token });
    assert.type(site.started[0]?.maxAgeMs, 'number');
  }, SSO),
);

test(
  'a sign-on for a request takes the session that began it, to its end',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const id = await site.call();
    const alice = new ConsoleBrowser(site);
    assert.is((await alice.get(`/sso/start?for=request&id=${id}`)).headers.location, '../sign-in');
    await alice.signIn(key);
    const back = await round(alice, `for=request&id=${id}`);
    assert.is(back.status, 200);
    assert.match(back.text, 'aria-label="Console"');
    const start = await alice.get(`/sso/start?for=request&id=${id}`);
    const state = new URL(start.headers.location ?? '').searchParams.get('state');
    await alice.post('/sign-out', (await alice.form('/console', 'sign-out')).fields);
    assert.is((await alice.get(`/sso/callback?code=c&state=${state}`)).status, 401);
  }, SSO),
);

async function startStatus(site: ConsoleSite, query: string): Promise<number> {
  return (await site.ask(`/sso/start?${query}`)).status;
}

test(
  'what a sign-on could be for is a short list',
  withConsole(async (site) => {
    assert.is(await startStatus(site, ''), 404);
    assert.is(await startStatus(site, 'for=anything'), 404);
    assert.is(await startStatus(site, 'for=link&token=x'), 404);
    assert.is(await startStatus(site, `for=link&token=${'A'.repeat(43)}`), 404);
  }, SSO),
);

test(
  'unknown links cannot be tried without end through the sign-on',
  withConsole(async (site) => {
    const statuses: number[] = [];
    for (let tries = 0; tries < 62; tries += 1) {
      const token = Buffer.alloc(32, tries).toString('base64url');
      statuses.push(await startStatus(site, `for=link&token=${token}`));
    }
    assert.equal(statuses, [...Array(60).fill(404), 429, 429]);
  }, SSO),
);

test(
  'where no provider is set up, there is no such way',
  withConsole(async (site) => {
    assert.not.match((await site.ask('/sign-in')).text, 'sso/start');
    assert.is((await site.ask('/sso/start?for=sign-in')).status, 404);
    assert.is((await site.ask('/sso/callback?code=c&state=s')).status, 404);
  }),
);

test.run();
