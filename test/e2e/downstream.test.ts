import { existsSync, cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openMailbox } from '../support/mailbox.ts';
import { decide, openPage } from '../support/reviewer.ts';
import { approvalId, BINARY, makeWorkspace, PEOPLE, ROOT, statusOf, textOf } from '../support/workspace.ts';

const ALICE = 'alice@example.com';
const SERVERS = join(ROOT, 'test/support/servers');

const mailbox = await openMailbox();
const workspace = makeWorkspace({
  people: PEOPLE,
  rules: `unmatched: review
review: { reviewers: [alice], timeout: 1s }
rules:
  - id: plain
    match: { server: plain }
    verdict: allow
`,
  env: { PLACET_SMTP_URL: mailbox.smtpUrl },
});
const definition = join(workspace.dir, 'files', 'definition.txt');
const calls = join(workspace.dir, 'files', 'calls.txt');
workspace.write('files/definition.txt', 'As it was.');
workspace.write('files/calls.txt', '');
const unruly = { command: process.execPath, args: [join(SERVERS, 'unruly.mjs'), definition, calls] };
workspace.write(
  'mcp.json',
  JSON.stringify({
    mcpServers: {
      unruly,
      plain: unruly,
      absent: { command: join(workspace.dir, 'no-such-program'), args: [] },
      quits: { command: process.execPath, args: ['-e', 'process.exit(3)'] },
    },
  }),
);
cpSync(join(ROOT, 'tools'), join(workspace.dir, 'tools'), { recursive: true });
// The shipped tools need their SQLite package, as the workspace of any author who uses one would.
symlinkSync(join(ROOT, 'node_modules'), join(workspace.dir, 'node_modules'));
const agent = await workspace.agent();

test.after(async () => {
  await workspace.end();
  await mailbox.close();
});

const outcomeOf = (id: string): Promise<CallToolResult> =>
  agent.call('placet_status', { approval_id: id, wait_seconds: 25 });
const timesCalled = (tool: string): number =>
  readFileSync(calls, 'utf8')
    .split('\n')
    .filter((line) => line === tool).length;

/** Has a call held and approved. @returns its end */
async function approved(name: string, tool: string, args = {}): Promise<CallToolResult> {
  const id = approvalId(await agent.call(name, args));
  const { link } = await mailbox.ask(id, ALICE);
  assert.is(await decide(await openPage(link), { decision: 'approve', confirm: tool, reason: 'Yes.' }), 303);
  return outcomeOf(id);
}

test('servers that cannot start are named in status and harm no other', async () => {
  const { stdout } = await workspace.placet('status', '--json');
  const { servers } = JSON.parse(stdout) as {
    servers: { name: string; state: string; tools: number; error?: string }[];
  };
  const byName = Object.fromEntries(servers.map((server) => [server.name, server]));
  assert.is(byName.unruly?.tools, 5);
  assert.is(byName.plain?.tools, 5);
  assert.is(byName.absent?.tools, 0);
  assert.is(byName.quits?.tools, 0);
  assert.type(byName.absent?.error, 'string');
  assert.type(byName.quits?.error, 'string');
  const names = (await agent.client.listTools()).tools.map(({ name }) => name);
  assert.equal(
    names.filter((name) => name.startsWith('absent') || name.startsWith('quits')),
    [],
  );
});

test('an allowed call whose downstream dies is answered honestly, and the next call runs', async () => {
  const answer = await agent.call('plain__die', {});
  assert.is(answer.isError, true);
  assert.match(textOf(answer), /plain/);
  assert.is(textOf(await agent.call('plain__change', {})), 'changed');
});

test('an approved call whose downstream dies in the middle has an unknown outcome and is not repeated', async () => {
  const outcome = await approved('unruly__die', 'die');
  assert.is(outcome.isError, true);
  assert.is(statusOf(outcome), 'outcome_unknown');
  assert.is(timesCalled('die'), 2, 'once allowed, once approved');
});

test('an approved call that is not answered in time has an unknown outcome', async () => {
  const outcome = await approved('unruly__hang', 'hang');
  assert.is(outcome.isError, true);
  assert.is(statusOf(outcome), 'outcome_unknown');
  assert.is(timesCalled('hang'), 1);
});

test('garbage on standard output does not keep the answer from coming', async () => {
  assert.is(textOf(await agent.call('plain__garbage', {})), 'after garbage');
});

test('an answer that is no tool result is an error, never passed on', async () => {
  const answer = await agent.call('plain__nonsense', {}).catch((error: Error) => error);
  assert.is(answer instanceof Error || answer.isError, true);
});

test('a definition that changed between request and approval voids the approval', async () => {
  const before = timesCalled('change');
  const id = approvalId(await agent.call('unruly__change', {}));
  const { link } = await mailbox.ask(id, ALICE);
  writeFileSync(definition, 'As it became.');
  // The server's death makes the host ask for its list again.
  await agent.call('plain__die', {});
  const page = await openPage(link);
  assert.is(await decide(page, { decision: 'approve', confirm: 'change' }), 303);
  const outcome = await outcomeOf(id);
  assert.is(outcome.isError, true);
  assert.is(statusOf(outcome), 'voided');
  assert.match(textOf(outcome), "The tool's definition changed after the request was made.");
  assert.is(timesCalled('change'), before);
});

test('a guarded tool is held with the sentence of its summary on the page, and runs once approved', async () => {
  const args = { inactive_since: '2024-01-01', max: 10 };
  const id = approvalId(await agent.call('delete_customers', args));
  const { link } = await mailbox.ask(id, ALICE);
  const page = await openPage(link);
  assert.match(page.html, /Delete [^<]*customers/);
  assert.is(await decide(page, { decision: 'approve', confirm: 'delete_customers', reason: 'Old.' }), 303);
  const outcome = await outcomeOf(id);
  assert.is(statusOf(outcome), 'succeeded', textOf(outcome));
  const { deleted } = outcome.structuredContent as { deleted: { name: string }[] };
  assert.equal(
    deleted.map(({ name }) => name),
    ['Bram de Wit', 'Dmitri Volkov', 'Hugo Lindqvist'],
  );
});

test('a wrapped server lists its tools under their own names, and its calls are held and approved', async () => {
  const count = join(workspace.dir, 'files', 'wrapped.txt');
  rmSync(count, { force: true });
  const client = new Client({ name: 'wrapping', version: '1.0.0' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [
        BINARY,
        'wrap',
        '--dir',
        workspace.dir,
        '--',
        process.execPath,
        join(SERVERS, 'counter.mjs'),
        count,
      ],
      env: { PATH: process.env.PATH ?? '' },
      cwd: SERVERS,
      stderr: 'ignore',
    }),
  );
  const call = (name: string, args: Record<string, unknown>): Promise<CallToolResult> =>
    client.request({ method: 'tools/call', params: { name, arguments: args } }, CallToolResultSchema);
  const names = (await client.listTools()).tools.map(({ name }) => name);
  assert.equal(names, ['add', 'placet_status', 'placet_cancel']);
  const id = approvalId(await call('add', { line: 'wrapped' }));
  assert.is(existsSync(count), false);
  const { link } = await mailbox.ask(id, ALICE);
  assert.is(await decide(await openPage(link), { decision: 'approve', confirm: 'add' }), 303);
  const outcome = await call('placet_status', { approval_id: id, wait_seconds: 25 });
  await client.close();
  assert.is(statusOf(outcome), 'succeeded');
  assert.is(readFileSync(count, 'utf8'), 'wrapped\n');
});

test('an approval given for one wrapped command is not carried out by another of its name', async () => {
  const wrap = async (count: string): Promise<Client> => {
    const client = new Client({ name: 'wrapping', version: '1.0.0' });
    const server = [process.execPath, join(SERVERS, 'counter.mjs'), join(workspace.dir, 'files', count)];
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [BINARY, 'wrap', '--dir', workspace.dir, '--name', 'shared', '--', ...server],
        env: { PATH: process.env.PATH ?? '' },
        cwd: SERVERS,
        stderr: 'ignore',
      }),
    );
    return client;
  };
  const add = (client: Client): Promise<CallToolResult> =>
    client.request(
      { method: 'tools/call', params: { name: 'add', arguments: { line: 'once' } } },
      CallToolResultSchema,
    );
  const staging = await wrap('staging.txt');
  const id = approvalId(await add(staging));
  const production = await wrap('production.txt');
  const other = approvalId(await add(production));
  assert.is.not(other, id);
  const { link } = await mailbox.ask(id, ALICE);
  const page = await openPage(link);
  assert.match(page.html, 'staging.txt');
  await staging.close();
  assert.is(await decide(page, { decision: 'approve', confirm: 'add' }), 303);
  const outcome = await production.request(
    {
      method: 'tools/call',
      params: { name: 'placet_status', arguments: { approval_id: id, wait_seconds: 5 } },
    },
    CallToolResultSchema,
  );
  await production.close();
  assert.is.not(statusOf(outcome), 'succeeded');
  assert.is(existsSync(join(workspace.dir, 'files', 'production.txt')), false);
});

test('the journal of all that verifies', async () => {
  const verdict = await workspace.placet('log', 'verify');
  assert.is(verdict.code, 0, verdict.stdout + verdict.stderr);
});

test.run();
