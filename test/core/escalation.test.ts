import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, EntryOf, Terms } from '../../src/core/entry.ts';
import type { TransitionError } from '../../src/core/errors.ts';
import { asEscalated, escalatesAt, isEscalated, withEverybody } from '../../src/core/escalation.ts';
import { asked, type Request } from '../../src/core/request.ts';
import { transition } from '../../src/core/transition.ts';
import { after, decided, later, ONE_OF_TWO, resolved, stamped, START } from '../support/request-entries.ts';

const MINUTE = 60_000;
const TERMS: Terms = {
  ...ONE_OF_TWO,
  escalate: { after_ms: 20 * MINUTE, reviewers: ['erin', 'frank'], notify: ['pagerduty'] },
  fallback: ['grace'],
};

function escalation(more: Partial<EntryOf<'approval.escalated'>> = {}): Draft {
  const of = { request_id: 'apr_1', rule: 'writes', cause: 'time', reviewers: ['erin'] } as const;
  return { type: 'approval.escalated', ...of, ...more };
}

const SENT: Draft = {
  type: 'notice.sent',
  request_id: 'apr_1',
  reviewer: 'alice',
  channel: 'email',
  notice: 'ask',
  message_id: 'm',
};

function at(request: Request, draft: Draft, ms: number): Request {
  return transition(request, stamped(draft, 50, later(ms)));
}

function refusal(request: Request, draft: Draft, ms = 20 * MINUTE): TransitionError {
  try {
    at(request, draft, ms);
  } catch (error) {
    return error as TransitionError;
  }
  throw new Error('The transition was legal.');
}

const PENDING = after([], [TERMS]);
const ESCALATED = at(PENDING, escalation(), 20 * MINUTE);

test('an escalation is due so long after the request', () => {
  assert.is(escalatesAt(PENDING, TERMS), Date.parse(START) + 20 * MINUTE);
  assert.is(escalatesAt(PENDING, ONE_OF_TWO), undefined);
});

test('whoever an escalation asks may decide from then on', () => {
  assert.is(refusal(PENDING, decided('erin')).code, 'not_asked');
  assert.equal(asked(ESCALATED), ['alice', 'carol', 'erin']);
  const approved = at(ESCALATED, decided('erin'), 21 * MINUTE);
  assert.equal(
    approved.decisions.map(({ reviewer }) => reviewer),
    ['erin'],
  );
  assert.is(at(approved, resolved('approved'), 21 * MINUTE).phase.kind, 'approved');
});

test('an escalation is kept with whom it asked, why and when', () => {
  assert.equal(ESCALATED.escalations, [
    { rule: 'writes', cause: 'time', reviewers: ['erin'], at: later(20 * MINUTE) },
  ]);
  assert.is(isEscalated(ESCALATED, TERMS, 'time'), true);
  assert.is(isEscalated(ESCALATED, TERMS, 'unreachable'), false);
  assert.is(isEscalated(PENDING, TERMS, 'time'), false);
});

test('nothing is escalated a millisecond before its time', () => {
  assert.is(refusal(PENDING, escalation(), 20 * MINUTE - 1).code, 'too_early');
});

test('nothing is escalated to people whom the terms do not name for it, nor to nobody', () => {
  for (const more of [
    { reviewers: ['bob'] },
    { reviewers: ['erin', 'bob'] },
    { reviewers: ['grace'] },
    { reviewers: [] },
    { rule: 'reads' },
    { cause: 'unreachable', reviewers: ['erin'] },
  ] as const)
    assert.is(refusal(PENDING, escalation(more)).code, 'not_escalating');
});

test('nothing is escalated to the owner, whatever the terms say', () => {
  const terms = {
    ...TERMS,
    fallback: ['bob'],
    escalate: { after_ms: 0, reviewers: ['erin', 'bob'], notify: [] },
  };
  const request = after([], [terms]);
  for (const more of [{ reviewers: ['erin', 'bob'] }, { cause: 'unreachable', reviewers: ['bob'] }] as const)
    assert.is(refusal(request, escalation(more)).code, 'self_approval');
});

test('nothing is escalated twice for one cause, and once for each', () => {
  assert.is(refusal(ESCALATED, escalation({ reviewers: ['frank'] })).code, 'not_escalating');
  const both = at(ESCALATED, escalation({ cause: 'unreachable', reviewers: ['grace'] }), 21 * MINUTE);
  assert.equal(asked(both), ['alice', 'carol', 'erin', 'grace']);
});

test('the fallback is not asked about what reached somebody', () => {
  const draft = escalation({ cause: 'unreachable', reviewers: ['grace'] });
  assert.equal(asked(at(PENDING, draft, 0)), ['alice', 'carol', 'grace']);
  assert.is(refusal(after([SENT], [TERMS]), draft).code, 'was_reached');
});

test('what is resolved or over is not escalated', () => {
  assert.is(refusal(after([resolved('cancelled')], [TERMS]), escalation()).code, 'already_resolved');
  assert.is(refusal(PENDING, escalation(), 30 * MINUTE).code, 'expired');
});

test('only the rule that is escalated asks more people', () => {
  const other = { ...TERMS, rule: 'other' };
  const request = at(after([], [TERMS, other]), escalation(), 20 * MINUTE);
  assert.equal(
    request.terms.map(({ reviewers }) => reviewers),
    [
      ['alice', 'carol', 'erin'],
      ['alice', 'carol'],
    ],
  );
});

test('everybody whom terms may ever ask is named once', () => {
  const terms = { ...TERMS, fallback: ['grace', 'alice', 'erin'] };
  assert.equal(withEverybody(terms).reviewers, ['alice', 'carol', 'erin', 'frank', 'grace']);
  assert.is(withEverybody(ONE_OF_TWO).reviewers.length, 2);
});

const NOW = Date.parse(later(25 * MINUTE));
const counted = (terms: Terms, request: Request = ESCALATED, now = NOW): readonly string[] =>
  asEscalated(terms, request, now).reviewers;

test('terms in force count whom the request escalated to', () => {
  assert.equal(counted(TERMS), ['alice', 'carol', 'erin']);
  assert.equal(counted(TERMS, PENDING), ['alice', 'carol']);
});

test('terms in force do not count whom they name no more for that escalation', () => {
  const escalate = { after_ms: 20 * MINUTE, reviewers: ['frank'], notify: [] };
  assert.equal(counted({ ...TERMS, escalate }), ['alice', 'carol']);
  assert.equal(counted(ONE_OF_TWO), ['alice', 'carol']);
  assert.equal(counted({ ...ONE_OF_TWO, fallback: ['erin'] }), ['alice', 'carol']);
  assert.equal(counted({ ...TERMS, rule: 'other' }), ['alice', 'carol']);
});

test('terms in force that escalate later count nobody before that', () => {
  const escalate = { after_ms: 26 * MINUTE, reviewers: ['erin'], notify: [] };
  assert.equal(counted({ ...TERMS, escalate }), ['alice', 'carol']);
  assert.equal(counted({ ...TERMS, escalate }, ESCALATED, NOW + MINUTE), ['alice', 'carol', 'erin']);
});

test('terms in force count the fallback for what reached nobody', () => {
  const unreached = at(PENDING, escalation({ cause: 'unreachable', reviewers: ['grace'] }), 0);
  assert.equal(counted(TERMS, unreached, Date.parse(START)), ['alice', 'carol', 'grace']);
  assert.equal(counted({ ...TERMS, fallback: ['erin'] }, unreached), ['alice', 'carol']);
});

test.run();
