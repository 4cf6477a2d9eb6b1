import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DownstreamError } from '../../../src/core/errors.ts';
import { issuerOf, mustBeTrusted } from '../../../src/mcp/oauth/trusted-issuer.ts';

const SERVER = { server: 'remote', url: 'https://mcp.example/mcp', pinned: undefined };
const SECRET = { clientSecret: 'a secret' };

function isTrusted(named: string, by: Partial<Parameters<typeof mustBeTrusted>[1]>): boolean {
  try {
    mustBeTrusted(named, { ...SERVER, config: {}, ...by });
    return true;
  } catch (error) {
    assert.instance(error, DownstreamError);
    return false;
  }
}

test('a secret goes to the server’s own origin without more ado, and elsewhere when it is named', () => {
  assert.ok(isTrusted('https://mcp.example/', { config: SECRET }));
  assert.not(isTrusted('https://evil.example/', { config: SECRET }));
  assert.not(isTrusted('http://mcp.example/', { config: SECRET }));
  assert.not(isTrusted('no address', { config: SECRET }));
  const config = { ...SECRET, issuer: 'https://login.example' };
  assert.ok(isTrusted('https://login.example/', { config }));
  assert.not(isTrusted('https://mcp.example/', { config }));
  assert.not(isTrusted('https://login.example/tenant', { config }));
});

test('without a secret the first is believed, then it alone, until mcp.json says otherwise', () => {
  const pinned = 'https://login.example/';
  assert.ok(isTrusted('https://login.example', {}));
  assert.ok(isTrusted('https://login.example', { pinned, config: SECRET }));
  assert.not(isTrusted('https://evil.example', { pinned }));
  assert.not(isTrusted('https://mcp.example', { pinned, config: SECRET }));
  assert.ok(isTrusted('https://new.example', { pinned, config: { issuer: 'https://new.example' } }));
});

test('a grant of an earlier version says it of its tokens', () => {
  const tokens = { access_token: 'a', token_type: 'Bearer', issuer: 'https://login.example' };
  assert.is(issuerOf({ url: SERVER.url, tokens }), 'https://login.example');
  assert.is(issuerOf({ url: SERVER.url }), undefined);
});

test.run();
