import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { launchChromium } from '../support/chromium.ts';
import { ConsoleBrowser } from '../support/console-browser.ts';
import { startConsoleSite, type ConsoleSite } from '../support/console-site.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [360, 1280];
const SCHEMES = ['light', 'dark'] as const;

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

interface Prepared {
  readonly site: ConsoleSite;
  readonly alice: ConsoleBrowser;
  readonly paths: readonly string[];
}

/** A workspace in which every page has something to show. */
async function prepare(): Promise<Prepared> {
  const site = await startConsoleSite({ sso: true, witnessed: true });
  const alice = new ConsoleBrowser(site);
  const key = await site.enrol('alice');
  await site.enrol('carol');
  await site.invite('carol');
  const { token } = await site.invite('dan');
  for (let made = 0; made < 60; made += 1) {
    await site.call(made % 3 === 0 ? 'delete_customer' : 'write_file', { path: `/srv/report-${made}.md` });
    site.clock.advance(60_000 * (made % 4));
  }
  // After the time above, in which a session would have been idle too long.
  await alice.signIn(key);
  await new ConsoleBrowser(site).signIn(key);
  assert.is((await alice.get('/console')).status, 200);
  const ids = [await site.call('delete_customer', { path: 'customer 7' }), await site.call()];
  await site.link(ids[1] ?? '', 'alice');
  const decided = await site.call('delete_customer', { path: 'customer 8' });
  await site.guard.update(decided, ({ action_digest, card_digest }) => [
    {
      type: 'approval.decided',
      request_id: decided,
      reviewer: 'carol',
      verification: 'link',
      decision: 'reject',
      reason: 'Not this one',
      opened_at: '2026-11-23T10:00:00.000Z',
      action_digest,
      card_digest,
    },
    { type: 'approval.resolved', request_id: decided, resolution: 'rejected', reason: 'Carol rejected it.' },
  ]);
  const { size } = site.signed.sign(Math.floor(site.clock.now() / 1000));
  const at = new Date(site.clock.now()).toISOString();
  site.signed.world.stamp = { size, at, authority: 'tsa.example.com' };
  site.policyText.text = `unmatched: review\nreview:\n  reviewers: [group:ops]\n${'# a comment\n'.repeat(40)}`;
  site.policyText.problems.push('policies/rules.yaml:2:1: the rule deletes can be satisfied by nobody.');
  return {
    site,
    alice,
    paths: [
      '/sign-in',
      `/enrol/${token}`,
      '/enrol/unknown',
      '/console',
      '/console/requests',
      '/console/requests?outcome=pending&page=2&from=x',
      `/console/requests/${ids[0]}`,
      `/console/requests/${decided}`,
      '/console/me',
      '/console/people',
      '/console/rules',
      '/console/journal',
    ],
  };
}

async function withChromium(run: (browser: Browser, prepared: Prepared) => Promise<void>): Promise<void> {
  const prepared = await prepare();
  const browser = await launchChromium();
  try {
    await run(browser, prepared);
  } finally {
    await browser.close();
    await prepared.site.close();
  }
}

/** A page of a browser that holds the person's session, except where nobody has one. */
async function openPage(
  browser: Browser,
  { site, alice }: Prepared,
  look: { readonly width: number; readonly scheme: 'light' | 'dark' },
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 800 },
    colorScheme: look.scheme,
    // Axe is put in by the test; that the pages keep to the policy is tested apart.
    bypassCSP: true,
  });
  await context.addCookies([...alice.cookies].map(([name, value]) => ({ name, value, url: site.base })));
  return context.newPage();
}

for (const width of WIDTHS) {
  for (const scheme of SCHEMES) {
    test(`axe finds nothing on any page of the console and its door at ${width} px, ${scheme}`, async () => {
      await withChromium(async (browser, prepared) => {
        const page = await openPage(browser, prepared, { width, scheme });
        const found: string[] = [];
        let looked = 0;
        for (const path of prepared.paths) {
          if (path === '/sign-in') await page.context().clearCookies();
          await page.goto(`${prepared.site.base}${path}`);
          if (path === '/sign-in') {
            const { alice, site } = prepared;
            const cookies = [...alice.cookies].map(([name, value]) => ({ name, value, url: site.base }));
            await page.context().addCookies(cookies);
          }
          await page.evaluate(
            'document.querySelectorAll("details").forEach((each) => { each.open = true; })',
          );
          await page.evaluate(AXE);
          const { violations } = await page.evaluate<AxeResults>(
            'axe.run(document, { resultTypes: ["violations"] })',
          );
          looked += 1;
          for (const { id, nodes } of violations) {
            found.push(`${path} ${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
          }
          const overflow = await page.evaluate<number>(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          if (overflow > 0) found.push(`${path} is ${overflow} px too wide`);
        }
        assert.is(looked, prepared.paths.length);
        assert.equal(found, []);
      });
    });
  }
}

test('no page breaks the policy for its content, and none says an error in the browser', async () => {
  await withChromium(async (browser, prepared) => {
    const { site, alice, paths } = prepared;
    const context = await browser.newContext();
    await context.addCookies([...alice.cookies].map(([name, value]) => ({ name, value, url: site.base })));
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    for (const path of paths.filter((each) => each !== '/enrol/unknown')) {
      await page.goto(`${site.base}${path}`);
      await page.waitForLoadState('load');
    }
    assert.equal(said, []);
  });
});

test('no page weighs more than 60 kB with its script and styles', async () => {
  const { site, alice, paths } = await prepare();
  try {
    let assets = 0;
    for (const path of [
      '/assets/placet.css',
      '/assets/console.css',
      '/assets/placet.js',
      '/assets/placet.svg',
    ]) {
      assets += (await site.ask(path)).text.length;
    }
    for (const path of paths) {
      const weight = assets + Buffer.byteLength((await alice.get(path)).text);
      assert.ok(weight < 60_000, `${path}: ${weight}`);
    }
  } finally {
    await site.close();
  }
});

test('a page of the console loads again when something changes', async () => {
  await withChromium(async (browser, prepared) => {
    const { site } = prepared;
    const page = await openPage(browser, prepared, { width: 1280, scheme: 'light' });
    const listening = page.waitForResponse((response) => response.url().endsWith('/console/events'));
    await page.goto(`${site.base}/console`);
    await listening;
    const id = await site.call('write_file', { path: '/srv/news.md' });
    site.clock.advance(500);
    await page.waitForSelector(`a[href$="${id}"]`, { timeout: 5000 });
  });
});

test('a passkey of the browser enrols, signs in and is revoked, by the pages alone', async () => {
  await withChromium(async (browser, { site }) => {
    const { token, code } = await site.invite('bob');
    const page = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(`${site.base}/enrol/${token}`);
    await page.getByLabel('Code').fill(code);
    await page.getByLabel('A name for this passkey').fill('Phone');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.getByRole('heading', { name: 'Done' }).waitFor();
    await page.getByRole('link', { name: 'Sign in with it' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor();
    await page.getByRole('link', { name: 'Me', exact: true }).click();
    await page.getByText('Revoke “Phone”').click();
    await page.getByRole('button', { name: 'Revoke, signing with any passkey of yours' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.is(site.ledger.identities.activePasskeysOf('bob').length, 0);
  });
});

test.run();
