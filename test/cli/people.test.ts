import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hello, Reply } from '../../src/host/hello.ts';
import { type FakeHost, fakeHost } from '../support/fake-host.ts';
import { PEOPLE, policyFolder, RULES } from '../support/policy-folder.ts';

function workspaceOf(people = PEOPLE): string {
  return dirname(policyFolder({ 'people.yaml': people, 'rules.yaml': RULES }));
}

function peopleOf(workspace: string): string {
  return readFileSync(join(workspace, 'policies', 'people.yaml'), 'utf8');
}

/** Runs `placet people …`. */
async function placet(workspace: string, ...args: readonly string[]) {
  const command = ['--import', 'tsx', 'src/cli/main.ts', 'people', ...args, '--dir', workspace];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

/** The same while something in the place of a host answers. */
async function withHost(workspace: string, answer: (hello: Hello) => Reply, ...args: readonly string[]) {
  const host: FakeHost = await fakeHost(workspace, answer);
  try {
    return { ...(await placet(workspace, ...args)), asked: host.asked };
  } finally {
    host.close();
  }
}

const KEY = {
  credential_id: 'cred-1',
  name: 'Laptop\u202e',
  algorithm: -8,
  backed_up: false,
  enrolled_at: '2026-11-01T10:00:00.000Z',
};

const KEYS = [
  { person: 'alice', keys: [KEY], invited: 'no' },
  { person: 'bob', keys: [], invited: 'waits_for_approval' },
  { person: 'carol', keys: [], invited: 'sent' },
  {
    person: 'eve',
    keys: [{ ...KEY, credential_id: 'cred-2', revoked_at: '2026-11-02T10:00:00.000Z' }],
    invited: 'no',
  },
];

const INVITED = {
  person: 'alice',
  name: 'Alice Ng',
  invitation: 'inv_1',
  code: '7K3M-Q9TX',
  needs_approval: false,
  console_url: 'http://localhost:7447/console',
};

test('list without a host shows what people.yaml says, and starts none', async () => {
  const workspace = workspaceOf();
  assert.equal(await placet(workspace, 'list'), {
    code: 0,
    out: `alice  Alice Ng  alice@example.com
  groups: ops
bob  Bob Ito  bob@example.com
  groups: ops
  owns the agents: claude
carol  Carol Diaz  carol@example.com
No host runs, so passkeys and invitations are not shown.
`,
    err: '',
  });
  assert.is(existsSync(join(workspace, 'data')), false);
});

test('list shows the passkeys and invitations that a host knows, names with nothing hidden in them', async () => {
  const { code, out, asked } = await withHost(workspaceOf(), () => ({ ok: true, data: KEYS }), 'list');
  assert.equal([code, asked], [0, [{ placet: 1, op: 'passkeys' }]]);
  assert.match(
    out,
    '  passkey "Laptop[U+202E right-to-left override]", enrolled 2026-11-01T10:00:00.000Z, never used: cred-1\n',
  );
  assert.match(out, '  no passkey\n  an invitation waits for a second person to approve it in the console\n');
  assert.match(out, '  no passkey\n  an invitation was sent\n');
  assert.match(out, 'eve  is not in people.yaml\n');
  assert.match(out, 'REVOKED 2026-11-02T10:00:00.000Z: cred-2\n');
});

test('list --json is the whole list', async () => {
  const { out } = await withHost(workspaceOf(), () => ({ ok: true, data: KEYS }), 'list', '--json');
  const list = JSON.parse(out) as { people: unknown[]; host: boolean; gone: { person: string }[] };
  assert.equal(list.people[1], {
    id: 'bob',
    name: 'Bob Ito',
    emails: ['bob@example.com'],
    sso: [],
    acts_for: [],
    groups: ['ops'],
    agents: ['claude'],
    keys: [],
    invited: 'waits_for_approval',
  });
  assert.equal([list.host, list.gone.map(({ person }) => person)], [true, ['eve']]);
});

test('list of a policy that does not load says where the mistake is', async () => {
  const { code, out, err } = await placet(workspaceOf(PEOPLE.replace('owner: bob', 'owner: bobb')), 'list');
  assert.equal([code, out], [1, '']);
  assert.match(err, 'policies/people.yaml:15:12: people has no bobb (did you mean bob?)');
});

test('add writes the person into people.yaml and leaves the rest alone', async () => {
  const workspace = workspaceOf(`# ours\n${PEOPLE}`);
  const args = ['add', 'dave', '--name', 'Dave Lim', '--email', 'd@example.com', '--email', 'd2@example.com'];
  assert.equal(await placet(workspace, ...args, '--group', 'ops'), {
    code: 0,
    out: 'Added dave (Dave Lim), in ops. Next: "placet people invite dave", for a passkey.\n',
    err: '',
  });
  assert.is(
    peopleOf(workspace),
    `# ours\n${PEOPLE}`
      .replace(
        'groups:\n',
        '  - id: dave\n    name: Dave Lim\n    emails: [d@example.com, d2@example.com]\ngroups:\n',
      )
      .replace('[alice, bob]', '[alice, bob, dave]'),
  );
});

test('add refuses an address that already belongs to somebody, and changes nothing', async () => {
  const workspace = workspaceOf();
  const { code, err } = await placet(
    workspace,
    'add',
    'dave',
    '--name',
    'Dave',
    '--email',
    'ALICE@example.com',
  );
  assert.is(code, 1);
  assert.match(
    err,
    'ALICE@example.com already belongs to alice; an address reaches one person only. [would_not_load]',
  );
  assert.is(peopleOf(workspace), PEOPLE);
});

test('add of somebody who is there, or to a group that is not there, is wrong use', async () => {
  const workspace = workspaceOf();
  const dave = ['--name', 'Dave', '--email', 'd@example.com'];
  const there = await placet(workspace, 'add', 'bob', ...dave);
  const nowhere = await placet(workspace, 'add', 'dave', ...dave, '--group', 'opps');
  assert.equal(
    [there.code, there.err, nowhere.code, nowhere.err],
    [
      2,
      'placet: people.yaml already has a person bob; choose another id. [person_exists]\n',
      2,
      'placet: people.yaml has no group opps (did you mean ops?); add the group to it first. [unknown_group]\n',
    ],
  );
});

test('add without an address is wrong use', async () => {
  const { code, err } = await placet(workspaceOf(), 'add', 'dave', '--name', 'Dave');
  assert.equal([code, err.split('\n')[0]], [2, "error: required option '--email <address>' not specified"]);
});

test('remove is refused while something names the person, and says what', async () => {
  const workspace = workspaceOf();
  const { code, err } = await placet(workspace, 'remove', 'alice');
  assert.is(code, 1);
  assert.match(
    err,
    'policies/people.yaml:9:9: people has no alice; add the person or correct the id.\nWith --groups the person',
  );
  assert.is(peopleOf(workspace), PEOPLE);
});

test('remove --groups takes the person out of groups, and says which rules nobody can satisfy now', async () => {
  const workspace = workspaceOf();
  const { code, out, err } = await placet(workspace, 'remove', 'alice', '--groups');
  assert.equal(
    [code, out],
    [0, 'Removed alice. If alice has passkeys, revoke them, too: "placet people revoke alice".\n'],
  );
  assert.match(
    err,
    'policies/rules.yaml:2:3: The top-level review can never be satisfied for the agent claude',
  );
  assert.is(
    peopleOf(workspace),
    PEOPLE.replace(/ {2}- id: alice[^]*?(?= {2}- id: bob)/, '').replace('alice, bob', 'bob'),
  );
});

test('invite prints the code first, and how to pass it on', async () => {
  const { code, out, asked } = await withHost(
    workspaceOf(),
    () => ({ ok: true, data: INVITED }),
    'invite',
    'alice',
  );
  assert.equal([code, asked], [0, [{ placet: 1, op: 'invite', person: 'alice' }]]);
  assert.is(out.split('\n')[0], '7K3M-Q9TX');
  assert.is(out.split('7K3M-Q9TX').length, 2);
  assert.match(out, 'A mail with a link goes to Alice Ng.');
  assert.match(out, 'and never by mail');
});

test('invite of somebody who had a passkey says that a second person approves first', async () => {
  const data = { ...INVITED, needs_approval: true };
  const { out } = await withHost(workspaceOf(), () => ({ ok: true, data }), 'invite', 'alice');
  assert.match(
    out,
    'Nothing is mailed until a second person approves the invitation, at http://localhost:7447/console.',
  );
});

test('invite --json prints what the host answered', async () => {
  const { out } = await withHost(
    workspaceOf(),
    () => ({ ok: true, data: INVITED }),
    'invite',
    'alice',
    '--json',
  );
  assert.equal(JSON.parse(out), INVITED);
});

test('invite of somebody unknown is wrong use, and no host is asked or started for it', async () => {
  const workspace = workspaceOf();
  const { code, err, asked } = await withHost(
    workspace,
    () => ({ ok: true, data: INVITED }),
    'invite',
    'alcie',
  );
  assert.equal(
    [code, err, asked],
    [
      2,
      'placet: people.yaml has no person alcie (did you mean alice?); "placet people add" adds one. [unknown_person]\n',
      [],
    ],
  );
});

test('what the host refuses is told in its words', async () => {
  const refusal: Reply = { ok: false, code: 'nobody_to_approve', error: 'Name a second person.' };
  assert.equal(await withHost(workspaceOf(), () => refusal, 'invite', 'alice'), {
    code: 1,
    out: '',
    err: 'placet: Name a second person. [nobody_to_approve]\n',
    asked: [{ placet: 1, op: 'invite', person: 'alice' }],
  });
});

const REVOKED = { person: 'alice', revoked: [{ credential_id: 'cred-1', name: 'Laptop' }] };

test('revoke of one passkey names it to the host', async () => {
  const { code, out, asked } = await withHost(
    workspaceOf(),
    () => ({ ok: true, data: REVOKED }),
    'revoke',
    'alice',
    'cred-1',
  );
  assert.equal([code, asked], [0, [{ placet: 1, op: 'revoke', person: 'alice', credential_id: 'cred-1' }]]);
  assert.is(out, 'Revoked a passkey of alice, and ended the sessions that it opened:\n  "Laptop": cred-1\n');
});

test('revoke of all passkeys says what the person can do no more', async () => {
  const two = { ...REVOKED, revoked: [...REVOKED.revoked, { credential_id: 'cred-2', name: 'Key' }] };
  const { out, asked } = await withHost(workspaceOf(), () => ({ ok: true, data: two }), 'revoke', 'alice');
  assert.equal(asked, [{ placet: 1, op: 'revoke', person: 'alice' }]);
  assert.match(out, 'Revoked 2 passkeys of alice, and ended the sessions that they opened:\n');
  assert.match(out, 'Without a passkey alice cannot approve, not by a link either.');
});

test('a person who is no longer in people.yaml can have passkeys revoked', async () => {
  const data = { ...REVOKED, person: 'eve' };
  const { code, asked } = await withHost(workspaceOf(), () => ({ ok: true, data }), 'revoke', 'eve');
  assert.equal([code, asked], [0, [{ placet: 1, op: 'revoke', person: 'eve' }]]);
});

test('revoke-key names the person and the key to the host', async () => {
  const data = { person: 'alice', key_id: 'aaaaaaaaaaaa', name: 'Phone widget', left: 0 };
  const { code, out, asked } = await withHost(
    workspaceOf(),
    () => ({ ok: true, data }),
    'revoke-key',
    'alice',
    'aaaaaaaaaaaa',
  );
  assert.equal(
    [code, asked],
    [0, [{ placet: 1, op: 'revoke_reviewer_key', person: 'alice', key_id: 'aaaaaaaaaaaa' }]],
  );
  assert.is(
    out,
    'Revoked the key aaaaaaaaaaaa of alice, "Phone widget", and ended its streams. alice has no other key that holds.\n',
  );
});

test.run();
