import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { review } from '../support/reviewer.ts';
import { BINARY, makeWorkspace, ROOT } from '../support/workspace.ts';

const INSPECTOR = join(ROOT, 'node_modules/@modelcontextprotocol/inspector/cli/build/cli.js');

const inbox = await openInbox();
const workspace = makeWorkspace({ env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const SERVERS = join(ROOT, 'node_modules/@modelcontextprotocol');
workspace.write(
  'mcp.json',
  JSON.stringify({
    mcpServers: {
      files: {
        command: process.execPath,
        args: [join(SERVERS, 'server-filesystem/dist/index.js'), join(workspace.dir, 'files')],
      },
      everything: { command: process.execPath, args: [join(SERVERS, 'server-everything/dist/index.js')] },
    },
  }),
);

test.after(async () => {
  await workspace.end();
  await inbox.close();
});

/** Runs the inspector's command line against `placet stdio`. @returns the JSON that it prints */
function inspect(...args: string[]): Promise<Record<string, unknown>> {
  const server = [process.execPath, BINARY, 'stdio', '--dir', workspace.dir];
  const child = spawn(process.execPath, [INSPECTOR, '--cli', ...server, ...args], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(stdout) as Record<string, unknown>);
      else reject(new Error(`The inspector exited with ${code}: ${stderr}`));
    });
  });
}

const call = (tool: string, ...args: string[]): Promise<Record<string, unknown>> =>
  inspect(
    '--method',
    'tools/call',
    '--tool-name',
    tool,
    ...args.flatMap((argument) => ['--tool-arg', argument]),
  );

test("the inspector lists the downstream's tools and Placet's own", async () => {
  const { tools } = (await inspect('--method', 'tools/list')) as { tools: { name: string }[] };
  const names = tools.map(({ name }) => name);
  for (const name of ['files__read_text_file', 'files__write_file', 'placet_status', 'placet_cancel']) {
    assert.is(names.includes(name), true, name);
  }
});

test("the inspector is given an allowed call's own result", async () => {
  const path = join(workspace.dir, 'files/hello.txt');
  const { content } = await call('files__read_text_file', `path=${path}`);
  assert.equal(content, [{ type: 'text', text: 'hello\n' }]);
});

test('the inspector is given the pending answer of a held call, and its status later', async () => {
  const path = join(workspace.dir, 'files/held.txt');
  const held = (await call('files__write_file', `path=${path}`, 'content=held')) as {
    structuredContent: Record<string, unknown>;
    content: { text: string }[];
    isError?: boolean;
  };
  const { approval_id: id, expires_at: expires, ...rest } = held.structuredContent;
  assert.is(held.isError, undefined);
  assert.match(String(id), /^apr_\w+$/);
  assert.type(expires, 'string');
  assert.equal(rest, {
    status: 'pending_approval',
    tool: 'files__write_file',
    poll_after_ms: 5000,
    reviewers_asked: 1,
  });
  const [json = '', words] = held.content[0]?.text.split('\n') ?? [];
  assert.equal(JSON.parse(json), held.structuredContent);
  assert.is(
    words,
    'Not executed. Waiting for human approval. Call placet_status with this approval_id; do not repeat with other arguments.',
  );
  const later = await call('placet_status', `approval_id=${String(id)}`);
  assert.equal(later._meta, { 'placet/approval': { status: 'pending_approval', approval_id: id } });
});

test("the inspector reads a server's resources and gets its prompts, under the server's name", async () => {
  const dir = 'demo://resource/static/document/';
  const { resources } = (await inspect('--method', 'resources/list')) as { resources: { uri: string }[] };
  assert.is(resources[0]?.uri, `${dir}architecture.md`);
  const { contents } = (await inspect('--method', 'resources/read', '--uri', `${dir}structure.md`)) as {
    contents: { mimeType: string; text: string }[];
  };
  assert.is(contents[0]?.mimeType, 'text/markdown');
  assert.match(contents[0]?.text ?? '', '# Everything Server');
  const prompt = await inspect(
    '--method',
    'prompts/get',
    '--prompt-name',
    'everything__args-prompt',
    '--prompt-args',
    'city=Lund',
  );
  assert.equal(prompt.messages, [
    { role: 'user', content: { type: 'text', text: "What's weather in Lund?" } },
  ]);
});

test('the inspector is given the result of a held call once it was approved', async () => {
  const path = join(workspace.dir, 'files/approved.txt');
  const { structuredContent } = (await call('files__write_file', `path=${path}`, 'content=approved')) as {
    structuredContent: { approval_id: string };
  };
  const { approval_id: id } = structuredContent;
  const mail = await inbox.waitFor((each) => each.requestId === id);
  assert.is(await review(mail, 'approve', 'write_file'), 303);
  const outcome = await call('placet_status', `approval_id=${id}`, 'wait_seconds=25');
  assert.equal(outcome.content, [{ type: 'text', text: `Successfully wrote to ${path}` }]);
  assert.is(workspace.file('approved.txt'), 'approved');
});

test.run();
