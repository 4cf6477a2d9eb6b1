import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JournalError } from '../../src/core/errors.ts';
import { HTML, withSite } from '../support/review-site.ts';

test(
  'the page of a link says what would happen, who asks, and when it expires',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const page = await site.ask(`/r/${token}`, { headers: HTML });
    assert.is(page.status, 200);
    assert.is(page.headers['content-type'], 'text/html; charset=UTF-8');
    assert.match(page.text, '<b>claude-desktop</b> wants to run <code>write_file</code> on <b>files</b>');
    assert.match(page.text, 'for Bob Lee');
    assert.match(page.text, 'name claimed by client configuration');
    assert.match(page.text, 'in <b>30 minutes</b>');
    assert.match(page.text, '23 Nov 2026, 10:30 UTC');
    assert.match(page.text, 'written by the agent');
    assert.match(page.text, '/srv/report.md');
    assert.match(page.text, '0 of 1');
  }),
);

test(
  "a tool's own summary stands above everything else",
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open({ card: { summary: 'Delete 12 customers.' } }).id);
    const page = await site.ask(`/r/${token}`);
    assert.match(page.text, '<h1>Delete 12 customers.</h1>');
  }),
);

test(
  'arguments are shown in full however long they are',
  withSite(async (site) => {
    const content = `${'x'.repeat(400_000)}THE TAIL`;
    const token = site.fake.issue(site.memory.open({ args: { content } }).id);
    const page = await site.ask(`/r/${token}`);
    assert.ok(page.text.includes(content));
    assert.match(page.text, 'Show all 400,008 characters');
  }),
);

test(
  'short arguments are not folded',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    assert.not.match((await site.ask(`/r/${token}`)).text, '<details>');
  }),
);

test(
  'the page holds the one script of the site, no cookie and nothing typed in advance',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const page = await site.ask(`/r/${token}`);
    assert.equal(page.text.match(/<script[^>]*>/g), ['<script src="../assets/placet.js" defer>']);
    assert.is(page.headers['set-cookie'], undefined);
    assert.not.match(page.text, /<input id="confirm"[^>]* value=/);
  }),
);

test(
  'the first submit button of the form is disabled, so that Enter decides nothing',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const page = await site.ask(`/r/${token}`);
    const [first] = page.text.match(/<button [^>]*>/g) ?? [];
    assert.is(first, '<button type="submit" name="decision" value="" disabled hidden>');
  }),
);

test(
  'HEAD answers as GET does, without a body',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const head = await site.ask(`/r/${token}`, { method: 'HEAD' });
    assert.is(head.status, 200);
    assert.is(head.text, '');
  }),
);

test(
  'a link that nobody was sent is answered with 404 and a page',
  withSite(async (site) => {
    const page = await site.ask(`/r/${'A'.repeat(43)}`, { headers: HTML });
    assert.is(page.status, 404);
    assert.match(page.text, 'This link opens nothing');
  }),
);

for (const token of ['x', '%', '%00', '..%2f..%2fetc', 'a'.repeat(5000)]) {
  test(
    `a link that cannot be one is answered with 404: ${token.slice(0, 20)}`,
    withSite(async (site) => {
      assert.is((await site.ask(`/r/${token}`)).status, 404);
    }),
  );
}

test(
  'programs are answered with problem details',
  withSite(async (site) => {
    const answer = await site.ask(`/r/${'A'.repeat(43)}`, { headers: { accept: 'application/json' } });
    assert.is(answer.headers['content-type'], 'application/problem+json');
    assert.equal(JSON.parse(answer.text), {
      type: 'about:blank',
      title: 'This link opens nothing',
      status: 404,
      detail: 'No request has this link.',
      code: 'link_unknown',
    });
  }),
);

test(
  'an address without a page is answered with 404',
  withSite(async (site) => {
    const answer = await site.ask('/nothing/here', { headers: HTML });
    assert.is(answer.status, 404);
    assert.match(answer.text, 'href="../assets/placet.css"');
  }),
);

test(
  'a method that an address does not know is answered with 405 and those that it does',
  withSite(async (site) => {
    const answer = await site.ask('/', {
      method: 'DELETE',
      headers: { origin: site.base, 'sec-fetch-site': 'same-origin' },
    });
    assert.is(answer.status, 405);
    assert.is(answer.headers.allow, 'GET, HEAD');
  }),
);

test(
  'OPTIONS names the methods and does nothing',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const answer = await site.ask(`/r/${token}/decision`, { method: 'OPTIONS' });
    assert.is(answer.status, 204);
    assert.is(answer.headers.allow, 'POST');
    assert.is(answer.headers['access-control-allow-origin'], undefined);
  }),
);

test(
  'GET of the decision address decides nothing and is answered with 405',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const path = `/r/${token}/decision?decision=approve&confirm=write_file`;
    assert.is((await site.ask(path)).status, 405);
  }),
);

for (const path of ['/', '/healthz', '/nothing', '/assets/placet.css', '/r/x']) {
  test(
    `the security headers come with every answer: ${path}`,
    withSite(async (site) => {
      const { headers } = await site.ask(path);
      assert.is(
        headers['content-security-policy'],
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
      );
      assert.is(headers['x-content-type-options'], 'nosniff');
      assert.is(headers['referrer-policy'], 'same-origin');
      assert.is(headers['cross-origin-opener-policy'], 'same-origin');
      assert.is(headers['cross-origin-resource-policy'], 'same-origin');
      assert.is(headers['x-frame-options'], 'DENY');
      assert.match(headers['x-robots-tag'] as string, 'noindex');
      assert.match(headers['permissions-policy'] as string, 'camera=()');
      assert.is(headers.server, undefined);
      assert.is(headers['x-powered-by'], undefined);
    }),
  );
}

test(
  'pages are not kept by any cache',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    assert.is((await site.ask(`/r/${token}`)).headers['cache-control'], 'no-store');
  }),
);

test(
  'the style sheet is asked for again each time, and not sent again when it has not changed',
  withSite(async (site) => {
    const first = await site.ask('/assets/placet.css');
    assert.is(first.headers['cache-control'], 'no-cache');
    const second = await site.ask('/assets/placet.css', {
      headers: { 'if-none-match': first.headers.etag ?? '' },
    });
    assert.is(second.status, 304);
  }),
);

test(
  'a site on https says so for the time to come',
  withSite(
    async (site) => {
      const { headers } = await site.ask('/healthz', { headers: { host: 'placet.example.com' } });
      assert.is(headers['strict-transport-security'], 'max-age=31536000');
    },
    { publicUrl: 'https://placet.example.com' },
  ),
);

test(
  'it is alive even where it is not ready, and says why it is not',
  withSite(async (site) => {
    site.health.ready = false;
    site.health.reason = 'The journal cannot be written.';
    assert.is((await site.ask('/healthz')).status, 200);
    const ready = await site.ask('/readyz');
    assert.is(ready.status, 503);
    assert.equal(JSON.parse(ready.text), { status: 'not ready', reason: 'The journal cannot be written.' });
  }),
);

test(
  'it says that it is ready when it is',
  withSite(async (site) => {
    const ready = await site.ask('/readyz');
    assert.is(ready.status, 200);
    assert.equal(JSON.parse(ready.text), { status: 'ready' });
  }),
);

test(
  'a journal in trouble is answered with 503, and the log is told without the link',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    site.fake.reviews.view = async () => {
      throw new JournalError('payload_corrupt', 'The payload does not match its commitment.');
    };
    const page = await site.ask(`/r/${token}`, { headers: HTML });
    assert.is(page.status, 503);
    assert.equal(site.logged, ['web: journal_trouble: The payload does not match its commitment.']);
    assert.not.match(site.logged.join(''), token);
  }),
);

test(
  'a mistake of its own is answered with 500 and says nothing of its inside',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    site.fake.reviews.view = async () => {
      throw new TypeError('secret inside');
    };
    const page = await site.ask(`/r/${token}`, { headers: HTML });
    assert.is(page.status, 500);
    assert.not.match(page.text, 'secret inside');
    assert.match(page.headers['content-security-policy'] as string, "default-src 'none'");
  }),
);

test(
  'a running execution loads the page again by itself, a settled one does not',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    await site.decide(token);
    assert.match((await site.ask(`/r/${token}`)).text, '<meta http-equiv="refresh" content="5">');
    const other = site.memory.open();
    const over = site.fake.issue(other.id);
    site.memory.reject(other.id);
    assert.not.match((await site.ask(`/r/${over}`)).text, 'http-equiv="refresh"');
  }),
);

test.run();
