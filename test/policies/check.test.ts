import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VerificationLevel } from '../../src/core/entry.ts';
import { checkPolicy } from '../../src/policies/check.ts';
import { loadValid, PEOPLE } from '../support/policy-folder.ts';

const TWO_AGENTS = `${PEOPLE}  - id: cursor
    owner: alice
`;

async function found(
  rules: string,
  people = TWO_AGENTS,
  verifications: readonly VerificationLevel[] = ['link', 'sso', 'passkey'],
): Promise<readonly string[]> {
  const policy = await loadValid({ 'people.yaml': people, 'rules.yaml': rules }, verifications);
  return checkPolicy(policy).map(
    ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
  );
}

function withRule(match: string, review: string, verdict = 'review'): string {
  return `review: { reviewers: [carol] }\nrules:\n  - id: w\n    match: ${match}\n    verdict: ${verdict}\n    review: ${review}\n`;
}

test('a policy that everyone can satisfy has no problems', async () => {
  assert.equal(await found(withRule('{}', '{ reviewers: [group:ops] }')), []);
});

test('a rule whose only reviewer owns the agent is named with that agent', async () => {
  assert.equal(await found(withRule('{}', '{ reviewers: [bob] }')), [
    'policies/rules.yaml:3:5: The rule w can never be satisfied for the agent claude: 1 must approve, but nobody can without its owner (bob); name more reviewers.',
  ]);
});

test('a quorum that the owner would be needed for is found for each agent', async () => {
  assert.equal(await found(withRule('{}', '{ reviewers: [group:ops], quorum: 2 }')), [
    'policies/rules.yaml:3:5: The rule w can never be satisfied for the agent claude: 2 must approve, but alice can without its owner (bob); name more reviewers.',
    'policies/rules.yaml:3:5: The rule w can never be satisfied for the agent cursor: 2 must approve, but bob can without its owner (alice); name more reviewers.',
  ]);
});

test('an agent that the rule does not cover is no problem', async () => {
  assert.equal(await found(withRule('{ agent: cursor }', '{ reviewers: [bob] }')), []);
  assert.equal(await found(withRule('{ owner: alice }', '{ reviewers: [bob] }')), []);
});

test('two entries of one human do not make a quorum of two', async () => {
  const people = TWO_AGENTS.replace('carol@example.com', 'alice+2@example.com');
  const rules =
    'review: { reviewers: [carol] }\nrules:\n  - { id: w, match: { agent: claude }, verdict: review, review: { reviewers: [alice, carol], quorum: 2 } }\n';
  assert.equal(await found(rules.replace('[carol]', '[group:ops]'), people), [
    'policies/rules.yaml:3:5: The rule w can never be satisfied for the agent claude: 2 must approve, but alice can; name more reviewers.',
  ]);
});

test('the top-level terms are checked for every agent', async () => {
  assert.equal(await found('review: { reviewers: [alice] }\n'), [
    'policies/rules.yaml:1:9: The top-level review can never be satisfied for the agent cursor: 1 must approve, but nobody can without its owner (alice); name more reviewers.',
  ]);
});

test('rules that do not ask for review are not checked', async () => {
  assert.equal(await found(withRule('{}', '{ reviewers: [bob] }', 'deny')), []);
});

const ALONE = `people:
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
  - { id: bob2, name: Bob Ito, emails: [bob+2@example.com] }
agents:
  - { id: claude, owner: bob }
`;

test('the only human learns how to say so', async () => {
  assert.equal(await found('review: { reviewers: [bob] }\n', ALONE), [
    'policies/rules.yaml:1:9: The top-level review can never be satisfied for the agent claude: 1 must approve, but nobody can without its owner (bob); name another person, or, if there is nobody else, write solo: true in people.yaml.',
  ]);
});

test('the only human who says so can approve', async () => {
  assert.equal(await found('review: { reviewers: [bob], verification: sso }\n', `${ALONE}solo: true\n`), []);
});

test('the only human is no two people', async () => {
  assert.equal(await found('review: { reviewers: [bob, bob2], quorum: 2 }\n', `${ALONE}solo: true\n`), [
    'policies/rules.yaml:1:9: The top-level review can never be satisfied for the agent claude: 2 must approve, but solo says that there is one human; make the quorum 1.',
  ]);
});

test('whom the owner acts for is left out, too', async () => {
  const people = PEOPLE.replace('name: Bob Ito', 'name: Bob Ito\n    acts_for: [carol]');
  assert.equal(await found('review: { reviewers: [bob, carol] }\n', people), [
    'policies/rules.yaml:1:9: The top-level review can never be satisfied for the agent claude: 1 must approve, but nobody can without those for whom it acts (bob, carol); name more reviewers.',
  ]);
});

/** The same people, of whom this one is linked to an identity provider. */
function linked(name: string, people = PEOPLE): string {
  return people.replace(
    `name: ${name}`,
    `name: ${name}\n    sso: [{ issuer: https://id.example.com, subject: ${name.slice(0, 1)} }]`,
  );
}

test('a sign-on is not asked of people who have no identity to sign on with', async () => {
  assert.equal(await found('review: { reviewers: [alice, carol], verification: sso }\n', PEOPLE), [
    'policies/rules.yaml:1:9: The top-level review can never be satisfied for the agent claude: 1 must approve by single sign-on, but of those who may, nobody has an sso identity; link more of them in people.yaml, or ask for passkey instead.',
  ]);
});

test('a quorum of sign-ons needs as many people who are linked', async () => {
  const rules = 'review: { reviewers: [alice, carol], verification: sso, quorum: 2 }\n';
  assert.equal(await found(rules, linked('Alice Ng')), [
    'policies/rules.yaml:1:9: The top-level review can never be satisfied for the agent claude: 2 must approve by single sign-on, but of those who may, only alice has an sso identity; link more of them in people.yaml, or ask for passkey instead.',
  ]);
  assert.equal(await found(rules, linked('Carol Diaz', linked('Alice Ng'))), []);
});

test('a group that the provider fills is no shortage while people are linked who may be in it', async () => {
  const rules = 'review: { reviewers: [group:ops] }\n';
  const people = (names: string): string => names.replace('ops: [alice, bob]', 'ops: { sso: Operations }');
  assert.equal(await found(rules, people(linked('Carol Diaz'))), []);
  assert.equal(await found(rules, people(linked('Bob Ito'))), [
    'policies/rules.yaml:1:9: The top-level review can never be satisfied for the agent claude: 1 must approve, but nobody can without its owner (bob); name more reviewers.',
  ]);
});

for (const [what, away] of [
  ['somebody else', 'carol'],
  ['the owner of the agent', 'bob'],
] as const) {
  test(`whether a rule can be satisfied does not depend on ${what} standing in for a while`, async () => {
    const people = TWO_AGENTS.replace(
      'emails: [alice@example.com]',
      `emails: [alice@example.com]\n    away: { until: 2099-12-24, to: ${away} }`,
    );
    assert.equal(await found(withRule('{ agent: claude }', '{ reviewers: [alice] }'), people), []);
    assert.equal(await found(withRule('{ agent: cursor }', '{ reviewers: [alice] }'), people), [
      'policies/rules.yaml:3:5: The rule w can never be satisfied for the agent cursor: 1 must approve, but nobody can without its owner (alice); name more reviewers.',
    ]);
    const two = await found(withRule('{ agent: claude }', '{ reviewers: [group:ops], quorum: 2 }'), people);
    assert.equal(two, [
      'policies/rules.yaml:3:5: The rule w can never be satisfied for the agent claude: 2 must approve, but alice can without its owner (bob); name more reviewers.',
    ]);
  });
}

test('who may be asked later does not make up a quorum', async () => {
  const review = '{ reviewers: [alice, bob], quorum: 2, escalate: { after: 5m, to: carol } }';
  assert.equal(await found(withRule('{ agent: claude }', review), `${TWO_AGENTS}fallback: [carol]\n`), [
    'policies/rules.yaml:3:5: The rule w can never be satisfied for the agent claude: 2 must approve, but alice can without its owner (bob); name more reviewers.',
  ]);
});

test.run();
