import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NoticeState, Request } from '../../src/core/request.ts';
import { deadLetters } from '../../src/notify/dead-letters.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { createMemoryRequests } from '../support/memory-requests.ts';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');
const base = createMemoryRequests(new FakeClock(), seededRandom()).open();

function withNotices(id: string, ...notices: readonly Partial<NoticeState>[]): Request {
  return {
    ...base,
    id,
    notices: notices.map((notice) => ({
      channel: 'webhook:siem',
      notice: 'outcome',
      state: 'failed',
      at: '2026-11-23T09:00:00.000Z',
      detail: 'Given up after 10 tries. The webhook siem answers 500 Internal Server Error.',
      ...notice,
    })),
  };
}

test('what a place was not told is a sentence that names the place, the request and why', () => {
  assert.equal(
    deadLetters(
      [
        withNotices('apr_1', {}),
        withNotices('apr_2', { notice: 'ask', at: '2026-11-23T09:30:00.000Z', detail: 'Gone.' }),
      ],
      NOW,
    ),
    [
      'webhook:siem was not told the question of apr_2: Gone.',
      'webhook:siem was not told the outcome of apr_1: Given up after 10 tries. The webhook siem answers 500 Internal Server Error.',
    ],
  );
});

test('what was told, what people were not told, and what is older than a week is none', () => {
  const request = withNotices(
    'apr_1',
    { state: 'sent' },
    { reviewer: 'alice', channel: 'email' },
    { at: '2026-11-16T09:59:59.999Z' },
  );
  assert.equal(deadLetters([request], NOW), []);
  assert.is(deadLetters([withNotices('apr_1', { at: '2026-11-16T10:00:00.000Z' })], NOW).length, 1);
});

test('of very many the newest ten are listed, and the others counted', () => {
  const requests = Array.from({ length: 25 }, (_, index) =>
    withNotices(`apr_${index}`, { at: new Date(NOW - 1000 * (25 - index)).toISOString() }),
  );
  const sentences = deadLetters(requests, NOW);
  assert.is(sentences.length, 11);
  assert.match(sentences[0] ?? '', 'the outcome of apr_24:');
  assert.match(sentences[9] ?? '', 'the outcome of apr_15:');
  assert.is(
    sentences[10],
    'Places were not told 15 more in the last 7 days; see notice.failed in the journal.',
  );
});

test.run();
