import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CallError } from '../../src/core/errors.ts';
import { createAgentTokens, type AgentTokensOptions } from '../../src/mcp/agent-token.ts';
import { FakeClock } from '../support/clock.ts';
import { PEOPLE } from '../support/guard.ts';
import { openFakeTokenIssuer, type FakeTokenIssuer } from '../support/token-issuer.ts';

const AUDIENCE = 'https://placet.example.com/mcp';
const clock = new FakeClock();

async function withIssuer(
  work: (issuer: FakeTokenIssuer, check: (token: string) => Promise<string>) => Promise<void>,
  options: Partial<AgentTokensOptions> & { readonly where?: 'openid'; readonly path?: string } = {},
): Promise<void> {
  const { where, path, ...changed } = options;
  const issuer = await openFakeTokenIssuer({
    audience: AUDIENCE,
    now: () => clock.now(),
    ...(where ? { where } : {}),
    ...(path === undefined ? {} : { path }),
  });
  const verify = createAgentTokens({
    issuer: issuer.issuer,
    audience: AUDIENCE,
    agentClaim: 'client_id',
    people: () => PEOPLE,
    clock,
    ...changed,
  });
  const check = async (token: string): Promise<string> => {
    try {
      return (await verify(token)).agent;
    } catch (error) {
      if (error instanceof CallError) return `${error.code}: ${error.message}`;
      throw error;
    }
  };
  try {
    await work(issuer, check);
  } finally {
    issuer.close();
  }
}

test('a token of the issuer names the agent', async () => {
  await withIssuer(async (issuer, check) => {
    assert.is(await check(await issuer.token()), 'claude');
    assert.is(await check(await issuer.token({ aud: ['https://else.example', AUDIENCE] })), 'claude');
    assert.equal(issuer.asked, ['/.well-known/oauth-authorization-server', '/keys']);
  });
});

test('an OpenID provider is found by its own metadata, under a path too', async () => {
  await withIssuer(
    async (issuer, check) => {
      assert.is(await check(await issuer.token()), 'claude');
      assert.equal(issuer.asked, [
        '/.well-known/oauth-authorization-server/tenant',
        '/tenant/.well-known/openid-configuration',
        '/keys',
      ]);
    },
    { where: 'openid', path: '/tenant' },
  );
});

const NOW_S = Math.floor(Date.parse('2026-11-23T10:00:00.000Z') / 1000);
for (const [what, claims, header, answer] of [
  ['of another issuer', { iss: 'https://evil.example' }, {}, 'The token is of another issuer.'],
  ['for another audience', { aud: 'https://else.example' }, {}, 'The token is meant for another audience.'],
  ['that never expires', { exp: undefined }, {}, 'The token does not say when it expires.'],
  ['without an audience', { aud: undefined }, {}, 'The token is meant for another audience.'],
  ['that is not valid yet', { nbf: NOW_S + 600 }, {}, 'The token is not valid yet.'],
  ['without a signature', {}, { alg: 'none' }, OTHER()],
  ['with a symmetric signature', {}, { alg: 'HS256' }, OTHER()],
  ['under an unknown key', {}, { kid: 'k9' }, OTHER()],
  ['that is something else', {}, { typ: 'logout+jwt' }, 'The token is not an access token.'],
  ['without an agent', { client_id: undefined }, {}, 'The token has no claim client_id that names an agent.'],
  [
    'whose agent is a list',
    { client_id: ['claude'] },
    {},
    'The token has no claim client_id that names an agent.',
  ],
] as const) {
  test(`a token ${what} is refused`, async () => {
    await withIssuer(async (issuer, check) => {
      assert.is(await check(await issuer.token(claims, header)), `agent_token_refused: ${answer}`);
    });
  });
}

test('a token that has expired is told from one that never held', async () => {
  await withIssuer(async (issuer, check) => {
    const exp = NOW_S - 60;
    assert.is(await check(await issuer.token({ exp })), 'agent_token_expired: The token has expired.');
    const foreign = await issuer.token({ exp, aud: 'https://else.example' });
    assert.is(await check(foreign), 'agent_token_refused: The token is meant for another audience.');
    const forged = await issuer.token({ exp }, { alg: 'HS256' });
    assert.is(await check(forged), `agent_token_refused: ${OTHER()}`);
  });
});

function OTHER(): string {
  return 'The token is not one that the issuer of this workspace signed, or says something illegal.';
}

test('a token that somebody changed, or made up, is refused', async () => {
  await withIssuer(async (issuer, check) => {
    const [head, , signature] = (await issuer.token()).split('.');
    const body = Buffer.from(JSON.stringify({ client_id: 'other' })).toString('base64url');
    for (const token of [`${head}.${body}.${signature}`, 'a.b.c', 'x', `${head}.${body}`, '']) {
      assert.is(await check(token), `agent_token_refused: ${OTHER()}`);
    }
  });
});

test('an agent that people.yaml does not name is told so', async () => {
  await withIssuer(async (issuer, check) => {
    assert.is(
      await check(await issuer.token({ client_id: 'stranger' })),
      'unknown_agent: This workspace does not know the agent "stranger" that the token names: name it in policies/people.yaml, with its owner.',
    );
  });
});

test('the owner that a token names must be the agent’s own, by id, address or account', async () => {
  const people = {
    ...PEOPLE,
    people: PEOPLE.people.map((person) => ({ ...person })),
  };
  await withIssuer(
    async (issuer, check) => {
      const bob = people.people.find((person) => person.id === 'bob');
      Object.assign(bob ?? {}, {
        sso: [
          { issuer: issuer.issuer, subject: 'bob-at-issuer' },
          { issuer: 'https://else.example', subject: 'bob-elsewhere' },
        ],
      });
      for (const owner of ['bob', 'BOB@example.com', 'bob-at-issuer'])
        assert.is(await check(await issuer.token({ who: owner })), 'claude');
      for (const owner of ['alice', 'alice@example.com', 'bob-elsewhere', '', 7, ['bob'], undefined]) {
        assert.is(
          await check(await issuer.token({ who: owner })),
          "wrong_owner: The token's claim who does not name the owner that the agent claude has in policies/people.yaml.",
        );
      }
    },
    { ownerClaim: 'who', people: () => people },
  );
});

test('an issuer that does not answer is no reason to believe a token', async () => {
  await withIssuer(async (issuer, check) => {
    issuer.answers = false;
    const token = await issuer.token();
    const answer =
      'issuer_unreachable: Tokens cannot be checked at the moment, as their issuer gives no keys; try again later.';
    assert.is(await check(token), answer);
    const { length } = issuer.asked;
    issuer.answers = true;
    assert.is(await check(token), answer);
    assert.is(issuer.asked.length, length);
    clock.advance(5000);
    assert.is(await check(token), 'claude');
  });
});

test('metadata that is of another issuer is not believed', async () => {
  await withIssuer(async (issuer, check) => {
    issuer.claimedIssuer = 'https://evil.example';
    assert.match(await check(await issuer.token()), /^issuer_unreachable: /);
  });
});

test('every token of one client and subject is the same credential, and of another subject another', async () => {
  await withIssuer(async (issuer) => {
    const verify = createAgentTokens({
      issuer: issuer.issuer,
      audience: AUDIENCE,
      agentClaim: 'client_id',
      people: () => PEOPLE,
      clock,
    });
    const first = await verify(await issuer.token());
    const renewed = await verify(await issuer.token({ jti: 'next' }));
    const other = await verify(await issuer.token({ sub: 'subject-2' }));
    assert.is(first.credential, renewed.credential);
    assert.is.not(first.credential, other.credential);
    assert.is(first.expires_at, Math.floor(clock.now() / 1000) * 1000 + 3_600_000);
  });
});

test.run();
