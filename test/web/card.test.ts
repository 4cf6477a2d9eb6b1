import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HTML, withSite, type ReviewSite } from '../support/review-site.ts';
import type { NewRequest } from '../support/memory-requests.ts';

/** The text of the page of a request, without its marks. */
async function pageOf(site: ReviewSite, made: NewRequest = {}): Promise<string> {
  const { text } = await site.ask(`/r/${site.fake.issue(site.memory.open(made).id)}`, { headers: HTML });
  return text;
}

function plain(html: string): string {
  return html.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');
}

test(
  'the parts of the card stand in their order, and the words of the agent last',
  withSite(async (site) => {
    const text = await pageOf(site, {
      card: {
        summary: 'Write the report.',
        said: 'Please hurry.',
        session: 'ses_1',
        why: 'Writes are held.',
      },
    });
    const order = [
      'Write the report.',
      'Where, and whether it can be undone',
      'Who asks',
      'id="arguments"',
      'Why it is held',
      'Writes are held.',
      'This agent and this tool',
      'Expiry and digests',
      'What the agent said',
      'Please hurry.',
      'Your decision',
    ];
    const places = order.map((words) => text.indexOf(words));
    assert.not.ok(places.includes(-1), String(places));
    assert.equal(
      places,
      [...places].sort((a, b) => a - b),
    );
  }),
);

test(
  'headings go down one level at a time, from one first heading',
  withSite(async (site) => {
    const text = await pageOf(site, { card: { said: 'x', input_check: { unchecked: 'y' } } });
    const levels = [...text.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    assert.is(levels.filter((level) => level === 1).length, 1);
    assert.is(levels[0], 1);
    assert.ok(
      levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1),
      String(levels),
    );
  }),
);

test(
  'agent, owner and session are each marked as claimed or verified',
  withSite(async (site) => {
    const text = plain(await pageOf(site, { card: { session: 'ses_1', client: 'claude-ai 0.1' } }));
    assert.match(text, 'claude-desktop for Bob Lee claimed name claimed by client configuration');
    assert.match(text, 'Bob Lee verified as this workspace’s people.yaml says');
    assert.match(text, 'ses_1 verified Placet’s own number');
    assert.match(text, 'Its client calls itself claude-ai 0.1.');
  }),
);

test(
  'an agent that was authenticated is marked as verified',
  withSite(async (site) => {
    const text = plain(await pageOf(site, { card: { identity: 'authenticated' } }));
    assert.match(text, 'claude-desktop for Bob Lee verified name authenticated');
  }),
);

const EFFECTS = [
  [undefined, 'The server does not say whether it can be undone. So take it that it cannot.'],
  [{ destructive: true }, 'The server says that it can destroy or overwrite something.'],
  [{ read_only: true }, 'The server says that it only reads. The server’s own claim; nobody has checked it.'],
  [{ destructive: false }, 'The server says that it only adds'],
  [{ read_only: true, destructive: true }, 'The server says that it can destroy or overwrite something.'],
] as const;

for (const [effects, sentence] of EFFECTS) {
  test(
    `effects are told as the server claims them: ${JSON.stringify(effects)}`,
    withSite(async (site) => {
      assert.match(plain(await pageOf(site, { card: effects ? { effects } : {} })), sentence);
    }),
  );
}

test(
  'what differs from the last approved call is marked, with the former value',
  withSite(async (site) => {
    site.fake.shown.last_args = { path: '/srv/old\u202e.md', content: '# Report\n', force: true };
    const text = await pageOf(site);
    assert.match(plain(text), '2 differences to the last approved call');
    assert.match(text, '/srv/old<mark>U+202E right-to-left override</mark>.md');
    assert.match(plain(text), 'removed boolean Before, and not in this call:true');
    assert.is(text.match(/<b class="tag changed">/g)?.length, 1);
  }),
);

test(
  'a call that is the same as the last approved one is said to be so',
  withSite(async (site) => {
    site.fake.shown.last_args = { path: '/srv/report.md', content: '# Report\n' };
    assert.match(await pageOf(site), 'The same as in the last approved call');
  }),
);

test(
  'a call without an earlier one is compared with nothing',
  withSite(async (site) => {
    assert.not.match(await pageOf(site), 'last approved');
  }),
);

test(
  'precedents are counted in one sentence',
  withSite(async (site) => {
    assert.match(await pageOf(site), 'First time that this agent asks for this tool.');
    site.fake.shown.precedents = { approved: 3, rejected: 1, ended: 0, pending: 0 };
    assert.match(await pageOf(site), 'In the last 30 days: 3 approved, 1 rejected.');
  }),
);

test(
  'a long value shows its beginning, its end and its length before it is opened',
  withSite(async (site) => {
    const content = `THE HEAD${'\u{1F600}'.repeat(5000)}THE TAIL`;
    const text = await pageOf(site, { args: { content } });
    const [summary = ''] = text.match(/<summary>.*?<\/summary>/s) ?? [];
    assert.match(summary, 'THE HEAD');
    assert.match(summary, 'THE TAIL');
    assert.match(summary, '5,016 characters');
    assert.ok(summary.length < 3000);
    assert.ok(summary.isWellFormed());
  }),
);

test(
  'a long value is approved only when it was ticked as read, and the page says which was not',
  withSite(async (site) => {
    const key = 'odd "name" <b>';
    const request = site.memory.open({ args: { content: 'x'.repeat(5000), [key]: 'y\n'.repeat(60) } });
    const token = site.fake.issue(request.id);
    const refused = await site.decide(token, { seen: 'content', reason: 'Fine' });
    assert.is(refused.status, 422);
    assert.match(plain(refused.text), 'Not ticked as read: [&quot;odd \\&quot;name\\&quot; &lt;b&gt;&quot;]');
    assert.match(refused.text, /name="seen" value="content" form="decide" checked/);
    assert.is(site.memory.get(request.id).decisions.length, 0);
    const proof = await site.proofOf(token);
    const fields = new URLSearchParams({ decision: 'approve', reason: '', confirm: 'write_file', proof });
    fields.append('seen', 'content');
    fields.append('seen', `[${JSON.stringify(key)}]`);
    assert.is((await site.post(`/r/${token}/decision`, fields.toString())).status, 303);
    assert.equal(site.fake.decided[0]?.seen, ['content', '["odd \\"name\\" <b>"]']);
  }),
);

test(
  'a long value need not be read to reject',
  withSite(async (site) => {
    const request = site.memory.open({ args: { content: 'x'.repeat(5000) } });
    assert.is((await site.decide(site.fake.issue(request.id), { decision: 'reject' })).status, 303);
  }),
);

test(
  'an encoded value is called so, with what it says, hidden characters marked',
  withSite(async (site) => {
    const text = await pageOf(site, { args: { script: 'cm0gLXJmIC8gIyDigK5vaw==' } });
    assert.match(text, 'This value looks like base64. It decodes to');
    assert.match(text, 'rm -rf / # <mark>U+202E right-to-left override</mark>ok');
  }),
);

test(
  'what does not decode to text is called that',
  withSite(async (site) => {
    const text = await pageOf(site, { args: { blob: 'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=' } });
    assert.match(text, 'does not decode to text');
  }),
);

test(
  'nothing in a value becomes a link or Markdown',
  withSite(async (site) => {
    const evil = '[click](https://evil.example) https://evil.example **bold** mailto:a@evil.example';
    const text = await pageOf(site, {
      args: { evil },
      card: { said: evil, summary: evil, description: evil, why: evil },
    });
    assert.not.match(text, /<a [^>]*evil/);
    assert.not.match(text, '<strong>bold');
    assert.ok(text.split('[click](https://evil.example)').length > 5);
  }),
);

test(
  'a decision that was solo is marked as such',
  withSite(async (site) => {
    site.fake.shown.solo = true;
    assert.match(await pageOf(site), 'recorded as <b>solo</b>');
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    site.fake.shown.decisions = [
      {
        reviewer: 'alice',
        name: 'Alice Ng',
        decision: 'approve',
        verification: 'passkey',
        at: '2026-11-23T10:00:00.000Z',
        solo: true,
      },
    ];
    const { text } = await site.ask(`/r/${token}`, { headers: HTML });
    assert.match(plain(text), 'Alice Ng approved solo: the agent’s own owner');
    assert.match(plain(text), 'verified by passkey');
  }),
);

test(
  'the page with style and script weighs less than 60 kB',
  withSite(async (site) => {
    const parts = [await pageOf(site, { card: { said: 'x'.repeat(500), description: 'y'.repeat(500) } })];
    for (const name of ['placet.css', 'placet.js', 'placet.svg']) {
      parts.push((await site.ask(`/assets/${name}`)).text);
    }
    const bytes = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
    assert.ok(bytes < 60_000, `${bytes} bytes`);
  }),
);

test.run();
