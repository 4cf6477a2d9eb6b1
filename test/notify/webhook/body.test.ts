import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Terms } from '../../../src/core/entry.ts';
import { DeliveryError, type PlaceNotice } from '../../../src/notify/channel.ts';
import { contentOf } from '../../../src/notify/webhook/body.ts';
import { webhookEventSchema, type WebhookEvent } from '../../../src/notify/webhook/event.ts';
import { LINK, placeAsk, placeOutcome } from '../../support/notices.ts';

const NOW = Date.parse('2026-11-23T10:10:00.000Z');
const PUBLIC_URL = 'http://localhost:7447';

function eventOf(notice: PlaceNotice): WebhookEvent {
  const { body } = contentOf(notice, PUBLIC_URL, NOW);
  assert.ok(Buffer.byteLength(body) <= 65_536);
  return webhookEventSchema.strict().parse(JSON.parse(body));
}

function termsOf(rules: number, reviewers: number): readonly Terms[] {
  return Array.from({ length: rules }, (_, index) => ({
    rule: `rule-${index}`,
    reviewers: Array.from({ length: reviewers }, (__, each) => (each === 0 ? 'alice' : `person-${each}`)),
    quorum: 1,
    verification: 'link',
    reason: 'optional',
  }));
}

test('each kind of notice is an event of its own, of the time when it happened', async () => {
  const asked = await placeAsk();
  const escalations = [
    { rule: 'writes', cause: 'time', reviewers: ['dan'], at: '2026-11-23T10:05:00.000Z' },
  ] as const;
  const escalated = { ...asked, escalated: 'time', request: { ...asked.request, escalations } } as const;
  const events = [asked, escalated, { ...asked, round: 2 }, await placeOutcome()].map(eventOf);
  assert.equal(
    events.map(({ type, timestamp, data }) => [type, timestamp, data.escalated, data.reminder, data.status]),
    [
      ['approval.requested', '2026-11-23T10:00:00.000Z', undefined, undefined, 'pending'],
      ['approval.escalated', '2026-11-23T10:05:00.000Z', 'time', undefined, 'pending'],
      ['approval.reminder', '2026-11-23T10:10:00.000Z', undefined, 2, 'pending'],
      ['approval.resolved', '2026-11-23T10:00:00.000Z', undefined, undefined, 'rejected'],
    ],
  );
});

test('each notice has an id of its own, whatever has changed since it was made', async () => {
  const asked = await placeAsk();
  const ids = [
    asked,
    { ...asked, escalated: 'time' as const },
    { ...asked, round: 1 },
    { ...asked, round: 2 },
    await placeOutcome(),
  ].map((notice) => contentOf(notice, PUBLIC_URL, NOW).id);
  assert.is(new Set(ids).size, 5);
  assert.is(contentOf({ ...asked, checkpoint: 'a\n' }, PUBLIC_URL, NOW + 1000).id, ids[0]);
});

test('the outcome says who decided, how, when and why, and leads to the console', async () => {
  const outcome = await placeOutcome({}, 'Not\u200b today');
  const { data } = eventOf({ ...outcome, checkpoint: 'placet.example\n1\nAAAA\n' });
  assert.equal(data.decisions, [
    {
      person: { id: 'alice', name: 'Alice Ng' },
      decision: 'reject',
      verification: 'link',
      reason: 'Not[U+200B zero-width space] today',
      at: '2026-11-23T10:00:00.000Z',
    },
  ]);
  assert.is(data.url, `http://localhost:7447/console/requests/${outcome.request.id}`);
  assert.is(data.action_digest, outcome.request.action_digest);
  assert.is(data.checkpoint, 'placet.example\n1\nAAAA\n');
  assert.equal(data.owner, { id: 'bob', name: 'Bob Lee' });
});

test('why a request ended is told where there is something to tell', async () => {
  const asked = await placeAsk();
  const ended = (phase: PlaceNotice['request']['phase']): string | undefined =>
    eventOf({ ...asked, kind: 'outcome', request: { ...asked.request, phase } }).data.reason;
  const at = '2026-11-23T10:09:00.000Z';
  assert.is(ended({ kind: 'expired', at, reason: 'Nobody decided in time.' }), 'Nobody decided in time.');
  assert.is(
    ended({ kind: 'failed', at, result: {}, detail: 'The server\u202e died.' }),
    'The server[U+202E right-to-left override] died.',
  );
  assert.is(ended({ kind: 'succeeded', at, result: {} }), undefined);
  assert.is(ended({ kind: 'rejected', at, reason: '' }), undefined);
});

test('what would be too long is left out part by part, and the body says so', async () => {
  const small = await placeAsk({ terms: termsOf(1, 1) });
  assert.is(eventOf(small).data.omitted, undefined);
  const args = { text: '\u202e\u2066'.repeat(300) };
  const { data } = eventOf(await placeAsk({ args, terms: termsOf(30, 140) }));
  assert.equal(data.omitted, ['arguments']);
  assert.is(data.arguments, undefined);
  assert.is(data.rules.length, 30);
  assert.equal(data.cautions?.length, 1);
  const checkpoint = `placet.example\n${'x'.repeat(60_000)}\n`;
  const { data: barer } = eventOf({ ...(await placeAsk({ args, terms: termsOf(30, 140) })), checkpoint });
  assert.equal(barer.omitted, ['arguments', 'cautions', 'checkpoint']);
  assert.is(barer.checkpoint, undefined);
  assert.is(barer.url, small.link);
});

test('what is too long even then is refused for good', async () => {
  const notice = await placeAsk({ terms: termsOf(100, 200) });
  assert.throws(
    () => contentOf(notice, PUBLIC_URL, NOW),
    (error: Error) =>
      error instanceof DeliveryError &&
      error.permanent &&
      error.message === 'What there is to say is longer than 64 KiB, even without the arguments.',
  );
});

test('no link of a person is in it', async () => {
  for (const notice of [await placeAsk(), await placeOutcome()]) {
    const { body } = contentOf(notice, PUBLIC_URL, NOW);
    assert.not.match(body, '/r/');
    assert.not.match(body, LINK.slice(-20));
  }
});

test.run();
