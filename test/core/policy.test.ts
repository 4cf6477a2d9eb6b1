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
    durability: 'behind',
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

const CHANGED_FACTS: Facts = { ...FACTS, changed: true };
const UNSEEN =
  'The definition of this tool has changed, or the tool is new, and nobody has accepted it since.';

test('an allowed call of a changed tool is reviewed under the top-level terms', () => {
  const verdict = judge(CHANGED_FACTS, policy([rule('a', 'allow')]));
  assert.equal([verdict.kind, verdict.rule, verdict.reason], ['review', 'changed', UNSEEN]);
  assert.equal(askedBy(verdict), [['changed', ['carol']]]);
});

test('an unmatched call of a changed tool is reviewed even where unmatched calls are allowed', () => {
  assert.equal(askedBy(judge(CHANGED_FACTS, policy([], 'allow'))), [['changed', ['carol']]]);
});

test('a reviewed call of a changed tool stays with its rules, and says why it deserves a second look', () => {
  const verdict = judge(CHANGED_FACTS, policy([rule('r', 'review')]));
  assert.equal(askedBy(verdict), [['r', ['alice']]]);
  assert.is(verdict.reason, `The rule r asks for review. ${UNSEEN}`);
});

test('a changed tool is denied where a rule or the lack of one denies it anyway', () => {
  const denied = judge(
    CHANGED_FACTS,
    policy([rule('d', 'deny'), rule('a', 'allow', { on_change: 'allow' })]),
  );
  assert.equal([denied.kind, denied.rule], ['deny', 'd']);
  const unmatched = judge(CHANGED_FACTS, policy([], 'deny'));
  assert.equal([unmatched.kind, unmatched.rule], ['deny', 'unmatched']);
});

for (const verdict of ['allow', 'review'] as const) {
  test(`on_change: deny denies a changed tool that a rule would ${verdict}`, () => {
    assert.equal(judge(CHANGED_FACTS, policy([rule('x', verdict, { on_change: 'deny' })])), {
      kind: 'deny',
      rule: 'x',
      reason:
        'The definition of this tool has changed, and the rule x denies it until a person has accepted it as it is now.',
    });
  });

  test(`on_change means nothing to a tool that has not changed, where the verdict is ${verdict}`, () => {
    for (const on_change of ['deny', 'review', 'allow'] as const) {
      assert.equal(
        judge(FACTS, policy([rule('x', verdict, { on_change })])),
        judge(FACTS, policy([rule('x', verdict)])),
      );
    }
  });

  test(`on_change: allow leaves ${verdict} as it is`, () => {
    const rules = policy([rule('x', verdict, { on_change: 'allow' })]);
    assert.equal(judge(CHANGED_FACTS, rules), judge(FACTS, rules));
  });
}

test('of several rules the strictest on_change counts, one that says nothing among them', () => {
  const allows = rule('a', 'allow', { on_change: 'allow' });
  const kindOf = (...rules: readonly Rule[]) => judge(CHANGED_FACTS, policy(rules)).kind;
  assert.is(kindOf(allows, rule('b', 'allow', { on_change: 'allow' })), 'allow');
  assert.is(kindOf(allows, rule('b', 'allow')), 'review');
  assert.is(kindOf(allows, rule('b', 'allow', { on_change: 'review' })), 'review');
  assert.is(kindOf(allows, rule('b', 'allow'), rule('c', 'allow', { on_change: 'deny' })), 'deny');
  assert.is(kindOf(allows, rule('b', 'review', { on_change: 'deny' })), 'deny');
});

test('all rules that deny a changed tool are named', () => {
  const rules = ['x', 'y'].map((id) => rule(id, 'allow', { on_change: 'deny' }));
  assert.is(judge(CHANGED_FACTS, policy(rules)).rule, 'x,y');
});

test('a rule that does not cover the call has no say on its change', () => {
  const elsewhere = rule('z', 'allow', { match: { tool: () => false }, on_change: 'deny' });
  const here = rule('a', 'allow', { on_change: 'allow' });
  assert.is(judge(CHANGED_FACTS, policy([elsewhere, here])).kind, 'allow');
});

test('a condition that throws lets no changed tool pass', () => {
  const failing = rule('a', 'allow', { when: throwing, on_change: 'allow' });
  assert.is(judge(CHANGED_FACTS, policy([failing], 'allow')).rule, 'changed');
  const denying = rule('d', 'review', { when: throwing, on_change: 'deny' });
  assert.equal(judge(CHANGED_FACTS, policy([denying], 'allow')).kind, 'deny');
});

test('a sensitive tool is reviewed although every rule lets its change pass', () => {
  const verdict = judge(
    { ...CHANGED_FACTS, tags: ['sensitive'] },
    policy([rule('a', 'allow', { on_change: 'allow' })]),
  );
  assert.equal([verdict.kind, verdict.rule], ['review', 'sensitive']);
});

test("the agent's owner is not asked about a changed tool", () => {
  const own = { ...policy([rule('a', 'allow')]), review: { ...REVIEW, reviewers: ['bob', 'carol'] } };
  assert.equal(askedBy(judge(CHANGED_FACTS, own)), [['changed', ['carol']]]);
});

test('no change makes a verdict laxer, whatever the rules say', () => {
  const STRICT = { allow: 0, review: 1, deny: 2 } as const;
  const verdicts = ['allow', 'review', 'deny'] as const;
  const wishes = [undefined, 'allow', 'review', 'deny'] as const;
  const choices = verdicts.flatMap((verdict) =>
    wishes.map((on_change) => ({ verdict, ...(on_change === undefined ? {} : { on_change }) })),
  );
  let judged = 0;
  for (const unmatched of verdicts) {
    for (const first of [undefined, ...choices]) {
      for (const second of [undefined, ...choices]) {
        for (const tags of [[], ['sensitive']]) {
          const chosen = [first, second].flatMap((each) => each ?? []);
          const rules = policy(
            chosen.map(({ verdict, ...more }, i) => rule(`r${i}`, verdict, more)),
            unmatched,
          );
          const before = judge({ ...FACTS, tags }, rules);
          const after = judge({ ...CHANGED_FACTS, tags }, rules);
          const lets = chosen.length > 0 && chosen.every(({ on_change }) => on_change === 'allow');
          const least = lets ? STRICT[before.kind] : Math.max(1, STRICT[before.kind]);
          assert.ok(STRICT[after.kind] >= least, JSON.stringify({ unmatched, chosen, tags }));
          if (chosen.some(({ on_change }) => on_change === 'deny')) assert.is(after.kind, 'deny');
          judged += 1;
        }
      }
    }
  }
  assert.is(judged, 3 * 13 * 13 * 2);
});

for (const [durabilities, expected] of [
  [[], 'behind'],
  [['behind'], 'behind'],
  [['before'], 'before'],
  [[undefined, 'before', 'behind'], 'before'],
] as const) {
  test(`allow rules with durability ${durabilities.join(', ') || 'unsaid'} give ${expected}`, () => {
    const rules = (durabilities.length === 0 ? [undefined] : durabilities).map((durability, i) =>
      rule(`a${i}`, 'allow', durability === undefined ? {} : { durability }),
    );
    const verdict = judge(FACTS, policy(rules));
    assert.is(verdict.kind === 'allow' && verdict.durability, expected);
  });
}

test.run();
