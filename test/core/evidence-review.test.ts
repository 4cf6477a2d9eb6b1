import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft } from '../../src/core/entry.ts';
import type { Exception } from '../../src/core/evidence.ts';
import { exceptionsDigest } from '../../src/core/evidence-review.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { FakeClock } from '../support/clock.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { rejection } from '../support/rejects.ts';

type Reviewed = Extract<Draft, { type: 'evidence.reviewed' }>;

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** A journal of four entries, in which ann has a passkey. */
async function bench() {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const journal = memoryJournal(ledger, clock);
  const key = createAuthenticator();
  await journal.append(key.enrolment('ann', new Date(clock.now()).toISOString()));
  const review = (nonce: string, more: Partial<Omit<Reviewed, 'type' | 'receipt'>> = {}): Reviewed => {
    const seen = {
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
      size: 4,
      exceptions: 0,
      exceptions_sha256: EMPTY,
      reviewer: 'ann',
      ...more,
    };
    const { reason: _, ...signed } = seen;
    return {
      type: 'evidence.reviewed',
      ...seen,
      receipt: key.receipt({ act: 'review_evidence', ...signed, nonce }),
    };
  };
  return { ledger, journal, review, key };
}

const codeOf = async (work: Promise<unknown>) => ((await rejection(work)) as { code?: string }).code;

test('reviews are kept, newest first, and over a saved state', async () => {
  const { ledger, journal, review } = await bench();
  await journal.append([review('n1', { reason: 'All known.' })]);
  await journal.append([review('n2', { size: 5 })]);
  const [newest, oldest] = ledger.evidenceReviews.all();
  assert.is(newest?.size, 5);
  assert.equal(oldest, {
    seq: 4,
    at: oldest?.at,
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
    size: 4,
    exceptions: 0,
    exceptions_sha256: EMPTY,
    reviewer: 'ann',
    reason: 'All known.',
  });
  const other = new Ledger();
  other.load(ledger.save());
  assert.equal(other.evidenceReviews.all(), ledger.evidenceReviews.all());
});

for (const [title, code, change] of [
  ['of a period that ends where it begins', 'review_period', { to: '2026-11-01T00:00:00.000Z' }],
  ['of a period that ends before it begins', 'review_period', { to: '2026-10-01T00:00:00.000Z' }],
  ['over more entries than there were', 'review_size', { size: 5 }],
  ['by somebody whose key it is not', 'unknown_passkey', { reviewer: 'alice' }],
] as const)
  test(`a review ${title} is refused`, async () => {
    const { ledger, journal, review } = await bench();
    assert.is(await codeOf(journal.append([review('n1', change)])), code);
    assert.equal(ledger.evidenceReviews.all(), []);
  });

test('a review under a nonce that was used is refused', async () => {
  const { journal, review } = await bench();
  await journal.append([review('n1')]);
  assert.is(await codeOf(journal.append([review('n1')])), 'replayed');
});

test('a review by a key that was revoked is refused', async () => {
  const { journal, review, key } = await bench();
  const revoked = { person: 'ann', credential_id: key.id, by: 'operator', reason: 'Lost.' };
  await journal.append([{ type: 'passkey.revoked', ...revoked }]);
  assert.is(await codeOf(journal.append([review('n1')])), 'revoked_passkey');
});

test('the digest of exceptions is that of their canonical lines', () => {
  const denied: Exception = {
    seq: 7,
    kind: 'denied',
    at: '2026-11-02T00:00:00.000Z',
    detail: 'No “scripts”.',
  };
  assert.is(exceptionsDigest([]), EMPTY);
  // printf '{"at":"2026-11-02T00:00:00.000Z","detail":"No “scripts”.","kind":"denied","seq":7}\n' | sha256sum
  assert.is(exceptionsDigest([denied]), 'ebb9bc25ecb392c543809976d6611dc8cea300137863bef88cfd70594eff0d1f');
  assert.is.not(exceptionsDigest([denied, denied]), exceptionsDigest([denied]));
});

test.run();
