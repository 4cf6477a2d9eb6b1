import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft } from '../../src/core/entry.ts';
import { storySection } from '../../src/web/views/story.ts';
import { decided, requested, stamped } from '../support/request-entries.ts';

const NAMES = new Map([
  ['alice', 'Alice Ng'],
  ['carol', 'Carol Diaz'],
]);

/** The lines of the story, without marks. */
async function told(drafts: readonly Draft[]): Promise<readonly string[]> {
  const entries = [requested(), ...drafts.map((draft, index) => stamped(draft, index + 1))];
  const html = String(await storySection({ entries, names: NAMES, root: '../', covered: 0 }));
  return [...html.matchAll(/<li>(.*?)<\/li>/gs)].map(([, item = '']) =>
    item
      .replace(/<[^>]*>/g, '|')
      .split('|')
      .filter((part) => part.trim() !== '')
      .join(' '),
  );
}

test('a request is told from the intent to the outcome, each with its time and entry', async () => {
  const of = { request_id: 'apr_1' } as const;
  const lines = await told([
    { type: 'link.issued', ...of, reviewer: 'alice', link_sha256: 'b'.repeat(64) },
    decided('alice', 'approve', { reason: 'Fine by me' }),
    { type: 'approval.resolved', ...of, resolution: 'approved', reason: 'The quorum was reached.' },
    { type: 'execution.claimed', ...of, fence: 1, lease_until: '2026-11-23T10:10:00.000Z' },
    { type: 'execution.started', ...of, fence: 1, action_digest: 'a'.repeat(64) },
    { type: 'execution.succeeded', ...of, fence: 1 },
  ]);
  assert.is(lines.length, 7);
  assert.match(lines[0] ?? '', /It was held for review by the rule writes\. Asked: Alice Ng, Carol Diaz\./);
  assert.match(lines[0] ?? '', /23 Nov 2026, 10:00 UTC .* entry 0/);
  assert.match(lines[1] ?? '', /A link was made for Alice Ng\./);
  assert.match(lines[2] ?? '', /Alice Ng approved it, verified by link and typed name\. Fine by me/);
  assert.match(lines[3] ?? '', /The request was approved\. The quorum was reached\./);
  assert.match(lines[4] ?? '', /The host node_a took the execution on/);
  assert.match(lines[5] ?? '', /the call was sent/);
  assert.match(lines[6] ?? '', /It was carried out\. .* entry 6/);
});

test('who was refused and what a person said of an unknown outcome are told', async () => {
  const of = { request_id: 'apr_1' } as const;
  const lines = await told([
    { type: 'verification.refused', ...of, reviewer: 'alice', verification: 'passkey', reason: 'No.' },
    { type: 'self_approval.refused', ...of, reviewer: 'dan', reason: 'Own agent.' },
    { type: 'execution.reconciled', ...of, reviewer: 'carol', outcome: 'not_done', reason: 'No file.' },
  ]);
  assert.match(lines[1] ?? '', /Alice Ng tried to decide by passkey and was not verified\. No\./);
  assert.match(lines[2] ?? '', /dan was kept from deciding/);
  assert.match(lines[3] ?? '', /Carol Diaz said that it was not done\. No file\./);
});

test('words of agents, servers and reviewers are shown as hostile', async () => {
  const evil = '<script>\u202e';
  const html = String(
    await storySection({
      entries: [
        { ...requested(), policy: { rule: evil, version: 'v' } },
        stamped(decided('alice', 'reject', { reason: evil }), 1),
      ],
      names: new Map([['alice', evil]]),
      root: '../',
      covered: 0,
    }),
  );
  assert.not.match(html, '<script');
  assert.not.match(html, '\u202e');
  assert.match(html, '&lt;script&gt;<mark>U+202E right-to-left override</mark>');
});

test.run();
