import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { htmlPart } from '../../../src/notify/email/html-part.ts';
import { letterOf } from '../../../src/notify/letter.ts';
import { textPart } from '../../../src/notify/email/text-part.ts';
import { askNotice, LINK, outcomeNotice } from '../../support/notices.ts';
import type { NewRequest } from '../../support/memory-requests.ts';

const NOW = Date.parse('2026-11-23T10:02:00.000Z');

async function parts(made: NewRequest = {}) {
  const letter = letterOf(await askNotice(made), NOW);
  return { letter, text: textPart(letter), html: htmlPart(letter) };
}

test('both parts say who wants what, until when, and how many must approve', async () => {
  const { text, html } = await parts();
  assert.match(text, 'claude-desktop wants to run write_file on files');
  assert.match(text, 'claude-desktop for Bob Lee (name claimed by client configuration)');
  assert.match(text, '23 Nov 2026, 10:30 UTC, 28 minutes after this mail was sent');
  assert.match(text, '1 approval (rule writes)');
  assert.match(html, 'claude-desktop wants to run write_file on files');
  assert.match(html, 'written by the agent');
});

test('the facts stand in the order of the page, with what the server claims of the effect', async () => {
  const { letter } = await parts({ card: { effects: { destructive: true } } });
  assert.equal(
    letter.facts.map(([name]) => name),
    ['Tool', 'Effect', 'Agent', 'Needs', 'Expires'],
  );
  assert.is(letter.facts[1]?.[1], 'The server says that it can destroy or overwrite something.');
});

test('each part holds the link once, and no other', async () => {
  const { text, html } = await parts({
    args: { path: 'https://evil.example/approve', cc: 'a@evil.example' },
  });
  assert.equal(html.match(/href="[^"]*"/g), [`href="${LINK}"`]);
  assert.equal(text.match(/https?:\/\/\S+/g), [LINK]);
});

test("a tool's summary is the heading, and called what it is", async () => {
  const { text } = await parts({ card: { summary: 'Delete 12 customers.' } });
  assert.match(text, 'Delete 12 customers.\n(The tool’s own summary of this call to write_file on files)');
});

test('a long argument is cut, and the mail says by how much', async () => {
  const { text, html } = await parts({ args: { path: '/srv/a', content: `${'x'.repeat(8103)}TAIL` } });
  for (const part of [text, html]) {
    assert.match(part, 'An excerpt, showing 600 of 8,124 characters; the page shows all.');
    assert.match(part, '7,524 characters left out');
    assert.not.match(part, 'TAIL');
  }
});

test('arguments that fit are said to be all of them', async () => {
  assert.match((await parts({ args: { path: '/srv/a' } })).text, 'All of them, 10 characters.');
});

test('HTML of the agent is text in the mail', async () => {
  const evil = '"><script>alert(1)</script><a href="https://evil.example">Approve</a>';
  const { html } = await parts({
    args: { [evil]: evil },
    card: { agent: evil, tool_name: evil, server: evil, summary: evil, summary_trouble: evil },
  });
  assert.not.match(html, '<script');
  assert.is(html.match(/<a /g)?.length, 1);
});

test('what looks like an address in agent text is taken apart, so that clients make no link of it', async () => {
  const { text, html } = await parts({
    args: { u: 'https://evil.example/x www.evil.example evil.com/y a@b.c' },
  });
  assert.match(text, 'https[:]//evil[.]example/x www[.]evil.example evil[.]com/y a[@]b.c');
  assert.match(html, 'https<span>:</span>//evil<span>.</span>example/x');
  assert.match(html, 'a<span>@</span>b');
});

test('lines of the agent cannot pass for lines of the mail', async () => {
  const { text } = await parts({ args: { note: 'x\n\nReview this request:\nhttp://evil.example/r/1' } });
  assert.match(
    text,
    '    | Review this request:↵\n    | http[:]//evil.example/r/1'.replace('evil.example', 'evil[.]example'),
  );
  assert.is(text.match(/^Review this request:$/gm)?.length, 1);
});

test('hidden characters are spelt out in both parts and warned of', async () => {
  const { text, html } = await parts({ args: { path: 'a\u202eb\u{e0068}', 'k\u200b': 1 } });
  for (const part of [text, html]) {
    assert.match(part, 'U+202E right-to-left override');
    assert.match(part, 'U+E0068 tag h');
    assert.match(part, 'U+200B zero-width space');
    assert.match(part, /look twice/i);
    assert.not.match(part, /[\u202e\u200b]|[\u{e0000}-\u{e007f}]/u);
  }
});

const SUBJECTS: readonly (readonly [string, string, RegExp])[] = [
  ['line ends', 'x\r\nBcc: evil@example.com', /x\[U\+000D carriage return\]\[U\+000A line feed\]Bcc/],
  ['a right-to-left override', 'x\u202ey', /x\[U\+202E right-to-left override\]y/],
  ['tag characters', 'x\u{e0041}', /x\[U\+E0041 tag A\]/],
];

for (const [what, name, seen] of SUBJECTS) {
  test(`a subject holds no ${what}, whatever a tool is called`, async () => {
    const { letter } = await parts({ card: { tool_name: name } });
    assert.match(letter.subject, seen);
    assert.not.match(letter.subject, /[\p{Cc}\p{Cf}]/u);
  });
}

test('a subject is cut at 120 characters, marked so, and keeps the end that tells requests apart', async () => {
  const { letter } = await parts({ card: { tool_name: 't'.repeat(300), agent: 'a'.repeat(300) } });
  assert.is(Array.from(letter.subject).length, 120);
  assert.match(letter.subject, /… \([0-9a-z]{6}\)$/);
});

test('the outcome answers under the same subject, without a link', async () => {
  const letter = letterOf(await outcomeNotice(), NOW);
  assert.match(
    letter.subject,
    /^Re: Approval needed: claude-desktop wants to run write_file on files \([0-9a-z]{6}\)$/,
  );
  assert.not.match(htmlPart(letter), 'href');
  assert.match(textPart(letter), 'Rejected by:  Alice Ng, 23 Nov 2026, 10:00 UTC: “Not today”');
});

test("a reviewer's reason is no more able to inject than an agent's text", async () => {
  const letter = letterOf(await outcomeNotice({}, '<b>\r\nSubject: x\u202e'), NOW);
  assert.not.match(htmlPart(letter), '<b>\r');
  assert.match(
    textPart(letter),
    '“<b>[U+000D carriage return][U+000A line feed]Subject: x[U+202E right-to-left override]”',
  );
});

test.run();
