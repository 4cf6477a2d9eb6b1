import { createPublicKey, generateKeyPairSync, createHash, verify, type KeyObject } from 'node:crypto';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { challengeOf } from '../../src/core/challenge.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { DecisionInput } from '../../src/guard/ports.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { launchChromium } from '../support/chromium.ts';
import { startReviewSite, type ReviewSite } from '../support/review-site.ts';

interface Scene {
  readonly site: ReviewSite;
  readonly page: Page;
  readonly token: string;
  readonly id: string;
  /** What the site was handed, with whether the key of the device had signed it. */
  readonly handed: { readonly input: DecisionInput; readonly signed: boolean }[];
  readonly posts: string[];
  readonly said: string[];
  readonly device: CDPSession;
  readonly authenticatorId: string;
}

/** A page of the real site in Chromium, with a device that holds Alice's key. */
function scene(run: (scene: Scene) => Promise<void>): () => Promise<void> {
  return async () => {
    const site = await startReviewSite();
    let browser: Browser | undefined;
    try {
      browser = await launchChromium();
      const page = await browser.newPage();
      const said: string[] = [];
      const posts: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      page.on('request', (request) => {
        if (request.method() === 'POST') posts.push(request.postData() ?? '');
      });
      const device = await page.context().newCDPSession(page);
      await device.send('WebAuthn.enable');
      const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      });
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const passkey = createAuthenticator({ origin: site.base }).passkey('alice');
      await device.send('WebAuthn.addCredential', {
        authenticatorId,
        credential: {
          credentialId: Buffer.from(passkey.id, 'base64url').toString('base64'),
          isResidentCredential: false,
          rpId: 'localhost',
          privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
          signCount: 0,
        },
      });
      const request = site.memory.open();
      Object.assign(site.fake.shown, {
        passkeys: [passkey],
        methods: { approve: ['passkey'], reject: ['link', 'passkey'] },
        demanded: 'passkey',
      });
      const handed: Scene['handed'] = [];
      site.fake.reviews.decide = async (input) => {
        const { id: request_id, action_digest, card_digest } = request;
        const { proof, decision } = input;
        const nonce = proof.kind === 'passkey' ? proof.nonce : '';
        const challenge = challengeOf({
          act: 'decide',
          request_id,
          action_digest,
          card_digest,
          decision,
          reviewer: 'alice',
          nonce,
        });
        handed.push({
          input,
          signed: proof.kind === 'passkey' && isSigned(proof.assertion, challenge, publicKey, site.base),
        });
        return site.fake.reviews.view(input.access);
      };
      const token = site.fake.issue(request.id);
      await page.goto(`${site.base}/r/${token}`);
      await run({ site, page, token, id: request.id, handed, posts, said, device, authenticatorId });
    } finally {
      await browser?.close();
      await site.close();
    }
  };
}

function isSigned(assertion: JsonObject, challenge: string, key: KeyObject, origin: string): boolean {
  const { clientDataJSON, authenticatorData, signature } = assertion['response'] as Record<string, string>;
  const bytes = (text = '') => Buffer.from(text, 'base64url');
  const client = JSON.parse(bytes(clientDataJSON).toString());
  const signed = Buffer.concat([
    bytes(authenticatorData),
    createHash('sha256').update(bytes(clientDataJSON)).digest(),
  ]);
  return (
    client.type === 'webauthn.get' &&
    client.challenge === challenge &&
    client.origin === origin &&
    ((bytes(authenticatorData)[32] ?? 0) & 0x05) === 0x05 &&
    verify('sha256', signed, createPublicKey(key.export({ format: 'pem', type: 'spki' })), bytes(signature))
  );
}

for (const [button, decision] of [
  ['Approve with passkey', 'approve'],
  ['Reject with passkey', 'reject'],
] as const) {
  test(
    `${button}: the device signs exactly this decision, and the form is sent with it`,
    scene(async ({ page, handed, said, site, token }) => {
      await page.fill('#reason', 'As agreed');
      await Promise.all([
        page.waitForResponse((response) => response.request().method() === 'POST'),
        page.getByRole('button', { name: button }).click(),
      ]);
      await page.waitForURL(`${site.base}/r/${token}`);
      assert.equal(
        handed.map(({ input, signed }) => [input.decision, input.reason, signed]),
        [[decision, 'As agreed', true]],
      );
      assert.equal(said, []);
    }),
  );
}

test(
  'two quick presses ask the device once and send once',
  scene(async ({ page, handed, posts, site, token }) => {
    await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.getByRole('button', { name: 'Approve with passkey' }).dblclick(),
    ]);
    await page.waitForURL(`${site.base}/r/${token}`);
    await page.waitForLoadState('networkidle');
    assert.is(posts.length, 1);
    assert.is(handed.length, 1);
  }),
);

test(
  'a device that does not verify its user sends nothing, and the page says so in words',
  scene(async ({ page, device, authenticatorId, posts }) => {
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.getByRole('button', { name: 'Approve with passkey' }).click();
    await page.getByRole('alert').waitFor();
    assert.match((await page.getByRole('alert').textContent()) ?? '', 'Nothing was sent');
    assert.equal(posts, []);
    const button = page.getByRole('button', { name: 'Approve with passkey' });
    assert.is(await button.isEnabled(), true);
  }),
);

test(
  'a device without the key sends nothing, and the page says so in words',
  scene(async ({ page, device, authenticatorId, posts }) => {
    await device.send('WebAuthn.clearCredentials', { authenticatorId });
    await page.getByRole('button', { name: 'Reject with passkey' }).click();
    await page.getByRole('alert').waitFor();
    assert.match((await page.getByRole('alert').textContent()) ?? '', 'no passkey that fits');
    assert.equal(posts, []);
  }),
);

test(
  'who has a passkey can reject by the typed name, which asks no device',
  scene(async ({ page, handed, site, token }) => {
    await page.getByText('Reject without a passkey').click();
    await page.fill('#reject-confirm', 'write_file');
    await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.getByRole('button', { name: 'Reject', exact: true }).click(),
    ]);
    await page.waitForURL(`${site.base}/r/${token}`);
    assert.equal(
      handed.map(({ input }) => [input.decision, input.proof.kind]),
      [['reject', 'typed']],
    );
  }),
);

test(
  'a time is shown in the zone of the reader, with the exact one at hand',
  scene(async ({ site, token, page }) => {
    const context = await page.context().browser()?.newContext({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    const far = await context?.newPage();
    await far?.goto(`${site.base}/r/${token}`);
    const time = far?.locator('time[data-local]').first();
    assert.match((await time?.textContent()) ?? '', '23 Nov 2026, 19:30');
    assert.is(await time?.getAttribute('title'), '2026-11-23T10:30:00.000Z');
  }),
);

test.run();
