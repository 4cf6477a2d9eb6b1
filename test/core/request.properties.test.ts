import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, Entry, EntryOf, Receipt, Terms } from '../../src/core/entry.ts';
import { TransitionError } from '../../src/core/errors.ts';
import { isSettled, type Request } from '../../src/core/request.ts';
import { transition } from '../../src/core/transition.ts';
import { passkeyReceipt, signOnReceipt } from '../support/identity-entries.ts';
import { later, requested, stamped } from '../support/request-entries.ts';

const RUNS = 3000;
const MINUTE = 60_000;
const ASKED = ['alice', 'erin', 'carol', 'dave'];
const OWNER = 'bob';
/** Whom terms may ask later. */
const LATER = ['grace', 'heidi'];

/** One event of a history: how long after the one before, and what. Fences are relative to the current one. */
interface Step {
  readonly ms: number;
  readonly draft: (request: Request) => Draft;
}

const of = { request_id: 'apr_1' } as const;

function step(draft: (request: Request) => Draft, weight: number): fc.WeightedArbitrary<Step> {
  const ms = fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 60_000 }), weight: 9 },
    { arbitrary: fc.constant(15 * MINUTE), weight: 1 },
  );
  return { weight, arbitrary: ms.map((each) => ({ ms: each, draft })) };
}

const aDecision: fc.Arbitrary<Step> = fc
  .record({
    ms: fc.integer({ min: 0, max: 5 * MINUTE }),
    reviewer: fc.constantFrom(...ASKED, ...ASKED, ...LATER, ...LATER, OWNER, 'mallory'),
    decision: fc.constantFrom('approve', 'approve', 'approve', 'approve', 'approve', 'approve', 'reject'),
    verification: fc.constantFrom('link', 'sso', 'passkey', 'passkey'),
    reason: fc.constantFrom('', 'ok', 'ok'),
    digest: fc.constantFrom('a', 'a', 'a', 'a', 'b'),
    proof: fc.constantFrom('fitting', 'fitting', 'fitting', 'fitting', 'none', 'passkey', 'sso'),
    signedOn: fc.integer({ min: 0, max: 5 * MINUTE }),
    marked: fc.constantFrom('rightly', 'rightly', 'rightly', 'always', 'never'),
  })
  .map(({ ms, digest, proof, signedOn, marked, ...rest }) => ({
    ms,
    draft: ({ terms }: Request) => ({
      type: 'approval.decided',
      ...of,
      ...rest,
      // Who else has to do with a workspace of one person?
      ...(terms.some(({ solo }) => solo) && rest.reviewer !== 'mallory' ? { reviewer: OWNER } : {}),
      opened_at: later(0),
      action_digest: digest.repeat(64),
      card_digest: 'e'.repeat(64),
      ...proven(proof === 'fitting' ? rest.verification : proof, signedOn),
      ...(marked === 'always' || (marked === 'rightly' && terms.some(({ solo }) => solo))
        ? { solo: true as const }
        : {}),
    }),
  }));

function proven(by: string, signedOn: number): { readonly receipt?: Receipt } {
  if (by === 'passkey') return { receipt: passkeyReceipt('key', 'nonce') };
  if (by === 'sso') return { receipt: signOnReceipt('1', { auth_time: later(signedOn) }) };
  return {};
}

const aFence = fc.constantFrom(0, 0, 0, -1, 1);

/** What would come next if all went well; without it few random histories get far. */
function natural(request: Request): Draft {
  const fence = request.fence;
  switch (request.phase.kind) {
    case 'approved':
      return { type: 'execution.claimed', ...of, fence: fence + 1, lease_until: later(0) };
    case 'claimed':
      return { type: 'execution.started', ...of, fence, action_digest: 'a'.repeat(64) };
    case 'started':
      return { type: 'execution.outcome_unknown', ...of, fence, detail: 'd' };
    default:
      return { type: 'approval.resolved', ...of, resolution: 'approved', reason: 'r' };
  }
}

const aStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: aDecision, weight: 40 },
  step(natural, 30),
  ...(['approved', 'approved', 'approved', 'rejected', 'expired', 'cancelled', 'voided'] as const).map(
    (resolution) =>
      step(
        () => ({ type: 'approval.resolved', ...of, resolution, reason: 'r' }),
        resolution === 'approved' ? 3 : 1,
      ),
  ),
  {
    weight: 6,
    arbitrary: aFence.map((off) => ({
      ms: 1000,
      draft: (request: Request): Draft => ({
        type: 'execution.claimed',
        ...of,
        fence: request.fence + 1 + off,
        lease_until: later(0),
      }),
    })),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(aFence, fc.constantFrom('a', 'a', 'a', 'b')).map(([off, digest]) => ({
      ms: 1000,
      draft: (request: Request): Draft => ({
        type: 'execution.started',
        ...of,
        fence: request.fence + off,
        action_digest: digest.repeat(64),
      }),
    })),
  },
  {
    weight: 12,
    arbitrary: fc
      .record({
        cause: fc.constantFrom('time', 'time', 'unreachable'),
        rule: fc.constantFrom('r', 'r', 'r', 'other'),
        others: fc.uniqueArray(fc.constantFrom(...LATER, ...LATER, OWNER), { maxLength: 2 }),
        named: fc.constantFrom(true, true, true, false),
      })
      .map(({ cause, rule, others, named }) => ({
        ms: MINUTE,
        draft: ({ terms: [terms] }: Request): Draft => {
          const theirs = cause === 'time' ? terms?.escalate?.reviewers : terms?.fallback;
          const reviewers = named ? (theirs ?? others) : others;
          return { type: 'approval.escalated', ...of, cause, rule, reviewers };
        },
      })),
  },
  step((request) => ({ type: 'execution.succeeded', ...of, fence: request.fence }), 2),
  step((request) => ({ type: 'execution.failed', ...of, fence: request.fence, detail: 'd' }), 1),
  step((request) => ({ type: 'execution.outcome_unknown', ...of, fence: request.fence, detail: 'd' }), 2),
  step(() => ({ type: 'execution.reconciled', ...of, reviewer: 'alice', outcome: 'done', reason: 'r' }), 1),
  step(() => ({ type: 'link.issued', ...of, reviewer: 'alice', link_sha256: 'l' }), 1),
  step(
    () => ({ type: 'notice.failed', ...of, reviewer: 'alice', channel: 'email', notice: 'ask', detail: 'd' }),
    1,
  ),
  step(() => ({ type: 'call.completed', ...of, call_id: 'cal_1', outcome: 'delivered' }), 1),
  step(() => ({ type: 'self_approval.refused', ...of, reviewer: 'frank', reason: 'r' }), 1),
  step(
    () => ({ type: 'verification.refused', ...of, reviewer: 'alice', verification: 'passkey', reason: 'r' }),
    1,
  ),
  step(() => ({ type: 'session.closed', session_sha256: 's', person: 'alice', by: 'alice' }), 1),
);

const someTerms: fc.Arbitrary<Terms> = fc
  .record({
    rule: fc.constant('r'),
    reviewers: fc.uniqueArray(fc.constantFrom(...ASKED, ...ASKED, OWNER), { minLength: 1 }),
    quorum: fc.integer({ min: 1, max: 2 }),
    verification: fc.constantFrom('link', 'link', 'sso', 'passkey'),
    reason: fc.constantFrom('optional', 'optional', 'required'),
    max_age_ms: fc.constantFrom(MINUTE, 10 * MINUTE),
    escalate: fc.option(
      fc.record({
        after_ms: fc.constantFrom(0, MINUTE, 10 * MINUTE),
        reviewers: fc.constantFrom(['grace'], ['grace', 'heidi']),
        notify: fc.constant([]),
      }),
      { nil: undefined },
    ),
    fallback: fc.option(fc.constantFrom(['heidi'], ['grace', 'heidi']), { nil: undefined }),
  })
  .map(({ max_age_ms, escalate, fallback, ...rest }) => ({
    ...rest,
    ...(rest.verification === 'sso' ? { max_age_ms } : {}),
    ...(escalate === undefined ? {} : { escalate }),
    ...(fallback === undefined ? {} : { fallback }),
  }));

/** In a workspace of one person every rule asks that one. */
const soloTerms: fc.Arbitrary<readonly Terms[]> = fc.constant([
  { rule: 'r', reviewers: [OWNER], quorum: 1, verification: 'passkey', reason: 'optional', solo: true },
]);

const allTerms = fc.oneof(
  { arbitrary: fc.array(someTerms, { minLength: 1, maxLength: 2 }), weight: 9 },
  { arbitrary: soloTerms, weight: 1 },
);

interface Change {
  readonly before: Request;
  readonly entry: Entry;
  readonly after: Request;
}

/** Plays random histories, tells `seen` of every change that was legal, and counts what came of them. */
function play(seen: (change: Change, changes: readonly Change[]) => void): {
  started: number;
  refused: number;
} {
  const counts = { started: 0, refused: 0 };
  fc.assert(
    fc.property(allTerms, fc.array(aStep, { minLength: 5, maxLength: 30 }), (terms, steps) => {
      let request = transition(undefined, requested(terms));
      let ms = 0;
      const changes: Change[] = [];
      steps.forEach(({ ms: passed, draft }, i) => {
        ms += passed;
        const entry = stamped(draft(request), i + 1, later(ms));
        const before = request;
        try {
          request = transition(before, entry);
        } catch (error) {
          assert.instance(error, TransitionError);
          counts.refused += 1;
          return;
        }
        const change = { before, entry, after: request };
        changes.push(change);
        if (entry.type === 'execution.started') counts.started += 1;
        seen(change, changes);
      });
    }),
    { numRuns: RUNS },
  );
  return counts;
}

function entriesOf<T extends Entry['type']>(changes: readonly Change[], type: T): readonly EntryOf<T>[] {
  return changes.map((change) => change.entry).filter((entry): entry is EntryOf<T> => entry.type === type);
}

/** Where the rule asks for a sign-on and one was given, whether it was recent enough. */
function isRecent(
  { receipt, time }: EntryOf<'approval.decided'>,
  { verification, max_age_ms }: Terms,
): boolean {
  if (verification !== 'sso' || receipt?.kind !== 'sso') return true;
  return Date.parse(time) - Date.parse(receipt.auth_time) <= (max_age_ms ?? 0);
}

const STRENGTH = { link: 0, sso: 1, passkey: 2, slack: -1, api: -1 };

test('nothing ever starts without a quorum of distinct people for every rule', () => {
  const { started } = play(({ entry, before }, changes) => {
    if (entry.type !== 'execution.started') return;
    const approvals = entriesOf(changes, 'approval.decided').filter(({ decision }) => decision === 'approve');
    for (const terms of before.terms) {
      const people = terms.reviewers.filter((id) =>
        approvals.some(
          (each) =>
            each.reviewer === id &&
            each.action_digest === 'a'.repeat(64) &&
            STRENGTH[each.verification] >= STRENGTH[terms.verification] &&
            (each.receipt?.kind ?? 'link') === each.verification &&
            isRecent(each, terms) &&
            (terms.reason === 'optional' || each.reason === 'ok'),
        ),
      );
      assert.ok(people.length >= terms.quorum);
    }
  });
  assert.ok(started > 100, `only ${started} of the histories came to a start`);
});

test("nothing ever starts by its owner's word, but for a lone owner with a passkey, marked as such", () => {
  let alone = 0;
  play(({ entry, before }, changes) => {
    if (entry.type !== 'execution.started') return;
    for (const { reviewer, decision, verification, solo } of entriesOf(changes, 'approval.decided')) {
      if (decision !== 'approve') continue;
      const isSolo = before.terms.every((terms) => terms.solo);
      assert.is(reviewer === OWNER, isSolo);
      assert.is(solo, isSolo ? true : undefined);
      if (isSolo) assert.is(verification, 'passkey');
      alone += isSolo ? 1 : 0;
    }
  });
  assert.ok(alone > 20, `only ${alone} of the starts were of a lone owner`);
});

test('nobody ever decides who was not asked at first or by an escalation at its time', () => {
  let later = 0;
  play(({ before, entry }, changes) => {
    if (entry.type !== 'approval.decided') return;
    const first = changes[0]?.before.terms ?? [];
    if (first.some(({ reviewers }) => reviewers.includes(entry.reviewer))) return;
    later += 1;
    const asked = entriesOf(changes, 'approval.escalated').filter(({ reviewers }) =>
      reviewers.includes(entry.reviewer),
    );
    assert.ok(
      asked.some(({ rule, cause, time }) =>
        first.some((terms) => {
          if (terms.rule !== rule) return false;
          if (cause === 'unreachable') return terms.fallback?.includes(entry.reviewer) === true;
          const due = Date.parse(before.requested_at) + (terms.escalate?.after_ms ?? Infinity);
          return terms.escalate?.reviewers.includes(entry.reviewer) === true && Date.parse(time) >= due;
        }),
      ),
    );
  });
  assert.ok(later > 30, `only ${later} of the decisions were of people who were asked later`);
});

test('nothing ever starts after somebody rejected', () => {
  play(({ entry }, changes) => {
    if (entry.type !== 'execution.started') return;
    assert.equal(
      entriesOf(changes, 'approval.decided').filter(({ decision }) => decision === 'reject'),
      [],
    );
  });
});

test('nothing ever starts twice', () => {
  play((_, changes) => {
    assert.ok(entriesOf(changes, 'execution.started').length <= 1);
  });
});

test('nothing ever starts at or after its expiry', () => {
  play(({ entry, before }) => {
    if (entry.type === 'execution.started') assert.ok(Date.parse(entry.time) < Date.parse(before.expires_at));
  });
});

test('nothing ever starts another action than the one that was approved', () => {
  play(({ entry, before }) => {
    if (entry.type === 'execution.started') assert.is(entry.action_digest, before.action_digest);
  });
});

test('a settled request changes only by a word on an unknown outcome, by delivery and by notices', () => {
  play(({ before, entry, after }) => {
    if (!isSettled(before)) return;
    const { version, notices, delivered, ...kept } = after;
    assert.is(version, entry.seq);
    if (entry.type === 'execution.reconciled') {
      assert.is(before.phase.kind, 'outcome_unknown');
      assert.equal({ ...kept, phase: 0 }, { ...strip(before), phase: 0 });
    } else {
      assert.equal(kept, strip(before));
    }
    assert.ok(notices.length === before.notices.length || entry.type.startsWith('notice.'));
    assert.ok(delivered === before.delivered || entry.type === 'call.completed');
  });
});

function strip({
  version: _v,
  notices: _n,
  delivered: _d,
  ...kept
}: Request): Omit<Request, 'version' | 'notices' | 'delivered'> {
  return kept;
}

test('one person never decides twice', () => {
  play(({ after }) => {
    const people = after.decisions.map(({ reviewer }) => reviewer);
    assert.is(new Set(people).size, people.length);
  });
});

test('fences only grow, by one with each claim', () => {
  play(({ before, entry, after }) => {
    assert.is(after.fence, entry.type === 'execution.claimed' ? before.fence + 1 : before.fence);
  });
});

test('a decision that comes after the resolution is an error that names the resolution', () => {
  let late = 0;
  const decision: Draft = {
    type: 'approval.decided',
    ...of,
    reviewer: 'alice',
    verification: 'passkey',
    receipt: passkeyReceipt('key', 'nonce'),
    decision: 'approve',
    reason: 'ok',
    opened_at: later(0),
    action_digest: 'a'.repeat(64),
    card_digest: 'e'.repeat(64),
  };
  play(({ after }) => {
    if (after.phase.kind === 'pending') return;
    late += 1;
    assert.throws(
      () => transition(after, stamped(decision, 999)),
      (error: TransitionError) =>
        error.code === 'already_resolved' &&
        error.message ===
          `The request apr_1 is already ${after.phase.kind.replaceAll('_', ' ')}, so approval.decided comes too late.`,
    );
  });
  assert.ok(late > 1000, `only ${late} late decisions were tried`);
});

test.run();
