import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { challengeOf, type Act } from '../../src/core/challenge.ts';
import { DecisionError, IdentityError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { createPasskeys } from '../../src/reviewers/passkeys.ts';
import {
  createAuthenticator,
  type Algorithm,
  type Authenticator,
  type Knobs,
} from '../support/authenticator.ts';
import { cbor } from '../support/cbor.ts';
import { rejection } from '../support/rejects.ts';

const ORIGIN = 'http://localhost:7447';
const ALICE = { id: 'alice', name: 'Alice Ng', emails: ['alice@example.com'] };
const NONCE = 'AAAAAAAAAAAAAAAAAAAAAA';
const ENROL: Act = { act: 'enrol', person: 'alice', nonce: NONCE };
const DECIDE: Act = {
  act: 'decide',
  request_id: 'apr_1',
  action_digest: 'a'.repeat(64),
  card_digest: 'c'.repeat(64),
  decision: 'approve',
  reviewer: 'alice',
  nonce: NONCE,
};
const ALGORITHMS: readonly Algorithm[] = [-8, -7, -257];
const passkeys = createPasskeys({ origin: ORIGIN });

const register = (response: JsonObject) =>
  passkeys.verifyRegistration({ person: ALICE, nonce: NONCE, response });
const check = (assertion: JsonObject, key: Authenticator, person = 'alice') =>
  passkeys.verifyAssertion({
    assertion,
    challenge: challengeOf(DECIDE),
    nonce: NONCE,
    passkey: key.passkey(person),
  });

/** The words of a refusal, which has to be one of ours. */
async function refusedAssertion(assertion: JsonObject, key: Authenticator): Promise<string> {
  const error = await rejection(check(assertion, key));
  assert.instance(error, DecisionError);
  assert.is((error as DecisionError).code, 'passkey_refused');
  return (error as DecisionError).message;
}
async function refusedRegistration(response: JsonObject): Promise<string> {
  const error = await rejection(register(response));
  assert.instance(error, IdentityError);
  assert.is((error as IdentityError).code, 'passkey_refused');
  return (error as IdentityError).message;
}

const OTHER = 'What was signed is not what this page asks for. Load the page again and sign once more.';
const SITE = 'It was signed on another site. Open the link of this one.';
const RP = 'It was signed for another site. Open the link of this one.';
const FRAME = 'It was signed in a frame of another page. Open the link of this site.';
const UNVERIFIED = 'The device did not verify you: unlock it with a PIN, a finger or your face when it asks.';
const NO_ANSWER = 'What the browser sent is no answer of a passkey. Load the page again and try once more.';
const NOT_PROVEN =
  'The signature does not prove that it is this passkey. Load the page again and sign once more.';
const NOT_MADE = 'The passkey that was made cannot be used here. Load the page again, or use another device.';
const UNSUPPORTED = 'This kind of key is not supported. Use one that signs with EdDSA, ES256 or RS256.';

for (const algorithm of ALGORITHMS) {
  test(`a key of algorithm ${algorithm} is made and signs`, async () => {
    const key = createAuthenticator({ algorithm, counter: 7 });
    const made = await register(key.register(challengeOf(ENROL)));
    assert.equal(made, {
      credential_id: key.id,
      public_key: key.publicKey,
      algorithm,
      sign_count: 7,
      transports: ['internal'],
      backed_up: false,
      rp_id: 'localhost',
    });
    const assertion = key.assert(challengeOf(DECIDE));
    const sent = assertion['response'] as JsonObject;
    assert.equal(await check(assertion, key), {
      kind: 'passkey',
      credential_id: key.id,
      nonce: NONCE,
      authenticator_data: sent['authenticatorData'],
      client_data: sent['clientDataJSON'],
      signature: sent['signature'],
      sign_count: 8,
    });
  });

  test(`a signature of algorithm ${algorithm} with a bit wrong proves nothing`, async () => {
    const key = createAuthenticator({ algorithm });
    const words = await refusedAssertion(key.assert(challengeOf(DECIDE), { tampered: true }), key);
    assert.is(words, NOT_PROVEN);
  });

  test(`another key of algorithm ${algorithm} proves nothing under this one's id`, async () => {
    const key = createAuthenticator({ algorithm });
    const other = createAuthenticator({ algorithm });
    const forged = other.assert(challengeOf(DECIDE), { credentialId: key.id });
    assert.is(await refusedAssertion(forged, key), NOT_PROVEN);
  });
}

const WRONG: readonly (readonly [string, Knobs, string])[] = [
  ['without user verification', { uv: false }, UNVERIFIED],
  ['with nobody present', { up: false }, UNVERIFIED],
  ['from another origin', { origin: 'https://evil.example' }, SITE],
  ['from another port', { origin: 'http://localhost:7448' }, SITE],
  ['from an origin that begins alike', { origin: 'http://localhost:7447.evil.example' }, SITE],
  ['for another relying party', { rpId: 'evil.example' }, RP],
  ['for another challenge', { challenge: challengeOf({ ...DECIDE, decision: 'reject' }) }, OTHER],
  ['for an empty challenge', { challenge: '' }, OTHER],
  ['in a frame', { crossOrigin: true }, FRAME],
  ['in a frame, by its top origin alone', { client: { topOrigin: 'https://evil.example' } }, FRAME],
  ['in a frame, said with a text', { client: { crossOrigin: 'true' } }, FRAME],
  ['with an origin that is a list', { client: { origin: [ORIGIN] } }, SITE],
  ['with a type that is a list', { client: { type: ['webauthn.get', 'webauthn.create'] } }, OTHER],
];

for (const [how, knobs, words] of WRONG) {
  test(`an assertion ${how} is refused`, async () => {
    const key = createAuthenticator();
    assert.is(await refusedAssertion(key.assert(challengeOf(DECIDE), knobs), key), words);
  });
  test(`a key that is made ${how} is refused`, async () => {
    assert.is(await refusedRegistration(createAuthenticator().register(challengeOf(ENROL), knobs)), words);
  });
}

test('an assertion of the type of a registration is refused, and the other way about', async () => {
  const key = createAuthenticator();
  assert.is(await refusedAssertion(key.assert(challengeOf(DECIDE), { type: 'webauthn.create' }), key), OTHER);
  assert.is(await refusedRegistration(key.register(challengeOf(ENROL), { type: 'webauthn.get' })), OTHER);
});

test('the answer of another credential is refused', async () => {
  const key = createAuthenticator();
  const words = await refusedAssertion(createAuthenticator().assert(challengeOf(DECIDE)), key);
  assert.is(words, 'Another passkey signed than the one that was asked.');
});

test('a key that says it was made for its own person is taken, and one for somebody else is not', async () => {
  const key = createAuthenticator();
  assert.is(
    (await check(key.assert(challengeOf(DECIDE), { userHandle: 'alice' }), key)).credential_id,
    key.id,
  );
  assert.is(
    await refusedAssertion(key.assert(challengeOf(DECIDE), { userHandle: 'bob' }), key),
    'This passkey was made for somebody else than the person it is enrolled for.',
  );
});

test('a key that says nothing of its person is taken, as keys of a security key may', async () => {
  const key = createAuthenticator();
  for (const userHandle of [null, '']) {
    const assertion = key.assert(challengeOf(DECIDE));
    const response = { ...(assertion['response'] as JsonObject), userHandle };
    assert.is((await check({ ...assertion, response }, key)).credential_id, key.id);
  }
});

test('a key that was enrolled for another host name says so', async () => {
  const key = createAuthenticator();
  const moved = key.passkey('alice', { rp_id: 'old.example.com' });
  const error = await rejection(
    passkeys.verifyAssertion({
      assertion: key.assert(challengeOf(DECIDE)),
      challenge: challengeOf(DECIDE),
      nonce: NONCE,
      passkey: moved,
    }),
  );
  assert.instance(error, DecisionError);
  assert.is(
    (error as Error).message,
    'This passkey was enrolled for old.example.com, and this site is localhost now. Ask for an invitation.',
  );
});

const HOSTILE = '<script>hostile</script>';
const LONG = 'A'.repeat(200_000);
const DEEP: JsonObject = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`);
const VALUES = [
  undefined,
  null,
  5,
  true,
  '',
  HOSTILE,
  'AA=',
  'AB',
  'A A',
  LONG,
  [],
  ['AA'],
  {},
  DEEP,
] as const;

/** Every answer that differs from a good one in one member. */
function mutants(good: JsonObject): JsonObject[] {
  const response = good['response'] as JsonObject;
  const put = (object: JsonObject, name: string, value: unknown) =>
    ({ ...object, [name]: value }) as JsonObject;
  return [
    {},
    ...VALUES.flatMap((value) => [
      ...['id', 'rawId', 'type', 'response'].map((name) => put(good, name, value)),
      ...Object.keys(response)
        .filter((name) => name !== 'transports')
        .map((name) => put(good, 'response', put(response, name, value))),
    ]),
    put(good, 'response', { ...response, clientDataJSON: base64url('null') }),
    put(good, 'response', { ...response, clientDataJSON: base64url('[]') }),
    put(good, 'response', { ...response, clientDataJSON: base64url('{') }),
    put(good, 'response', { ...response, clientDataJSON: base64url(`{"type":"${HOSTILE}"}`) }),
    put(good, 'response', {
      ...response,
      clientDataJSON: Buffer.concat([
        Buffer.of(0xef, 0xbb, 0xbf),
        Buffer.from(response['clientDataJSON'] as string, 'base64url'),
      ]).toString('base64url'),
    }),
  ];
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

test('whatever else a browser sends for an assertion is refused in words of ours that quote nothing', async () => {
  const key = createAuthenticator();
  const all = mutants(key.assert(challengeOf(DECIDE), { userHandle: 'alice' }));
  assert.ok(all.length > 100);
  for (const mutant of all) {
    // A key need not say whom it was made for.
    const handle = (mutant['response'] as JsonObject | undefined)?.['userHandle'];
    if (
      mutant['id'] === key.id &&
      (handle === undefined || handle === null || handle === '') &&
      isWhole(mutant)
    )
      continue;
    const words = await refusedAssertion(mutant, key);
    assert.not.match(words, 'hostile');
    assert.ok(words.length < 120, words);
  }
});

function isWhole(mutant: JsonObject): boolean {
  const { authenticatorData, clientDataJSON, signature } = (mutant['response'] ?? {}) as JsonObject;
  return [authenticatorData, clientDataJSON, signature].every((text) => typeof text === 'string');
}

test('whatever else a browser sends for a registration is refused in words of ours that quote nothing', async () => {
  for (const mutant of mutants(createAuthenticator().register(challengeOf(ENROL)))) {
    const words = await refusedRegistration(mutant);
    assert.not.match(words, 'hostile');
    assert.ok(words.length < 120, words);
  }
});

test('what is no answer at all is called that', async () => {
  assert.is(await refusedAssertion({}, createAuthenticator()), NO_ANSWER);
  assert.is(await refusedRegistration({}), NO_ANSWER);
});

test('the same bytes written in another way than the canonical are refused, since others read them otherwise', async () => {
  const key = createAuthenticator();
  const good = key.assert(challengeOf(DECIDE));
  const response = good['response'] as JsonObject;
  const signature = response['signature'] as string;
  const base64 = Buffer.from(signature, 'base64url').toString('base64');
  const spare = `${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : String.fromCharCode(signature.charCodeAt(85) + 1)}`;
  for (const other of [`${signature}==`, `${signature}=`, base64, spare, `${signature}\n`, ` ${signature}`])
    assert.is(
      await refusedAssertion({ ...good, response: { ...response, signature: other } }, key),
      NO_ANSWER,
    );
  for (const name of ['authenticatorData', 'clientDataJSON']) {
    const padded = { ...response, [name]: `${response[name] as string}=` };
    assert.is(await refusedAssertion({ ...good, response: padded }, key), NO_ANSWER);
  }
});

test('authenticator data that is cut or too long is refused', async () => {
  const key = createAuthenticator();
  const good = key.assert(challengeOf(DECIDE));
  const response = good['response'] as JsonObject;
  const data = Buffer.from(response['authenticatorData'] as string, 'base64url');
  for (const bytes of [data.subarray(0, 36), Buffer.concat([data, Buffer.of(0)])]) {
    const authenticatorData = bytes.toString('base64url');
    assert.is(
      await refusedAssertion({ ...good, response: { ...response, authenticatorData } }, key),
      NOT_PROVEN,
    );
  }
});

test('transports that are none are left out, and stop nothing', async () => {
  for (const [given, kept] of [
    ['usb', []],
    [5, []],
    [{}, []],
    [null, []],
    [
      ['usb', 'usb', 7, HOSTILE, 'nfc', null],
      ['nfc', 'usb'],
    ],
  ] as const) {
    const good = createAuthenticator().register(challengeOf(ENROL));
    const response = { ...(good['response'] as JsonObject), transports: given } as JsonObject;
    assert.equal((await register({ ...good, response })).transports, kept);
  }
});

test('a key under an id that is not its own is refused', async () => {
  const key = createAuthenticator();
  const other = createAuthenticator().id;
  assert.is(
    await refusedRegistration({ ...key.register(challengeOf(ENROL)), id: other, rawId: other }),
    NOT_MADE,
  );
});

const ed25519 = () =>
  Buffer.from(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
const cose = (...members: (readonly [number | string, unknown])[]) =>
  cbor(new Map(members)).toString('base64url');
const rsa = (bits: number) => {
  const { n, e } = generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });
  return cose(
    [1, 3],
    [3, -257],
    [-1, Buffer.from(n ?? '', 'base64url')],
    [-2, Buffer.from(e ?? '', 'base64url')],
  );
};

const KEYS: readonly (readonly [string, () => string, string])[] = [
  [
    'of ES384',
    () => cose([1, 2], [3, -35], [-1, 2], [-2, Buffer.alloc(48, 1)], [-3, Buffer.alloc(48)]),
    UNSUPPORTED,
  ],
  [
    'of PS256',
    () => cose([1, 3], [3, -37], [-1, Buffer.alloc(256, 7)], [-2, Buffer.of(1, 0, 1)]),
    UNSUPPORTED,
  ],
  [
    'of ES256 on another curve',
    () => cose([1, 2], [3, -7], [-1, 2], [-2, Buffer.alloc(48)], [-3, Buffer.alloc(48)]),
    NOT_MADE,
  ],
  [
    'of ES256 off the curve',
    () => cose([1, 2], [3, -7], [-1, 1], [-2, Buffer.alloc(32, 1)], [-3, Buffer.alloc(32, 2)]),
    NOT_MADE,
  ],
  ['of EdDSA on another curve', () => cose([1, 1], [3, -8], [-1, 7], [-2, ed25519()]), NOT_MADE],
  ['of EdDSA that is short', () => cose([1, 1], [3, -8], [-1, 6], [-2, Buffer.alloc(31)]), NOT_MADE],
  ['of EdDSA said to be an EC key', () => cose([1, 2], [3, -8], [-1, 6], [-2, ed25519()]), NOT_MADE],
  ['with a member too many', () => cose([1, 1], [3, -8], [-1, 6], [-2, ed25519()], ['x', 1]), NOT_MADE],
  ['without its point', () => cose([1, 1], [3, -8], [-1, 6], [-4, ed25519()]), NOT_MADE],
  ['of RSA with 1024 bits', () => rsa(1024), NOT_MADE],
  ['without an algorithm', () => cose([1, 1], [-1, 6], [-2, ed25519()]), NOT_MADE],
  ['that is a number', () => cbor(5).toString('base64url'), NOT_MADE],
];

for (const [which, publicKey, words] of KEYS) {
  test(`a key ${which} is not enrolled`, async () => {
    const response = createAuthenticator().register(challengeOf(ENROL), { publicKey: publicKey() });
    assert.is(await refusedRegistration(response), words);
  });
}

test('a statement about the device is not looked at', async () => {
  for (const attestation of ['packed', 'android-safetynet', 'fido-u2f', 'tpm', 'apple', HOSTILE]) {
    const key = createAuthenticator();
    const made = await register(key.register(challengeOf(ENROL), { attestation }));
    assert.is(made.credential_id, key.id);
  }
});

test('a signature that is written in a way only some verifiers take is refused', async () => {
  const key = createAuthenticator({ algorithm: -7 });
  const good = key.assert(challengeOf(DECIDE));
  const response = good['response'] as JsonObject;
  const der = Buffer.from(response['signature'] as string, 'base64url');
  // The length of the sequence in the long form, and something after the end.
  const longForm = Buffer.concat([Buffer.of(0x30, 0x81), der.subarray(1)]);
  for (const bytes of [longForm, Buffer.concat([der, Buffer.of(0)])]) {
    const signature = bytes.toString('base64url');
    assert.is(await refusedAssertion({ ...good, response: { ...response, signature } }, key), NOT_PROVEN);
  }
});

test('what is journalled is enough to check the signature with other code', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const x = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const id = base64url('a key of another make');
  const stored = cose([1, 1], [3, -8], [-1, 6], [-2, x]);
  const client = Buffer.from(
    JSON.stringify({ type: 'webauthn.get', challenge: challengeOf(DECIDE), origin: ORIGIN, other: { a: 1 } }),
  );
  const data = Buffer.concat([
    createHash('sha256').update('localhost').digest(),
    Buffer.of(0x05, 0, 0, 0, 9),
  ]);
  const signature = sign(
    null,
    Buffer.concat([data, createHash('sha256').update(client).digest()]),
    privateKey,
  );
  const receipt = await passkeys.verifyAssertion({
    assertion: {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
      },
    },
    challenge: challengeOf(DECIDE),
    nonce: NONCE,
    passkey: createAuthenticator().passkey('alice', { id, public_key: stored }),
  });
  assert.is(receipt.sign_count, 9);
  const signed = Buffer.concat([
    Buffer.from(receipt.authenticator_data, 'base64url'),
    createHash('sha256').update(Buffer.from(receipt.client_data, 'base64url')).digest(),
  ]);
  assert.ok(verify(null, signed, publicKey, Buffer.from(receipt.signature, 'base64url')));
});

test('the options for a new key ask for a resident key, verification and no attestation', async () => {
  const held = createAuthenticator();
  const made = await passkeys.registrationOptions({
    person: ALICE,
    nonce: NONCE,
    exclude: [held.passkey('alice')],
  });
  assert.is(made['challenge'], challengeOf(ENROL));
  assert.equal(made['user'], { id: 'YWxpY2U', name: 'alice@example.com', displayName: 'Alice Ng' });
  assert.equal(made['rp'], { name: 'Placet', id: 'localhost' });
  assert.is(made['attestation'], 'none');
  const chosen = made['authenticatorSelection'] as JsonObject;
  assert.is(chosen['residentKey'], 'required');
  assert.is(chosen['userVerification'], 'required');
  assert.equal(
    (made['pubKeyCredParams'] as JsonObject[]).map(({ alg }) => alg),
    [-8, -7, -257],
  );
  assert.equal(made['excludeCredentials'], [{ id: held.id, type: 'public-key', transports: ['internal'] }]);
});

test('the options for a signature carry its challenge and name the keys that will do', () => {
  const held = createAuthenticator();
  const asked = { challenge: 'AAAA', allow: [held.passkey('alice')] };
  assert.equal(passkeys.assertionOptions(asked), {
    challenge: 'AAAA',
    rpId: 'localhost',
    timeout: 300_000,
    userVerification: 'required',
    allowCredentials: [{ id: held.id, type: 'public-key', transports: ['internal'] }],
  });
});

test('the relying party is the host name of the site, and its origin has no path', async () => {
  const site = createPasskeys({ origin: 'https://placet.example.com:8443/behind/a/proxy' });
  assert.is(site.rpId, 'placet.example.com');
  const key = createAuthenticator({
    origin: 'https://placet.example.com:8443',
    rpId: 'placet.example.com',
  });
  const response = key.register(challengeOf(ENROL));
  assert.is(
    (await site.verifyRegistration({ person: ALICE, nonce: NONCE, response })).rp_id,
    'placet.example.com',
  );
});

test.run();
