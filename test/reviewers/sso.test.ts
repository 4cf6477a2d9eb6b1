import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openProvider, signOnOver, type CookieJar, type OpenProvider } from '../support/oidc.ts';
import { begin, CALLBACK, MINUTE_MS, refusal, signOnAt } from '../support/oidc-sign-on.ts';
import { rejection } from '../support/rejects.ts';

const REFUSED = (why: string) =>
  `sso_refused: The answer of the identity provider was refused: ${why}. Begin the sign-on again.`;
const NOT_BEGUN =
  'sso_refused: This browser did not begin this sign-on, or too long ago. Begin again, and allow the cookies of this site.';

const test = suite<{ provider: OpenProvider }>('at a real provider');

test.before(async (context) => {
  context.provider = await openProvider({
    redirectUris: [CALLBACK],
    accounts: {
      alice: { sub: 'alice-at-idp', groups: ['eng', 'everyone'], acr: 'two-factor' },
      bob: { sub: 'bob-at-idp', groups: 'Finance Team', acr: 'password' },
    },
  });
});
test.after(async ({ provider }) => provider.close());

test('a sign-on says whose account it is, when they proved it, how, and in which of our groups', async ({
  provider,
}) => {
  const { sso } = signOnAt(provider, { acr: ['two-factor'] });
  const before = Math.floor(Date.now() / 1000) * 1000;
  const { url, cookie } = await begin(sso, 5 * MINUTE_MS);
  const { person, purpose, sign_on } = await sso.finish({
    url: await signOnOver(url, { account: 'alice' }),
    cookie,
  });
  assert.is(person?.id, 'alice');
  assert.equal(purpose, { kind: 'sign_in' });
  const { auth_time, id_token_sha256, ...rest } = sign_on;
  assert.equal(rest, {
    kind: 'sso',
    issuer: provider.issuer,
    subject: 'alice-at-idp',
    acr: 'two-factor',
    groups: ['eng'],
  });
  assert.match(auth_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  assert.ok(Date.parse(auth_time) >= before && Date.parse(auth_time) <= Date.now());
  assert.match(id_token_sha256, /^[0-9a-f]{64}$/);
});

test('an account that is linked to nobody is nobody', async ({ provider }) => {
  const { sso } = signOnAt(provider);
  const { url, cookie } = await begin(sso);
  const finished = await sso.finish({ url: await signOnOver(url, { account: 'bob' }), cookie });
  assert.is('person' in finished, false);
  assert.is(finished.sign_on.subject, 'bob-at-idp');
  assert.equal(finished.sign_on.groups, ['Finance Team']);
});

test('what the sign-on is for comes back as it went', async ({ provider }) => {
  const { sso } = signOnAt(provider);
  const purpose = { kind: 'session', person: 'alice', request_id: 'apr_1' } as const;
  const { url, cookie } = await sso.start({ purpose, maxAgeMs: MINUTE_MS });
  const back = await signOnOver(url, { account: 'alice' });
  assert.equal((await sso.finish({ url: back, cookie })).purpose, purpose);
});

test('the browser is sent with a challenge, a state and a nonce, each time others, and never the verifier', async ({
  provider,
}) => {
  const { sso } = signOnAt(provider, { acr: ['two-factor', 'hardware'] });
  const first = new URL((await begin(sso, 5 * MINUTE_MS)).url);
  const second = new URL((await begin(sso)).url);
  const { state, nonce, code_challenge, ...rest } = Object.fromEntries(first.searchParams);
  assert.is(first.origin, provider.issuer);
  assert.equal(rest, {
    response_type: 'code',
    client_id: 'placet',
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge_method: 'S256',
    max_age: '300',
    acr_values: 'two-factor hardware',
  });
  for (const [name, value] of Object.entries({ state, nonce, code_challenge })) {
    assert.match(value ?? '', /^[A-Za-z0-9_-]{43}$/);
    assert.is.not(second.searchParams.get(name), value);
  }
  assert.is(second.searchParams.has('max_age'), false);
});

test('the cookie tells its holder nothing', async ({ provider }) => {
  const { sso } = signOnAt(provider);
  const { url, cookie } = await begin(sso);
  const state = new URL(url).searchParams.get('state') ?? '';
  assert.not.match(cookie + Buffer.from(cookie, 'base64url').toString('latin1'), state);
  assert.ok(cookie.length < 1000);
});

test('an answer with another state is refused', async ({ provider }) => {
  const { sso } = signOnAt(provider);
  const { url, cookie } = await begin(sso);
  const back = new URL(await signOnOver(url, { account: 'alice' }));
  back.searchParams.set('state', 'A'.repeat(43));
  assert.is(
    await refusal(sso.finish({ url: back.href, cookie })),
    REFUSED('unexpected "state" response parameter value'),
  );
  back.searchParams.delete('state');
  assert.is(
    await refusal(sso.finish({ url: back.href, cookie })),
    REFUSED('response parameter "state" missing'),
  );
});

test('an answer is refused in a browser that began another sign-on', async ({ provider }) => {
  const { sso } = signOnAt(provider);
  const mallory = await begin(sso);
  const victim = await begin(sso);
  const back = await signOnOver(mallory.url, { account: 'bob' });
  assert.is(
    await refusal(sso.finish({ url: back, cookie: victim.cookie })),
    REFUSED('unexpected "state" response parameter value'),
  );
});

test('an answer is refused in a browser that began nothing, or whose cookie was changed', async ({
  provider,
}) => {
  const { sso, seals, clock } = signOnAt(provider);
  const { url, cookie } = await begin(sso);
  const back = await signOnOver(url, { account: 'alice' });
  const elsewhere = seals.seal('another purpose', { state: 's' }, clock.now() + MINUTE_MS);
  const changed = `${cookie.slice(0, 20)}${cookie[20] === 'A' ? 'B' : 'A'}${cookie.slice(21)}`;
  for (const wrong of ['', 'rubbish', changed, elsewhere]) {
    assert.is(await refusal(sso.finish({ url: back, cookie: wrong })), NOT_BEGUN);
  }
  assert.is((await sso.finish({ url: back, cookie })).person?.id, 'alice');
});

test('after ten minutes the cookie is worth nothing', async ({ provider }) => {
  const { sso, clock } = signOnAt(provider);
  const { url, cookie } = await begin(sso);
  const back = await signOnOver(url, { account: 'alice' });
  clock.advance(10 * MINUTE_MS);
  assert.is(await refusal(sso.finish({ url: back, cookie })), NOT_BEGUN);
});

test('a code is taken once', async ({ provider }) => {
  const { sso } = signOnAt(provider);
  const { url, cookie } = await begin(sso);
  const back = await signOnOver(url, { account: 'alice' });
  await sso.finish({ url: back, cookie });
  assert.is(await refusal(sso.finish({ url: back, cookie })), REFUSED('it was used before, or is too old'));
});

test('a code of another sign-on is refused, whatever state it is brought with', async ({ provider }) => {
  const { sso } = signOnAt(provider);
  const mallory = await begin(sso);
  const victim = await begin(sso);
  const back = new URL(await signOnOver(mallory.url, { account: 'bob' }));
  back.searchParams.set('state', new URL(victim.url).searchParams.get('state') ?? '');
  assert.is(
    await refusal(sso.finish({ url: back.href, cookie: victim.cookie })),
    REFUSED('it was used before, or is too old'),
  );
});

test('an answer that names another issuer, or none although the provider always does, is refused', async ({
  provider,
}) => {
  const { sso } = signOnAt(provider);
  const { url, cookie } = await begin(sso);
  const back = new URL(await signOnOver(url, { account: 'alice' }));
  back.searchParams.set('iss', 'https://login.example.com');
  assert.is(
    await refusal(sso.finish({ url: back.href, cookie })),
    REFUSED('unexpected "iss" (issuer) response parameter value'),
  );
  back.searchParams.delete('iss');
  assert.is(
    await refusal(sso.finish({ url: back.href, cookie })),
    REFUSED('response parameter "iss" (issuer) missing'),
  );
});

test('who signed on with less than is asked for is refused', async ({ provider }) => {
  const { sso } = signOnAt(provider, { acr: ['two-factor'] });
  const { url, cookie } = await begin(sso);
  const back = await signOnOver(url, { account: 'bob' });
  assert.is(
    await refusal(sso.finish({ url: back, cookie })),
    REFUSED('you did not sign on in a way that is asked for here (two-factor)'),
  );
});

test('whoever the provider knows is not asked again, unless it was too long ago', async ({ provider }) => {
  const { sso } = signOnAt(provider);
  const jar: CookieJar = new Map();
  const subjectOf = async (account: string, maxAgeMs?: number) => {
    const { url, cookie } = await begin(sso, maxAgeMs);
    return (await sso.finish({ url: await signOnOver(url, { account, jar }), cookie })).sign_on.subject;
  };
  assert.is(await subjectOf('alice'), 'alice-at-idp');
  assert.is(await subjectOf('nobody whom it knows', 5 * MINUTE_MS), 'alice-at-idp');
  const asked = await rejection(subjectOf('nobody whom it knows', 0));
  assert.match(String(asked), 'The provider answered 422');
});

test('who calls it off is told so', async ({ provider }) => {
  const { sso } = signOnAt(provider);
  const { url, cookie } = await begin(sso);
  const back = await signOnOver(url, { account: 'alice', button: 'cancel' });
  assert.is(
    await refusal(sso.finish({ url: back, cookie })),
    REFUSED('it says that the sign-on was called off or not allowed'),
  );
});

test('a wrong secret is for whoever runs Placet to mend, and is told to nobody', async ({ provider }) => {
  const { sso } = signOnAt({ ...provider, clientSecret: 'hunter2-hunter2' });
  const { url, cookie } = await begin(sso);
  const thrown = await rejection(sso.finish({ url: await signOnOver(url, { account: 'alice' }), cookie }));
  assert.instance(thrown, Error);
  const { message, cause } = thrown as Error;
  assert.match(message, 'PLACET_OIDC_CLIENT_SECRET');
  assert.instance(cause, Error);
  assert.not.match(`${message} ${String(cause)}`, 'hunter2');
});

test('of groups that change at the provider, each sign-on says the present ones', async ({ provider }) => {
  const { sso } = signOnAt(provider);
  provider.accounts.set('carol', { sub: 'carol-at-idp', groups: ['eng', 'Finance Team', 'eng'] });
  const groupsOf = async () => {
    const { url, cookie } = await begin(sso);
    return (await sso.finish({ url: await signOnOver(url, { account: 'carol' }), cookie })).sign_on.groups;
  };
  assert.equal(await groupsOf(), ['eng', 'Finance Team']);
  provider.accounts.set('carol', { sub: 'carol-at-idp' });
  assert.equal(await groupsOf(), []);
});

test.run();
