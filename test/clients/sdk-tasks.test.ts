import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { review } from '../support/reviewer.ts';
import { BINARY, makeWorkspace } from '../support/workspace.ts';

const inbox = await openInbox();
const workspace = makeWorkspace({ env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const client = new Client({ name: 'test-client', version: '1.0.0' });
await client.connect(
  new StdioClientTransport({
    command: process.execPath,
    args: [BINARY, 'stdio', '--dir', workspace.dir, '--agent', 'claude'],
    env: { PATH: process.env.PATH ?? '' },
    stderr: 'ignore',
  }),
);

test.after(async () => {
  await client.close();
  await workspace.end();
  await inbox.close();
});

/** Calls as a task and follows it, as the client's own stream does. */
async function follow(
  name: string,
  args: Record<string, unknown>,
  onCreated: (taskId: string) => Promise<void> = async () => undefined,
): Promise<{
  statuses: string[];
  messages: (string | undefined)[];
  result?: CallToolResult;
  error?: string;
}> {
  const statuses: string[] = [];
  const messages: (string | undefined)[] = [];
  const stream = client.experimental.tasks.callToolStream({ name, arguments: args }, CallToolResultSchema, {
    task: { ttl: 60_000 },
  });
  for await (const message of stream) {
    if (message.type === 'result') return { statuses, messages, result: message.result };
    if (message.type === 'error') return { statuses, messages, error: message.error.message };
    if (message.type === 'taskCreated') await onCreated(message.task.taskId);
    if (statuses.at(-1) === message.task.status) continue;
    statuses.push(message.task.status);
    messages.push(message.task.statusMessage);
  }
  throw new Error('The stream ended without a result.');
}

const path = (name: string): string => join(workspace.dir, 'files', name);
const mailAbout = (name: string): ReturnType<typeof inbox.waitFor> =>
  inbox.waitFor((each) => each.text.includes(name));

test('the server says that tools can be called as tasks', () => {
  assert.equal(client.getServerCapabilities()?.tasks?.requests, { tools: { call: {} } });
});

test('a held call that is asked for as a task works until it is approved, and completes with its result', async () => {
  await client.listTools();
  const { statuses, messages, result } = await follow(
    'files__write_file',
    { path: path('task.txt'), content: 'written\n' },
    async () => assert.is(await review(await mailAbout('task.txt'), 'approve', 'write_file'), 303),
  );
  assert.equal([statuses[0], statuses.at(-1)], ['working', 'completed']);
  assert.match(messages[0] ?? '', 'approval');
  assert.equal(result?.content, [{ type: 'text', text: `Successfully wrote to ${path('task.txt')}` }]);
  assert.is(workspace.file('task.txt'), 'written\n');
});

test('a task whose call is rejected completes with an error that says why', async () => {
  const { statuses, result } = await follow(
    'files__write_file',
    { path: path('rejected.txt'), content: 'x' },
    async () => {
      const mail = await mailAbout('rejected.txt');
      assert.is(await review(mail, 'reject', 'write_file', 'Not this one.'), 303);
    },
  );
  assert.is(statuses.at(-1), 'completed');
  assert.is(result?.isError, true);
  assert.match(JSON.stringify(result?.content), 'Not this one.');
  assert.is(existsSync(path('rejected.txt')), false);
});

test('a task that is cancelled never runs', async () => {
  const { statuses, error } = await follow(
    'files__write_file',
    { path: path('cancelled.txt'), content: 'x' },
    async (taskId) => {
      await client.experimental.tasks.cancelTask(taskId);
    },
  );
  assert.is(statuses.at(-1), 'cancelled');
  assert.match(error ?? '', 'was cancelled');
  assert.is(existsSync(path('cancelled.txt')), false);
});

test.run();
