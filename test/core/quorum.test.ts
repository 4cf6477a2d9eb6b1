import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Terms } from '../../src/core/entry.ts';
import { approvers, resolve, type Vote } from '../../src/core/quorum.ts';

const TWO_OF_THREE: Terms = {
  rule: 'r',
  reviewers: ['alice', 'bob', 'carol'],
  quorum: 2,
  verification: 'link',
  reason: 'optional',
};

function yes(reviewer: string, more: Partial<Vote> = {}): Vote {
  return { reviewer, decision: 'approve', verification: 'link', ...more };
}

function no(reviewer: string): Vote {
  return { reviewer, decision: 'reject', verification: 'link' };
}

test('nothing is resolved before the quorum', () => {
  assert.is(resolve([TWO_OF_THREE], [yes('alice')]), undefined);
});

test('distinct people make the quorum', () => {
  assert.is(resolve([TWO_OF_THREE], [yes('alice'), yes('carol')]), 'approved');
});

test('one person never counts twice', () => {
  assert.is(resolve([TWO_OF_THREE], [yes('alice'), yes('alice')]), undefined);
});

test('somebody who was not asked does not count', () => {
  assert.is(resolve([TWO_OF_THREE], [yes('alice'), yes('mallory')]), undefined);
});

test('one rejection by somebody who was asked settles it, however many approved', () => {
  assert.is(resolve([TWO_OF_THREE], [yes('alice'), yes('bob'), no('carol')]), 'rejected');
});

test('a rejection by somebody who was not asked does nothing', () => {
  assert.is(resolve([TWO_OF_THREE], [no('mallory')]), undefined);
});

test('every rule must be satisfied', () => {
  const other: Terms = { ...TWO_OF_THREE, rule: 's', reviewers: ['dave'], quorum: 1 };
  assert.is(resolve([TWO_OF_THREE, other], [yes('alice'), yes('bob')]), undefined);
  assert.is(resolve([TWO_OF_THREE, other], [yes('alice'), yes('bob'), yes('dave')]), 'approved');
});

test('an approval counts only for the rules whose verification it satisfies', () => {
  const strict: Terms = { ...TWO_OF_THREE, quorum: 1, verification: 'passkey' };
  assert.is(resolve([strict], [yes('alice')]), undefined);
  assert.is(resolve([strict], [yes('alice', { verification: 'passkey' })]), 'approved');
});

test('an approval without words does not count where a reason is required', () => {
  const wordy: Terms = { ...TWO_OF_THREE, quorum: 1, reason: 'required' };
  assert.is(resolve([wordy], [yes('alice', { reason: '  ' })]), undefined);
  assert.is(resolve([wordy], [yes('alice', { reason: 'checked' })]), 'approved');
});

const RECENT: Terms = { ...TWO_OF_THREE, quorum: 1, verification: 'sso', max_age_ms: 60_000 };

test('a sign-on counts as long as it is no older than the rule allows', () => {
  const vote = (sign_on_age_ms: number) => yes('alice', { verification: 'sso', sign_on_age_ms });
  assert.is(resolve([RECENT], [vote(60_000)]), 'approved');
  assert.is(resolve([RECENT], [vote(60_001)]), undefined);
});

test('a sign-on that is too old for one rule counts for another', () => {
  const patient: Terms = { ...RECENT, rule: 's', max_age_ms: 600_000 };
  const vote = yes('alice', { verification: 'sso', sign_on_age_ms: 300_000 });
  assert.equal(
    [RECENT, patient, { ...TWO_OF_THREE, quorum: 1 }].map((terms) => approvers(terms, [vote]).size),
    [0, 1, 1],
  );
});

test('a passkey counts where a recent sign-on is asked', () => {
  assert.is(resolve([RECENT], [yes('alice', { verification: 'passkey' })]), 'approved');
});

test('no terms are never satisfied', () => {
  assert.is(resolve([], [yes('alice')]), undefined);
});

test('a quorum below one is not reached without an approval', () => {
  assert.is(resolve([{ ...TWO_OF_THREE, quorum: 0 }], []), undefined);
});

const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'mallory'];
const aVerification = fc.constantFrom('link', 'sso', 'passkey');
const aVote: fc.Arbitrary<Vote> = fc.record({
  reviewer: fc.constantFrom(...PEOPLE),
  decision: fc.constantFrom('approve', 'approve', 'approve', 'reject'),
  verification: aVerification,
  reason: fc.constantFrom('', 'ok'),
});
const someTerms: fc.Arbitrary<Terms> = fc.record({
  rule: fc.constant('r'),
  reviewers: fc.uniqueArray(fc.constantFrom('alice', 'bob', 'carol', 'dave'), { minLength: 1 }),
  quorum: fc.integer({ min: 1, max: 3 }),
  verification: aVerification,
  reason: fc.constantFrom('optional', 'required'),
});

test('whatever the votes: approved means enough distinct people of every rule, and nobody asked rejected', () => {
  let approved = 0;
  fc.assert(
    fc.property(fc.array(someTerms, { maxLength: 3 }), fc.array(aVote, { maxLength: 12 }), (terms, votes) => {
      if (resolve(terms, votes) !== 'approved') return;
      approved += 1;
      assert.ok(terms.length > 0);
      for (const each of terms) {
        const people = PEOPLE.filter(
          (id) =>
            each.reviewers.includes(id) &&
            votes.some((vote) => vote.reviewer === id && vote.decision === 'approve'),
        );
        assert.ok(people.length >= each.quorum);
        assert.not.ok(
          votes.some((vote) => vote.decision === 'reject' && each.reviewers.includes(vote.reviewer)),
        );
      }
    }),
    { numRuns: 5000 },
  );
  assert.ok(approved > 50, `only ${approved} of the histories were approved`);
});

test('whatever the votes: repeating them changes nothing', () => {
  fc.assert(
    fc.property(fc.array(someTerms, { maxLength: 3 }), fc.array(aVote, { maxLength: 8 }), (terms, votes) => {
      assert.is(resolve(terms, [...votes, ...votes]), resolve(terms, votes));
    }),
    { numRuns: 2000 },
  );
});

test('whatever the votes: their order changes nothing', () => {
  fc.assert(
    fc.property(fc.array(someTerms, { maxLength: 3 }), fc.array(aVote, { maxLength: 8 }), (terms, votes) => {
      assert.is(resolve(terms, [...votes].reverse()), resolve(terms, votes));
    }),
    { numRuns: 2000 },
  );
});

test('whatever the votes: those whose approval counts are among the reviewers', () => {
  fc.assert(
    fc.property(someTerms, fc.array(aVote, { maxLength: 8 }), (terms, votes) => {
      for (const id of approvers(terms, votes)) assert.ok(terms.reviewers.includes(id));
    }),
    { numRuns: 2000 },
  );
});

test.run();
