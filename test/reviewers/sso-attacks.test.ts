import { suite } from 'uvu';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import type { SingleSignOnOptions } from '../../src/reviewers/sso.ts';
import { encoded, openRogueProvider, type Misdeeds, type RogueProvider } from '../support/oidc-rogue.ts';
import { begin, CALLBACK, MINUTE_MS, refusal, signOnAt } from '../support/oidc-sign-on.ts';
import { rejection } from '../support/rejects.ts';

const REFUSED = (why: string) =>
  `sso_refused: The answer of the identity provider was refused: ${why}. Begin the sign-on again.`;
const seconds = (ago: number) => Math.floor(Date.now() / 1000) - ago;

const test = suite<{ rogue: RogueProvider }>('at a provider that lies');

test.before(async (context) => {
  context.rogue = await openRogueProvider();
});
test.before.each(({ rogue }) => {
  for (const name of Object.keys(rogue.misdeeds)) delete rogue.misdeeds[name as keyof Misdeeds];
});
test.after(async ({ rogue }) => rogue.close());

/** One sign-on from beginning to end, with this provider as it is now. */
async function signOn(
  rogue: RogueProvider,
  misdeeds: Misdeeds,
  options: { readonly maxAgeMs?: number; readonly more?: Partial<SingleSignOnOptions> } = {},
) {
  Object.assign(rogue.misdeeds, misdeeds);
  const { sso } = signOnAt(rogue, options.more);
  const { url, cookie } = await begin(sso, options.maxAgeMs);
  return sso.finish({ url: rogue.answer(url).href, cookie });
}

test('while it does not lie, it is believed', async ({ rogue }) => {
  const { person, sign_on } = await signOn(rogue, {}, { maxAgeMs: MINUTE_MS });
  assert.is(person?.id, 'alice');
  assert.is(sign_on.subject, 'alice-at-idp');
});

const LIES: readonly (readonly [string, Misdeeds, string])[] = [
  ['made for another sign-on', { claims: { nonce: 'n'.repeat(43) } }, 'it was made for another sign-on'],
  [
    'made for no sign-on in particular',
    { claims: { nonce: undefined } },
    'JWT "nonce" (nonce) claim missing',
  ],
  ['of another issuer', { claims: { iss: 'https://login.example.com' } }, 'it is from another provider'],
  ['for another audience', { claims: { aud: 'another-client' } }, 'it was made for another program'],
  [
    'for several, of which another is the authorised one',
    { claims: { aud: ['placet', 'another-client'], azp: 'another-client' } },
    'it was made for another program',
  ],
  ['out of date', { claims: { exp: seconds(31) } }, 'it is out of date'],
  ['not valid yet', { claims: { nbf: seconds(-120) } }, 'it is not valid yet'],
  ['of nobody', { claims: { sub: undefined } }, 'JWT "sub" (subject) claim missing'],
  ['of nobody by an empty name', { claims: { sub: '' } }, 'it does not say whose account it is'],
  ['of a name without end', { claims: { sub: 'a'.repeat(256) } }, 'it does not say whose account it is'],
  [
    'signed by a key that the provider does not publish',
    { foreignKey: true },
    'JWT signature verification failed',
  ],
  [
    'changed after it was signed',
    {
      tamper: (token) => {
        const [header, payload = '', signature] = token.split('.');
        const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
        return [header, encoded({ ...(claims as object), sub: 'bob-at-idp' }), signature].join('.');
      },
    },
    'JWT signature verification failed',
  ],
  [
    'not signed at all',
    { tamper: (token) => `${encoded({ alg: 'none' })}.${token.split('.')[1]}.` },
    'unexpected JWT "alg" header parameter',
  ],
];
for (const [which, misdeeds, why] of LIES) {
  test(`an ID token ${which} is refused`, async ({ rogue }) => {
    assert.is(await refusal(signOn(rogue, misdeeds)), REFUSED(why));
  });
}

for (const alg of ['none', 'HS256']) {
  test(`a provider that says it signs by ${alg} is not believed`, async ({ rogue }) => {
    const thrown = await refusal(
      signOn(rogue, {
        metadata: { id_token_signing_alg_values_supported: [alg] },
        tamper: (token) => `${encoded({ alg })}.${token.split('.')[1]}.AAAA`,
      }),
    );
    assert.match(thrown, /^sso_refused: /);
  });
}

test('a person who proved who they are longer ago than the rule allows is refused', async ({ rogue }) => {
  assert.is(
    await refusal(signOn(rogue, { claims: { auth_time: seconds(331) } }, { maxAgeMs: 5 * MINUTE_MS })),
    REFUSED('you proved who you are too long ago'),
  );
  const { sign_on } = await signOn(
    rogue,
    { claims: { auth_time: seconds(290) } },
    { maxAgeMs: 5 * MINUTE_MS },
  );
  assert.ok(Date.now() - Date.parse(sign_on.auth_time) >= 290_000);
});

test('the age is judged by our clock when the answer comes, not when the person left', async ({ rogue }) => {
  const { sso, clock } = signOnAt(rogue);
  const { url, cookie } = await begin(sso, 5 * MINUTE_MS);
  const back = rogue.answer(url).href;
  clock.advance(6 * MINUTE_MS);
  assert.is(await refusal(sso.finish({ url: back, cookie })), REFUSED('you proved who you are too long ago'));
});

test('an answer that does not say when is refused where an age was asked', async ({ rogue }) => {
  assert.is(
    await refusal(signOn(rogue, { claims: { auth_time: undefined } }, { maxAgeMs: 5 * MINUTE_MS })),
    REFUSED('JWT "auth_time" (authentication time) claim missing'),
  );
});

test('where no age was asked, the time of the token stands for the one that is not said', async ({
  rogue,
}) => {
  const iat = seconds(7);
  const { sign_on } = await signOn(rogue, { claims: { auth_time: undefined, iat } });
  assert.is(sign_on.auth_time, new Date(iat * 1000).toISOString());
});

for (const [which, auth_time] of [
  ['to come', seconds(-3600)],
  ['beyond all calendars', 1e300],
] as const) {
  test(`a time ${which} is no proof`, async ({ rogue }) => {
    assert.is(
      await refusal(signOn(rogue, { claims: { auth_time } }, { maxAgeMs: 5 * MINUTE_MS })),
      REFUSED('it names a time to come as the one when you proved who you are'),
    );
  });
}

test('an answer without the way of signing on that is asked for is refused', async ({ rogue }) => {
  for (const acr of [undefined, 'password', ['two-factor'], 'two-factor ']) {
    assert.is(
      await refusal(signOn(rogue, { claims: { acr } }, { more: { acr: ['two-factor', 'hardware'] } })),
      REFUSED('you did not sign on in a way that is asked for here (two-factor, hardware)'),
    );
  }
  const { sign_on } = await signOn(
    rogue,
    { claims: { acr: 'hardware' } },
    { more: { acr: ['two-factor', 'hardware'] } },
  );
  assert.is(sign_on.acr, 'hardware');
});

test('of the groups in the token only those that people.yaml speaks of are kept', async ({ rogue }) => {
  const groupsOf = async (claims: Readonly<Record<string, unknown>>, groupsClaim = 'groups') =>
    (await signOn(rogue, { claims }, { more: { groupsClaim } })).sign_on.groups;
  assert.equal(await groupsOf({ groups: ['Finance Team', 7, null, 'a secret project', 'eng'] }), [
    'eng',
    'Finance Team',
  ]);
  assert.equal(await groupsOf({ groups: 'eng' }), ['eng']);
  assert.equal(await groupsOf({ groups: 'eng everyone' }), []);
  assert.equal(await groupsOf({ groups: { eng: true } }), []);
  assert.equal(await groupsOf({ groups: ['eng'], roles: ['Finance Team'] }, 'roles'), ['Finance Team']);
  assert.equal(await groupsOf({}, 'toString'), []);
});

test('an ID token that a browser brings is not taken', async ({ rogue }) => {
  const { sso } = signOnAt(rogue);
  const { url, cookie } = await begin(sso);
  const back = rogue.answer(url);
  back.searchParams.set('id_token', 'a.b.c');
  const redeemed = rogue.redeemed.length;
  assert.match(await refusal(sso.finish({ url: back.href, cookie })), /^sso_refused: /);
  assert.is(rogue.redeemed.length, redeemed);
});

test('a state that is given twice is refused before the code is redeemed', async ({ rogue }) => {
  const { sso } = signOnAt(rogue);
  const { url, cookie } = await begin(sso);
  const back = rogue.answer(url);
  back.searchParams.append('state', 'another');
  const redeemed = rogue.redeemed.length;
  assert.is(
    await refusal(sso.finish({ url: back.href, cookie })),
    REFUSED('"state" parameter must be provided only once'),
  );
  assert.is(rogue.redeemed.length, redeemed);
});

test('the code is redeemed for the address that the provider knows, wherever the answer arrived', async ({
  rogue,
}) => {
  const { sso } = signOnAt(rogue);
  const { url, cookie } = await begin(sso);
  const arrived = `http://evil.example${new URL(CALLBACK).pathname}${rogue.answer(url).search}`;
  await sso.finish({ url: arrived, cookie });
  assert.is(rogue.redeemed.at(-1)?.body.get('redirect_uri'), CALLBACK);
});

test('what the provider calls an error is quoted only where it is a word', async ({ rogue }) => {
  const { sso } = signOnAt(rogue);
  const { url, cookie } = await begin(sso);
  const back = rogue.answer(url);
  back.searchParams.delete('code');
  back.searchParams.set('error', 'login_required');
  back.searchParams.set('error_description', 'Call +1 555 0100');
  assert.is(await refusal(sso.finish({ url: back.href, cookie })), REFUSED('it says login_required'));
  back.searchParams.set('error', '<b>Call +1 555 0100</b>');
  assert.is(await refusal(sso.finish({ url: back.href, cookie })), REFUSED('it says an unknown error'));
});

test('neither token nor code stands in an error or its cause', async ({ rogue }) => {
  let token = '';
  const thrown = await rejection(
    signOn(rogue, { claims: { nonce: 'another' }, tamper: (signed) => (token = signed) }),
  );
  const written = inspect(thrown, { depth: 9, showHidden: true });
  assert.match(written, 'OAUTH_JWT_CLAIM_COMPARISON_FAILED');
  for (const secret of [...token.split('.'), 'alice-at-idp', `code-`]) assert.not.match(written, secret);
});

test.run();
