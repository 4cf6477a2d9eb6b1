import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadValid, problemsOf } from '../support/policy-folder.ts';

const RULES = `review:
  reviewers: [group:ops]
rules: []
`;

/** People where ann is an auditor, and what else the file says. */
function people(more: string): string {
  return `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ray, emails: [bob@example.com] }
  - { id: ann, name: Ann Audit, emails: [ann@example.com], role: auditor }
${more}`;
}

const GROUPS = 'groups:\n  ops: [alice, bob]\n';

function mistake(title: string, text: string, expected: readonly string[], rules = RULES): void {
  test(`reports ${title}`, async () => {
    assert.equal(await problemsOf({ 'people.yaml': text, 'rules.yaml': rules }), expected);
  });
}

test('a person may be an auditor', async () => {
  const policy = await loadValid({ 'people.yaml': people(GROUPS), 'rules.yaml': RULES });
  assert.equal(
    policy.people.people.map(({ id, role }) => [id, role]),
    [
      ['alice', undefined],
      ['bob', undefined],
      ['ann', 'auditor'],
    ],
  );
});

const DECIDES_NOTHING = 'ann is an auditor, who decides nothing; name another person, or remove their role.';
const NO_AGENT =
  'ann is an auditor, on whose behalf no agent acts; name another person, or remove their role.';

mistake('another role', people(GROUPS).replace('role: auditor', 'role: admin'), [
  'policies/people.yaml:4:66: role may be auditor, for a person who reads everything and decides nothing; leave it out for everybody else.',
]);
mistake('an auditor in a group', people('groups:\n  ops: [alice, bob, ann]\n'), [
  `policies/people.yaml:6:21: ${DECIDES_NOTHING}`,
]);
mistake(
  'an auditor in a group that a provider fills',
  people('groups:\n  ops: { members: [alice, ann], sso: ops }\n'),
  [`policies/people.yaml:6:27: ${DECIDES_NOTHING}`],
);
mistake('an auditor who owns an agent', people(`${GROUPS}agents:\n  - { id: claude, owner: ann }\n`), [
  `policies/people.yaml:8:26: ${NO_AGENT}`,
]);
mistake(
  'an auditor for whom somebody acts',
  people(GROUPS).replace('bob@example.com]', 'bob@example.com], acts_for: [ann]'),
  [`policies/people.yaml:3:69: ${NO_AGENT}`],
);
mistake(
  'an auditor who stands in for somebody',
  people(GROUPS).replace('bob@example.com]', 'bob@example.com], away: { until: 2026-12-24, to: ann }'),
  [`policies/people.yaml:3:89: ${DECIDES_NOTHING}`],
);
mistake('an auditor as a fallback', people(`${GROUPS}fallback: [ann]\n`), [
  `policies/people.yaml:7:12: ${DECIDES_NOTHING}`,
]);
mistake(
  'an auditor among the top-level reviewers',
  people(GROUPS),
  [`policies/rules.yaml:2:26: ${DECIDES_NOTHING}`],
  RULES.replace('group:ops', 'group:ops, ann'),
);
mistake(
  "an auditor among a rule's reviewers, and among those whom it asks later",
  people(GROUPS),
  [`policies/rules.yaml:8:19: ${DECIDES_NOTHING}`, `policies/rules.yaml:9:36: ${DECIDES_NOTHING}`],
  `review:
  reviewers: [group:ops]
rules:
  - id: writes
    match: { tool: write_file }
    verdict: review
    review:
      reviewers: [ann]
      escalate: { after: 10m, to: [ann] }
`,
);
mistake(
  "another entry of an auditor's that decides",
  people('  - { id: ann-too, name: Ann, emails: [ann+2@example.com] }\ngroups:\n  ops: [alice, ann-too]\n'),
  [
    'policies/people.yaml:7:16: ann-too is an auditor, who decides nothing; name another person, or remove their role.',
  ],
);

test.run();
