import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../src/core/errors.ts';
import { openRogueProvider, type Misdeeds, type RogueProvider } from '../support/oidc-rogue.ts';
import { begin, MINUTE_MS, refusal, signOnAt } from '../support/oidc-sign-on.ts';

const DISCOVERY = '/.well-known/openid-configuration';
const OUT_OF_ORDER = ({ issuer }: { readonly issuer: string }) =>
  `sso_unavailable: The identity provider at ${issuer} does not answer as it should. Try again in a while.`;
const discoveries = ({ asked }: RogueProvider) => asked.filter((path) => path === DISCOVERY).length;

const test = suite<{ rogue: RogueProvider }>('what a provider says of itself');

test.before.each(async (context) => {
  context.rogue = await openRogueProvider();
});
test.after.each(async ({ rogue }) => rogue.close());

test('nothing is asked before somebody signs on', async ({ rogue }) => {
  const { sso } = signOnAt(rogue);
  assert.is(sso.issuer, rogue.issuer);
  assert.equal(rogue.asked, []);
});

test('the provider is asked about itself once an hour', async ({ rogue }) => {
  const { sso, clock } = signOnAt(rogue);
  await Promise.all([begin(sso), begin(sso)]);
  clock.advance(60 * MINUTE_MS - 1);
  await begin(sso);
  assert.is(discoveries(rogue), 1);
  clock.advance(1);
  await begin(sso);
  assert.is(discoveries(rogue), 2);
});

test('a provider that was out of order is asked again at the next sign-on', async ({ rogue }) => {
  const { sso } = signOnAt(rogue);
  rogue.misdeeds.status = 500;
  assert.is(await refusal(begin(sso)), OUT_OF_ORDER(rogue));
  delete rogue.misdeeds.status;
  assert.match((await begin(sso)).url, `${rogue.issuer}/auth?`);
});

test('a provider that cannot be reached is unavailable', async () => {
  const gone = await openRogueProvider();
  await gone.close();
  assert.is(await refusal(begin(signOnAt(gone).sso)), OUT_OF_ORDER(gone));
});

test('a provider that fails while the person comes back is unavailable, and the sign-on can be tried again', async ({
  rogue,
}) => {
  const { sso } = signOnAt(rogue);
  const { url, cookie } = await begin(sso);
  const back = rogue.answer(url).href;
  rogue.misdeeds.status = 502;
  assert.is(await refusal(sso.finish({ url: back, cookie })), OUT_OF_ORDER(rogue));
  delete rogue.misdeeds.status;
  assert.is((await sso.finish({ url: back, cookie })).person?.id, 'alice');
});

for (const issuer of [
  'http://login.example.com',
  'http://127.0.0.1.example.com',
  'ftp://login.example.com',
]) {
  test(`${issuer} is no issuer: it is neither https nor on this machine`, () => {
    assert.throws(
      () => signOnAt({ issuer, clientId: 'placet' }),
      (error: unknown) => error instanceof ConfigError && error.code === 'bad_setting',
    );
  });
}

const ENDPOINTS: readonly (readonly [string, string])[] = [
  ['authorization_endpoint', 'http://login.example.com/auth'],
  ['authorization_endpoint', 'javascript:alert(1)'],
  ['token_endpoint', 'http://login.example.com/token'],
  ['jwks_uri', 'http://login.example.com/jwks'],
];
for (const [name, address] of ENDPOINTS) {
  test(`nobody is sent to the ${name} ${address}`, async ({ rogue }) => {
    rogue.misdeeds.metadata = { [name]: address };
    assert.is(
      await refusal(begin(signOnAt(rogue).sso)),
      `sso_unavailable: The identity provider at ${rogue.issuer} names no ${name} that begins with https://, so nobody is sent there.`,
    );
  });
}

test('a provider without published keys is not used', async ({ rogue }) => {
  rogue.misdeeds.metadata = { jwks_uri: undefined };
  assert.match(await refusal(begin(signOnAt(rogue).sso)), /^sso_unavailable: .* names no jwks_uri/);
});

test('a provider that names another issuer is not used', async ({ rogue }) => {
  rogue.misdeeds.metadata = { issuer: 'https://login.example.com' };
  assert.is(await refusal(begin(signOnAt(rogue).sso)), OUT_OF_ORDER(rogue));
});

test('an issuer that differs by a slash is for whoever runs Placet to mend', async ({ rogue }) => {
  const { sso } = signOnAt({ ...rogue, issuer: `${rogue.issuer}/` });
  assert.match(await refusal(begin(sso)), /^sso_unavailable: .* PLACET_OIDC_ISSUER .* to the character\.$/);
});

const SECRET = 'p@ss: word';
const WAYS: readonly (readonly [
  string,
  string | undefined,
  Misdeeds['metadata'],
  string | null,
  string | undefined,
])[] = [
  ['in the header where the provider says nothing', SECRET, {}, null, 'Basic cGxhY2V0OnAlNDBzcyUzQSt3b3Jk'],
  [
    'in the form where only that is taken',
    SECRET,
    { token_endpoint_auth_methods_supported: ['client_secret_post'] },
    'p@ss: word',
    undefined,
  ],
  ['not at all by a public client', undefined, {}, null, undefined],
];
for (const [way, clientSecret, metadata, posted, authorization] of WAYS) {
  test(`the secret is sent ${way}`, async ({ rogue }) => {
    rogue.misdeeds.metadata = metadata ?? {};
    const { sso } = signOnAt({ ...rogue, ...(clientSecret === undefined ? {} : { clientSecret }) });
    const { url, cookie } = await begin(sso);
    assert.not.match(url, 'word');
    await sso.finish({ url: rogue.answer(url).href, cookie });
    const [redeemed] = rogue.redeemed;
    assert.is(redeemed?.body.get('client_secret'), posted);
    assert.is(redeemed?.authorization, authorization);
    assert.is(redeemed?.body.get('client_id'), authorization === undefined ? 'placet' : null);
  });
}

test.run();
