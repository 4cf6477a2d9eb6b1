import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reply } from '../../src/host/hello.ts';
import { fakeHost } from '../support/fake-host.ts';
import { PEOPLE, policyFolder, RULES } from '../support/policy-folder.ts';

const workspaceOf = (): string => dirname(policyFolder({ 'people.yaml': PEOPLE, 'rules.yaml': RULES }));

/** Runs a command of `placet`, with these variables besides. */
async function placet(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

async function atHost(answer: Reply, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const workspace = workspaceOf();
  const host = await fakeHost(workspace, () => answer);
  try {
    return {
      ...(await placet(args, { PLACET_DIR: workspace, ...env })),
      asked: host.asked,
    };
  } finally {
    host.close();
  }
}

const KEY = `plk_0123456789ab_${'x'.repeat(43)}`;
const ISSUED = {
  agent: 'claude',
  key_id: '0123456789ab',
  key: KEY,
  expires_at: '2027-02-21T10:00:00.000Z',
  mcp_url: 'http://localhost:7447/mcp',
};

test('a key is printed alone on the first line, with what to do with it', async () => {
  const { code, out, asked } = await atHost({ ok: true, data: ISSUED }, [
    'people',
    'agent-key',
    'issue',
    'claude',
    '--expires',
    '90d',
  ]);
  assert.is(code, 0);
  assert.is(
    out,
    `${KEY}

This is a key of the agent claude, good until 2027-02-21T10:00:00.000Z. It is shown here once and kept nowhere; its id is 0123456789ab.
Over stdio: set PLACET_AGENT_KEY to it in the environment in which the client starts "placet stdio". From now on claude is let in with a key only.
Over HTTP: let the client send it to http://localhost:7447/mcp as "Authorization: Bearer …".
`,
  );
  assert.equal(asked, [{ placet: 1, op: 'issue_agent_key', agent: 'claude', lasts_ms: 7_776_000_000 }]);
});

test('an agent that people.yaml does not name, and a time that is none, are wrong use and start no host', async () => {
  const workspace = workspaceOf();
  const issue = (...args: string[]) => placet(['people', 'agent-key', 'issue', ...args, '--dir', workspace]);
  const stranger = await issue('claud');
  assert.is(stranger.code, 2);
  assert.match(stranger.err, /^placet: people.yaml names no agent claud \(did you mean claude\?\);/);
  for (const time of ['soon', '0d', '90', '4000d']) {
    const { code, err } = await issue('claude', '--expires', time);
    assert.is(code, 2);
    assert.match(err, /--expires takes a time from 1h to 3650d/);
  }
  assert.is(existsSync(join(workspace, 'data')), false);
});

test('the list shows ids and states of keys', async () => {
  const data = [
    {
      agent: 'claude',
      known: true,
      keys: [
        { key_id: 'one', issued_at: '2026-11-01T10:00:00.000Z', state: 'good' },
        {
          key_id: 'two',
          issued_at: '2026-11-02T10:00:00.000Z',
          state: 'expired',
          expires_at: '2026-11-03T10:00:00.000Z',
        },
      ],
    },
    {
      agent: 'old\u202e',
      known: false,
      keys: [
        {
          key_id: 'three',
          issued_at: '2026-11-01T10:00:00.000Z',
          state: 'revoked',
          revoked_at: '2026-11-04T10:00:00.000Z',
        },
      ],
    },
    { agent: 'new', known: true, keys: [] },
  ];
  const { out } = await atHost({ ok: true, data }, ['people', 'agent-key', 'list']);
  assert.is(
    out,
    `claude
  key one, issued 2026-11-01T10:00:00.000Z, good until it is revoked
  key two, issued 2026-11-02T10:00:00.000Z, EXPIRED 2026-11-03T10:00:00.000Z
old[U+202E right-to-left override]  is not in people.yaml, so its keys open nothing
  key three, issued 2026-11-01T10:00:00.000Z, REVOKED 2026-11-04T10:00:00.000Z
new
  no key
`,
  );
});

test('a key is revoked by its id', async () => {
  const data = { agent: 'claude', key_id: 'one', left: 1 };
  const { out, asked } = await atHost({ ok: true, data }, ['people', 'agent-key', 'revoke', 'claude', 'one']);
  assert.is(
    out,
    'Revoked the key one of claude, and ended the sessions that it opened. claude has 1 other key that holds.\n',
  );
  assert.equal(asked, [{ placet: 1, op: 'revoke_agent_key', agent: 'claude', key_id: 'one' }]);
});

test('a pipe presents the key of its environment, and what it wraps never sees it', async () => {
  const refused: Reply = { ok: false, code: 'agent_key_refused', error: 'This is no key.' };
  const env = { PLACET_AGENT_KEY: KEY, OTHER: 'kept' };
  const stdio = await atHost(refused, ['stdio'], env);
  assert.equal(stdio.asked, [{ placet: 1, op: 'stdio', key: KEY }]);
  assert.is(stdio.err, 'placet: This is no key. [agent_key_refused]\n');
  assert.is(stdio.code, 1);
  const { asked } = await atHost(refused, ['wrap', '--', 'node', 'server.js'], env);
  const [hello] = asked;
  assert.ok(hello?.op === 'wrap');
  assert.equal([hello.key, hello.env.OTHER, hello.env.PLACET_AGENT_KEY], [KEY, 'kept', undefined]);
});

test.run();
