import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkPolicy } from '../../src/policies/check.ts';
import { loadValid, PEOPLE } from '../support/policy-folder.ts';

const TWO_AGENTS = `${PEOPLE}  - id: cursor
    owner: alice
`;

async function found(rules: string, people = TWO_AGENTS): Promise<readonly string[]> {
  const policy = await loadValid({ 'people.yaml': people, 'rules.yaml': rules });
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

test.run();
