import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsoleBrowser, formsIn, signedFields } from '../support/console-browser.ts';
import { CONSOLE_PEOPLE, withConsole, type ConsoleSite } from '../support/console-site.ts';

async function signedIn(site: ConsoleSite, person: string) {
  const browser = new ConsoleBrowser(site);
  const key = await site.enrol(person);
  await browser.signIn(key);
  return { browser, key };
}

test(
  'what waits says what would happen, where, for how long and how it is decided',
  withConsole(async (site) => {
    await site.call();
    await site.call('delete_customer', { path: 'customer 7' });
    const { browser } = await signedIn(site, 'alice');
    const page = await browser.get('/console');
    assert.match(page.text, 'claude-desktop → write_file</a>');
    assert.match(page.text, 'Delete customer 7.</a>');
    assert.match(page.text, '<code>delete_customer</code> on files, asked by claude-desktop');
    assert.match(page.text, 'expires in 30 minutes');
    assert.match(
      page.text,
      '<time datetime="2026-11-23T10:30:00.000Z" data-local>23 Nov 2026, 10:30 UTC</time>',
    );
    assert.match(page.text, '<span class="tag">passkey</span>');
    assert.match(page.text, '<span class="tag">link, or stronger</span>');
    assert.match(page.text, '<span class="count some">2<span class="unseen"> waiting for you</span></span>');
    assert.match(page.text, 'data-live="./console/events"');
  }),
);

test(
  'of many that wait the forty most urgent are listed, and the rest is said',
  withConsole(async (site) => {
    const ids: string[] = [];
    for (let made = 0; made < 45; made += 1) {
      ids.push(await site.call('write_file', { path: `/srv/${made}` }));
      site.clock.advance(1000);
    }
    const { browser } = await signedIn(site, 'alice');
    const { text } = await browser.get('/console');
    assert.equal(
      [...text.matchAll(/requests\/(apr_\w+)"/g)].map(([, id]) => id),
      ids.slice(0, 40),
    );
    assert.match(text, '5 more requests that will expire later');
  }),
);

test(
  'what an agent says is text on every page of the console',
  withConsole(async (site) => {
    const evil = '<script>alert(1)</script>"\'\u202e';
    await site.call(`delete_${evil}`, { path: evil });
    const { browser } = await signedIn(site, 'alice');
    for (const path of ['/console', '/console/requests', '/console/requests?text=%3Cscript%3E%22']) {
      const { text } = await browser.get(path);
      assert.not.match(text, '<script>alert');
      assert.not.match(text, '\u202e');
      assert.not.match(text, 'value="<script>"');
    }
    assert.match((await browser.get('/console')).text, '&lt;script&gt;alert(1)&lt;/script&gt;');
  }),
);

test(
  'nothing waits for the owner of the agent',
  withConsole(async (site) => {
    await site.call();
    const { browser } = await signedIn(site, 'bob');
    assert.match((await browser.get('/console')).text, 'No request waits for your decision');
  }),
);

test(
  'a second person approves an invitation with their passkey',
  withConsole(async (site) => {
    await site.enrol('carol');
    const { invitation } = await site.invite('carol');
    const { browser, key } = await signedIn(site, 'alice');
    const form = await browser.form('/console', 'invitations/approve');
    const answer = await browser.post('/console/invitations/approve', signedFields(form, key));
    assert.is(answer.status, 303);
    assert.is(site.ledger.identities.invitation(invitation)?.approved_by, 'alice');
    assert.not.match((await browser.get('/console')).text, 'invitations/approve');
  }),
);

test(
  'an invitation is not approved by a session alone, by another’s key, or by a signature for something else',
  withConsole(async (site) => {
    const carols = await site.enrol('carol');
    const { invitation } = await site.invite('carol');
    const { browser, key } = await signedIn(site, 'alice');
    const form = await browser.form('/console', 'invitations/approve');
    const signIn = await new ConsoleBrowser(site).form('/sign-in', 'sign-in');
    const tries = [
      form.fields,
      signedFields(form, carols),
      { ...form.fields, assertion: signedFields(signIn, key)['assertion'] ?? '' },
      { ...signedFields(form, key), proof: 'forged' },
    ];
    for (const fields of tries) {
      assert.is((await browser.post('/console/invitations/approve', fields)).status, 403);
    }
    assert.is(site.ledger.identities.invitation(invitation)?.approved_by, undefined);
  }),
);

test(
  'who was invited is not asked to approve it themselves',
  withConsole(async (site) => {
    const { browser } = await signedIn(site, 'carol');
    await site.invite('carol');
    assert.not.match((await browser.get('/console')).text, 'invitations/approve');
  }),
);

test(
  'the history has fifty a page, newest first, with ways to newer and older',
  withConsole(async (site) => {
    const ids: string[] = [];
    for (let made = 0; made < 120; made += 1) {
      ids.push(await site.call('write_file', { path: `/srv/${made}` }));
      site.clock.advance(1000);
    }
    const { browser } = await signedIn(site, 'alice');
    const listed = (text: string) => [...text.matchAll(/requests\/(apr_\w+)"/g)].map(([, id]) => id);
    const first = await browser.get('/console/requests?agent=claude-desktop');
    assert.equal(listed(first.text), ids.slice(70).reverse());
    assert.match(first.text, '1 to 50 of 120 requests, newest first');
    assert.match(first.text, 'href="../console/requests?agent=claude-desktop&amp;page=2"');
    assert.not.match(first.text, 'rel="prev"');
    const last = await browser.get('/console/requests?agent=claude-desktop&page=3');
    assert.equal(listed(last.text), ids.slice(0, 20).reverse());
    assert.match(last.text, '101 to 120 of 120 requests');
    assert.not.match(last.text, 'rel="next"');
    const beyond = await browser.get('/console/requests?page=99');
    assert.match(beyond.text, 'No request matches');
    assert.match(beyond.text, 'rel="prev"');
  }),
);

test(
  'the history is searched by text, agent, tool, person, outcome and days',
  withConsole(async (site) => {
    const write = await site.call();
    const remove = await site.call('delete_file');
    const { browser } = await signedIn(site, 'alice');
    const finds = async (query: string) => {
      const { text } = await browser.get(`/console/requests?${query}`);
      return [write, remove].map((id) => text.includes(id));
    };
    assert.equal(await finds('text=DELETE'), [false, true]);
    assert.equal(await finds(`text=${write}`), [true, false]);
    assert.equal(await finds('tool=write_file'), [true, false]);
    assert.equal(await finds('agent=other'), [false, false]);
    assert.equal(await finds('person=bob'), [true, true]);
    assert.equal(await finds('person=carol'), [false, false]);
    assert.equal(await finds('outcome=pending'), [true, true]);
    assert.equal(await finds('outcome=rejected'), [false, false]);
    assert.equal(await finds('from=2026-11-23&to=2026-11-23'), [true, true]);
    assert.equal(await finds('from=2026-11-24'), [false, false]);
    assert.equal(await finds('to=2026-11-22'), [false, false]);
    assert.equal(await finds('viewer=bob&text=delete'), [false, true]);
  }),
);

test(
  'a filter that cannot be understood is left out and said, and keeps what was typed apart from it',
  withConsole(async (site) => {
    const { browser } = await signedIn(site, 'alice');
    const page = await browser.get(
      '/console/requests?from=yesterday&to=2026-02-31&outcome=odd&page=-1&text=abc',
    );
    assert.is(page.status, 200);
    assert.match(page.text, '“from” is not a day such as 2026-11-24');
    assert.match(page.text, 'there is no such outcome');
    assert.match(page.text, 'value="abc"');
    assert.not.match(page.text, 'yesterday');
  }),
);

test(
  'a request stands under the console’s navigation, with its story',
  withConsole(async (site) => {
    const id = await site.call();
    const { browser } = await signedIn(site, 'alice');
    const page = await browser.get(`/console/requests/${id}`);
    assert.match(page.text, '<nav class="nav" aria-label="Console">');
    assert.match(page.text, 'data-live="../../console/events"');
    assert.match(page.text, id);
  }),
);

test(
  'people, groups and agents are listed, with who has a passkey',
  withConsole(async (site) => {
    const { browser } = await signedIn(site, 'alice');
    const page = await browser.get('/console/people');
    for (const { name } of CONSOLE_PEOPLE.people) assert.match(page.text, name);
    assert.match(page.text, '1 passkey</span>');
    assert.match(page.text, 'no passkey');
    assert.match(page.text, 'Alice Ng, Bob Lee, Carol Diaz');
    assert.match(page.text, 'claude-desktop');
    assert.equal(
      formsIn(page.text).map((form) => form.action),
      ['../sign-out'],
    );
  }),
);

test(
  'the rules are shown as they are written, with their version and what is wrong with them',
  withConsole(async (site) => {
    const { browser } = await signedIn(site, 'alice');
    site.policyText.text = '# <b>bold</b>\nunmatched: review\n';
    assert.match((await browser.get('/console/rules')).text, 'Every file loads');
    site.policyText.problems.push('rules.yaml:2:1: there is a <mistake>');
    const page = await browser.get('/console/rules');
    assert.match(page.text, '# &lt;b&gt;bold&lt;/b&gt;\nunmatched: review\n');
    assert.match(page.text, 'there is a &lt;mistake&gt;');
    assert.match(page.text, '<code>v1</code>');
  }),
);

test(
  'the journal says how many entries it has, and what its trouble is',
  withConsole(async (site) => {
    const { browser } = await signedIn(site, 'alice');
    assert.match((await browser.get('/console/journal')).text, 'It is written and synced');
    site.health.trouble = 'The disk is full.';
    const page = await browser.get('/console/journal');
    assert.match(page.text, 'The disk is full.');
    assert.match(page.text, `<dd>${site.journal.entries.length}</dd>`);
  }),
);

test(
  'behind a proxy that strips a path every address of the console stays below it',
  withConsole(
    async (site) => {
      const { browser } = await signedIn(site, 'alice');
      await site.call();
      for (const path of ['/console', '/console/requests', '/console/me']) {
        const { text } = await browser.get(path);
        const addresses = [...text.matchAll(/ (?:href|src|action|data-live)="([^"]*)"/g)].map(
          ([, to]) => to ?? '',
        );
        assert.ok(addresses.length > 8);
        assert.equal(
          addresses.filter((to) => !/^\.{1,2}\/|^#/.test(to)),
          [],
        );
      }
    },
    { publicUrl: 'https://localhost:9/placet' },
  ),
);

test.run();
