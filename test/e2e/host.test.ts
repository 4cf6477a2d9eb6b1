import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { eventually, serveHost } from '../support/host.ts';
import { openMailbox } from '../support/mailbox.ts';
import { decide, openPage } from '../support/reviewer.ts';
import {
  approvalId,
  BINARY,
  makeWorkspace,
  ROOT,
  statusOf,
  textOf,
  type TestAgent,
  type TestWorkspace,
  type WorkspaceOptions,
} from '../support/workspace.ts';

const ALICE = 'alice@example.com';
const GATE = join(ROOT, 'test/support/servers/gate.mjs');

const mailbox = await openMailbox();
const made: TestWorkspace[] = [];

test.after.each(async () => {
  for (const workspace of made.splice(0)) await workspace.end();
});
test.after(() => mailbox.close());

function newWorkspace(options: WorkspaceOptions = {}): TestWorkspace {
  const workspace = makeWorkspace({ env: { PLACET_SMTP_URL: mailbox.smtpUrl }, ...options });
  made.push(workspace);
  return workspace;
}

const write = ({ dir }: TestWorkspace, agent: TestAgent, name: string): Promise<CallToolResult> =>
  agent.call('files__write_file', { path: join(dir, 'files', name), content: 'written\n' });

const outcomeOf = (agent: TestAgent, id: string): Promise<CallToolResult> =>
  agent.call('placet_status', { approval_id: id, wait_seconds: 25 });

async function approve(link: string, confirm = 'write_file'): Promise<number> {
  return decide(await openPage(link), { decision: 'approve', confirm });
}

test('two clients that start at once without a host end up on one', async () => {
  const workspace = newWorkspace();
  await Promise.all([workspace.agent(), workspace.agent()]);
  const status = JSON.parse((await workspace.placet('status', '--json')).stdout) as { sessions: number };
  assert.is(status.sessions, 2);
  assert.is(workspace.types().filter((type) => type === 'log.opened').length, 1);
});

test('the host outlives its clients, and the next client gets the result', async () => {
  const workspace = newWorkspace();
  const first = await workspace.agent();
  const pid = await workspace.hostPid();
  const id = approvalId(await write(workspace, first, 'outlived.txt'));
  await first.close();
  assert.is(await approve((await mailbox.ask(id, ALICE)).link), 303);
  const second = await workspace.agent();
  const outcome = await outcomeOf(second, id);
  assert.is(statusOf(outcome), 'succeeded');
  assert.match(textOf(outcome), 'Successfully wrote');
  assert.is(workspace.file('outlived.txt'), 'written\n');
  assert.is(await workspace.hostPid(), pid);
});

test('a pending request and its link outlive a restart', async () => {
  const workspace = newWorkspace();
  const id = approvalId(await write(workspace, await workspace.agent(), 'restarted.txt'));
  const { link } = await mailbox.ask(id, ALICE);
  const pid = await workspace.hostPid();
  assert.is((await workspace.placet('stop')).stdout, 'The host has ended.\n');
  const agent = await workspace.agent();
  assert.is.not(await workspace.hostPid(), pid);
  assert.is(approvalId(await agent.call('placet_status', { approval_id: id })), id);
  assert.is(await approve(link), 303);
  assert.is(statusOf(await outcomeOf(agent, id)), 'succeeded');
});

test('status --json says what runs and what is pending, and nothing secret', async () => {
  const workspace = newWorkspace();
  const id = approvalId(await write(workspace, await workspace.agent(), 'shown.txt'));
  const { link } = await mailbox.ask(id, ALICE);
  const { code, stdout } = await workspace.placet('status', '--json');
  assert.is(code, 0);
  const status = JSON.parse(stdout) as Record<string, unknown> & {
    requests: Record<string, unknown>[];
    servers: Record<string, unknown>[];
  };
  assert.is(status.running, true);
  assert.is(status.workspace, workspace.dir);
  assert.is(status.sessions, 1);
  assert.equal(status.problems, []);
  assert.is(status.servers[0]?.name, 'files');
  const { expires_at: expires, ...request } = status.requests[0] ?? {};
  assert.equal(request, { id, state: 'pending', agent: 'claude', server: 'files', tool: 'write_file' });
  assert.type(expires, 'string');
  for (const secret of [link.split('/').at(-1) ?? '', ALICE, 'shown.txt']) {
    assert.is(stdout.includes(secret), false, secret);
  }
});

test('status without a host says so and exits 1', async () => {
  const workspace = newWorkspace();
  const { code, stdout } = await workspace.placet('status');
  assert.is(code, 1);
  assert.is(stdout, `No host runs for ${workspace.dir}.\n`);
});

test('a second host on the same workspace is refused with one sentence, and the first goes on', async () => {
  const workspace = newWorkspace();
  await workspace.agent();
  const pid = await workspace.hostPid();
  const { code, stderr } = await (await serveHost(workspace.dir)).ended;
  assert.is(code, 1);
  assert.match(stderr, /^placet: [^\n]+ \[workspace_in_use\]\n$/);
  assert.is(await workspace.hostPid(), pid);
});

test('a port in use is said in one sentence', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  const { port } = other.address() as AddressInfo;
  const workspace = newWorkspace({ env: { PLACET_PORT: String(port) } });
  const { code, stderr } = await (await serveHost(workspace.dir)).ended;
  await new Promise((resolve) => {
    other.close(resolve);
  });
  assert.is(code, 1);
  assert.is(
    stderr.split('\n').at(-2),
    `placet: Port ${port} on 127.0.0.1 is in use by another program; choose another with PLACET_PORT, or set PLACET_PORT=0 to have a free one picked. [port_in_use]`,
  );
});

test('the client of a host that cannot start is told why', async () => {
  const workspace = newWorkspace();
  workspace.write('mcp.json', '{');
  const { code, stdout, stderr } = await workspace.placet('stdio');
  assert.is(code, 1);
  assert.is(stdout, '');
  assert.match(
    stderr,
    /^placet: The host could not start\. \/[^\n]+mcp\.json:1:2: [^\n]+ \[host_failed\]\n$/,
  );
});

test('only the owner can open the socket and enter its folder', async () => {
  const workspace = newWorkspace();
  await workspace.agent();
  const socket = statSync(join(workspace.dir, 'data/run/host.sock'));
  assert.is(socket.isSocket(), true);
  assert.is(socket.mode & 0o777, 0o600);
  assert.is(statSync(join(workspace.dir, 'data/run')).mode & 0o777, 0o700);
});

test('whoever waits when the host ends is answered with how the request stands', async () => {
  const workspace = newWorkspace();
  const agent = await workspace.agent();
  const held = await agent.call('files__write_file', {
    path: join(workspace.dir, 'files/waiting.txt'),
    content: 'x',
  });
  const waiting = agent.call('placet_status', { approval_id: approvalId(held), wait_seconds: 25 });
  await agent.call('files__read_text_file', { path: join(workspace.dir, 'files/hello.txt') });
  const [answer, stopped] = await Promise.all([waiting, workspace.placet('stop')]);
  assert.is(statusOf(answer), 'pending_approval');
  assert.is(stopped.code, 0);
});

test('a host whose own log cannot be written lives on', async () => {
  const workspace = newWorkspace();
  const full = openSync('/dev/full', 'w');
  const host = spawn(process.execPath, [BINARY, 'serve', '--dir', workspace.dir], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', full],
  });
  closeSync(full);
  if (!host.stdout) throw new Error('The host has no output.');
  await once(host.stdout, 'data');
  workspace.write('policies/people.yaml', 'people: [');
  const agent = await workspace.agent();
  const answer = await agent.call('files__read_text_file', { path: join(workspace.dir, 'files/hello.txt') });
  assert.is(textOf(answer), 'hello\n');
  const ended = once(host, 'exit');
  await workspace.placet('stop');
  assert.equal(await ended, [0, null]);
});

test('a host that is told to end lets a running call come to its end', async () => {
  const workspace = newWorkspace();
  const gate = join(workspace.dir, 'files');
  workspace.write(
    'mcp.json',
    JSON.stringify({ mcpServers: { gate: { command: process.execPath, args: [GATE, gate] } } }),
  );
  const host = await serveHost(workspace.dir);
  const agent = await workspace.agent();
  const id = approvalId(await agent.call('gate__pass', {}));
  assert.is(await approve((await mailbox.ask(id, ALICE)).link, 'pass'), 303);
  await eventually(async () => existsSync(join(gate, 'begun')) || undefined, 'the call was running');
  host.child.kill('SIGTERM');
  writeFileSync(join(gate, 'open'), '');
  const { code, signal } = await host.ended;
  assert.equal({ code, signal }, { code: 0, signal: null });
  const next = await workspace.agent();
  const outcome = await outcomeOf(next, id);
  assert.is(statusOf(outcome), 'succeeded');
  assert.is(textOf(outcome), 'passed');
  assert.is((await workspace.placet('log', 'verify')).code, 0);
});

test('what the mail server could not take is sent by the next start', async () => {
  const down = await openMailbox();
  const { port } = down.inbox;
  await down.close();
  const workspace = newWorkspace({ env: { PLACET_SMTP_URL: `smtp://127.0.0.1:${port}` } });
  const id = approvalId(await write(workspace, await workspace.agent(), 'late.txt'));
  const undelivered = await eventually(async () => {
    const { stdout } = await workspace.placet('status', '--json');
    const [notice] = (JSON.parse(stdout) as { undelivered: Record<string, unknown>[] }).undelivered;
    return notice?.error === undefined ? undefined : notice;
  }, 'the failure was shown');
  assert.is(undelivered.request_id, id);
  assert.is(undelivered.error, `The mail server 127.0.0.1:${port} cannot be reached (ECONNREFUSED).`);
  await workspace.placet('stop');

  const up = await openMailbox(port);
  const agent = await workspace.agent();
  assert.is(await approve((await up.ask(id, ALICE)).link), 303);
  assert.is(statusOf(await outcomeOf(agent, id)), 'succeeded');
  await up.outcome(id, ALICE);
  await workspace.end();
  await up.close();
});

for (const argument of ['.', './policies', 'data/../data', '--root=tools', '/']) {
  test(`a downstream with the argument ${argument} reaches the control files: the host refuses to start`, async () => {
    const workspace = newWorkspace();
    mkdirSync(join(workspace.dir, 'tools'));
    const open = { command: process.execPath, args: ['server.js', argument] };
    workspace.write('mcp.json', JSON.stringify({ mcpServers: { open } }));
    const { code, stderr } = await (await serveHost(workspace.dir)).ended;
    assert.is(code, 1);
    assert.is(
      stderr,
      `placet: The server open is refused because the argument "${argument}" reaches the workspace's control files (policies/, tools/, data/, mcp.json, .env); give it a folder of its own. [control_files_reachable]\n`,
    );
  });
}

test.run();
