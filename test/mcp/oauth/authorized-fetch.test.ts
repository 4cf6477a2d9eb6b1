import { readFileSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createAuthorizedFetch } from '../../../src/mcp/oauth/authorized-fetch.ts';
import { openGrantFile, type GrantStore } from '../../../src/mcp/oauth/grant-file.ts';
import { createOAuthClient, type OAuthConfig } from '../../../src/mcp/oauth/oauth-client.ts';
import { signInAt } from '../../../src/mcp/oauth/sign-in.ts';
import { openFakeAuthorizationServer } from '../../support/authorization-server.ts';
import { FakeClock } from '../../support/clock.ts';
import { openGuardedResource } from '../../support/guarded-resource.ts';
import { rejection } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

type World = Awaited<ReturnType<typeof makeWorld>>;

const ROBOT: OAuthConfig = { grant: 'client_credentials', clientId: 'robot', clientSecret: 'a secret' };

async function makeWorld(
  given: {
    readonly expiresIn?: number;
    readonly config?: OAuthConfig;
    /** That mcp.json names the authorization server as the issuer. */
    readonly trusts?: boolean;
  } = {},
) {
  let issuer = '';
  let accepts: (token: string | undefined) => boolean = () => false;
  const resource = await openGuardedResource({ issuer: () => issuer, accepts: (token) => accepts(token) });
  const authority = await openFakeAuthorizationServer({
    resource: () => resource.url,
    known: { id: 'robot', secret: 'a secret' },
    ...(given.expiresIn === undefined ? {} : { expiresIn: given.expiresIn }),
  });
  issuer = authority.issuer;
  const config = given.trusts ? { ...(given.config ?? ROBOT), issuer } : given.config;
  accepts = (token) => authority.accepts(token);
  const file = join(tempDir(), 'grants', 'remote.json');
  const grants = openGrantFile(file, resource.url);
  const clock = new FakeClock();
  const fetchFor = (store: GrantStore, url = resource.url) =>
    createAuthorizedFetch({
      server: 'remote',
      url,
      client: createOAuthClient({ server: 'remote', url, config, grants: store, clock }),
      grants: store,
      clock,
      fetch,
    });
  return {
    resource,
    authority,
    file,
    grants,
    clock,
    fetchFor,
    /** From now on the server names this one. */
    names(other: string): void {
      issuer = other;
    },
    /** A person, whose browser follows wherever it is sent. */
    async signIn(): Promise<string> {
      let settle: (code: string) => void = () => undefined;
      const code = new Promise<string>((resolve) => {
        settle = resolve;
      });
      const client = createOAuthClient({
        server: 'remote',
        url: resource.url,
        config,
        grants,
        clock,
        signIn: {
          redirectUrl: 'http://127.0.0.1:9/callback',
          state: 'the state',
          show: (url) =>
            void fetch(url, { redirect: 'manual' }).then((response) => {
              const back = new URL(response.headers.get('location') ?? 'http://127.0.0.1:9/');
              assert.is(back.searchParams.get('state'), 'the state');
              settle(back.searchParams.get('code') ?? '');
            }),
        },
      });
      return signInAt({ server: 'remote', url: resource.url, headers: {}, client, code });
    },
    async close(): Promise<void> {
      await resource.close();
      await authority.close();
    },
  };
}

function story(
  title: string,
  run: (world: World) => Promise<void>,
  given: Parameters<typeof makeWorld>[0] = {},
): void {
  test(title, async () => {
    const world = await makeWorld(given);
    try {
      await run(world);
    } finally {
      await world.close();
    }
  });
}

story(
  'without a sign-in nothing is registered, and the sentence says which command to run',
  async (world) => {
    const error = await rejection(world.fetchFor(world.grants)(world.resource.url));
    assert.is((error as { code?: string }).code, 'downstream_unavailable');
    assert.match(String(error), 'run "placet connect remote" once');
    assert.is(world.authority.seen.registrations, 0);
  },
);

story('after a sign-in the token opens the server, and the file is its owner’s alone', async (world) => {
  assert.is(await world.signIn(), 'connected');
  const response = await world.fetchFor(world.grants)(world.resource.url);
  assert.is(await response.text(), 'open');
  assert.is(statSync(world.file).mode & 0o777, 0o600);
  assert.is(world.authority.seen.registrations, 1);
});

story('a second sign-in uses the registration that there is', async (world) => {
  await world.signIn();
  await world.signIn();
  assert.is(world.authority.seen.registrations, 1);
  assert.is(world.authority.seen.codes, 2);
});

story(
  'twenty requests that are refused at once renew once, and no refresh token is used twice',
  async (world) => {
    await world.signIn();
    world.authority.expireAccess();
    const fetching = world.fetchFor(world.grants);
    const texts = await Promise.all(
      Array.from({ length: 20 }, async () =>
        (await fetching(world.resource.url, { method: 'POST', body: '{}' })).text(),
      ),
    );
    assert.is(texts.filter((text) => text === 'open').length, 20);
    assert.is(world.authority.seen.refreshes, 1);
    assert.is(world.authority.seen.reused, 0);
  },
);

story(
  'a token that is almost over is renewed before it is used',
  async (world) => {
    await world.signIn();
    const fetching = world.fetchFor(world.grants);
    await fetching(world.resource.url);
    assert.is(world.authority.seen.refreshes, 0);
    world.clock.advance(71_000);
    await fetching(world.resource.url);
    assert.is(world.authority.seen.refreshes, 1);
    assert.is(world.resource.presented.length, 3);
  },
  { expiresIn: 100 },
);

story('what was revoked asks for a person again, and the refused tokens are forgotten', async (world) => {
  await world.signIn();
  world.authority.revokeAll();
  const error = await rejection(world.fetchFor(world.grants)(world.resource.url));
  assert.match(String(error), 'run "placet connect remote" once');
  assert.is(world.grants.read()?.tokens, undefined);
});

story(
  'a machine with a secret of its own needs nobody',
  async (world) => {
    const response = await world.fetchFor(world.grants)(world.resource.url);
    assert.is(await response.text(), 'open');
    assert.is(world.authority.seen.machine, 1);
    world.authority.expireAccess();
    assert.is(await (await world.fetchFor(world.grants)(world.resource.url)).text(), 'open');
  },
  { trusts: true },
);

/** An authorization server that knows the same secret, so that being asked for a token is enough to be given it. */
async function withImpostor(
  world: World,
  run: (impostor: Awaited<ReturnType<typeof openFakeAuthorizationServer>>) => Promise<void>,
): Promise<void> {
  const impostor = await openFakeAuthorizationServer({
    resource: () => world.resource.url,
    known: { id: 'robot', secret: 'a secret' },
  });
  try {
    await run(impostor);
  } finally {
    await impostor.close();
  }
}

story(
  'a secret is sent to no authorization server of another origin that mcp.json does not name',
  async (world) => {
    const error = await rejection(world.fetchFor(world.grants)(world.resource.url));
    assert.match(String(error), 'name that one in mcp.json as placet.oauth.issuer of remote');
    assert.not.match(String(error), 'a secret');
    assert.is(world.authority.seen.machine, 0);
  },
  { config: ROBOT },
);

story(
  'a server that names another authorization server than mcp.json is not followed there',
  async (world) => {
    await withImpostor(world, async (impostor) => {
      world.names(impostor.issuer);
      const error = await rejection(world.fetchFor(world.grants)(world.resource.url));
      assert.match(String(error), 'correct the issuer in mcp.json');
      assert.is(impostor.seen.machine, 0);
    });
  },
  { trusts: true },
);

story('who granted first is believed from then on, and no other, by nobody', async (world) => {
  await world.signIn();
  assert.is(world.grants.read()?.issuer, world.authority.issuer);
  await withImpostor(world, async (impostor) => {
    world.names(impostor.issuer);
    world.authority.expireAccess();
    const error = await rejection(world.fetchFor(world.grants)(world.resource.url));
    assert.match(String(error), `where it was ${world.authority.issuer} before`);
    assert.match(String(await rejection(world.signIn())), 'as placet.oauth.issuer of remote');
    assert.is(world.grants.read()?.tokens, undefined);
    assert.is(world.grants.read()?.issuer, world.authority.issuer);
    assert.equal(impostor.seen, { registrations: 0, codes: 0, refreshes: 0, reused: 0, machine: 0 });
  });
});

story('a token goes to no other origin, and to no other address that mcp.json names later', async (world) => {
  await world.signIn();
  const other = await openGuardedResource({ issuer: () => world.authority.issuer, accepts: () => true });
  await world.fetchFor(world.grants)(other.url);
  await world.fetchFor(openGrantFile(world.file, other.url), other.url)(other.url);
  assert.equal(other.presented, [undefined, undefined]);
  await other.close();
});

story('a grant that others can read, or that is damaged, is not used', async (world) => {
  await world.signIn();
  chmodSync(world.file, 0o644);
  assert.match(
    String(await rejection(world.fetchFor(world.grants)(world.resource.url))),
    'can be read by other users',
  );
  chmodSync(world.file, 0o600);
  writeFileSync(world.file, readFileSync(world.file, 'utf8').slice(1));
  assert.match(String(await rejection(world.fetchFor(world.grants)(world.resource.url))), 'is damaged');
});

story('no error repeats a token', async (world) => {
  await world.signIn();
  const tokens = Object.values(world.grants.read()?.tokens ?? {}).map(String);
  world.authority.revokeAll();
  const error = (await rejection(world.fetchFor(world.grants)(world.resource.url))) as Error;
  for (const token of tokens) assert.not.match(error.message, token);
});

test.run();
