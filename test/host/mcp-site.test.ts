import type { HttpBindings } from '@hono/node-server';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CallError } from '../../src/core/errors.ts';
import type { AgentAccess } from '../../src/host/agent-access.ts';
import { createMcpSite } from '../../src/host/mcp-site.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { PEOPLE } from '../support/guard.ts';
import { openFakeTokenIssuer } from '../support/token-issuer.ts';

const CLOCK = new FakeClock();
const AUDIENCE = 'https://placet.example.com/mcp';
/** What is asked here names no type of its body, which is looked at once the credential holds. */
const LET_IN = 415;

const RIGHT = 'plk_right';

/** A site behind a proxy on its own machine, whose workspace knows one key. */
function siteBehindProxy(issuer?: string, ownerClaim?: string) {
  const site = createMcpSite({
    publicUrl: 'https://placet.example.com',
    issuer:
      issuer === undefined
        ? undefined
        : { issuer, agentClaim: 'client_id', ...(ownerClaim === undefined ? {} : { ownerClaim }) },
    access: {
      authenticate(key: string) {
        if (key === RIGHT) return { agent: 'claude', key_id: 'key-1' };
        throw new CallError('agent_key_refused', 'This is no key that this workspace issued.');
      },
    } as unknown as AgentAccess,
    clients: { open: () => Promise.reject(new Error('Nobody may come in.')) },
    people: () => PEOPLE,
    maxBytes: 1024,
    clock: CLOCK,
    random: seededRandom(),
    log: () => undefined,
  });
  return {
    close: () => site.close(),
    async status(from: string, bearer?: string): Promise<number | undefined> {
      const request = new Request('https://placet.example.com/mcp', {
        method: 'POST',
        headers: {
          Host: 'placet.example.com',
          'X-Forwarded-For': from,
          ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
        },
      });
      const env = { incoming: { socket: { remoteAddress: '127.0.0.1' } } } as unknown as HttpBindings;
      return (await site.fetch(request, env))?.status;
    },
  };
}

test('behind a proxy wrong credentials count against whoever sends them, and lock out nobody else', async () => {
  const site = siteBehindProxy();
  const statuses: (number | undefined)[] = [];
  for (let i = 0; i < 21; i += 1) statuses.push(await site.status('203.0.113.7', 'plk_wrong'));
  assert.equal(statuses, [...Array<number>(20).fill(401), 429]);
  assert.is(await site.status('203.0.113.8', 'plk_wrong'), 401);
  await site.close();
});

test('credentials that hold are let in from where others guess', async () => {
  const issuer = await openFakeTokenIssuer({ audience: AUDIENCE, now: () => CLOCK.now() });
  const site = siteBehindProxy(issuer.issuer);
  for (let i = 0; i < 25; i += 1) await site.status('203.0.113.7', 'plk_wrong');
  assert.is(await site.status('203.0.113.7', 'plk_wrong'), 429);
  assert.is(await site.status('203.0.113.7', await issuer.token({ aud: 'https://other.example' })), 429);
  assert.is(await site.status('203.0.113.7', RIGHT), LET_IN);
  assert.is(await site.status('203.0.113.7', await issuer.token()), LET_IN);
  await site.close();
  issuer.close();
});

test('what was issued and is over, or names whom the workspace does not, is no guess', async () => {
  const issuer = await openFakeTokenIssuer({ audience: AUDIENCE, now: () => CLOCK.now() });
  const site = siteBehindProxy(issuer.issuer, 'owner');
  const expired = await issuer.token({ exp: Math.floor(CLOCK.now() / 1000) - 60 });
  const unknown = await issuer.token({ client_id: 'nobody' });
  const ofAnother = await issuer.token({ owner: 'nobody' });
  for (let i = 0; i < 25; i += 1) {
    assert.is(await site.status('203.0.113.7', expired), 401);
    assert.is(await site.status('203.0.113.7', unknown), 403);
    assert.is(await site.status('203.0.113.7', ofAnother), 403);
  }
  assert.is(await site.status('203.0.113.7', 'plk_wrong'), 401);
  await site.close();
  issuer.close();
});

test('what expired without having been meant for this workspace is a guess', async () => {
  const issuer = await openFakeTokenIssuer({ audience: AUDIENCE, now: () => CLOCK.now() });
  const site = siteBehindProxy(issuer.issuer);
  const exp = Math.floor(CLOCK.now() / 1000) - 60;
  const foreign = await issuer.token({ exp, aud: 'https://other.example' });
  for (let i = 0; i < 20; i += 1) assert.is(await site.status('203.0.113.7', foreign), 401);
  assert.is(await site.status('203.0.113.7', foreign), 429);
  await site.close();
  issuer.close();
});

test('who sends no credential, as clients do that look for the issuer, has tried none', async () => {
  const site = siteBehindProxy();
  for (let i = 0; i < 30; i += 1) assert.is(await site.status('203.0.113.7'), 401);
  await site.close();
});

test('tokens that cannot be checked while their issuer is away lock nobody out', async () => {
  const issuer = await openFakeTokenIssuer({ audience: AUDIENCE, now: () => CLOCK.now() });
  const site = siteBehindProxy(issuer.issuer);
  const token = await issuer.token();
  issuer.answers = false;
  for (let i = 0; i < 30; i += 1) assert.is(await site.status('203.0.113.7', token), 503);
  await site.close();
  issuer.close();
});

test.run();
