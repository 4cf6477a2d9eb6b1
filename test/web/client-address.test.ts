import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clientAddress } from '../../src/web/client-address.ts';
import type { Ctx } from '../../src/web/site-context.ts';

const BEHIND_PROXY = new URL('https://placet.example.com');

function address(peer: string, forwarded?: string, publicUrl = BEHIND_PROXY): string {
  const c = {
    env: { incoming: { socket: { remoteAddress: peer } } },
    req: { header: (name: string) => (name === 'x-forwarded-for' ? forwarded : undefined) },
  };
  return clientAddress(c as unknown as Ctx, publicUrl);
}

test('an address is that of the other end, an IPv6 one by its network', () => {
  assert.is(address('203.0.113.7'), '203.0.113.7');
  assert.is(address('::ffff:203.0.113.7'), '203.0.113.7');
  assert.is(address('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2');
  assert.is(address('2001:DB8::1'), '2001:db8:0:0');
});

test('behind a proxy on this machine it is what the proxy wrote last', () => {
  assert.is(address('127.0.0.1', '1.1.1.1, 203.0.113.9'), '203.0.113.9');
  assert.is(address('::1', '203.0.113.9'), '203.0.113.9');
  assert.is(address('127.0.0.1', 'unknown, <b>'), '127.0.0.1');
});

test('what a stranger writes about themselves is not believed', () => {
  assert.is(address('203.0.113.7', '198.51.100.1'), '203.0.113.7');
  assert.is(address('127.0.0.1', '198.51.100.1', new URL('http://localhost:7447')), '127.0.0.1');
});

test.run();
