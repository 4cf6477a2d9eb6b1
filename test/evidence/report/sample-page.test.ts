import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Receipt } from '../../../src/core/entry.ts';
import type { SampleFacts } from '../../../src/evidence/report/facts.ts';
import { gatherFacts } from '../../../src/evidence/report/gather.ts';
import { sampleIndexPage } from '../../../src/evidence/report/sample/index-page.ts';
import { receiptWords } from '../../../src/evidence/report/sample/receipt-words.ts';
import { samplePage } from '../../../src/evidence/report/sample/sample-page.ts';
import { reportInput } from '../../support/report-world.ts';

async function pageOf(index: number, more: Partial<SampleFacts> = {}): Promise<string> {
  const facts = await gatherFacts(reportInput());
  const call = facts.sample.calls[index];
  if (!call) throw new Error(`There is no call ${index}.`);
  return samplePage({ ...call, ...more }, facts);
}

test('a call that was held is told from the intent to the outcome', async () => {
  const page = await pageOf(0);
  for (const part of [
    'Asked for by the agent <b>invoice-bot</b>, which acts for <b>Bob Baker</b>',
    'Pays 1,840.50 EUR to Aster Tools GmbH',
    'DE89 3704 0044 0532 0130 00',
    '[secret: 24 characters, masked]',
    '2 approvals of: Alice Adams, Carol Chen; each proven by passkey.',
    'The passkey Zm9vYmFyYmF6cXV4 signed this very decision',
    'Matches the order and the supplier’s account.',
    'Everything was checked again, and the call was sent.',
    `<code class="digest">${'7'.repeat(64)}</code>`,
    '<b>AC-6(9)</b>',
    '<a href="6203.tlog-proof"><code>6203.tlog-proof</code></a>',
  ]) {
    assert.match(page, part);
  }
  const order = ['id="card"', 'id="arguments"', 'id="people"', 'id="outcome"', 'id="story"', 'id="proof"'];
  const places = order.map((id) => page.indexOf(id));
  assert.equal(
    places,
    [...places].sort((a, b) => a - b),
  );
  assert.is(places[0] === -1, false);
});

test('a call that a rule let pass says that nobody was asked', async () => {
  const page = await pageOf(1);
  assert.match(page, 'A rule let it pass; no person was asked.');
  assert.match(page, 'No person was asked, and so there was nothing to show.');
  assert.match(page, 'No person decided on it.');
});

test('contents that are gone are told of, and why', async () => {
  assert.match(await pageOf(1), 'They were erased on somebody’s order: their key is destroyed.');
  const unread = { state: 'unread', commit: 'c'.repeat(64) } as const;
  const page = await pageOf(0, { args: unread, card: unread });
  assert.match(page, 'They cannot be read here, as the workspace’s key is not here.');
  assert.match(page, 'The contents of the card cannot be read here');
  assert.not(page.includes('DE89'));
});

test('a long argument is there whole', async () => {
  const value = { text: `${'x'.repeat(5000)}END` };
  const page = await pageOf(0, { args: { state: 'kept', commit: 'c'.repeat(64), value } });
  assert.match(page, 'Show all of it: text, 5,003 characters');
  assert.match(page, `${'x'.repeat(5000)}END</pre>`);
});

test('every way to prove who decided is told in a sentence', () => {
  const words = (receipt: Receipt | undefined) => receiptWords(receipt);
  assert.match(words(undefined), 'opening a link');
  assert.is(
    words({
      kind: 'sso',
      issuer: 'https://id.example',
      subject: 'u1',
      auth_time: '2026-11-23T10:30:00.000Z',
      groups: [],
      id_token_sha256: 'a'.repeat(64),
    }),
    'https://id.example said that it was its account u1, signed in on 23 Nov 2026, 10:30 UTC; the SHA-256 of its token stands in the entry.',
  );
  assert.match(
    words({ kind: 'slack', team: 'T1', user: 'U1', payload_sha256: 'a' }),
    'the account U1 of the workspace T1',
  );
  assert.match(words({ kind: 'api', key_id: 'rk_1' }), 'By the key rk_1 at the API');
});

test('the pages of the sample lead to one another', async () => {
  const facts = await gatherFacts(reportInput());
  assert.match(sampleIndexPage(facts), 'href="../sample/001-cal_01kb4e5m7n8p9q0r1s2t3v4w5x/index.html"');
  assert.match(await pageOf(0), 'href="../index.html"');
});

test.run();
