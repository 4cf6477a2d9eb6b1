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

/** A site behind a proxy on its own machine, whose workspace knows no key at all. */
function siteBehindProxy(issuer?: string) {
  const site = createMcpSite({
    publicUrl: 'https://placet.example.com',
    issuer: issuer === undefined ? undefined : { issuer, agentClaim: 'client_id' },
    access: {
      authenticate() {
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

test('who sends no credential, as clients do that look for the issuer, has tried none', async () => {
  const site = siteBehindProxy();
  for (let i = 0; i < 30; i += 1) assert.is(await site.status('203.0.113.7'), 401);
  await site.close();
});

test('tokens that cannot be checked while their issuer is away lock nobody out', async () => {
  const issuer = await openFakeTokenIssuer({
    audience: 'https://placet.example.com/mcp',
    now: () => CLOCK.now(),
  });
  const site = siteBehindProxy(issuer.issuer);
  const token = await issuer.token();
  issuer.answers = false;
  for (let i = 0; i < 30; i += 1) assert.is(await site.status('203.0.113.7', token), 503);
  await site.close();
  issuer.close();
});

test.run();
