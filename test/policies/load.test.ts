import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/core/digest.ts';
import type { ConfigError } from '../../src/core/errors.ts';
import { loadPolicy } from '../../src/policies/load.ts';
import {
  load,
  loadValid,
  PEOPLE,
  policyFolder,
  problemsOf,
  RULES,
  warningsOf,
} from '../support/policy-folder.ts';
import { tempDir } from '../support/temp.ts';

const BOTH = { 'people.yaml': PEOPLE, 'rules.yaml': RULES };

const ALL_KEYS = `unmatched: deny
review: { reviewers: [alice], quorum: 1, expires: 1h, reason: required }
rules:
  - id: one
    match: { server: files, tool: [a, "b*"], tags: sensitive, agent: "claude*", owner: bob }
    when: 'args.n == 1'
    verdict: review
    message: hello
    review: { reviewers: [group:ops, carol], quorum: 2, verification: link, expires: 2h, reason: optional, wait: 20s, timeout: 1m }
`;

test('people, groups and agents are read as they are written', async () => {
  const { people } = await loadValid(BOTH);
  assert.equal(people, {
    people: [
      { id: 'alice', name: 'Alice Ng', emails: ['alice@example.com'] },
      { id: 'bob', name: 'Bob Ito', emails: ['bob@example.com'] },
      { id: 'carol', name: 'Carol Diaz', emails: ['carol@example.com'] },
    ],
    groups: { ops: ['alice', 'bob'] },
    agents: [{ id: 'claude', owner: 'bob' }],
  });
});

test('groups and agents may be left out or left empty', async () => {
  const text = `${PEOPLE.split('groups:')[0]}groups:\n`;
  const { people } = await loadValid({
    'people.yaml': text,
    'rules.yaml': 'review: { reviewers: [alice] }\n',
  });
  assert.equal([people.groups, people.agents], [{}, []]);
});

test('unmatched is review where nothing is said', async () => {
  assert.is((await loadValid(BOTH)).unmatched, 'review');
});

test('a review in which everything is left out has the defaults', async () => {
  assert.equal((await loadValid(BOTH)).review, {
    reviewers: ['group:ops'],
    quorum: 1,
    verification: 'link',
    max_age_ms: 300_000,
    expires_ms: 1_800_000,
    reason: 'optional',
    wait_ms: 0,
    timeout_ms: 300_000,
  });
});

test("a rule's own terms come first", async () => {
  const { rules } = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': ALL_KEYS });
  assert.equal(rules[0]?.review, {
    reviewers: ['group:ops', 'carol'],
    quorum: 2,
    verification: 'link',
    max_age_ms: 300_000,
    expires_ms: 7_200_000,
    reason: 'optional',
    wait_ms: 20_000,
    timeout_ms: 60_000,
  });
});

test('what a rule leaves out comes from the top-level terms', async () => {
  const text = ALL_KEYS.replace(/ {4}review: .*\n/, '    review: { wait: 5s }\n');
  const { rules } = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': text });
  assert.equal(rules[0]?.review, {
    reviewers: ['alice'],
    quorum: 1,
    verification: 'link',
    max_age_ms: 300_000,
    expires_ms: 3_600_000,
    reason: 'required',
    wait_ms: 5000,
    timeout_ms: 300_000,
  });
});

test('a rule matches by all of its globs', async () => {
  const { rules } = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': ALL_KEYS });
  const match = rules[0]?.match;
  assert.equal(
    [
      match?.server?.('files'),
      match?.tool?.('bcd'),
      match?.tool?.('c'),
      match?.agent?.('claude-2'),
      match?.owner?.('eve'),
    ],
    [true, true, false, true, false],
  );
});

test('a key of match that is left out matches everything', async () => {
  const { rules } = await loadValid(BOTH);
  assert.equal(Object.keys(rules[0]?.match ?? {}), ['tool']);
});

test('a condition is compiled', async () => {
  const { rules } = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': ALL_KEYS });
  const facts = {
    agent: 'a',
    owner: 'b',
    server: 's',
    tool: 't',
    tags: [],
    now: new Date(0),
    changed: false,
  };
  assert.equal(
    [rules[0]?.when?.({ ...facts, args: { n: 1 } }), rules[0]?.when?.({ ...facts, args: { n: 2 } })],
    [true, false],
  );
});

test('the rules of several files are put together in the order of the files', async () => {
  const rule = (id: string): string => `rules:\n  - { id: ${id}, match: {}, verdict: deny }\n`;
  const { rules } = await loadValid({
    ...BOTH,
    'b.yml': rule('b'),
    'a.yaml': rule('a'),
    'z.yaml': rule('z'),
  });
  assert.equal(
    rules.map((each) => each.id),
    ['a', 'b', 'reads', 'z'],
  );
});

test('tests of rules, hidden files and other files are left alone', async () => {
  const result = await load({
    ...BOTH,
    'rules.test.yaml': '[',
    'x.test.yml': '[',
    '.rules.yaml.swp': '[',
    '.a.yaml': '[',
    'README.md': '[',
  });
  assert.equal(result.kind === 'ok' && result.files, ['policies/people.yaml', 'policies/rules.yaml']);
});

test('anchors and aliases may be used', async () => {
  const text = `review: { reviewers: &ops [alice, bob] }\nrules:\n  - { id: w, match: {}, verdict: review, review: { reviewers: *ops } }\n`;
  const { rules } = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': text });
  assert.equal(rules[0]?.review.reviewers, ['alice', 'bob']);
});

test('a mistake behind an alias is reported where the anchor stands', async () => {
  const text = 'review: { reviewers: [alice] }\nrules:\n  - &r { id: w, match: {}, verdict: nope }\n  - *r\n';
  assert.equal(await problemsOf({ 'people.yaml': PEOPLE, 'rules.yaml': text }), [
    'policies/rules.yaml:3:14: The id w is already that of a rule in policies/rules.yaml; give each rule its own.',
    'policies/rules.yaml:3:37: verdict must be allow, review or deny.',
    'policies/rules.yaml:3:37: verdict must be allow, review or deny.',
  ]);
});

test('a byte-order mark and Windows line ends do no harm', async () => {
  const { rules } = await loadValid({
    'people.yaml': `\ufeff${PEOPLE}`,
    'rules.yaml': RULES.replaceAll('\n', '\r\n'),
  });
  assert.is(rules[0]?.id, 'reads');
});

test('a verification that the workspace has may be asked for', async () => {
  const text = 'review: { reviewers: [alice], verification: passkey }\n';
  const { review } = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': text }, ['link', 'passkey']);
  assert.is(review.verification, 'passkey');
});

test('how long ago a sign-on may have been is read, and a rule may say otherwise', async () => {
  const text =
    'review: { reviewers: [alice], verification: sso, max_age: 1h }\nrules:\n  - { id: w, match: {}, verdict: review, review: { max_age: 30s } }\n';
  const { review, rules } = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': text }, ['link', 'sso']);
  assert.equal([review.max_age_ms, rules[0]?.review.max_age_ms], [3_600_000, 30_000]);
});

test('sign-on identities, whom people act for and the limits of agents are read', async () => {
  const text = `people:
  - id: alice
    name: Alice Ng
    emails: [alice@example.com]
    sso: [{ issuer: https://login.example.com, subject: "1042" }]
  - { id: bob, name: Bob Ito, emails: [bob@example.com], acts_for: [alice] }
groups:
  ops: { members: [bob], sso: Operations }
  all: { sso: Staff }
agents:
  - { id: claude, owner: bob, max_pending: 3, cool_down: 0s }
solo: false
`;
  const { people } = await loadValid({ 'people.yaml': text, 'rules.yaml': RULES }, ['link', 'sso']);
  assert.equal(people, {
    people: [
      {
        id: 'alice',
        name: 'Alice Ng',
        emails: ['alice@example.com'],
        sso: [{ issuer: 'https://login.example.com', subject: '1042' }],
      },
      { id: 'bob', name: 'Bob Ito', emails: ['bob@example.com'], acts_for: ['alice'] },
    ],
    groups: { ops: ['bob'], all: [] },
    group_claims: { ops: 'Operations', all: 'Staff' },
    agents: [{ id: 'claude', owner: 'bob', max_pending: 3, cool_down_ms: 0 }],
  });
});

test('one human, under however many entries, may be said to be the only one', async () => {
  const text = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: work, name: Alice Ng, emails: [alice+work@example.com] }
solo: true
`;
  const rules = 'review: { reviewers: [alice] }\n';
  const { people } = await loadValid({ 'people.yaml': text, 'rules.yaml': rules }, ['link', 'passkey']);
  assert.is(people.solo, true);
});

test('a people.yaml without the keys of later versions has the digest that it always had', async () => {
  const { people } = await loadValid(BOTH);
  assert.is(digestOf(people), '3fc42c6c479a7d20a9105c9da727295b8a0a4baf836d6a0642f6c67bf5f63c83');
});

test('the same files have the same version', async () => {
  assert.is((await loadValid(BOTH)).version, (await loadValid(BOTH)).version);
});

test('the version is 64 hexadecimal characters', async () => {
  assert.match((await loadValid(BOTH)).version, /^[0-9a-f]{64}$/);
});

test('a changed byte or file name changes the version', async () => {
  const versions = [
    await loadValid(BOTH),
    await loadValid({ ...BOTH, 'rules.yaml': `${RULES}#` }),
    await loadValid({ 'people.yaml': PEOPLE, 'other.yaml': RULES }),
  ].map(({ version }) => version);
  assert.is(new Set(versions).size, 3);
});

test('a missing folder is a clear error', async () => {
  const dir = join(tempDir(), 'policies');
  await loadPolicy({ dir }).then(
    () => assert.unreachable(),
    (error: ConfigError) => {
      assert.is(error.code, 'policy_missing');
      assert.is(
        error.message,
        `There is no ${dir}/people.yaml; run placet init, or create it with the people who review and the agents they own.`,
      );
    },
  );
});

test('a missing people.yaml is a clear error', async () => {
  const dir = policyFolder(BOTH);
  rmSync(join(dir, 'people.yaml'));
  await loadPolicy({ dir }).then(
    () => assert.unreachable(),
    (error: ConfigError) => assert.is(error.code, 'policy_missing'),
  );
});

test('a file of more than 1 MiB is a clear error', async () => {
  const dir = policyFolder(BOTH);
  writeFileSync(join(dir, 'big.yaml'), '#'.repeat(1_048_577));
  await loadPolicy({ dir }).then(
    () => assert.unreachable(),
    (error: ConfigError) => {
      assert.is(error.message, `The policy file ${dir}/big.yaml cannot be read: it is larger than 1 MiB.`);
    },
  );
});

test('warns of two people who are one human', async () => {
  const text = PEOPLE.replace('carol@example.com', 'Alice+x@example.com');
  assert.equal(await warningsOf({ ...BOTH, 'people.yaml': text }), [
    'policies/people.yaml:8:5: carol and alice have a mailbox in common, so they count as one human in every quorum.',
  ]);
});

test('warns of a group that is filled by a single sign-on which the workspace does not have', async () => {
  const text = PEOPLE.replace('ops: [alice, bob]', 'ops: { members: [alice, bob], sso: Ops }');
  assert.equal(await warningsOf({ ...BOTH, 'people.yaml': text }), [
    'policies/people.yaml:12:38: The group ops is filled by single sign-on, which is not available here: set PLACET_OIDC_ISSUER and PLACET_OIDC_CLIENT_ID.',
  ]);
});

test('warns of a max_age where nobody has to sign on', async () => {
  const rule = '  - { id: w, match: {}, verdict: review, review: { max_age: 1m } }\n';
  assert.equal(await warningsOf({ ...BOTH, 'rules.yaml': RULES + rule }), [
    'policies/rules.yaml:7:52: The rule w has a max_age, which does nothing while its verification is link.',
  ]);
});

test('warns of a review or message that does nothing', async () => {
  assert.equal(await warningsOf({ ...BOTH, 'rules.yaml': `${RULES}    review: {}\n    message: hi\n` }), [
    'policies/rules.yaml:7:5: The rule reads has a review, which does nothing while its verdict is allow.',
    'policies/rules.yaml:8:5: The rule reads has a message, which is told only when the verdict is deny.',
  ]);
});

test('warns of an agent or owner that nobody is called', async () => {
  const rule = '  - id: d\n    match: { agent: cluade, owner: [bob, "z*"] }\n    verdict: deny\n';
  assert.equal(await warningsOf({ ...BOTH, 'rules.yaml': RULES + rule }), [
    'policies/rules.yaml:8:21: cluade matches no agent that people.yaml names.',
    'policies/rules.yaml:8:42: z* matches no owner that people.yaml names.',
  ]);
});

for (const [what, issuer, expected] of [
  ['the same', 'https://login.example.com', []],
  [
    'another by a slash',
    'https://login.example.com/',
    [
      'people.yaml:5:21: Nobody can sign on as this account of alice: PLACET_OIDC_ISSUER is https://login.example.com/, and the two must be the same to the character.',
    ],
  ],
] as const) {
  test(`of an account at a provider that is ${what} is ${expected.length === 0 ? 'not ' : ''}warned`, async () => {
    const text = PEOPLE.replace(
      'emails: [alice@example.com]\n',
      'emails: [alice@example.com]\n    sso: [{ issuer: "https://login.example.com", subject: "1" }]\n',
    );
    const dir = policyFolder({ ...BOTH, 'people.yaml': text });
    const result = await loadPolicy({ dir, verifications: ['link', 'sso'], issuer });
    assert.equal(
      result.kind === 'ok' &&
        result.warnings.map(
          ({ file, line, column, message }) => `${basename(file)}:${line}:${column}: ${message}`,
        ),
      expected,
    );
  });
}

test('on_change and durability are read as they are written, and are left out where nothing is said', async () => {
  const text = `${RULES}    on_change: deny
    durability: before
  - id: others
    match: {}
    verdict: allow
`;
  const { rules } = await loadValid({ ...BOTH, 'rules.yaml': text });
  assert.equal(
    rules.map((rule) => [rule.on_change, rule.durability, 'on_change' in rule, 'durability' in rule]),
    [
      ['deny', 'before', true, true],
      [undefined, undefined, false, false],
    ],
  );
});

test('a policy of nothing but reviewed calls needs no top-level reviewers', async () => {
  const text =
    'unmatched: deny\nrules:\n  - { id: w, match: {}, verdict: review, review: { reviewers: [alice] } }\n';
  assert.equal((await loadValid({ ...BOTH, 'rules.yaml': text })).review.reviewers, []);
});

for (const [verdict, key, expected] of [
  [
    'deny',
    'on_change: review',
    'The rule reads has an on_change, which does nothing while its verdict is deny.',
  ],
  [
    'deny',
    'durability: before',
    'The rule reads has a durability, which does nothing while its verdict is deny.',
  ],
  [
    'review',
    'durability: behind',
    'The rule reads has a durability, which does nothing while its verdict is review: an approved call always waits for the disk.',
  ],
] as const) {
  test(`a warning tells of ${key} in a rule whose verdict is ${verdict}`, async () => {
    const text = `${RULES.replace('verdict: allow', `verdict: ${verdict}`)}    ${key}\n`;
    assert.equal(await warningsOf({ ...BOTH, 'rules.yaml': text }), [`policies/rules.yaml:7:5: ${expected}`]);
  });
}

test('rules in the file of controls keep the policy from loading, and a mapping there does not', async () => {
  assert.equal(await problemsOf({ ...BOTH, 'controls.yaml': 'rules:\n  - { id: no, verdict: deny }\n' }), [
    'policies/controls.yaml:1:1: controls.yaml holds the mapping to controls, and rules in it would not be read: move that to another file.',
  ]);
  await loadValid({ ...BOTH, 'controls.yaml': 'frameworks: []\n' });
});

test.run();
