import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, Terms } from '../../src/core/entry.ts';
import type { TransitionError } from '../../src/core/errors.ts';
import { asked, isClosed, isSettled, type Request } from '../../src/core/request.ts';
import { transition } from '../../src/core/transition.ts';
import { passkeyReceipt, sessionClosed, signOnReceipt } from '../support/identity-entries.ts';
import {
  after,
  claimed,
  decided,
  later,
  ONE_OF_TWO,
  requested,
  resolved,
  stamped,
  START,
  started,
} from '../support/request-entries.ts';

const MINUTE = 60_000;
const APPROVED = [decided('alice'), resolved('approved')];
const STARTED = [...APPROVED, claimed(), started()];
const SUCCEEDED: Draft = { type: 'execution.succeeded', request_id: 'apr_1', fence: 1, result_commit: 'r' };
const UNKNOWN: Draft = {
  type: 'execution.outcome_unknown',
  request_id: 'apr_1',
  fence: 1,
  detail: 'no answer',
};
const DELIVERED: Draft = {
  type: 'call.completed',
  call_id: 'cal_1',
  request_id: 'apr_1',
  outcome: 'delivered',
};
const LINK: Draft = { type: 'link.issued', request_id: 'apr_1', reviewer: 'alice', link_sha256: 'l' };
const TOLD: Draft = {
  type: 'notice.sent',
  request_id: 'apr_1',
  reviewer: 'alice',
  channel: 'email',
  notice: 'outcome',
  message_id: 'm1',
};

/** Why `draft` may not follow; the time is given in milliseconds after the request. */
function refusal(request: Request, draft: Draft, ms = 10_000): TransitionError {
  try {
    transition(request, stamped(draft, 99, later(ms)));
  } catch (error) {
    return error as TransitionError;
  }
  throw new Error('The transition was legal.');
}

function terms(more: Partial<Terms>): readonly Terms[] {
  return [{ ...ONE_OF_TWO, ...more }];
}

test('a request begins pending', () => {
  assert.equal(after([]).phase, { kind: 'pending' });
});

test('a request cannot be requested twice', () => {
  assert.is(refusal(after([]), requested()).code, 'already_requested');
});

test('a request without terms does not open', () => {
  assert.throws(
    () => transition(undefined, requested([])),
    (error: TransitionError) => error.code === 'no_terms',
  );
});

test('nothing can happen to a request that was never made', () => {
  assert.throws(
    () => transition(undefined, stamped(decided('alice'), 1)),
    (error: TransitionError) => error.code === 'unknown_request',
  );
});

test('everyone who was asked is listed once', () => {
  assert.equal(asked({ terms: [...terms({}), ...terms({ reviewers: ['carol', 'dave'] })] }), [
    'alice',
    'carol',
    'dave',
  ]);
});

test('a quorum of approvals resolves as approved', () => {
  assert.equal(after(APPROVED).phase, { kind: 'approved', at: '2026-11-23T10:00:02.000Z' });
});

test('a rejection resolves as rejected, with its reason', () => {
  assert.equal(after([decided('alice', 'reject'), resolved('rejected', 'not today')]).phase, {
    kind: 'rejected',
    at: '2026-11-23T10:00:02.000Z',
    reason: 'not today',
  });
});

test('it cannot be approved without a quorum', () => {
  assert.is(refusal(after([decided('alice')], terms({ quorum: 2 })), resolved('approved')).code, 'no_quorum');
});

test('it cannot be rejected without a rejection', () => {
  assert.is(refusal(after([decided('alice')]), resolved('rejected')).code, 'no_quorum');
});

test('it cannot be approved once somebody rejected', () => {
  assert.is(
    refusal(after([decided('alice'), decided('carol', 'reject')]), resolved('approved')).code,
    'no_quorum',
  );
});

test('the second decision of one person is refused', () => {
  const error = refusal(after([decided('alice')]), decided('alice', 'reject'));
  assert.is(error.code, 'already_decided');
  assert.is(error.message, 'The request apr_1 was already decided by this reviewer.');
});

test('somebody who was not asked cannot decide', () => {
  assert.is(refusal(after([]), decided('mallory')).code, 'not_asked');
});

test('a decision on another action is refused', () => {
  assert.is(
    refusal(after([]), decided('alice', 'approve', { action_digest: 'b'.repeat(64) })).code,
    'digest_mismatch',
  );
});

test('a decision on another card is refused', () => {
  assert.is(
    refusal(after([]), decided('alice', 'approve', { card_digest: 'b'.repeat(64) })).code,
    'digest_mismatch',
  );
});

test('an approval that is verified too weakly is refused', () => {
  const request = after([], terms({ verification: 'passkey' }));
  assert.is(refusal(request, decided('alice')).code, 'verification_too_weak');
});

test('a rejection may be verified more weakly than an approval', () => {
  const request = after([decided('alice', 'reject')], terms({ verification: 'passkey' }));
  assert.is(request.decisions[0]?.decision, 'reject');
});

for (const decision of ['approve', 'reject'] as const) {
  test(`to ${decision} in Slack is refused where the terms do not admit it`, () => {
    const receipt = { kind: 'slack', team: 'T', user: 'U', payload_sha256: 'c'.repeat(64) } as const;
    const pressed = decided('alice', decision, { verification: 'slack', receipt });
    assert.is(refusal(after([]), pressed).code, 'verification_too_weak');
    const admitting = after([pressed], terms({ admits: ['slack'] }));
    assert.is(admitting.decisions[0]?.decision, decision);
  });
}

for (const decision of ['approve', 'reject'] as const) {
  test(`where a reason is required, to ${decision} without words is refused`, () => {
    const request = after([], terms({ reason: 'required' }));
    assert.is(refusal(request, decided('alice', decision, { reason: ' \n' })).code, 'reason_required');
  });
}

test('a decision in the last millisecond counts', () => {
  const request = transition(after([]), stamped(decided('alice'), 1, later(30 * MINUTE - 1)));
  assert.is(request.decisions.length, 1);
});

test('a decision in the instant of the expiry is too late', () => {
  const error = refusal(after([]), decided('alice'), 30 * MINUTE);
  assert.is(error.code, 'expired');
  assert.is(error.message, 'The request apr_1 expired at 2026-11-23T10:30:00.000Z.');
});

test('it cannot expire before its time', () => {
  assert.is(refusal(after([]), resolved('expired'), 30 * MINUTE - 1).code, 'not_expired');
});

for (const [name, drafts] of [
  ['pending', []],
  ['approved', APPROVED],
  ['claimed', [...APPROVED, claimed()]],
] as const) {
  test(`a request that is ${name} expires when its time is over`, () => {
    const request = transition(after(drafts), stamped(resolved('expired'), 9, later(30 * MINUTE)));
    assert.is(request.phase.kind, 'expired');
  });
}

test('what was started does not expire', () => {
  assert.is(refusal(after(STARTED), resolved('expired'), 31 * MINUTE).code, 'already_resolved');
});

test('a decision after the resolution is an error that names it', () => {
  const error = refusal(after([decided('alice', 'reject'), resolved('rejected')]), decided('carol'));
  assert.is(error.code, 'already_resolved');
  assert.is(error.message, 'The request apr_1 is already rejected, so approval.decided comes too late.');
});

test('a second resolution is an error that names the first', () => {
  const error = refusal(after(APPROVED), resolved('cancelled'));
  assert.is(error.message, 'The request apr_1 is already approved, so approval.resolved comes too late.');
});

test('a pending request cannot be claimed', () => {
  assert.is(refusal(after([decided('alice')]), claimed()).code, 'wrong_phase');
});

test('a claim takes the next fence', () => {
  assert.equal(
    [refusal(after(APPROVED), claimed(0)).code, refusal(after(APPROVED), claimed(2)).code],
    ['stale_fence', 'stale_fence'],
  );
});

test('nothing starts without a claim', () => {
  assert.is(refusal(after(APPROVED), started()).code, 'already_resolved');
});

test('a start that holds an older fence is refused', () => {
  assert.is(refusal(after([...APPROVED, claimed(1), claimed(2)]), started(1)).code, 'stale_fence');
});

test('a start of another action is refused', () => {
  const other = { ...started(), action_digest: 'b'.repeat(64) } as Draft;
  assert.is(refusal(after([...APPROVED, claimed()]), other).code, 'digest_mismatch');
});

test('nothing starts in the instant of the expiry', () => {
  assert.is(refusal(after([...APPROVED, claimed()]), started(), 30 * MINUTE).code, 'expired');
});

test('what was started cannot be started or claimed again', () => {
  assert.equal(
    [refusal(after(STARTED), started()).code, refusal(after(STARTED), claimed(2)).code],
    ['already_resolved', 'already_resolved'],
  );
});

test('an outcome needs a start', () => {
  assert.is(refusal(after([...APPROVED, claimed()]), SUCCEEDED).code, 'already_resolved');
});

test('an outcome by an older fence is refused', () => {
  const request = after([...APPROVED, claimed(1), claimed(2), started(2)]);
  assert.is(refusal(request, SUCCEEDED).code, 'stale_fence');
});

test('a success is final', () => {
  const request = after([...STARTED, SUCCEEDED]);
  assert.equal(request.phase, {
    kind: 'succeeded',
    at: '2026-11-23T10:00:05.000Z',
    result: { result_commit: 'r' },
  });
  assert.is(refusal(request, UNKNOWN).code, 'already_resolved');
});

test('only an unknown outcome can be reconciled', () => {
  const word: Draft = {
    type: 'execution.reconciled',
    request_id: 'apr_1',
    reviewer: 'alice',
    outcome: 'done',
    reason: 'I looked',
  };
  assert.is(after([...STARTED, UNKNOWN, word]).phase.kind, 'reconciled_done');
  assert.is(refusal(after([...STARTED, SUCCEEDED]), word).code, 'already_resolved');
});

test('an outcome is not delivered before there is one', () => {
  assert.is(refusal(after(STARTED), DELIVERED).code, 'not_settled');
});

test('links are issued only while it is pending, to people who were asked', () => {
  assert.is(refusal(after(APPROVED), LINK).code, 'already_resolved');
  assert.is(refusal(after([]), { ...LINK, reviewer: 'mallory' }).code, 'not_asked');
});

const PASSKEY = { verification: 'passkey', receipt: passkeyReceipt('key', 'n') } as const;
const SIGN_ON = { verification: 'sso', receipt: signOnReceipt('1', { auth_time: START }) } as const;

for (const [what, more] of [
  ['a passkey without a receipt', { verification: 'passkey' }],
  ['a sign-on without a receipt', { verification: 'sso' }],
  ['a passkey with the receipt of a sign-on', { ...SIGN_ON, verification: 'passkey' }],
  ['a sign-on with the receipt of a passkey', { ...PASSKEY, verification: 'sso' }],
  ['a link with a receipt', { ...PASSKEY, verification: 'link' }],
] as const) {
  for (const decision of ['approve', 'reject'] as const) {
    test(`to ${decision} by ${what} is refused`, () => {
      assert.is(refusal(after([]), decided('alice', decision, more)).code, 'no_proof');
    });
  }
}

test('a decision keeps which passkey signed it', () => {
  const request = after([decided('alice', 'approve', PASSKEY)], terms({ verification: 'passkey' }));
  assert.equal(request.decisions, [
    {
      reviewer: 'alice',
      decision: 'approve',
      verification: 'passkey',
      at: '2026-11-23T10:00:01.000Z',
      credential_id: 'key',
    },
  ]);
});

test('a decision keeps how old its sign-on was', () => {
  const request = after([decided('alice', 'approve', SIGN_ON)], terms({ verification: 'sso' }));
  assert.equal(request.decisions, [
    {
      reviewer: 'alice',
      decision: 'approve',
      verification: 'sso',
      at: '2026-11-23T10:00:01.000Z',
      sign_on_age_ms: 1000,
    },
  ]);
});

test('a sign-on by a clock that runs ahead is of now', () => {
  const receipt = signOnReceipt('1', { auth_time: later(30_000) });
  const request = after(
    [decided('alice', 'approve', { ...SIGN_ON, receipt })],
    terms({ verification: 'sso' }),
  );
  assert.is(request.decisions[0]?.sign_on_age_ms, 0);
});

test('an approval by a sign-on that is older than the rule allows is refused, a rejection is not', () => {
  const recent = terms({ verification: 'sso', max_age_ms: 9999 });
  assert.is(refusal(after([], recent), decided('alice', 'approve', SIGN_ON)).code, 'sign_on_stale');
  assert.is(after([], recent).decisions.length, 0);
  transition(after([], recent), stamped(decided('alice', 'approve', SIGN_ON), 1, later(9999)));
  transition(after([], recent), stamped(decided('alice', 'reject', SIGN_ON), 1, later(10_000)));
});

test('where two rules ask, a sign-on that is recent enough for one is taken, and counts for that alone', () => {
  const two = [
    { ...ONE_OF_TWO, rule: 'strict', verification: 'sso', max_age_ms: 500 },
    { ...ONE_OF_TWO, rule: 'patient', verification: 'sso', max_age_ms: 60_000 },
  ] as const;
  const request = after([decided('alice', 'approve', SIGN_ON)], two);
  assert.is(request.decisions.length, 1);
  assert.is(refusal(request, resolved('approved')).code, 'no_quorum');
});

const OWNED = terms({ reviewers: ['alice', 'bob'] });
const SOLO = terms({ reviewers: ['bob'], verification: 'passkey', solo: true });

for (const decision of ['approve', 'reject'] as const) {
  test(`the owner does not ${decision} even where the terms name them`, () => {
    assert.is(refusal(after([], OWNED), decided('bob', decision, PASSKEY)).code, 'self_approval');
    assert.is(
      refusal(after([], OWNED), decided('bob', decision, { ...PASSKEY, solo: true })).code,
      'self_approval',
    );
  });
}

test('the owner does not decide where only one of two rules is solo', () => {
  const request = after([], [...SOLO, ...OWNED]);
  assert.is(refusal(request, decided('bob', 'approve', { ...PASSKEY, solo: true })).code, 'self_approval');
});

test('the only human approves with a passkey, marked as solo', () => {
  const request = after([decided('bob', 'approve', { ...PASSKEY, solo: true }), resolved('approved')], SOLO);
  assert.is(request.phase.kind, 'approved');
  assert.is(request.decisions[0]?.solo, true);
});

for (const [what, more] of [
  ['without the mark', PASSKEY],
  ['by a sign-on', { ...SIGN_ON, solo: true }],
  ['by a link', { solo: true }],
] as const) {
  test(`the only human does not approve ${what}`, () => {
    const lenient = terms({ reviewers: ['bob'], solo: true });
    assert.is(refusal(after([], lenient), decided('bob', 'approve', more)).code, 'verification_too_weak');
  });
}

test('the only human does not approve more weakly under another entry of theirs', () => {
  const lenient = terms({ reviewers: ['bob2'], solo: true });
  assert.is(refusal(after([], lenient), decided('bob2')).code, 'verification_too_weak');
});

test('the only human rejects by a link', () => {
  assert.is(after([decided('bob', 'reject')], SOLO).decisions.length, 1);
});

test('nobody is marked as solo where the terms are not', () => {
  assert.is(refusal(after([]), decided('alice', 'approve', { solo: true })).code, 'not_solo');
});

test('a refused verification is of somebody who was asked, and changes nothing but the version', () => {
  const refused = (reviewer: string): Draft => ({
    type: 'verification.refused',
    request_id: 'apr_1',
    reviewer,
    verification: 'passkey',
    reason: 'The passkey was revoked.',
  });
  assert.equal(after([refused('alice')]), { ...after([]), version: 1 });
  assert.is(refusal(after([]), refused('mallory')).code, 'not_asked');
});

test("an entry of people's keys and sessions does not change a request", () => {
  assert.is(refusal(after([]), sessionClosed('a', 'alice')).code, 'not_of_a_request');
});

test('an entry that belongs to no request is refused', () => {
  const draft: Draft = { type: 'log.opened', software: '1' };
  assert.is(refusal(after([]), draft).code, 'not_of_a_request');
});

test('a refused attempt at self-approval changes nothing but the version', () => {
  const draft: Draft = {
    type: 'self_approval.refused',
    request_id: 'apr_1',
    reviewer: 'bob',
    reason: 'owner',
  };
  assert.equal(after([draft]), { ...after([]), version: 1 });
});

test('the version is the sequence number of the last entry', () => {
  assert.is(after(STARTED).version, 4);
});

test('it is closed once it is settled, delivered, and told to everyone with a link', () => {
  const steps: readonly Draft[] = [LINK, ...STARTED, SUCCEEDED, DELIVERED, TOLD];
  assert.equal(
    steps.map((_, i) => isClosed(after(steps.slice(0, i + 1)))),
    [false, false, false, false, false, false, false, true],
  );
});

test('an unknown outcome is settled, but stays open for a word of a person', () => {
  const request = after([...STARTED, UNKNOWN, DELIVERED]);
  assert.equal([isSettled(request), isClosed(request)], [true, false]);
});

test.run();
