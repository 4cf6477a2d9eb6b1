import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/core/entry.ts';
import { reviewedSchema } from '../../src/host/evidence-ops.ts';
import { createReviewDesk } from '../../src/host/review-desk.ts';
import { codeOf, guardBench, PEOPLE, policyOf, signed } from '../support/guard.ts';

const NOVEMBER = { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' };
const OCTOBER = { from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' };
const POLICY = policyOf({
  people: {
    ...PEOPLE,
    groups: { ops: ['alice'] },
    people: [...PEOPLE.people, { id: 'ann', name: 'Ann', emails: ['ann@example.com'], role: 'auditor' }],
  },
});

async function deskBench() {
  const bench = guardBench(POLICY);
  const listeners = new Set<(entry: Entry) => void>();
  const desk = createReviewDesk({
    reviews: bench.guard.evidence,
    people: () => bench.policy.people,
    size: () => bench.journal.entries.length,
    changes: {
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    clock: bench.clock,
    publicUrl: 'http://localhost:7447',
  });
  const keys = new Map([
    ['ann', await bench.enrol('ann')],
    ['alice', await bench.enrol('alice')],
  ]);
  let nonces = 0;
  const review = async (person: string, period = NOVEMBER): Promise<void> => {
    const seen = { ...period, size: 3, exceptions: 0, exceptions_sha256: 'a'.repeat(64) };
    const key = keys.get(person);
    if (!key) throw new Error(`${person} has no key.`);
    nonces += 1;
    const act = { act: 'review_evidence', ...seen, reviewer: person, nonce: `n${nonces}` } as const;
    await bench.guard.evidence.record({ person, seen, found: seen, reason: '', proof: signed(key, act) });
    const entry = bench.journal.entries.at(-1);
    if (entry) for (const listener of listeners) listener(entry);
  };
  return { bench, desk, review, listeners };
}

test('it tells where a period is reviewed, and by whom', async () => {
  const { desk } = await deskBench();
  const answer = await desk.ask({ period: NOVEMBER, wait_ms: 0 });
  assert.equal(reviewedSchema.parse(answer), answer);
  assert.equal(answer, {
    console_url: 'http://localhost:7447/console/evidence?from=2026-11-01&to=2026-11-30',
    size: 8,
    people: [
      { person: 'alice', name: 'Alice' },
      { person: 'ann', name: 'Ann' },
    ],
  });
});

test('it waits for a review of this very period, by the person who was named, after what there was', async () => {
  const { desk, review, listeners } = await deskBench();
  await review('ann');
  const { size } = await desk.ask({ period: NOVEMBER, wait_ms: 0 });
  const waiting = desk.ask({ period: NOVEMBER, person: 'ann', after: size, wait_ms: 20_000 });
  await review('ann', OCTOBER);
  await review('alice');
  await review('ann');
  const { review: found } = await waiting;
  assert.is(found?.seq, 11);
  assert.is(found?.reviewer, 'ann');
  assert.is(listeners.size, 0);
});

test('it answers without one when the time is over', async () => {
  const { bench, desk, listeners } = await deskBench();
  const waiting = desk.ask({ period: NOVEMBER, after: 0, wait_ms: 20_000 });
  await bench.settle();
  bench.clock.advance(20_000);
  assert.is((await waiting).review, undefined);
  assert.is(listeners.size, 0);
});

for (const person of ['bob', 'carol', 'eve'])
  test(`${person}, who could record none, is told of at once`, async () => {
    const { desk } = await deskBench();
    assert.is(await codeOf(desk.ask({ period: NOVEMBER, person, wait_ms: 0 })), 'not_eligible');
  });

test.run();
