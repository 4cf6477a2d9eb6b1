import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createAuthenticator } from '../support/authenticator.ts';
import { ConsoleBrowser, formIn, signedFields } from '../support/console-browser.ts';
import { withConsole } from '../support/console-site.ts';

test(
  'a passkey signs in: a cookie that scripts do not see, and the console',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    const answer = await alice.signIn(await site.enrol('alice'));
    assert.is(answer.status, 303);
    assert.is(answer.headers.location, './console');
    const [line = ''] = answer.headers['set-cookie'] ?? [];
    const port = new URL(site.base).port;
    assert.match(
      line,
      new RegExp(`^placet_session_${port}=[\\w-]{43}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax$`),
    );
    const page = await alice.get('/console');
    assert.is(page.status, 200);
    assert.match(page.text, 'Alice Ng');
  }),
);

test(
  'over https the cookie is bound to the host and sent over https alone',
  withConsole(
    async (site) => {
      const answer = await new ConsoleBrowser(site).signIn(await site.enrol('alice'));
      assert.match(
        answer.headers['set-cookie']?.[0] ?? '',
        /^__Host-placet=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure$/,
      );
      assert.is(answer.headers['strict-transport-security'], 'max-age=31536000');
    },
    { publicUrl: 'https://localhost:9' },
  ),
);

test(
  'looking at the sign-in page appends nothing and sets no cookie',
  withConsole(async (site) => {
    const before = site.journal.entries.length;
    for (const path of ['/', '/sign-in', '/sign-in?to=x']) {
      const page = await site.ask(path);
      assert.is(page.status, 200);
      assert.is(page.headers['set-cookie'], undefined);
      assert.match(page.text, 'Sign in with a passkey');
      assert.match(page.text, 'Ask whoever runs Placet for an invitation');
    }
    assert.is(site.journal.entries.length, before);
  }),
);

test(
  'who is signed in is led from the door to the console',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    for (const path of ['/', '/sign-in']) {
      const answer = await alice.get(path);
      assert.is(answer.status, 303);
      assert.is(answer.headers.location, './console');
    }
  }),
);

test(
  'a sign-in that was posted once opens nothing a second time',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const fields = signedFields(await new ConsoleBrowser(site).form('/sign-in', 'sign-in'), key);
    assert.is((await new ConsoleBrowser(site).post('/sign-in', fields)).status, 303);
    const thief = new ConsoleBrowser(site);
    const again = await thief.post('/sign-in', fields);
    assert.is(again.status, 409);
    assert.match(again.text, 'This was used before');
    assert.is(thief.cookies.size, 0);
  }),
);

test(
  'a signature for another page is refused',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const browser = new ConsoleBrowser(site);
    const [one, other] = [
      await browser.form('/sign-in', 'sign-in'),
      await browser.form('/sign-in', 'sign-in'),
    ];
    const answer = await browser.post('/sign-in', {
      ...signedFields(one, key),
      proof: other.fields['proof'] ?? '',
    });
    assert.is(answer.status, 403);
    assert.match(answer.text, 'The passkey was not accepted');
    assert.is(browser.cookies.size, 0);
  }),
);

test(
  'a passkey that nobody enrolled is refused',
  withConsole(async (site) => {
    const stranger = createAuthenticator({ origin: site.origin });
    const answer = await new ConsoleBrowser(site).signIn(stranger);
    assert.is(answer.status, 403);
    assert.match(answer.text, 'not one that is enrolled here');
    assert.is(answer.headers['set-cookie'], undefined);
  }),
);

test(
  'a form without an assertion, and one with nonsense for it, are refused',
  withConsole(async (site) => {
    await site.enrol('alice');
    const browser = new ConsoleBrowser(site);
    for (const assertion of ['', '[]', '{"id":7}', '{', 'null']) {
      const { fields } = await browser.form('/sign-in', 'sign-in');
      const answer = await browser.post('/sign-in', { ...fields, assertion });
      assert.is(answer.status, 403, assertion);
      assert.match(answer.text, 'No passkey answered');
    }
  }),
);

test(
  'a revoked passkey no longer signs in',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    await site.enrolment.revoke({ person: 'alice', credential_id: key.id, by: 'operator', reason: 'Lost.' });
    const answer = await new ConsoleBrowser(site).signIn(key);
    assert.is(answer.status, 403);
    assert.match(answer.text, 'was revoked');
  }),
);

test(
  'somebody who is no longer listed does not sign in, and nothing is appended',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    site.setPeople({ people: [], groups: {}, agents: [] });
    const before = site.journal.entries.length;
    const answer = await new ConsoleBrowser(site).signIn(key);
    assert.is(answer.status, 403);
    assert.match(answer.text, 'no longer stands in people.yaml');
    assert.is(site.journal.entries.length, before);
  }),
);

test(
  'an assertion without user verification does not sign in',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const browser = new ConsoleBrowser(site);
    const form = await browser.form('/sign-in', 'sign-in');
    const assertion = JSON.stringify(key.assert(form.toSign?.['*'] ?? {}, { uv: false }));
    assert.is((await browser.post('/sign-in', { ...form.fields, assertion })).status, 403);
  }),
);

test(
  'a form that was served more than eight hours ago is refused',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const browser = new ConsoleBrowser(site);
    const fields = signedFields(await browser.form('/sign-in', 'sign-in'), key);
    site.clock.advance(8 * 60 * 60_000);
    const answer = await browser.post('/sign-in', fields);
    assert.is(answer.status, 403);
    assert.match(answer.text, 'This form is not valid any more');
  }),
);

test(
  'a cookie that the browser made up is never adopted, and a sign-in always makes a new one',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const port = new URL(site.base).port;
    const victim = new ConsoleBrowser(site);
    const planted = 'A'.repeat(43);
    victim.cookies.set(`placet_session_${port}`, planted);
    await victim.signIn(key);
    const own = victim.cookies.get(`placet_session_${port}`);
    assert.is.not(own, planted);
    const thief = new ConsoleBrowser(site);
    thief.cookies.set(`placet_session_${port}`, planted);
    assert.is((await thief.get('/console')).status, 303);
  }),
);

test(
  'signing in again closes the session that the browser had',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const alice = new ConsoleBrowser(site);
    const form = await alice.form('/sign-in', 'sign-in');
    await alice.signIn(key);
    const [first] = [...alice.cookies];
    await alice.post('/sign-in', signedFields(form, key));
    assert.is(site.sessions.listOf('alice').length, 1);
    const old = new ConsoleBrowser(site);
    if (first) old.cookies.set(...first);
    assert.is((await old.get('/console')).status, 303);
  }),
);

test(
  'two cookies of the session’s name open nothing, whichever comes first',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    const [[name, token] = ['', '']] = [...alice.cookies];
    for (const cookie of [`${name}=${token}; ${name}=x`, `${name}=x; ${name}=${token}`]) {
      assert.is((await site.ask('/console', { headers: { cookie } })).status, 303);
    }
    assert.is((await site.ask('/console', { headers: { cookie: `a=b; ${name}=${token}` } })).status, 200);
  }),
);

test(
  'signing out closes the session, forgets the cookie, and leaves the old token worthless',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    const [kept] = [...alice.cookies];
    const form = await alice.form('/console', 'sign-out');
    const answer = await alice.post('/sign-out', form.fields);
    assert.is(answer.status, 303);
    assert.is(answer.headers.location, './sign-in');
    assert.is(alice.cookies.size, 0);
    if (kept) alice.cookies.set(...kept);
    assert.is((await alice.get('/console')).status, 303);
  }),
);

test(
  'signing out takes a form that was served to this session',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    const carol = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    await carol.signIn(await site.enrol('carol'));
    const { fields } = await carol.form('/console', 'sign-out');
    const forgeries: readonly Record<string, string>[] = [{}, { proof: '' }, { proof: 'x' }, fields];
    for (const forged of forgeries) {
      assert.is((await alice.post('/sign-out', forged)).status, 403);
    }
    assert.is((await alice.get('/console')).status, 200);
  }),
);

test(
  'the page that was asked for is shown after signing in',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    const key = await site.enrol('alice');
    const asked = await alice.get('/console/requests?text=a%26b&outcome=pending');
    assert.is(asked.status, 303);
    const door = asked.headers.location ?? '';
    assert.match(door, /^\.\.\/sign-in\?to=[\w-]+$/);
    const answer = await alice.signIn(key, door.slice(2));
    assert.is(answer.headers.location, './console/requests?text=a%26b&outcome=pending');
  }),
);

for (const to of [
  'https://evil.example/',
  '//evil.example/console',
  '/console',
  'console/../../evil',
  'javascript:alert(1)',
  'console',
]) {
  test(
    `a way back that was not sealed here leads to the console: ${to}`,
    withConsole(async (site) => {
      const key = await site.enrol('alice');
      const alice = new ConsoleBrowser(site);
      const answer = await alice.signIn(key, `/sign-in?to=${encodeURIComponent(to)}`);
      assert.is(answer.headers.location, './console');
    }),
  );
}

test(
  'no address below the console makes a way back that leads elsewhere',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    for (const path of ['/console/..%2f..%2fevil', '/console//evil.example', '/console/%5c%5cevil.example']) {
      const alice = new ConsoleBrowser(site);
      const asked = await alice.get(path);
      const door = asked.headers.location?.replace(/^(?:\.\.?\/)+/, '/') ?? '';
      const { location = '' } = (await alice.signIn(key, door)).headers;
      const reached = new URL(location, `${site.base}/sign-in`);
      assert.is(reached.origin, site.base);
      assert.ok(reached.pathname.startsWith('/console'), location);
    }
  }),
);

test(
  'after too many refused sign-ins from one address it is told when to come back',
  withConsole(async (site) => {
    const browser = new ConsoleBrowser(site);
    const statuses: number[] = [];
    for (let tries = 0; tries < 22; tries += 1) {
      const { fields } = await browser.form('/sign-in', 'sign-in');
      statuses.push((await browser.post('/sign-in', fields)).status);
    }
    assert.equal(statuses, [...Array(20).fill(403), 429, 429]);
    const last = await browser.signIn(await site.enrol('alice'));
    assert.is(last.status, 429);
    assert.ok(Number(last.headers['retry-after']) > 0 && Number(last.headers['retry-after']) <= 900);
    assert.match(last.text, 'Too many tries');
  }),
);

test(
  'a form from another site does not sign in, whatever its type',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const browser = new ConsoleBrowser(site);
    const form = await browser.form('/sign-in', 'sign-in');
    const fields = signedFields(form, key);
    const crossing = [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'http://localhost:1', 'content-type': 'application/json' },
    ];
    for (const headers of crossing) {
      assert.is((await browser.post('/sign-in', fields, headers)).status, 403);
    }
    const json = { 'content-type': 'application/json' };
    assert.is((await browser.post('/sign-in', JSON.stringify(fields), json)).status, 415);
    assert.is(browser.cookies.size, 0);
  }),
);

test(
  'a form in which a field stands twice is refused',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const browser = new ConsoleBrowser(site);
    const fields = signedFields(await browser.form('/sign-in', 'sign-in'), key);
    const answer = await browser.post(
      '/sign-in',
      `${new URLSearchParams(fields).toString()}&assertion=%7B%7D`,
    );
    assert.is(answer.status, 400);
    assert.is(browser.cookies.size, 0);
  }),
);

test(
  'a program that is refused gets problem details',
  withConsole(async (site) => {
    const browser = new ConsoleBrowser(site);
    const { fields } = await browser.form('/sign-in', 'sign-in');
    const answer = await browser.post('/sign-in', fields, { accept: 'application/json' });
    assert.is(answer.headers['content-type'], 'application/problem+json');
    assert.is(JSON.parse(answer.text).code, 'passkey_refused');
  }),
);

test(
  'the options of the door name no key, so that nobody learns who has one',
  withConsole(async (site) => {
    await site.enrol('alice');
    const form = formIn(await site.ask('/sign-in'), 'sign-in');
    assert.equal(form.toSign?.['*']?.['allowCredentials'], []);
  }),
);

test.run();
