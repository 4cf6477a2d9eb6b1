import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlacetError } from '../../src/core/errors.ts';
import { changePeople } from '../../src/policies/change-people.ts';
import { PEOPLE, policyFolder, RULES } from '../support/policy-folder.ts';
import { tempDir } from '../support/temp.ts';

const BOTH = { 'people.yaml': PEOPLE, 'rules.yaml': RULES };
const CHANGED = PEOPLE.replace('Carol Diaz', 'Carol D');

function change(dir: string, edit: (text: string) => string) {
  return changePeople({ dir, verifications: ['link'], edit });
}

async function refusal(dir: string, edit: (text: string) => string): Promise<readonly [string, string]> {
  return change(dir, edit).then(
    () => ['', 'nothing was refused'] as const,
    (error: PlacetError) => [error.code, error.message] as const,
  );
}

test('the changed file takes the place of the old one, with its mode, and nothing stays beside it', async () => {
  const dir = policyFolder(BOTH);
  const path = join(dir, 'people.yaml');
  chmodSync(path, 0o640);
  const policy = await change(dir, () => CHANGED);
  assert.equal(
    [
      policy.people.people[2]?.name,
      readFileSync(path, 'utf8'),
      statSync(path).mode & 0o777,
      readdirSync(dir),
    ],
    ['Carol D', CHANGED, 0o640, ['people.yaml', 'rules.yaml']],
  );
});

test('a change with which the policy would not load is refused with every mistake', async () => {
  const dir = policyFolder(BOTH);
  assert.equal(await refusal(dir, (text) => text.replace('owner: bob', 'owner: eve')), [
    'would_not_load',
    'Nothing was changed, because the policy would not load any more:\npolicies/people.yaml:15:12: people has no eve; add the person or correct the id.',
  ]);
  assert.equal([readFileSync(join(dir, 'people.yaml'), 'utf8'), readdirSync(dir).length], [PEOPLE, 2]);
});

test('a policy that does not load as it is is not changed', async () => {
  const dir = policyFolder({ ...BOTH, 'rules.yaml': 'unmatched: ask\n' });
  const [code, message] = await refusal(dir, () => 'never asked');
  assert.is(code, 'policy_invalid');
  assert.match(message, 'policies/rules.yaml:1:12: unmatched must be');
});

test('a file that somebody else changes meanwhile is left to them', async () => {
  const dir = policyFolder(BOTH);
  const path = join(dir, 'people.yaml');
  const [code] = await refusal(dir, () => {
    writeFileSync(path, `${PEOPLE}# theirs\n`);
    return CHANGED;
  });
  assert.equal(
    [code, readFileSync(path, 'utf8'), readdirSync(dir).length],
    ['people_busy', `${PEOPLE}# theirs\n`, 2],
  );
});

test('two changes at once do not lose one: the second is told', async () => {
  const dir = policyFolder({ ...BOTH, '.people.yaml.new': '' });
  const [code, message] = await refusal(dir, () => CHANGED);
  assert.equal([code, message.includes(join(dir, '.people.yaml.new'))], ['people_busy', true]);
});

test('a byte-order mark stays, and a link to the file stays a link', async () => {
  const dir = policyFolder({ 'rules.yaml': RULES });
  const real = join(tempDir(), 'shared.yaml');
  writeFileSync(real, `\ufeff${PEOPLE}`);
  symlinkSync(real, join(dir, 'people.yaml'));
  await change(dir, (text) => text.replace('Carol Diaz', 'Carol D'));
  assert.equal(
    [readFileSync(real, 'utf8'), readFileSync(join(dir, 'people.yaml'), 'utf8')],
    [`\ufeff${CHANGED}`, `\ufeff${CHANGED}`],
  );
});

test.run();
