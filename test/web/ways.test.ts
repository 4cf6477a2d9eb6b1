import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SignOnReceipt } from '../../src/core/entry.ts';
import { linkDigest } from '../../src/core/link.ts';
import { createAuthenticator, type Authenticator } from '../support/authenticator.ts';
import { FakeClock } from '../support/clock.ts';
import { fakeSso } from '../support/fake-sso.ts';
import { PEOPLE } from '../support/memory-requests.ts';
import { HTML, withSite, type ReviewSite } from '../support/review-site.ts';

const BY_PASSKEY = { approve: ['passkey'], reject: ['link', 'passkey'] } as const;

/** Lets Alice decide with a key of hers. @returns a link to a request */
function withKey(site: ReviewSite): {
  readonly key: Authenticator;
  readonly id: string;
  readonly token: string;
} {
  const key = createAuthenticator({ origin: site.base });
  site.memory.append(key.enrolment('alice', '2026-11-23T10:00:00.000Z'));
  Object.assign(site.fake.shown, {
    passkeys: [key.passkey('alice')],
    methods: BY_PASSKEY,
    demanded: 'passkey',
  });
  const { id } = site.memory.open();
  return { key, id, token: site.fake.issue(id) };
}

/** What the page asks a passkey to sign, by the button. */
async function asked(site: ReviewSite, token: string) {
  const { text } = await site.ask(`/r/${token}`, { headers: HTML });
  const [, options = '{}'] = /data-passkey-get="([^"]*)"/.exec(text) ?? [];
  const [, proof = ''] = /name="proof" value="([^"]*)"/.exec(text) ?? [];
  return { text, proof, options: JSON.parse(options.replaceAll('&quot;', '"')) };
}

test(
  'each button has a challenge of its own, and the key that may sign it',
  withSite(async (site) => {
    const { key, token } = withKey(site);
    const { text, options } = await asked(site, token);
    assert.equal(Object.keys(options), ['approve', 'reject']);
    assert.is.not(options.approve.challenge, options.reject.challenge);
    assert.is(options.approve.allowCredentials[0].id, key.id);
    assert.match(text, '>Approve with passkey</button>');
    assert.match(text, '>Reject with passkey</button>');
    assert.match(text, '<noscript>');
    assert.not.match(text, 'id="confirm"');
  }),
);

test(
  'each page asks for another signature',
  withSite(async (site) => {
    const { token } = withKey(site);
    const first = await asked(site, token);
    const second = await asked(site, token);
    assert.is.not(first.options.approve.challenge, second.options.approve.challenge);
  }),
);

test(
  'an approval that the passkey signed is passed on with the nonce of its page',
  withSite(async (site) => {
    const { key, id, token } = withKey(site);
    const { proof, options } = await asked(site, token);
    const assertion = JSON.stringify(key.assert(options.approve));
    const answer = await site.post(`/r/${token}/decision`, {
      decision: 'approve',
      reason: '',
      proof,
      assertion,
    });
    assert.is(answer.status, 303);
    assert.is(site.memory.get(id).decisions[0]?.verification, 'passkey');
  }),
);

test(
  'a signature for the other button is refused, as is one for another page',
  withSite(async (site) => {
    const { key, id, token } = withKey(site);
    const { proof, options } = await asked(site, token);
    const other = await asked(site, token);
    for (const challenge of [options.reject, other.options.approve]) {
      const assertion = JSON.stringify(key.assert(challenge));
      const answer = await site.post(`/r/${token}/decision`, {
        decision: 'approve',
        reason: '',
        proof,
        assertion,
      });
      assert.is(answer.status, 403);
      assert.match(answer.text, 'The passkey was not accepted');
    }
    assert.is(site.memory.get(id).decisions.length, 0);
  }),
);

for (const assertion of ['', 'x', '[]', '{"id":1}', 'null']) {
  test(
    `a passkey's form with "${assertion}" for a signature decides nothing`,
    withSite(async (site) => {
      const { id, token } = withKey(site);
      const { proof } = await asked(site, token);
      const answer = await site.post(`/r/${token}/decision`, {
        decision: 'approve',
        reason: '',
        confirm: 'write_file',
        proof,
        assertion,
      });
      assert.ok(answer.status === 422 || answer.status === 403, String(answer.status));
      assert.is(site.memory.get(id).decisions.length, 0);
    }),
  );
}

test(
  'who has a passkey can reject by the typed name, in a form without Approve',
  withSite(async (site) => {
    const { id, token } = withKey(site);
    const { text, proof } = await asked(site, token);
    const [form = ''] = text.match(/<form id="reject".*?<\/form>/s) ?? [];
    assert.match(form, '>Reject</button>');
    assert.not.match(form, 'value="approve"');
    const typed = { reason: '', confirm: 'write_file', proof };
    const approved = await site.post(`/r/${token}/decision`, { ...typed, decision: 'approve' });
    assert.is(approved.status, 403);
    assert.is((await site.post(`/r/${token}/decision`, { ...typed, decision: 'reject' })).status, 303);
    assert.is(site.memory.get(id).phase.kind, 'rejected');
  }),
);

test(
  'who needs a passkey and has none is told where to get one, and can reject',
  withSite(async (site) => {
    Object.assign(site.fake.shown, { methods: { approve: [], reject: ['link'] }, demanded: 'passkey' });
    const { text } = await site.ask(`/r/${site.fake.issue(site.memory.open().id)}`);
    assert.match(text, 'Ask whoever runs Placet for an invitation. You can reject it here.');
    assert.not.match(text, 'value="approve"');
    assert.match(text, '>Reject</button>');
  }),
);

test(
  'after ten signatures that do not fit the next is refused unseen for a while',
  withSite(async (site) => {
    const { key, token } = withKey(site);
    const { proof, options } = await asked(site, token);
    const post = (challenge: object) =>
      site.post(`/r/${token}/decision`, {
        decision: 'approve',
        reason: '',
        proof,
        assertion: JSON.stringify(key.assert(challenge as never)),
      });
    for (let count = 0; count < 10; count += 1) assert.is((await post(options.reject)).status, 403);
    const answer = await post(options.approve);
    assert.is(answer.status, 429);
    assert.ok(Number(answer.headers['retry-after']) > 0 && Number(answer.headers['retry-after']) <= 900);
    assert.match(answer.text, 'Too many tries');
  }),
);

test(
  'after sixty links that nobody was sent an address is refused for a while',
  withSite(async (site) => {
    for (let count = 0; count < 60; count += 1) {
      const unknown = Buffer.alloc(32, count).toString('base64url');
      assert.is((await site.ask(`/r/${unknown}`)).status, 404);
    }
    const token = site.fake.issue(site.memory.open().id);
    assert.is((await site.ask(`/r/${token}`)).status, 429);
  }),
);

const RECEIPT: SignOnReceipt = {
  kind: 'sso',
  issuer: 'https://login.example.com',
  subject: 'alice-at-idp',
  auth_time: '2026-11-23T10:00:00.000Z',
  groups: [],
  id_token_sha256: 'a'.repeat(64),
};

/** A site where Alice signs on to decide. */
function withSignOn(run: (site: ReviewSite, token: string, id: string) => Promise<void>) {
  const { sso } = fakeSso(new FakeClock(), () => PEOPLE);
  return withSite(
    async (site) => {
      Object.assign(site.fake.shown, {
        methods: { approve: ['sso'], reject: ['link', 'sso'] },
        demanded: 'sso',
      });
      const { id } = site.memory.open();
      await run(site, site.fake.issue(id), id);
    },
    { sso },
  );
}

/** The hidden field of a sign-on, as the page has it after the callback. */
function signedOn(site: ReviewSite, token: string, ms = 300_000): string {
  const value = { access: `link ${linkDigest(token)}`, value: { ...RECEIPT } };
  return site.seals.seal('decision sign-on', value, site.clock.now() + ms);
}

test(
  'before a sign-on the page leads to it and has no form that approves',
  withSignOn(async (site, token) => {
    const { text } = await site.ask(`/r/${token}`);
    assert.match(text, `href="../sso/start?for=link&amp;token=${token}"`);
    assert.match(text, '>Sign on to decide</a>');
    assert.not.match(text, 'value="approve"');
    assert.match(text, '<form id="reject"');
  }),
);

test(
  'with a sign-on and the typed name the decision is passed on',
  withSignOn(async (site, token, id) => {
    const answer = await site.decide(token, { sign_on: signedOn(site, token) });
    assert.is(answer.status, 303);
    assert.is(site.memory.get(id).decisions[0]?.verification, 'sso');
  }),
);

test(
  'after a wrong name the form keeps the sign-on',
  withSignOn(async (site, token) => {
    const sign_on = signedOn(site, token);
    const answer = await site.decide(token, { sign_on, confirm: 'nope' });
    assert.is(answer.status, 422);
    assert.match(answer.text, `name="sign_on" value="${sign_on}"`);
    assert.match(answer.text, 'value="approve"');
  }),
);

test(
  'the sign-on of another link, one that is over and one made up are refused',
  withSignOn(async (site, token, id) => {
    const other = signedOn(site, site.fake.issue(id, 'carol'));
    const short = signedOn(site, token, 1000);
    const proof = await site.proofOf(token);
    site.clock.advance(1000);
    for (const sign_on of [other, short, 'x', proof]) {
      const answer = await site.decide(token, { sign_on });
      assert.is(answer.status, 403);
      assert.match(answer.text, 'The sign-on is too old');
    }
    assert.is(site.memory.get(id).decisions.length, 0);
  }),
);

test(
  'the typed name alone does not approve where a sign-on is asked for',
  withSignOn(async (site, token, id) => {
    assert.is((await site.decide(token)).status, 403);
    assert.is(site.memory.get(id).decisions.length, 0);
  }),
);

test.run();
