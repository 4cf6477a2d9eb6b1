import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Files, PEOPLE, policyFolder, RULES } from '../support/policy-folder.ts';
import { tempDir } from '../support/temp.ts';

const VALID = { 'people.yaml': PEOPLE, 'rules.yaml': RULES };

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `placet policy …` in a workspace that has these policies. */
function placet(files: Files, ...args: readonly string[]): Outcome {
  return placetIn(dirname(policyFolder(files)), ...args);
}

function placetIn(workspace: string, ...args: readonly string[]): Outcome {
  const command = ['--import', 'tsx', 'src/cli/main.ts', 'policy', ...args, '--dir', workspace];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

test('check of a valid policy says so and exits 0', () => {
  assert.equal(placet(VALID, 'check'), {
    code: 0,
    out: 'The policy is valid; rules: 1, people: 3, agents: 1 (policies/people.yaml, policies/rules.yaml).\n',
    err: '',
  });
});

test('check of an invalid policy prints every mistake with its place and exits 1', () => {
  assert.equal(placet({ ...VALID, 'rules.yaml': `${RULES}colour: red\nunmatched: ask\n` }, 'check'), {
    code: 1,
    out: 'policies/rules.yaml:7:1: "colour" is not a key that this can have (known here: unmatched, review, rules).\npolicies/rules.yaml:8:12: unmatched must be allow, review or deny.\n',
    err: '',
  });
});

test('check warns of a channel that is not set up, and exits 0', () => {
  const rules = RULES.replace('review:\n', 'review:\n  notify: [teams]\n');
  const { code, out } = placet({ ...VALID, 'rules.yaml': rules }, 'check');
  assert.is(code, 0);
  assert.match(
    out,
    'policies/rules.yaml:2:12: warning: teams is not set up here, so nothing is sent there: set PLACET_TEAMS_URL in .env.\n',
  );
});

test('check of a rule that can never be satisfied exits 1', () => {
  const { code, out } = placet({ ...VALID, 'rules.yaml': 'review: { reviewers: [bob] }\n' }, 'check');
  assert.is(code, 1);
  assert.match(
    out,
    'policies/rules.yaml:1:9: The top-level review can never be satisfied for the agent claude',
  );
});

test('check --json prints the problems as JSON', () => {
  const { code, out } = placet({ ...VALID, 'rules.yaml': `${RULES}unmatched: ask\n` }, 'check', '--json');
  assert.is(code, 1);
  assert.equal(JSON.parse(out), {
    valid: false,
    problems: [
      {
        file: 'policies/rules.yaml',
        line: 7,
        column: 12,
        message: 'unmatched must be allow, review or deny.',
      },
    ],
    warnings: [],
  });
});

const BY_PASSKEY = {
  ...VALID,
  'rules.yaml': `${RULES}review: { reviewers: [alice], verification: passkey }\n`.replace(
    'review:\n  reviewers: [group:ops]\n',
    '',
  ),
};

test('check knows that a workspace has passkeys', () => {
  assert.is(placet(BY_PASSKEY, 'check').code, 0);
});

test('check reads from .env that a workspace has none, and says how it would', () => {
  const workspace = dirname(policyFolder(BY_PASSKEY));
  writeFileSync(join(workspace, '.env'), 'PLACET_PUBLIC_URL=https://192.0.2.7\n');
  const { code, out } = placetIn(workspace, 'check');
  assert.is(code, 1);
  assert.match(
    out,
    'verification: passkey is not available here: set PLACET_PUBLIC_URL to an address with a host name instead of an IP address, or use link.',
  );
});

test('check with a wrong setting names it and exits 2', () => {
  const workspace = dirname(policyFolder(VALID));
  writeFileSync(join(workspace, '.env'), 'PLACET_OIDC_ISSUER=https://login.example.com\n');
  const { code, err } = placetIn(workspace, 'check');
  assert.is(code, 2);
  assert.match(
    err,
    /^placet: PLACET_OIDC_ISSUER is set and PLACET_OIDC_CLIENT_ID is not: .*\[bad_setting\]\n$/,
  );
});

test('check warns of an account at another provider than the one that is set', () => {
  const people = PEOPLE.replace(
    'emails: [alice@example.com]\n',
    'emails: [alice@example.com]\n    sso: [{ issuer: "https://old.example.com", subject: "1" }]\n',
  );
  const workspace = dirname(policyFolder({ ...VALID, 'people.yaml': people }));
  writeFileSync(
    join(workspace, '.env'),
    'PLACET_OIDC_ISSUER=https://login.example.com\nPLACET_OIDC_CLIENT_ID=placet\n',
  );
  const { code, out } = placetIn(workspace, 'check');
  assert.is(code, 0);
  assert.match(
    out,
    'policies/people.yaml:5:21: warning: Nobody can sign on as this account of alice: PLACET_OIDC_ISSUER is https://login.example.com,',
  );
});

test('check without policies says what is missing and exits 2', () => {
  const { code, err } = placetIn(tempDir(), 'check');
  assert.is(code, 2);
  assert.match(err, /^placet: There is no .*people\.yaml; run placet init, .*\[policy_missing\]\n$/);
});

test('explain says the verdict of a call by the only agent', () => {
  const { code, out } = placet(VALID, 'explain', '--server', 'files', '--tool', 'read_file', '--json');
  const { verdict, rule, call } = JSON.parse(out) as Record<string, unknown>;
  assert.equal(
    [code, verdict, rule, call],
    [0, 'allow', 'reads', { agent: 'claude', owner: 'bob', server: 'files', tool: 'read_file', tags: [] }],
  );
});

test('explain judges the arguments and tags that it is given', () => {
  const rule = "  - { id: big, match: { tags: slow }, when: 'args.n > 3', verdict: deny }\n";
  const { out } = placet(
    { ...VALID, 'rules.yaml': RULES + rule },
    'explain',
    '--server=x',
    '--tool=y',
    '--agent=claude',
    '--args={"n":5}',
    '--tags=fast,slow',
  );
  assert.is(out.split('\n')[0], 'deny (big): The rule big denies this call.');
});

test('explain of an unknown agent is wrong use', () => {
  const { code, err } = placet(VALID, 'explain', '--server', 'x', '--tool', 'y', '--agent', 'eve');
  assert.equal(
    [code, err],
    [2, 'placet: people.yaml names no agent eve; it names claude. [unknown_agent]\n'],
  );
});

test('explain of arguments that are no JSON object is wrong use', () => {
  const { code, err } = placet(VALID, 'explain', '--server', 'x', '--tool', 'y', '--args', '[1]');
  assert.equal(
    [code, err],
    [2, 'placet: --args must be a JSON object such as {"path":"/srv/a.txt"}. [bad_arguments]\n'],
  );
});

test('explain under an invalid policy prints the mistakes on standard error and exits 1', () => {
  const { code, out, err } = placet(
    { ...VALID, 'rules.yaml': `${RULES}unmatched: ask\n` },
    'explain',
    '--server',
    'x',
    '--tool',
    'y',
  );
  assert.equal(
    [code, out, err],
    [1, '', 'policies/rules.yaml:7:12: unmatched must be allow, review or deny.\n'],
  );
});

test.run();
