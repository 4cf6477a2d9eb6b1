import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createAuthenticator } from '../support/authenticator.ts';
import { ConsoleBrowser, formIn, type ReadForm } from '../support/console-browser.ts';
import { withConsole } from '../support/console-site.ts';

/** The fields of a form after the browser has made a key. */
function madeFields(form: ReadForm, key = createAuthenticator()): Record<string, string> {
  return { ...form.fields, registration: JSON.stringify(key.register(form.toCreate ?? {})) };
}

test(
  'an invitation, its code and a device make a passkey that signs in',
  withConsole(async (site) => {
    const { token, code } = await site.invite('alice');
    const phone = new ConsoleBrowser(site);
    const page = await phone.get(`/enrol/${token}`);
    assert.match(page.text, 'Invitation for Alice Ng');
    assert.is(page.headers['set-cookie'], undefined);
    const next = await phone.post(`/enrol/${token}/begin`, { code, name: 'Phone' });
    assert.is(next.status, 200);
    assert.match(next.text, 'make the passkey “Phone”');
    const key = createAuthenticator({ origin: site.origin });
    const done = await phone.post(`/enrol/${token}/complete`, madeFields(formIn(next, '/complete'), key));
    assert.is(done.status, 200);
    assert.match(done.text, '<h1>Done</h1>');
    assert.match(done.text, 'href="../../sign-in"');
    const [passkey] = site.ledger.identities.passkeysOf('alice');
    assert.is(passkey?.name, 'Phone');
    assert.is((await phone.signIn(key)).status, 303);
  }),
);

test(
  'opening an invitation spends and appends nothing',
  withConsole(async (site) => {
    const { token, invitation } = await site.invite('alice');
    const before = site.journal.entries.length;
    await site.ask(`/enrol/${token}`);
    await site.ask(`/enrol/${token}`, { method: 'HEAD' });
    assert.is(site.journal.entries.length, before);
    assert.is(site.ledger.identities.invitation(invitation)?.state, 'open');
  }),
);

test(
  'the mail alone does not enrol: without the code nothing is made',
  withConsole(async (site) => {
    const { token } = await site.invite('alice');
    const thief = new ConsoleBrowser(site);
    const answer = await thief.post(`/enrol/${token}/begin`, { code: 'WRONG', name: 'Phone "x"' });
    assert.is(answer.status, 422);
    assert.match(answer.text, 'The code is not right');
    assert.not.match(answer.text, 'data-passkey-create');
    assert.not.match(answer.text, 'WRONG');
    assert.match(answer.text, 'value="Phone &quot;x&quot;"');
    const direct = await thief.post(`/enrol/${token}/complete`, { proof: 'x', registration: '{}' });
    assert.is(direct.status, 403);
    assert.is(site.ledger.identities.hasEnrolled('alice'), false);
  }),
);

test(
  'the form of one invitation does not complete another',
  withConsole(async (site) => {
    const alice = await site.invite('alice');
    const carol = await site.invite('carol');
    const browser = new ConsoleBrowser(site);
    const next = await browser.post(`/enrol/${alice.token}/begin`, { code: alice.code, name: 'x' });
    const fields = madeFields(formIn(next, '/complete'), createAuthenticator({ origin: site.origin }));
    assert.is((await browser.post(`/enrol/${carol.token}/complete`, fields)).status, 403);
    assert.is(site.ledger.identities.hasEnrolled('carol'), false);
  }),
);

test(
  'a spent invitation makes no second key',
  withConsole(async (site) => {
    const { token, code } = await site.invite('alice');
    const browser = new ConsoleBrowser(site);
    const next = await browser.post(`/enrol/${token}/begin`, { code, name: 'x' });
    const form = formIn(next, '/complete');
    const key = () => createAuthenticator({ origin: site.origin });
    assert.is((await browser.post(`/enrol/${token}/complete`, madeFields(form, key()))).status, 200);
    assert.is((await browser.post(`/enrol/${token}/complete`, madeFields(form, key()))).status, 410);
    assert.is((await browser.get(`/enrol/${token}`)).status, 410);
    assert.is(site.ledger.identities.passkeysOf('alice').length, 1);
  }),
);

test(
  'a device that made nothing leads back to the form, and the invitation stands',
  withConsole(async (site) => {
    const { token, code, invitation } = await site.invite('alice');
    const browser = new ConsoleBrowser(site);
    const next = await browser.post(`/enrol/${token}/begin`, { code, name: 'x' });
    const answer = await browser.post(`/enrol/${token}/complete`, formIn(next, '/complete').fields);
    assert.is(answer.status, 403);
    assert.match(answer.text, 'No passkey was made');
    assert.is(site.ledger.identities.invitation(invitation)?.state, 'open');
  }),
);

test(
  'an invitation that has expired says so',
  withConsole(async (site) => {
    const { token } = await site.invite('alice');
    site.clock.advance(24 * 60 * 60_000);
    const page = await site.ask(`/enrol/${token}`);
    assert.is(page.status, 410);
    assert.match(page.text, 'This invitation is over');
  }),
);

test(
  'a made-up link opens nothing, and too many of them are stopped',
  withConsole(async (site) => {
    const statuses: number[] = [];
    for (let tries = 0; tries < 62; tries += 1) {
      const token = Buffer.alloc(32, tries).toString('base64url');
      statuses.push((await site.ask(`/enrol/${token}`)).status);
    }
    assert.equal(statuses, [...Array(60).fill(404), 429, 429]);
    assert.is((await site.ask('/enrol/x')).status, 429);
  }),
);

test(
  'too many wrong codes from one address are stopped, for any invitation',
  withConsole(async (site) => {
    const browser = new ConsoleBrowser(site);
    for (let tries = 0; tries < 20; tries += 1) {
      // The fifth wrong code would withdraw the invitation.
      const { token } = await site.invite(tries % 2 === 0 ? 'alice' : 'carol');
      assert.is((await browser.post(`/enrol/${token}/begin`, { code: `X${tries}`, name: 'x' })).status, 422);
    }
    const { token, code } = await site.invite('alice');
    const answer = await browser.post(`/enrol/${token}/begin`, { code, name: 'x' });
    assert.is(answer.status, 429);
    assert.ok(Number(answer.headers['retry-after']) > 0 && Number(answer.headers['retry-after']) <= 3600);
  }),
);

test(
  'the fifth wrong code ends the invitation, and the right one comes too late',
  withConsole(async (site) => {
    const { token, code, invitation } = await site.invite('alice');
    const browser = new ConsoleBrowser(site);
    const statuses: number[] = [];
    for (const given of ['X1', 'X2', 'X3', 'X4', 'X5', code])
      statuses.push((await browser.post(`/enrol/${token}/begin`, { code: given, name: 'x' })).status);
    assert.equal(statuses, [422, 422, 422, 422, 410, 410]);
    assert.is(site.ledger.identities.invitation(invitation)?.state, 'withdrawn');
  }),
);

test(
  'hostile answers of a browser that makes a key are refused as forms, not as mistakes of ours',
  withConsole(async (site) => {
    const { token, code } = await site.invite('alice');
    const browser = new ConsoleBrowser(site);
    const next = await browser.post(`/enrol/${token}/begin`, { code, name: 'x' });
    const form = formIn(next, '/complete');
    const made = createAuthenticator({ origin: site.origin }).register(form.toCreate ?? {});
    for (const registration of ['{}', '{"response":5}', JSON.stringify({ ...made, response: null })]) {
      const answer = await browser.post(`/enrol/${token}/complete`, { ...form.fields, registration });
      assert.is(answer.status, 403);
      assert.match(answer.text, 'no answer of a passkey');
    }
    assert.equal(site.logged, []);
  }),
);

test(
  'a form from another site enrols nothing',
  withConsole(async (site) => {
    const { token, code } = await site.invite('alice');
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const browser = new ConsoleBrowser(site);
    assert.is((await browser.post(`/enrol/${token}/begin`, { code, name: 'x' }, headers)).status, 403);
    assert.is((await browser.post(`/enrol/${token}/complete`, {}, headers)).status, 403);
  }),
);

test.run();
