import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createAuthenticator } from '../support/authenticator.ts';
import { ConsoleBrowser, formIn, formsIn, signedFields, type ReadForm } from '../support/console-browser.ts';
import { withConsole, type ConsoleSite } from '../support/console-site.ts';

async function signedIn(site: ConsoleSite, person: string) {
  const browser = new ConsoleBrowser(site);
  const key = await site.enrol(person);
  await browser.signIn(key);
  return { browser, key };
}

async function formsOf(browser: ConsoleBrowser, action: string): Promise<readonly ReadForm[]> {
  return formsIn((await browser.get('/console/me')).text).filter((form) => form.action.endsWith(action));
}

test(
  'my passkeys are listed with their age, use and kind',
  withConsole(async (site) => {
    const { browser } = await signedIn(site, 'alice');
    const page = await browser.get('/console/me');
    assert.match(page.text, '<b>Laptop</b> <span class="tag">bound to one device</span>');
    assert.match(page.text, 'last used <time datetime="2026-11-23T10:00:00.000Z" data-local>');
    assert.match(page.text, 'With one passkey you are locked out when its device is lost');
    assert.match(page.text, 'alice@example.com');
  }),
);

test(
  'one more passkey is made after one that I have has signed',
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const [form] = await formsOf(browser, 'passkeys/begin');
    if (!form) throw new Error('no form');
    const next = await browser.post('/console/me/passkeys/begin', {
      ...signedFields(form, key),
      name: 'Phone',
    });
    assert.is(next.status, 200);
    const made = formIn(next, 'me/passkeys');
    const phone = createAuthenticator({ origin: site.origin });
    const registration = JSON.stringify(phone.register(made.toCreate ?? {}));
    assert.is((await browser.post('/console/me/passkeys', { ...made.fields, registration })).status, 303);
    assert.equal(
      site.ledger.identities.activePasskeysOf('alice').map(({ name }) => name),
      ['Laptop', 'Phone'],
    );
    assert.is((await new ConsoleBrowser(site).signIn(phone)).status, 303);
    const again = createAuthenticator({ origin: site.origin });
    const second = JSON.stringify(again.register(made.toCreate ?? {}));
    assert.is(
      (await browser.post('/console/me/passkeys', { ...made.fields, registration: second })).status,
      409,
    );
    assert.is(site.ledger.identities.activePasskeysOf('alice').length, 2);
  }),
);

test(
  'a session alone adds no passkey, nor does another’s key or a forged field',
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const carol = await signedIn(site, 'carol');
    const [form] = await formsOf(browser, 'passkeys/begin');
    if (!form) throw new Error('no form');
    for (const fields of [
      form.fields,
      signedFields(form, carol.key),
      { ...signedFields(form, key), proof: 'x' },
      { ...signedFields(form, key), proof: '' },
    ]) {
      const answer = await browser.post('/console/me/passkeys/begin', { ...fields, name: 'x' });
      assert.is(answer.status, 403);
      assert.not.match(answer.text, 'data-passkey-create');
    }
    const direct = { proof: form.fields['proof'] ?? '', registration: '{}' };
    assert.is((await browser.post('/console/me/passkeys', direct)).status, 403);
    assert.is(
      (await carol.browser.post('/console/me/passkeys/begin', signedFields(form, carol.key))).status,
      403,
    );
    assert.is(site.ledger.identities.passkeysOf('alice').length, 1);
  }),
);

test(
  'the last passkey can be revoked by itself, after a warning, which ends its sessions',
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    assert.match((await browser.get('/console/me')).text, 'This is your last passkey');
    const [form] = await formsOf(browser, 'passkeys/revoke');
    if (!form) throw new Error('no form');
    const answer = await browser.post('/console/me/passkeys/revoke', signedFields(form, key));
    assert.is(answer.status, 303);
    assert.is(site.ledger.identities.activePasskeysOf('alice').length, 0);
    assert.is((await browser.get('/console/me')).status, 303);
  }),
);

test(
  'a signature to revoke one key does not revoke another',
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const [add] = await formsOf(browser, 'passkeys/begin');
    if (!add) throw new Error('no form');
    const next = await browser.post('/console/me/passkeys/begin', {
      ...signedFields(add, key),
      name: 'Phone',
    });
    const made = formIn(next, 'me/passkeys');
    const phone = createAuthenticator({ origin: site.origin });
    const registration = JSON.stringify(phone.register(made.toCreate ?? {}));
    await browser.post('/console/me/passkeys', { ...made.fields, registration });
    const [first, second] = await formsOf(browser, 'passkeys/revoke');
    if (!first || !second) throw new Error('no forms');
    const mixed = { ...signedFields(first, key), proof: second.fields['proof'] ?? '' };
    assert.is((await browser.post('/console/me/passkeys/revoke', mixed)).status, 403);
    assert.is(site.ledger.identities.activePasskeysOf('alice').length, 2);
    assert.not.match((await browser.get('/console/me')).text, 'This is your last passkey');
    assert.is((await browser.post('/console/me/passkeys/revoke', signedFields(second, key))).status, 303);
    const page = await browser.get('/console/me');
    assert.match(page.text, '<b>Phone</b> <span class="pill bad">Revoked</span>');
  }),
);

test(
  'my sessions are listed, this one marked, and another can be ended',
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const other = new ConsoleBrowser(site);
    await other.signIn(key);
    const page = await browser.get('/console/me');
    assert.is([...page.text.matchAll(/This one/g)].length, 1);
    const [one] = await formsOf(browser, 'sessions/revoke');
    assert.is((await browser.post('/console/me/sessions/revoke', one?.fields ?? {})).status, 303);
    assert.is((await other.get('/console')).status, 303);
    assert.is((await browser.get('/console')).status, 200);
  }),
);

test(
  'signing out everywhere else leaves this session alone',
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    const others = [new ConsoleBrowser(site), new ConsoleBrowser(site)];
    for (const other of others) await other.signIn(key);
    const carol = await signedIn(site, 'carol');
    const page = await browser.get('/console/me');
    const everywhere = formsIn(page.text)
      .filter((form) => form.action.endsWith('sessions/revoke'))
      .at(-1);
    assert.match(page.text, 'Sign out everywhere else');
    assert.is((await browser.post('/console/me/sessions/revoke', everywhere?.fields ?? {})).status, 303);
    for (const other of others) assert.is((await other.get('/console')).status, 303);
    assert.is((await browser.get('/console')).status, 200);
    assert.is((await carol.browser.get('/console')).status, 200);
  }),
);

test(
  'nobody ends the sessions of others by a form that was served to somebody else',
  withConsole(async (site) => {
    const { browser, key } = await signedIn(site, 'alice');
    await new ConsoleBrowser(site).signIn(key);
    const carol = await signedIn(site, 'carol');
    const [one] = await formsOf(browser, 'sessions/revoke');
    assert.is((await carol.browser.post('/console/me/sessions/revoke', one?.fields ?? {})).status, 403);
    assert.is(site.sessions.listOf('alice').length, 2);
  }),
);

test(
  'no token and no hash of one stands in a page',
  withConsole(async (site) => {
    const { browser } = await signedIn(site, 'alice');
    const { text } = await browser.get('/console/me');
    for (const token of browser.cookies.values()) assert.not.ok(text.includes(token));
  }),
);

test.run();
