import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { axeViolations } from '../support/axe.ts';
import { launchChromium } from '../support/chromium.ts';
import { watchPage, type PageWatch } from '../support/page-watch.ts';
import { addAuthenticator } from '../support/webauthn-browser.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const GOOD = `<!doctype html><html lang="en"><head><title>Good</title></head><body><main><h1>Good</h1>
<p>Enough to read.</p></main></body></html>`;
const BAD = `<!doctype html><html><head><title>Bad</title><link rel="icon" href="data:,"></head><body><main><h1>Bad</h1>
<img src="/dot"><form><input name="x"></form></main></body></html>`;
const BREACH = `<!doctype html><html lang="en"><head><title>Breach</title></head><body><main><h1>Breach</h1>
<p onclick="alert(1)" style="color:red">x</p><script>alert(1)</script></main>
<script src="/sink.js"></script></body></html>`;

/** A page under the very policy of the reviewers' site, in a browser of its own. */
function inBrowser(run: (page: Page, base: string, watch: PageWatch) => Promise<void>) {
  return async () => {
    const app = new Hono();
    app.use(async (context, next) => {
      await next();
      context.res.headers.set('Content-Security-Policy', POLICY);
    });
    app.get('/good', (context) => context.html(GOOD));
    app.get('/bad', (context) => context.html(BAD));
    app.get('/breach', (context) => context.html(BREACH));
    app.get('/sink.js', (context) =>
      context.body('document.querySelector("h1").innerHTML = "<b>x</b>";', 200, {
        'Content-Type': 'text/javascript',
      }),
    );
    app.get('/favicon.ico', (context) => context.body(null, 204));
    app.get('/dot', (context) => context.body(null, 204));
    let browser: Browser | undefined;
    const { server, base } = await new Promise<{ server: ReturnType<typeof serve>; base: string }>(
      (resolve) => {
        const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (info: AddressInfo) =>
          resolve({ server: started, base: `http://localhost:${info.port}` }),
        );
      },
    );
    try {
      browser = await launchChromium();
      const page = await browser.newPage();
      await run(page, base, await watchPage(page));
    } finally {
      await browser?.close();
      server.close();
    }
  };
}

const CREATE = `navigator.credentials.create({
  publicKey: {
    challenge: new Uint8Array(32),
    rp: { id: 'localhost', name: 'Placet' },
    user: { id: new Uint8Array([1, 2]), name: 'alice', displayName: 'Alice' },
    pubKeyCredParams: [{ type: 'public-key', alg: -8 }, { type: 'public-key', alg: -7 }],
    authenticatorSelection: { userVerification: 'required', residentKey: 'required' },
  },
}).then((made) => made.id)`;

const getting = (userVerification: string): string => `navigator.credentials.get({
  publicKey: {
    challenge: new Uint8Array(32),
    rpId: 'localhost',
    userVerification: '${userVerification}',
    timeout: 2000,
  },
}).then((given) => {
  const data = new DataView(given.response.authenticatorData);
  return { id: given.id, verified: (data.getUint8(32) & 4) !== 0, count: data.getUint32(33) };
}, (error) => error.name)`;

const create = (page: Page): Promise<string> => page.evaluate(CREATE);

/** What the authenticator's data say, or the name of the error with which it refused. */
const get = (
  page: Page,
  userVerification = 'required',
): Promise<{ readonly id: string; readonly verified: boolean; readonly count: number } | string> =>
  page.evaluate(getting(userVerification));

test(
  'the virtual authenticator makes a key and signs with it, and its counter grows',
  inBrowser(async (page, base) => {
    await page.goto(`${base}/good`);
    const key = await addAuthenticator(page);
    const id = await create(page);
    assert.equal(
      (await key.credentials()).map((each) => [each.id, each.rpId, each.isResident]),
      [[id, 'localhost', true]],
    );
    const [first, second] = [await get(page), await get(page)];
    assert.ok(typeof first === 'object' && typeof second === 'object');
    assert.equal([first.id, first.verified], [id, true]);
    assert.ok(second.count > first.count);
  }),
);

test(
  'a person who does not pass the check gives no verified signature',
  inBrowser(async (page, base) => {
    await page.goto(`${base}/good`);
    const key = await addAuthenticator(page);
    const id = await create(page);
    await key.verifyUser(false);
    assert.is(await get(page), 'NotAllowedError');
    const weak = await get(page, 'discouraged');
    assert.ok(typeof weak === 'object');
    assert.equal([weak.id, weak.verified], [id, false]);
  }),
);

test(
  'a counter can be set back, as that of a copy is',
  inBrowser(async (page, base) => {
    await page.goto(`${base}/good`);
    const key = await addAuthenticator(page);
    const id = await create(page);
    for (let n = 0; n < 4; n += 1) await get(page);
    await key.setSignCount(id, 1);
    const copy = await get(page);
    assert.ok(typeof copy === 'object');
    assert.equal([copy.id, copy.count], [id, 2]);
  }),
);

test(
  'a key can be copied to another browser, and taken away',
  inBrowser(async (page, base) => {
    await page.goto(`${base}/good`);
    const key = await addAuthenticator(page);
    const id = await create(page);
    const [copy] = await key.credentials();
    assert.ok(copy);
    await key.remove(id);
    assert.equal(await key.credentials(), []);
    assert.is(await get(page), 'NotAllowedError');
    const context = await page.context().browser()?.newContext();
    const elsewhere = await context?.newPage();
    assert.ok(elsewhere);
    await elsewhere.goto(`${base}/good`);
    const thief = await addAuthenticator(elsewhere);
    await thief.put(copy);
    const given = await get(elsewhere);
    assert.is(typeof given === 'object' && given.id, id);
    await thief.unplug();
  }),
);

test(
  'axe-core runs under the strict policy, and neither it nor the page breaks that',
  inBrowser(async (page, base, watch) => {
    await page.goto(`${base}/good`);
    assert.equal(await axeViolations(page), []);
    assert.equal([watch.complaints, watch.violations], [[], []]);
    assert.is(await page.evaluate("'axe' in globalThis"), false);
  }),
);

test(
  'axe-core tells what is wrong, and where',
  inBrowser(async (page, base) => {
    await page.goto(`${base}/bad`);
    const rules = (await axeViolations(page)).map((line) => line.slice(0, line.indexOf(':')));
    assert.equal(rules.toSorted(), [
      'html-has-lang (serious) at html',
      'image-alt (critical) at img',
      'label (critical) at input',
    ]);
  }),
);

test(
  'what breaks the policy is told, with its directive',
  inBrowser(async (page, base, watch) => {
    await page.goto(`${base}/breach`);
    // The page is there before all that it complains of was told.
    for (let left = 100; left > 0 && watch.violations.length < 4; left -= 1) await page.waitForTimeout(100);
    const rules = watch.violations.map((line) => line.slice(0, line.indexOf(' '))).toSorted();
    assert.equal(rules, [
      'require-trusted-types-for',
      'script-src-attr',
      'script-src-elem',
      'style-src-attr',
    ]);
    assert.ok(watch.complaints.length >= 4, watch.complaints.join('\n'));
  }),
);

test.run();
