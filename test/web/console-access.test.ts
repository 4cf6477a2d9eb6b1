import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsoleBrowser } from '../support/console-browser.ts';
import { withConsole } from '../support/console-site.ts';

const PAGES = [
  '/console',
  '/console/requests',
  '/console/requests/apr_x',
  '/console/me',
  '/console/people',
  '/console/rules',
  '/console/journal',
  '/console/events',
  '/console/nothing',
];

const POSTS = [
  '/console/invitations/approve',
  '/console/requests/apr_x/decision',
  '/console/requests/apr_x/reconcile',
  '/console/me/passkeys/begin',
  '/console/me/passkeys',
  '/console/me/passkeys/revoke',
  '/console/me/sessions/revoke',
];

for (const path of PAGES) {
  test(
    `without a session ${path} leads people to the door and tells programs`,
    withConsole(async (site) => {
      for (const method of ['GET', 'HEAD']) {
        const person = await site.ask(path, { method });
        assert.is(person.status, 303);
        assert.match(person.headers.location ?? '', /^(?:\.\/|(?:\.\.\/)+)sign-in\?to=[\w-]+$/);
      }
      const program = await site.ask(path, { headers: { accept: 'application/json' } });
      assert.is(program.status, 401);
      assert.is(program.headers['content-type'], 'application/problem+json');
      assert.is(JSON.parse(program.text).code, 'signed_out');
      assert.is(site.journal.entries.length, 0);
    }),
  );
}

for (const path of POSTS) {
  test(
    `without a session a form posted to ${path} is refused with 401`,
    withConsole(async (site) => {
      assert.is((await new ConsoleBrowser(site).post(path, { decision: 'approve' })).status, 401);
    }),
  );

  test(
    `a form posted to ${path} from another site, or as JSON, is refused with a session, too`,
    withConsole(async (site) => {
      const alice = new ConsoleBrowser(site);
      await alice.signIn(await site.enrol('alice'));
      const cross = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      const json = { 'content-type': 'application/json' };
      assert.is((await alice.post(path, {}, cross)).status, 403);
      assert.is((await alice.post(path, '{}', { ...cross, ...json })).status, 403);
      assert.is(
        (await alice.post(path, '{}', { origin: '', 'sec-fetch-site': 'none', ...json })).status,
        403,
      );
      assert.is((await alice.post(path, '{}', json)).status, 415);
      assert.is((await alice.post(path, 'x'.repeat(70_000))).status, 413);
    }),
  );

  test(
    `GET of ${path} is no way to post to it`,
    withConsole(async (site) => {
      const alice = new ConsoleBrowser(site);
      await alice.signIn(await site.enrol('alice'));
      const before = site.journal.entries.length;
      assert.is((await alice.get(path)).status >= 400, true);
      assert.is(site.journal.entries.length, before);
    }),
  );
}

test(
  'an agent’s credentials mean nothing',
  withConsole(async (site) => {
    for (const headers of [
      { authorization: 'Bearer placet_key_of_claude-desktop' },
      { authorization: 'Basic YWxpY2U6YWxpY2U=' },
      { 'mcp-session-id': 'ses_1', 'x-placet-agent': 'claude-desktop' },
    ]) {
      const answer = await site.ask('/console', { headers: { ...headers, accept: 'application/json' } });
      assert.is(answer.status, 401);
    }
  }),
);

test(
  'a session shows its person’s requests, and another’s are not found',
  withConsole(async (site) => {
    const id = await site.call();
    const [alice, bob, dan] = [0, 1, 2].map(() => new ConsoleBrowser(site));
    await alice?.signIn(await site.enrol('alice'));
    await bob?.signIn(await site.enrol('bob'));
    await dan?.signIn(await site.enrol('dan'));
    assert.is((await alice?.get(`/console/requests/${id}`))?.status, 200);
    assert.is((await bob?.get(`/console/requests/${id}`))?.status, 200);
    const refused = await dan?.get(`/console/requests/${id}`);
    const unknown = await dan?.get('/console/requests/apr_00000000000000000000000000');
    assert.is(refused?.status, 404);
    assert.is(unknown?.status, 404);
    assert.is((await dan?.post(`/console/requests/${id}/decision`, { decision: 'approve' }))?.status, 404);
    for (const [browser, seen] of [
      [alice, true],
      [bob, true],
      [dan, false],
    ] as const) {
      assert.is((await browser?.get('/console/requests'))?.text.includes(id), seen);
      assert.is(
        (await browser?.get(`/console/requests?text=${id}&person=bob`))?.text.includes('No request'),
        !seen,
      );
    }
  }),
);

test(
  'a session ends with the passkey that opened it',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const alice = new ConsoleBrowser(site);
    await alice.signIn(key);
    await site.enrolment.revoke({ person: 'alice', credential_id: key.id, by: 'operator', reason: 'Lost.' });
    assert.is((await alice.get('/console')).status, 303);
  }),
);

test(
  'a session of somebody who is no longer listed opens nothing',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    site.setPeople({ people: [], groups: {}, agents: [] });
    assert.is((await alice.get('/console')).status, 303);
  }),
);

test(
  'a session that has run out opens nothing',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    site.clock.advance(12 * 60 * 60_000);
    assert.is((await alice.get('/console')).status, 303);
  }),
);

test(
  'a session alone decides nothing',
  withConsole(async (site) => {
    const id = await site.call();
    const alice = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    const { fields } = await alice.form(`/console/requests/${id}`, '/decision');
    for (const decision of ['approve', 'reject']) {
      const answer = await alice.post(`/console/requests/${id}/decision`, {
        ...fields,
        decision,
        confirm: 'write_file',
        reason: '',
      });
      assert.ok(answer.status >= 400, String(answer.status));
    }
    assert.is(site.ledger.request(id)?.decisions.length, 0);
  }),
);

test(
  'one session cannot ask without end',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    const carol = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    await carol.signIn(await site.enrol('carol'));
    let last = await alice.get('/console/people');
    for (let asked = 0; asked < 600; asked += 1) last = await alice.get('/console/people');
    assert.is(last.status, 429);
    assert.ok(Number(last.headers['retry-after']) > 0 && Number(last.headers['retry-after']) <= 60);
    assert.is((await carol.get('/console/people')).status, 200);
  }),
);

test(
  'every page of the console has the policy for its content, and appends nothing',
  withConsole(async (site) => {
    const alice = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    const id = await site.call();
    const before = site.journal.entries.length;
    for (const path of [
      '/console',
      '/console/requests',
      `/console/requests/${id}`,
      '/console/me',
      '/console/rules',
    ]) {
      for (const method of ['GET', 'HEAD']) {
        const { status, headers, text } = await site.ask(path, {
          method,
          headers: { cookie: [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        });
        assert.is(status, 200);
        assert.is(
          headers['content-security-policy'],
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        );
        assert.is(headers['cache-control'], 'no-store');
        assert.is(text === '', method === 'HEAD');
      }
    }
    assert.is(site.journal.entries.length, before);
  }),
);

test.run();
