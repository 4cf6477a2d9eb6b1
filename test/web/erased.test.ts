import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsoleBrowser } from '../support/console-browser.ts';
import { withConsole, type ConsoleSite } from '../support/console-site.ts';

const WORD = { reason: 'She <b>asked</b> us\u202e to.', by: 'operator' };

/** A request that was rejected by link and then erased. */
async function erased(site: ConsoleSite): Promise<{ readonly id: string; readonly token: string }> {
  const id = await site.call();
  const token = await site.link(id, 'alice');
  const access = { kind: 'link', token } as const;
  const view = await site.guard.reviews.view(access);
  await site.guard.reviews.decide({
    access,
    decision: 'reject',
    reason: 'Not today.',
    proof: { kind: 'typed', confirm: view.card.tool_name },
    card_digest: view.request.card_digest,
    opened_at: view.opened_at,
    seen: [],
  });
  await site.custody.erase(id, WORD);
  return { id, token };
}

test(
  'the link of an erased request says since when it is erased and why, with nothing hidden in the reason',
  withConsole(async (site) => {
    const { token } = await erased(site);
    const page = await site.ask(`/r/${token}`);
    assert.is(page.status, 410);
    assert.match(page.text, 'This request was erased');
    assert.match(page.text, /was erased on 23 Nov 2026, 10:00 UTC: She &lt;b&gt;asked&lt;\/b&gt; us/);
    assert.not.match(page.text, '\u202e');
    assert.not.match(page.text, 'The story of this request');
  }),
);

test(
  'a program that asks is given problem details',
  withConsole(async (site) => {
    const { token } = await erased(site);
    const answer = await site.ask(`/r/${token}`, { headers: { accept: 'application/json' } });
    assert.is(answer.status, 410);
    const problem = JSON.parse(answer.text) as { code?: string; detail?: string };
    assert.is(problem.code, 'erased');
  }),
);

test(
  'the console tells the story of an erased request, and nothing of what it was about',
  withConsole(async (site) => {
    const { id } = await erased(site);
    const alice = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    const page = await alice.get(`/console/requests/${id}`);
    assert.is(page.status, 410);
    assert.match(page.text, 'was erased on 23 Nov 2026, 10:00 UTC');
    assert.match(page.text, 'The story of this request');
    assert.match(page.text, 'Not today.');
    assert.match(page.text, 'The request was rejected.');
    assert.not.match(page.text, 'decision"');
  }),
);

test.run();
