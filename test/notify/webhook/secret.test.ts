import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { signerOf } from '../../../src/notify/webhook/secret.ts';

/** The example of the specification's libraries. */
const HMAC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const MESSAGE = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', seconds: 1614265330, body: '{"test": 2432232314}' };

/** RFC 8032, 7.1, test 1. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';

function whsk(...hex: readonly string[]): string {
  return `whsk_${Buffer.from(hex.join(''), 'hex').toString('base64')}`;
}

/** By nothing of ours: the public key from its 32 bytes, the signature from the header's entry. */
function isSigned(entry: string, publicHex: string, text: string): boolean {
  const der = Buffer.from(`302a300506032b6570032100${publicHex}`, 'hex');
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const [version, signature = ''] = entry.split(',');
  return version === 'v1a' && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

test('the published example of a signature comes out', () => {
  assert.is(signerOf(HMAC)?.(MESSAGE), 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('a secret signs as HMAC-SHA-256 over id, time and body', () => {
  const body = '{"π":"\u{1d54f}"}';
  const key = Buffer.alloc(64, 7);
  const expected = createHmac('sha256', key).update(`msg_1.1700000000.${body}`).digest('base64');
  const entry = signerOf(`whsec_${key.toString('base64')}`)?.({ id: 'msg_1', seconds: 1_700_000_000, body });
  assert.is(entry, `v1,${expected}`);
});

test('what a secret signs, the library of Standard Webhooks verifies, and nothing that was changed', () => {
  const seconds = Math.floor(Date.now() / 1000);
  const body = '{"type":"approval.requested","π":"\u{1d54f}"}';
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(seconds),
    'webhook-signature': signerOf(HMAC)?.({ id: 'msg_1', seconds, body }) ?? '',
  };
  const webhook = new Webhook(HMAC);
  assert.equal(webhook.verify(body, headers), { type: 'approval.requested', π: '\u{1d54f}' });
  assert.throws(
    () => webhook.verify(body.replace('requested', 'resolved'), headers),
    'No matching signature',
  );
  assert.throws(() => webhook.verify(body, { ...headers, 'webhook-id': 'msg_2' }), 'No matching signature');
});

test('a private key signs by Ed25519, as its seed, with the public key behind it, and as OpenSSL writes it', () => {
  const text = `${MESSAGE.id}.${MESSAGE.seconds}.${MESSAGE.body}`;
  const pkcs8 = `302e020100300506032b657004220420${SEED}`;
  const entries = [whsk(SEED), whsk(SEED, PUBLIC), whsk(pkcs8)].map(
    (secret) => signerOf(secret)?.(MESSAGE) ?? '',
  );
  assert.is(new Set(entries).size, 1);
  assert.is(isSigned(entries[0] ?? '', PUBLIC, text), true);
  assert.is(isSigned(entries[0] ?? '', PUBLIC, `${text} `), false);
  assert.is(isSigned((entries[0] ?? '').replace('v1a', 'v1'), PUBLIC, text), false);
});

test('what is no secret signs nothing', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const x25519 = generateKeyPairSync('x25519').privateKey;
  const der = (key: typeof rsa): string => key.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  const wrong = [
    '',
    'whsec_',
    `whsec_${Buffer.alloc(23).toString('base64')}`,
    `whsec_${Buffer.alloc(65).toString('base64')}`,
    'whsec_!!!!9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    HMAC.replace('whsec', 'whsek'),
    HMAC.slice('whsec_'.length),
    `${HMAC}_${HMAC}`,
    whsk(SEED.slice(2)),
    whsk(SEED, SEED),
    whsk(`${'00'.repeat(16)}${SEED}`),
    `whsk_${der(rsa)}`,
    `whsk_${der(x25519)}`,
    `whpk_${Buffer.from(PUBLIC, 'hex').toString('base64')}`,
  ];
  assert.equal(
    wrong.filter((secret) => signerOf(secret) !== undefined),
    [],
  );
});

test.run();
