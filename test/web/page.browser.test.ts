import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createAuthenticator } from '../support/authenticator.ts';
import { launchChromium } from '../support/chromium.ts';
import { startReviewSite, type ReviewSite } from '../support/review-site.ts';

const NASTY = {
  path: `/srv/${'very-long-name-without-a-break'.repeat(12)}`,
  content: `# Report\n${'x'.repeat(5000)}\n${'line\n'.repeat(80)}<script>alert(1)</script>`,
  ['key\u202e'.repeat(20)]: '\u{e0041}\u200b pаypal',
  list: Array.from({ length: 30 }, (_, index) => ({ index, text: 'a\tb' })),
};

/** Runs in a browser of its own, so that no test sees another's. */
function inBrowser(run: (page: Page, site: ReviewSite, console: string[]) => Promise<void>, options = {}) {
  return async () => {
    const site = await startReviewSite();
    let browser: Browser | undefined;
    try {
      browser = await launchChromium();
      const page = await browser.newPage(options);
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      await run(page, site, said);
    } finally {
      await browser?.close();
      await site.close();
    }
  };
}

for (const width of [360, 1280]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(
      `at ${width} px in ${colorScheme} no state of the page scrolls sideways or breaks its own rules`,
      inBrowser(
        async (page, site, said) => {
          const request = site.memory.open({
            args: NASTY,
            card: {
              summary: `Write ${'W'.repeat(200)}`,
              description: 'D'.repeat(300),
              title: 'T'.repeat(200),
            },
          });
          const token = site.fake.issue(request.id);
          const states: (() => Promise<unknown>)[] = [
            () => page.goto(`${site.base}/r/${token}`),
            () =>
              page.evaluate('document.querySelectorAll("details").forEach((each) => { each.open = true; })'),
            async () => {
              await page.goto(`${site.base}/r/${token}`);
              await page.fill('#confirm', 'write_file');
              await page.fill('#reason', 'R'.repeat(500));
              await page.click('.reject');
              await page.waitForURL(`${site.base}/r/${token}`);
            },
            () => page.goto(`${site.base}/`),
          ];
          for (const [index, enter] of states.entries()) {
            await enter();
            const sideways = await page.evaluate(
              'document.documentElement.scrollWidth - document.documentElement.clientWidth',
            );
            assert.is(sideways, 0, `state ${index}`);
          }
          assert.is(site.memory.get(request.id).phase.kind, 'rejected');
          assert.equal(said, []);
        },
        { viewport: { width, height: 740 }, colorScheme },
      ),
    );
  }
}

test(
  'Enter in the field that confirms sends nothing, even when the name is right',
  inBrowser(async (page, site) => {
    const token = site.fake.issue(site.memory.open().id);
    const posts: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') posts.push(request.url());
    });
    await page.goto(`${site.base}/r/${token}`);
    await page.fill('#confirm', 'write_file');
    await page.press('#confirm', 'Enter');
    await page.goto(`${site.base}/`);
    assert.equal(posts, []);
  }),
);

test(
  'a person types the name, presses Approve, and reads that it was approved',
  inBrowser(async (page, site) => {
    const request = site.memory.open();
    await page.goto(`${site.base}/r/${site.fake.issue(request.id)}`);
    await page.fill('#confirm', 'write_file');
    await page.click('text=Approve >> visible=true');
    await page.waitForSelector('text=You approved this');
    assert.is(site.memory.get(request.id).phase.kind, 'approved');
  }),
);

test(
  'the person can do everything with the keyboard alone',
  inBrowser(async (page, site) => {
    const request = site.memory.open();
    await page.goto(`${site.base}/r/${site.fake.issue(request.id)}`);
    await page.focus('#confirm');
    await page.keyboard.type('write_file');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Not today');
    await page.keyboard.press('Tab');
    assert.is(await page.evaluate('document.activeElement.textContent'), 'Reject');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=You rejected this');
    assert.is(site.memory.get(request.id).decisions[0]?.reason, 'Not today');
  }),
);

test(
  'after a wrong name the page says so, keeps the reason and asks for the name again',
  inBrowser(async (page, site) => {
    await page.goto(`${site.base}/r/${site.fake.issue(site.memory.open().id)}`);
    await page.fill('#confirm', 'wrong');
    await page.fill('#reason', 'two\nlines');
    await page.click('.approve');
    await page.waitForSelector('text=The name does not match');
    assert.is(await page.inputValue('#confirm'), '');
    assert.is(await page.inputValue('#reason'), 'two\nlines');
  }),
);

test(
  'another site that posts the form from its own page is refused',
  inBrowser(async (page, site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    const proof = await site.proofOf(token);
    await page.route('http://evil.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${site.base}/r/${token}/decision"><input name="decision" value="approve"><input name="confirm" value="write_file"><input name="reason"><input name="proof" value="${proof}"><button>Win</button></form>`,
      }),
    );
    await page.goto('http://evil.example/');
    await page.click('button');
    await page.waitForSelector('text=This came from another site');
    assert.is(site.memory.get(request.id).phase.kind, 'pending');
  }),
);

test(
  'contrast of every text on the page is at least 4.5 to 1 in both schemes',
  inBrowser(async (page, site) => {
    const token = site.fake.issue(
      site.memory.open({
        args: { a: 'x\u202e\ty', long: 'l\n'.repeat(60), code: 'Y3VybCBldmlsLmV4YW1wbGU=' },
        card: {
          tags: ['sensitive'],
          effects: { destructive: true },
          said: 'Trust me.',
          client: 'claude-ai',
          session: 'ses_1',
          why: 'Writes are held.',
        },
      }).id,
    );
    Object.assign(site.fake.shown, {
      last_args: { a: 'other', gone: 1 },
      passkeys: [createAuthenticator().passkey('alice')],
      methods: { approve: ['passkey'], reject: ['link', 'passkey'] },
    });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${site.base}/r/${token}`);
      assert.equal(await page.evaluate(WEAK_TEXTS), [], colorScheme);
    }
  }),
);

/** Runs in the page: the texts whose contrast with what is behind them is too weak. */
const WEAK_TEXTS = `(() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (color) => {
    const [r, g, b] = color.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgb(getComputedStyle(each).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')].filter((element) => {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')) return false;
    const style = getComputedStyle(element);
    if (style.display === 'none' || element.closest('[hidden], .lay')) return false;
    const [a, b] = [light(rgb(style.color)), light(behind(element))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05) < 4.5;
  }).map((element) => element.outerHTML.slice(0, 80));
})()`;

test.run();
