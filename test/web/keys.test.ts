import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsoleBrowser, formIn, signedFields } from '../support/console-browser.ts';
import { CONSOLE_PEOPLE, withConsole, type ConsoleSite } from '../support/console-site.ts';
import { ISSUER } from '../support/fake-sso.ts';

const BEGIN = 'me/keys/begin';
const WANTED = { name: 'Phone widget', scope: 'decide', days: '90' };

async function signedIn(site: ConsoleSite, person: string) {
  const browser = new ConsoleBrowser(site);
  const key = await site.enrol(person);
  await browser.signIn(key);
  return { browser, key };
}

async function begin(browser: ConsoleBrowser, wanted: Readonly<Record<string, string>> = WANTED) {
  const form = formIn(await browser.get('/console/me'), BEGIN);
  return browser.post('/console/me/keys/begin', { ...form.fields, ...wanted });
}

test(
  'a key is made after a passkey has signed what it is called and may do, and is shown once',
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const before = site.journal.entries.length;
    const asked = await begin(browser);
    assert.match(asked.text, 'Make the key “Phone widget”');
    assert.match(asked.text, 'It reads, and decides where a rule admits it, for 90 days.');
    assert.is(site.journal.entries.length, before);
    const made = await browser.post('/console/me/keys', signedFields(formIn(asked, 'me/keys'), key));
    assert.is(made.status, 200);
    const [, secret = ''] = /<pre[^>]*>(plr_[^<]+)<\/pre>/.exec(made.text) ?? [];
    const { key: known, holder } = site.apiKeys.authenticate(secret);
    assert.equal([holder.id, known.name, known.scope], ['alice', 'Phone widget', 'decide']);
    assert.is(known.expires_at, '2027-02-21T10:00:00.000Z');
    assert.not.match(made.text, 'data-live');
    const page = await browser.get('/console/me');
    assert.not.ok(page.text.includes(secret));
    assert.match(page.text, `<code>plr_${known.key_id}_…</code>`);
  }),
);

test(
  'a signature makes one key, and no other than the one that was asked for',
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const reading = formIn(await begin(browser, { ...WANTED, scope: 'read' }), 'me/keys');
    const deciding = formIn(await begin(browser), 'me/keys');
    const mixed = { ...signedFields(reading, key), proof: deciding.fields['proof'] ?? '' };
    assert.is((await browser.post('/console/me/keys', mixed)).status, 403);
    const signed = signedFields(reading, key);
    assert.is((await browser.post('/console/me/keys', signed)).status, 200);
    assert.is((await browser.post('/console/me/keys', signed)).status, 409);
    assert.equal(
      site.apiKeys.listOf('alice').map((each) => each.key.scope),
      ['read'],
    );
  }),
);

test(
  "a session alone makes no key, nor does another's passkey or a forged field",
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const carol = await signedIn(site, 'carol');
    const form = formIn(await begin(browser), 'me/keys');
    for (const fields of [
      form.fields,
      { ...form.fields, assertion: '{}' },
      signedFields(form, carol.key),
      { ...signedFields(form, key), proof: 'x' },
    ])
      assert.is((await browser.post('/console/me/keys', fields)).status, 403);
    const stolen = await carol.browser.post('/console/me/keys', signedFields(form, key));
    assert.is(stolen.status, 403);
    assert.equal(site.apiKeys.listOf('alice'), []);
    assert.equal(site.apiKeys.listOf('carol'), []);
  }),
);

test(
  'what is not said, or is no choice, makes no key',
  withConsole(async (site) => {
    const { browser } = await signedIn(site, 'alice');
    for (const wrong of [{ name: '  ' }, { scope: 'admin' }, { days: '3650' }, { days: '30.0' }])
      assert.is((await begin(browser, { ...WANTED, ...wrong })).status, 422);
  }),
);

test(
  'a key is revoked by its person without a signature, and by nobody else',
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const carol = await signedIn(site, 'carol');
    await browser.post('/console/me/keys', signedFields(formIn(await begin(browser), 'me/keys'), key));
    const revoke = formIn(await browser.get('/console/me'), 'me/keys/revoke');
    assert.is((await carol.browser.post('/console/me/keys/revoke', revoke.fields)).status, 403);
    assert.is((await browser.post('/console/me/keys/revoke', revoke.fields)).status, 303);
    assert.equal(
      site.apiKeys.listOf('alice').map(({ state }) => state),
      ['revoked'],
    );
    assert.match((await browser.get('/console/me')).text, '<span class="pill bad">Revoked</span>');
    assert.is((await browser.post('/console/me/keys/revoke', revoke.fields)).status, 409);
    const entry = site.journal.entries.findLast(({ type }) => type === 'reviewer.key_revoked');
    assert.is(entry && 'by' in entry && entry.by, 'alice');
  }),
);

/** Signs in through the provider, and asks for a key. @returns the page that asks for a proof */
async function askedSignedOn(site: ConsoleSite) {
  const browser = new ConsoleBrowser(site);
  const back = await round(browser, '/sso/start?for=sign-in');
  await browser.post('/sso/continue', formIn(back, 'sso/continue').fields);
  const asked = await begin(browser);
  const [, path = ''] = /href="[./]*(\/sso\/start\?for=key&amp;draft=[\w-]+)"/.exec(asked.text) ?? [];
  return { browser, asked, start: path.replace('&amp;', '&') };
}

async function round(browser: ConsoleBrowser, start: string) {
  const { headers } = await browser.get(start);
  const state = new URL(headers.location ?? '').searchParams.get('state');
  return browser.get(`/sso/callback?code=c&state=${state}`);
}

test(
  'who has no passkey makes a key by a fresh sign-on, which makes one',
  withConsole(
    async (site) => {
      const { browser, asked, start } = await askedSignedOn(site);
      assert.not.match(asked.text, 'data-passkey-get');
      const before = site.journal.entries.length;
      const signedOn = await round(browser, start);
      assert.equal(site.started.at(-1)?.maxAgeMs, 300_000);
      assert.is(site.journal.entries.length, before);
      const form = formIn(signedOn, 'me/keys');
      assert.is((await browser.post('/console/me/keys', form.fields)).status, 200);
      assert.is((await browser.post('/console/me/keys', form.fields)).status, 409);
      const [entry, ...more] = site.journal.entries.slice(before);
      assert.equal(more, []);
      assert.ok(entry?.type === 'reviewer.key_issued');
      assert.equal([entry.scope, entry.name, entry.receipt.kind], ['decide', 'Phone widget', 'sso']);
    },
    { sso: true },
  ),
);

test(
  'a sign-on that is old, or somebody else’s, makes no key',
  withConsole(
    async (site) => {
      const { browser, start } = await askedSignedOn(site);
      const form = formIn(await round(browser, start), 'me/keys');
      site.clock.advance(300_001);
      assert.is((await browser.post('/console/me/keys', form.fields)).status, 403);
      site.provider.subject = 'carol-at-idp';
      site.setPeople({
        ...CONSOLE_PEOPLE,
        people: CONSOLE_PEOPLE.people.map((person) =>
          person.id === 'carol' ? { ...person, sso: [{ issuer: ISSUER, subject: 'carol-at-idp' }] } : person,
        ),
      });
      const other = formIn(await round(browser, start), 'me/keys');
      assert.is((await browser.post('/console/me/keys', other.fields)).status, 403);
      const stranger = await signedIn(site, 'dan');
      assert.is((await stranger.browser.get(start)).status, 403);
      assert.equal(site.apiKeys.listOf('alice'), []);
      assert.equal(site.apiKeys.listOf('carol'), []);
    },
    { sso: true },
  ),
);

test.run();
