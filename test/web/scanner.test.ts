import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HTML, withSite, type ReviewSite } from '../support/review-site.ts';

/** What a mail scanner finds behind a link: every address, and the form with its fields as served. */
async function scanned(site: ReviewSite, token: string) {
  const { text } = await site.ask(`/r/${token}`, { headers: HTML });
  const addresses = [...text.matchAll(/(?:href|src|action)="([^"#]*)"/g)].map(
    ([, address]) => new URL(address ?? '', `${site.base}/r/${token}`).pathname,
  );
  const served = Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [
      name ?? '',
      value ?? '',
    ]),
  );
  return { addresses, served };
}

test(
  'a scanner that follows every address with every method that changes nothing changes nothing',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const before = site.memory.entries.length;
    const { addresses } = await scanned(site, token);
    assert.ok(addresses.includes(`/r/${token}/decision`));
    for (const address of [...addresses, `/r/${token}`]) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        for (const query of ['', '?decision=approve&confirm=write_file']) {
          await site.ask(`${address}${query}`, { method });
        }
      }
    }
    assert.is(site.memory.entries.length, before);
  }),
);

const FILLINGS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['empty', {}],
  ['with a word in every field', { confirm: 'test', reason: 'test' }],
  [
    'with the address of the page in every field',
    { confirm: 'http://localhost/', reason: 'http://localhost/' },
  ],
];

for (const decision of ['approve', 'reject', '']) {
  for (const [what, typed] of FILLINGS) {
    test(
      `a scanner that presses "${decision}" with the form as served, ${what}, decides nothing`,
      withSite(async (site) => {
        const token = site.fake.issue(site.memory.open().id);
        const before = site.memory.entries.length;
        const { served } = await scanned(site, token);
        const answer = await site.post(`/r/${token}/decision`, { ...served, ...typed, decision });
        assert.is(answer.status, 422);
        assert.is(site.memory.entries.length, before);
      }),
    );
  }
}

test(
  'after any number of scans the person decides as if there had been none',
  withSite(async (site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    for (let scan = 0; scan < 5; scan += 1) {
      const { served } = await scanned(site, token);
      await site.post(`/r/${token}/decision`, { ...served, decision: 'approve' });
      await site.post(`/r/${token}/decision`, { ...served, decision: 'reject' });
    }
    assert.is((await site.decide(token)).status, 303);
    assert.is(site.memory.get(request.id).phase.kind, 'approved');
  }),
);

test.run();
