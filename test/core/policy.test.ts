import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Facts,
  judge,
  type Policy,
  type Review,
  type Rule,
  type Verdict,
} from '../../src/core/policy.ts';

const REVIEW: Review = {
  reviewers: ['group:ops'],
  quorum: 1,
  verification: 'link',
  expires_ms: 1_800_000,
  reason: 'optional',
  wait_ms: 0,
  timeout_ms: 300_000,
};

const FACTS: Facts = {
  agent: 'claude',
  owner: 'bob',
  server: 'files',
  tool: 'write_file',
  tags: [],
  args: { path: '/srv/a' },
  now: new Date('2026-11-23T10:00:00.000Z'),
  changed: false,
};

function rule(id: string, verdict: Rule['verdict'], more: Partial<Rule> = {}): Rule {
  return { id, match: {}, verdict, review: REVIEW, ...more };
}

function policy(rules: readonly Rule[], unmatched: Policy['unmatched'] = 'review'): Policy {
  return {
    version: 'v',
    unmatched,
    review: { ...REVIEW, reviewers: ['carol'] },
    rules,
    people: {
      people: [
        { id: 'alice', name: 'Alice', emails: ['alice@example.com'] },
        { id: 'bob', name: 'Bob', emails: ['bob@example.com'] },
        { id: 'carol', name: 'Carol', emails: ['carol@example.com'] },
      ],
      groups: { ops: ['alice', 'bob'] },
      agents: [{ id: 'claude', owner: 'bob' }],
    },
  };
}

function askedBy(verdict: Verdict): readonly (readonly [string, readonly string[]])[] {
  return verdict.kind === 'review' ? verdict.asked.map(({ terms }) => [terms.rule, terms.reviewers]) : [];
}

const throwing = (): boolean => {
  throw new Error('no such key: path');
};

test('deny wins over review and allow', () => {
  const verdict = judge(FACTS, policy([rule('a', 'allow'), rule('r', 'review'), rule('d', 'deny')]));
  assert.equal([verdict.kind, verdict.rule], ['deny', 'd']);
});

test('review wins over allow, wherever it stands', () => {
  const verdict = judge(FACTS, policy([rule('r', 'review'), rule('a', 'allow')]));
  assert.equal([verdict.kind, verdict.rule], ['review', 'r']);
});

test('a lone allow rule allows', () => {
  assert.equal(judge(FACTS, policy([rule('a', 'allow')])), {
    kind: 'allow',
    rule: 'a',
    reason: 'The rule a allows this call.',
  });
});

test('every denying rule is named, and the first one speaks', () => {
  const verdict = judge(
    FACTS,
    policy([rule('x', 'deny', { message: 'Not on Fridays.' }), rule('y', 'deny')]),
  );
  assert.equal(verdict, { kind: 'deny', rule: 'x,y', reason: 'Not on Fridays.' });
});

test('a denying rule without a message is named in the reason', () => {
  assert.is(judge(FACTS, policy([rule('d', 'deny')])).reason, 'The rule d denies this call.');
});

test('each of several review rules must be satisfied', () => {
  const rules = [rule('r1', 'review'), rule('r2', 'review', { review: { ...REVIEW, reviewers: ['carol'] } })];
  const verdict = judge(FACTS, policy(rules));
  assert.is(verdict.rule, 'r1,r2');
  assert.equal(askedBy(verdict), [
    ['r1', ['alice']],
    ['r2', ['carol']],
  ]);
});

test("the agent's owner is not asked, and is listed as refused", () => {
  const verdict = judge(FACTS, policy([rule('r', 'review')]));
  assert.equal(verdict.kind === 'review' && verdict.asked[0]?.refused.map(({ id }) => id), ['bob']);
});

test('an unmatched call is reviewed under the top-level terms', () => {
  const verdict = judge(FACTS, policy([]));
  assert.is(verdict.rule, 'unmatched');
  assert.equal(askedBy(verdict), [['unmatched', ['carol']]]);
});

test('an unmatched call is denied where the policy says so', () => {
  assert.is(judge(FACTS, policy([], 'deny')).kind, 'deny');
});

test('an unmatched call is allowed where the policy says so', () => {
  assert.is(judge(FACTS, policy([], 'allow')).kind, 'allow');
});

const SENSITIVE: Facts = { ...FACTS, tags: ['slow', 'sensitive'] };

test('a sensitive tool is reviewed although a rule allows it', () => {
  assert.equal(askedBy(judge(SENSITIVE, policy([rule('a', 'allow')]))), [['sensitive', ['carol']]]);
});

test('a sensitive tool is reviewed although unmatched calls are allowed', () => {
  assert.equal(askedBy(judge(SENSITIVE, policy([], 'allow'))), [['sensitive', ['carol']]]);
});

test('a sensitive tool stays denied', () => {
  assert.is(judge(SENSITIVE, policy([rule('d', 'deny')])).kind, 'deny');
});

test("a sensitive tool that a rule reviews is reviewed under that rule's terms", () => {
  assert.equal(askedBy(judge(SENSITIVE, policy([rule('r', 'review')]))), [['r', ['alice']]]);
});

for (const verdict of ['deny', 'review'] as const) {
  test(`a condition that throws is a match for ${verdict}`, () => {
    const { kind, rule: by } = judge(FACTS, policy([rule('x', verdict, { when: throwing })], 'allow'));
    assert.equal([kind, by], [verdict, 'x']);
  });
}

test('a condition that throws is no match for allow', () => {
  assert.is(judge(FACTS, policy([rule('x', 'allow', { when: throwing })])).rule, 'unmatched');
});

test('a condition that is false keeps its rule out', () => {
  assert.is(judge(FACTS, policy([rule('d', 'deny', { when: () => false })])).rule, 'unmatched');
});

for (const key of ['server', 'tool', 'agent', 'owner', 'tags'] as const) {
  test(`a rule whose ${key} does not match is left out, and its condition is not asked`, () => {
    const out = rule('d', 'deny', { match: { [key]: () => false }, when: throwing });
    assert.is(judge(FACTS, policy([out])).rule, 'unmatched');
  });
}

test('one matching tag is enough', () => {
  const tagged = rule('d', 'deny', { match: { tags: (tag) => tag === 'sensitive' } });
  assert.is(judge(SENSITIVE, policy([tagged])).rule, 'd');
});

function termsOf(verdict: Verdict) {
  return verdict.kind === 'review' ? verdict.asked.map(({ terms }) => terms) : [];
}

function reviewed(more: Partial<Review>): Policy {
  return policy([rule('r', 'review', { review: { ...REVIEW, ...more } })]);
}

test('a review by sign-on says how recent it must be, five minutes where the rule does not', () => {
  assert.equal(
    [reviewed({ verification: 'sso' }), reviewed({ verification: 'sso', max_age_ms: 60_000 })].map(
      (each) => termsOf(judge(FACTS, each))[0],
    ),
    [
      {
        rule: 'r',
        reviewers: ['alice'],
        quorum: 1,
        verification: 'sso',
        max_age_ms: 300_000,
        reason: 'optional',
      },
      {
        rule: 'r',
        reviewers: ['alice'],
        quorum: 1,
        verification: 'sso',
        max_age_ms: 60_000,
        reason: 'optional',
      },
    ],
  );
});

for (const verification of ['link', 'passkey'] as const) {
  test(`a review by ${verification} says nothing of the age of a sign-on`, () => {
    assert.equal(termsOf(judge(FACTS, reviewed({ verification, max_age_ms: 60_000 }))), [
      { rule: 'r', reviewers: ['alice'], quorum: 1, verification, reason: 'optional' },
    ]);
  });
}

for (const verification of ['link', 'sso', 'passkey'] as const) {
  test(`the only human reviews with a passkey where the rule asks for ${verification}, and the terms say solo`, () => {
    const given = reviewed({ verification, max_age_ms: 60_000, reviewers: ['bob'] });
    const alone: Policy = {
      ...given,
      people: {
        ...given.people,
        people: [{ id: 'bob', name: 'Bob', emails: ['bob@example.com'] }],
        solo: true,
      },
    };
    assert.equal(termsOf(judge(FACTS, alone)), [
      { rule: 'r', reviewers: ['bob'], quorum: 1, verification: 'passkey', reason: 'optional', solo: true },
    ]);
  });
}

test('the only human is not asked where the workspace does not declare it', () => {
  const given = reviewed({ reviewers: ['bob'] });
  const alone: Policy = {
    ...given,
    people: { ...given.people, people: [{ id: 'bob', name: 'Bob', emails: ['bob@example.com'] }] },
  };
  assert.equal(termsOf(judge(FACTS, alone)), [
    { rule: 'r', reviewers: [], quorum: 1, verification: 'link', reason: 'optional' },
  ]);
});

test('for whom the owner acts is not asked', () => {
  const given = reviewed({ reviewers: ['alice', 'carol'] });
  const people = given.people.people.map((each) =>
    each.id === 'bob' ? { ...each, acts_for: ['carol'] } : each,
  );
  const verdict = judge(FACTS, { ...given, people: { ...given.people, people } });
  assert.equal(askedBy(verdict), [['r', ['alice']]]);
});

test.run();
