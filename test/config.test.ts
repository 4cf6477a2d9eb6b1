import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { channelsOf, loadSettings, type Settings, verificationsOf } from '../src/config.ts';
import { makeSignerKey, parseSigner } from '../src/tlog/note.ts';
import { ConfigError } from '../src/core/errors.ts';
import { tempDir } from './support/temp.ts';

const ISSUER = 'PLACET_OIDC_ISSUER=https://login.example.com\n';
const CLIENT = 'PLACET_OIDC_CLIENT_ID=placet\n';

/** The settings of a workspace with this `.env`; nothing of this process's environment is believed. */
function settings(env: string): Settings {
  const dir = tempDir();
  writeFileSync(join(dir, '.env'), env);
  return loadSettings(dir, 'client');
}

function refusal(env: string): string {
  try {
    settings(env);
  } catch (error) {
    if (error instanceof ConfigError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('It was not refused.');
}

test('without an issuer there is no single sign-on', () => {
  assert.is(settings('').oidc, undefined);
});

test('an issuer and a client id are enough for single sign-on', () => {
  assert.equal(settings(ISSUER + CLIENT).oidc, {
    issuer: 'https://login.example.com',
    clientId: 'placet',
    scope: 'openid',
    groupsClaim: 'groups',
    acr: [],
  });
});

test('every setting of single sign-on is read', () => {
  const env = `${ISSUER}${CLIENT}PLACET_OIDC_CLIENT_SECRET=s3cret
PLACET_OIDC_SCOPE=" openid  profile groups "
PLACET_OIDC_GROUPS_CLAIM=https://example.com/roles
PLACET_OIDC_ACR=phr  phrh
`;
  assert.equal(settings(env).oidc, {
    issuer: 'https://login.example.com',
    clientId: 'placet',
    clientSecret: 's3cret',
    scope: 'openid profile groups',
    groupsClaim: 'https://example.com/roles',
    acr: ['phr', 'phrh'],
  });
});

test('the issuer is kept as it is written, because tokens hold it so', () => {
  const env = `PLACET_OIDC_ISSUER=https://login.example.com/tenant/\n${CLIENT}`;
  assert.is(settings(env).oidc?.issuer, 'https://login.example.com/tenant/');
});

for (const host of ['localhost', '127.0.0.1', '[::1]']) {
  test(`an issuer at ${host} may speak plain http`, () => {
    assert.is(
      settings(`PLACET_OIDC_ISSUER=http://${host}:9000\n${CLIENT}`).oidc?.issuer,
      `http://${host}:9000`,
    );
  });
}

test('an issuer beyond this machine must speak https', () => {
  assert.is(
    refusal(`PLACET_OIDC_ISSUER=http://login.example.com\n${CLIENT}`),
    'bad_setting: PLACET_OIDC_ISSUER must begin with https:// unless it is on this machine. Mend it in .env or in the environment.',
  );
});

test('an issuer that is no address is named, not shown', () => {
  const told = refusal(`PLACET_OIDC_ISSUER=hunter2\n${CLIENT}`);
  assert.match(told, 'PLACET_OIDC_ISSUER is not an address such as https://login.example.com');
  assert.not.match(told, 'hunter2');
});

test('a public address that is none is named, not shown', () => {
  assert.is(
    refusal('PLACET_PUBLIC_URL=hunter2\n'),
    'bad_setting: PLACET_PUBLIC_URL is not an address such as https://placet.example.com. Mend it in .env or in the environment.',
  );
});

for (const issuer of ['https://x.example/?a=1', 'https://x.example/#a', 'https://u:p@x.example']) {
  test(`an issuer must be nothing but that: ${issuer}`, () => {
    const told = refusal(`PLACET_OIDC_ISSUER="${issuer}"\n${CLIENT}`);
    assert.match(told, 'PLACET_OIDC_ISSUER must be the issuer alone');
    assert.not.match(told, 'x.example');
  });
}

test('an issuer without a client id is refused', () => {
  assert.is(
    refusal(ISSUER),
    'bad_setting: PLACET_OIDC_ISSUER is set and PLACET_OIDC_CLIENT_ID is not: single sign-on needs both. Mend it in .env or in the environment.',
  );
});

test('a client secret without an issuer is refused, and not told', () => {
  const told = refusal('PLACET_OIDC_CLIENT_SECRET=hunter2\n');
  assert.match(told, 'PLACET_OIDC_CLIENT_SECRET is set and PLACET_OIDC_ISSUER is not');
  assert.not.match(told, 'hunter2');
});

test('a secret stands in no error about another setting', () => {
  const told = refusal(`${ISSUER}${CLIENT}PLACET_OIDC_CLIENT_SECRET=hunter2\nPLACET_OIDC_SCOPE=profile\n`);
  assert.match(told, 'PLACET_OIDC_SCOPE must hold openid, such as "openid groups"');
  assert.not.match(told, 'hunter2');
});

test('the groups claim is one name', () => {
  assert.match(
    refusal(`${ISSUER}${CLIENT}PLACET_OIDC_GROUPS_CLAIM=a b\n`),
    'PLACET_OIDC_GROUPS_CLAIM is not the name of one claim, such as groups',
  );
});

test('a workspace can verify by link and, at localhost, by passkey', () => {
  assert.equal(verificationsOf(settings('')), ['link', 'passkey']);
});

test('a workspace with an identity provider can verify by single sign-on', () => {
  assert.equal(verificationsOf(settings(ISSUER + CLIENT)), ['link', 'sso', 'passkey']);
});

test('a site at a host name can verify by passkey', () => {
  assert.equal(verificationsOf({ publicUrl: 'https://placet.example.com' }), ['link', 'passkey']);
});

for (const publicUrl of [
  'http://127.0.0.1:7447',
  'http://[::1]:7447',
  'https://192.0.2.7/placet',
  'https://0xc0000207',
]) {
  test(`a site at an IP address cannot verify by passkey: ${publicUrl}`, () => {
    assert.equal(verificationsOf({ publicUrl }), ['link']);
  });
}

test('a workspace has the channels that are set, webhooks by their names', () => {
  assert.equal(channelsOf(settings('')), []);
  const all = [
    'PLACET_SMTP_URL=smtp://localhost',
    'PLACET_SLACK_BOT_TOKEN=xoxb-1',
    'PLACET_TEAMS_URL=https://example.com/workflows/1',
    `PLACET_WEBHOOK_ON_CALL_URL=https://example.com/hook`,
    `PLACET_WEBHOOK_ON_CALL_SECRET=whsec_${'a'.repeat(32)}`,
    `PLACET_PAGERDUTY_ROUTING_KEY=${'a'.repeat(32)}`,
  ];
  assert.equal(channelsOf(settings(`${all.join('\n')}\n`)), [
    'email',
    'slack',
    'teams',
    'webhook:on-call',
    'pagerduty',
  ]);
});

const WITNESS = 'w.example+4d3389d1+BEpsxM3fkYMTKR+eV98yPkoZRYKoW3oJwmcJ4bCnYcWT';

test('witnesses are pairs of a verifier key for cosignatures and an address', () => {
  const key = parseSigner(makeSignerKey('cosignature', 'w.example', Buffer.alloc(32, 7))).verifier.vkey;
  assert.equal(settings(`PLACET_WITNESSES="${key} https://w.example/"\n`).witnesses, [
    { vkey: key, url: 'https://w.example' },
  ]);
  const plain = parseSigner(makeSignerKey('signature', 'w.example', Buffer.alloc(32, 7))).verifier.vkey;
  for (const wrong of [
    WITNESS,
    `${plain} https://w.example`,
    `${key} http://w.example`,
    `${key.slice(0, -4)}AAAA https://w.example`,
  ])
    assert.match(
      refusal(`PLACET_WITNESSES="${wrong}"\n`),
      'must be pairs of a verifier key and an https:// address',
    );
});

test('a monitor’s token that could be guessed is refused, and not told', () => {
  const told = refusal('PLACET_MONITOR_TOKEN=hunter2\n');
  assert.match(told, 'PLACET_MONITOR_TOKEN must be 32 to 256 letters, digits');
  assert.not.match(told, 'hunter2');
});

test.run();
