import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Facts } from '../../src/core/policy.ts';
import { explain, renderExplanation } from '../../src/policies/explain.ts';
import { loadValid, PEOPLE } from '../support/policy-folder.ts';

const RULES = `review: { reviewers: [carol] }
rules:
  - id: reads
    match: { server: files, tool: ["read_*", "list_*"] }
    verdict: allow
  - id: outside
    match: { tool: write_file }
    when: '!path.within(args.path, "/srv")'
    verdict: deny
  - id: writes
    match: { tool: write_file }
    verdict: review
    review: { reviewers: [group:ops], expires: 2h }
  - id: slow
    match: { tags: slow }
    verdict: review
  - id: open
    match: { agent: claude }
    when: 'args.free == true'
    verdict: allow
`;

const FACTS: Facts = {
  agent: 'claude',
  owner: 'bob',
  server: 'files',
  tool: 'write_file',
  tags: ['sensitive'],
  args: { path: '/srv/a' },
  now: new Date('2026-11-23T10:00:00.000Z'),
  changed: false,
};

const policy = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': RULES });

test('every rule is explained: which part did not fit, or that all did', () => {
  const { rules } = explain(policy, FACTS);
  assert.equal(
    rules.map(({ id, line, matched, why }) => [id, line, matched, why]),
    [
      ['reads', 3, false, 'tool is write_file, not read_* or list_*'],
      ['outside', 6, false, 'its condition is false: !path.within(args.path, "/srv")'],
      ['writes', 10, true, 'everything it names fits'],
      ['slow', 14, false, 'no tag is slow'],
      [
        'open',
        17,
        false,
        'its condition failed (No such key: free), which counts as no match for allow: args.free == true',
      ],
    ],
  );
});

test('a condition that fails is a match for deny, and says why', () => {
  const { verdict, rule, rules } = explain(policy, { ...FACTS, args: { path: 'a' } });
  assert.equal([verdict, rule], ['deny', 'outside']);
  assert.is(
    rules[1]?.why,
    'its condition failed (path.within takes absolute paths only, which begin with /), which counts as a match for deny: !path.within(args.path, "/srv")',
  );
});

test('a review says who is asked, who is not, and how', () => {
  assert.equal(explain(policy, FACTS).reviews, [
    {
      rule: 'writes',
      quorum: 1,
      reviewers: [{ id: 'alice', name: 'Alice Ng' }],
      refused: ['bob'],
      verification: 'link',
      reason: 'optional',
      expires: '2h',
      notify: ['email'],
      satisfiable: true,
    },
  ]);
});

test('a review by single sign-on says how fresh it must be, and which groups the provider fills', async () => {
  const people = PEOPLE.replace(
    '[alice@example.com]',
    '[alice@example.com]\n    sso: [{ issuer: https://id.example.com, subject: a }]',
  ).replace('ops: [alice, bob]', 'ops: { sso: Operations }');
  const signedOn = await loadValid(
    {
      'people.yaml': people,
      'rules.yaml': 'review: { reviewers: [group:ops], verification: sso, max_age: 90s }\n',
    },
    ['link', 'sso'],
  );
  const explanation = explain(signedOn, FACTS);
  assert.equal(explanation.reviews, [
    {
      rule: 'unmatched',
      quorum: 1,
      reviewers: [],
      claimed_groups: ['ops'],
      refused: [],
      verification: 'sso',
      max_age: '90s',
      reason: 'optional',
      expires: '30m',
      notify: ['email'],
      satisfiable: true,
    },
  ]);
  assert.match(
    renderExplanation(explanation),
    'review by unmatched: 1 of nobody\n  and whoever signs on as one of ops\n  verification sso within 90s, reason optional',
  );
});

test('a review by the only human there is says so', async () => {
  const people = 'people:\n  - { id: bob, name: Bob Ito, emails: [bob@example.com] }\nsolo: true\n';
  const alone = await loadValid({ 'people.yaml': people, 'rules.yaml': 'review: { reviewers: [bob] }\n' }, [
    'link',
    'passkey',
  ]);
  const explanation = explain(alone, FACTS);
  assert.equal(
    explanation.reviews.map(({ verification, solo, refused }) => [verification, solo, refused]),
    [['passkey', true, []]],
  );
  assert.match(renderExplanation(explanation), '\n  solo: the owner decides, being the only human');
});

test('an unmatched call is explained by the top-level terms', () => {
  const { verdict, rule, reviews } = explain(policy, { ...FACTS, tool: 'other' });
  assert.equal(
    [verdict, rule, reviews[0]?.reviewers],
    ['review', 'unmatched', [{ id: 'carol', name: 'Carol Diaz' }]],
  );
});

test('the text says the verdict first', () => {
  assert.is(
    renderExplanation(explain(policy, FACTS)),
    `review (writes): The rule writes asks for review.
call: write_file of files, tagged sensitive, by claude for bob
review by writes: 1 of Alice Ng (alice)
  verification link, reason optional, expires 2h
  notify email
  not asked, because the agent acts for them: bob
- reads (allow, policies/rules.yaml:3): tool is write_file, not read_* or list_*
- outside (deny, policies/rules.yaml:6): its condition is false: !path.within(args.path, "/srv")
+ writes (review, policies/rules.yaml:10): everything it names fits
- slow (review, policies/rules.yaml:14): no tag is slow
- open (allow, policies/rules.yaml:17): its condition failed (No such key: free), which counts as no match for allow: args.free == true`,
  );
});

test('the explanation is plain JSON', () => {
  const explanation = explain(policy, FACTS);
  assert.equal(JSON.parse(JSON.stringify(explanation)), explanation);
});

const CHANGING = await loadValid({
  'people.yaml': PEOPLE,
  'rules.yaml': `review: { reviewers: [carol] }
rules:
  - id: reads
    match: { tool: "read_*" }
    verdict: allow
    on_change: deny
    durability: before
  - id: lists
    match: { tool: "list_*" }
    verdict: allow
  - id: stats
    match: { tool: "stat_*" }
    verdict: allow
    on_change: allow
`,
});

test('what a changed tool would meet is told beside the verdict, with who would be asked', () => {
  const explanation = explain(CHANGING, { ...FACTS, tags: [], tool: 'list_directory' });
  assert.is(explanation.verdict, 'allow');
  assert.equal(
    [
      explanation.while_changed?.verdict,
      explanation.while_changed?.rule,
      explanation.while_changed?.reviews.map((each) => each.reviewers.map(({ id }) => id)),
    ],
    ['review', 'changed', [['carol']]],
  );
  assert.is(
    renderExplanation(explanation),
    [
      'allow (lists): The rule lists allows this call.',
      'call: list_directory of files, by claude for bob',
      'while its definition is changed: review (changed): The definition of this tool has changed, or the tool is new, and nobody has accepted it since.',
      '  review by changed: 1 of Carol Diaz (carol)',
      '    verification link, reason optional, expires 30m',
      '    notify email',
      '- reads (allow, on_change deny, durability before, policies/rules.yaml:3): tool is list_directory, not read_*',
      '+ lists (allow, policies/rules.yaml:8): everything it names fits',
      '- stats (allow, on_change allow, policies/rules.yaml:11): tool is list_directory, not stat_*',
    ].join('\n'),
  );
});

test('a call that waits for the disk is said to', () => {
  const explanation = explain(CHANGING, { ...FACTS, tags: [], tool: 'read_file' });
  assert.is(explanation.durability, 'before');
  assert.match(renderExplanation(explanation), '\ndurability before: it waits until it is on the disk\n');
  assert.is(explanation.while_changed?.verdict, 'deny');
});

test('a change that makes no difference is not told', () => {
  const explanation = explain(CHANGING, { ...FACTS, tags: [], tool: 'stat_file' });
  assert.not.match(renderExplanation(explanation), 'while its definition is changed');
});

test('asked about a changed tool, it answers for a changed tool', () => {
  const explanation = explain(CHANGING, { ...FACTS, tags: [], tool: 'read_file', changed: true });
  assert.equal(
    [explanation.verdict, explanation.rule, explanation.call.changed, explanation.while_changed],
    ['deny', 'reads', true, undefined],
  );
  assert.match(
    renderExplanation(explanation),
    '\ncall: read_file of files, while its definition is changed, by claude for bob\n',
  );
});

const ASKING = await loadValid({
  'people.yaml': `${PEOPLE.replace('emails: [alice@example.com]', 'emails: [alice@example.com]\n    away: { until: 2026-12-24, to: dave }').replace('groups:', '  - { id: dave, name: Dave, emails: [dave@example.com] }\n  - { id: erin, name: Erin, emails: [erin@example.com] }\ngroups:')}fallback: [erin, bob]
`,
  'rules.yaml': `review:
  reviewers: [group:ops]
  notify: [email, "slack:#ops"]
  remind: 10m
  escalate: { after: 20m, to: [carol, bob], notify: pagerduty }
  slack: decide
  api: decide
`,
});

test('where it is asked, who is asked instead, later and last, and what decides besides are told', () => {
  const explanation = explain(ASKING, FACTS);
  const [review] = explanation.reviews;
  assert.equal(
    [review?.reviewers.map(({ id }) => id), review?.away, review?.notify, review?.remind, review?.escalate],
    [
      ['alice'],
      [{ id: 'alice', to: 'dave' }],
      ['email', 'slack:#ops'],
      '10m',
      { after: '20m', to: ['carol'], notify: ['pagerduty'] },
    ],
  );
  assert.equal([review?.fallback, review?.admits], [['erin'], ['slack', 'api']]);
  assert.match(
    renderExplanation(explanation),
    `review by unmatched: 1 of Alice Ng (alice)
  verification link, reason optional, expires 30m
  notify email, slack:#ops, remind every 10m
  decides, too: a button in Slack, pressed by an account that the reviewer linked
  decides, too: a reviewer's key at the API
  alice is away: dave is asked in their place
  not decided after 20m: carol, by pagerduty
  nobody reached: erin
  not asked, because the agent acts for them: bob`,
  );
});

test('who is back by the time of the call is not told of as away', () => {
  const [review] = explain(ASKING, { ...FACTS, now: new Date('2026-12-25T00:00:00.000Z') }).reviews;
  assert.is(review?.away, undefined);
});

test('what a rule calls secret is said, and whether it may be shown', async () => {
  const rules = `review: { reviewers: [carol], reveal: allowed }
rules:
  - id: writes
    match: { tool: write_file }
    secret: [args.headers.Authorization, "args.items[].token"]
    verdict: review
`;
  const secretive = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': rules });
  const explanation = explain(secretive, FACTS);
  assert.equal(explanation.rules[0]?.secret, ['args.headers.Authorization', 'args.items[].token']);
  assert.is(explanation.reviews[0]?.reveal, true);
  const text = renderExplanation(explanation);
  assert.match(text, 'secret args.headers.Authorization args.items[].token');
  assert.match(text, '  secrets may be shown to who may decide');
});

test.run();
