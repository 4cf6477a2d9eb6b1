import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openFakeAuthorizationServer } from '../support/authorization-server.ts';
import { openGuardedResource } from '../support/guarded-resource.ts';
import { eventually } from '../support/host.ts';
import { BINARY, makeWorkspace, textOf } from '../support/workspace.ts';

let issuer = '';
let accepts: (token: string | undefined) => boolean = () => false;
/** A server over HTTP that opens to a token. */
const resource = await openGuardedResource({
  issuer: () => issuer,
  accepts: (token) => accepts(token),
  answer({ id, method }) {
    const result = {
      initialize: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'remote', version: '1' },
      },
      'tools/list': { tools: [{ name: 'greet', inputSchema: { type: 'object' } }] },
      'tools/call': { content: [{ type: 'text', text: 'hello from afar' }] },
    }[method];
    return result && { jsonrpc: '2.0', id, result };
  },
});
const authority = await openFakeAuthorizationServer({ resource: () => resource.url });
issuer = authority.issuer;
accepts = authority.accepts;

const workspace = makeWorkspace({
  servers: { remote: { type: 'http', url: resource.url } },
  rules: 'unmatched: allow\nreview:\n  reviewers: [group:ops]\n',
});
const grant = join(workspace.dir, 'data/grants/remote.json');

test.after(async () => {
  await workspace.end();
  await resource.close();
  await authority.close();
});

/** Runs `placet connect` and is the person whose browser opens what it prints. */
async function connect(server: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [BINARY, 'connect', server, '--dir', workspace.dir], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    const [address] = /http:\/\/\S+\/authorize\?\S+/.exec(chunk.toString()) ?? [];
    if (address !== undefined) void fetch(address).then((response) => response.text());
  });
  const [code] = await ended;
  return { code, output };
}

test('a server that asks for a sign-in says which command to run, and harms no other', async () => {
  const agent = await workspace.agent();
  const { tools } = await agent.client.listTools();
  assert.not.ok(tools.some(({ name }) => name === 'remote__greet'));
  const { stdout } = await workspace.placet('status');
  assert.match(stdout, 'placet connect remote');
});

test('after placet connect its tools are there, and calls reach it', async () => {
  const { code, output } = await connect('remote');
  assert.is(code, 0, output);
  assert.match(output, 'Signed in at remote.');
  const agent = await workspace.agent();
  await eventually(
    async () =>
      (await agent.client.listTools()).tools.some(({ name }) => name === 'remote__greet') ? true : undefined,
    'the tool is listed',
  );
  assert.is(textOf(await agent.call('remote__greet', {})), 'hello from afar');
});

test('a token that is over is renewed without anybody', async () => {
  authority.expireAccess();
  const agent = await workspace.agent();
  assert.is(textOf(await agent.call('remote__greet', {})), 'hello from afar');
  assert.is(authority.seen.refreshes, 1);
});

test('the grant is its owner’s alone, and stands nowhere else', () => {
  assert.is(statSync(grant).mode & 0o777, 0o600);
  const { tokens } = (
    JSON.parse(readFileSync(grant, 'utf8')) as { grant: { tokens: Record<string, unknown> } }
  ).grant;
  const secrets = [tokens.access_token, tokens.refresh_token].map(String);
  const others = [
    ...workspace.journal().map((entry) => JSON.stringify(entry)),
    readFileSync(join(workspace.dir, 'data/run/host.log'), 'utf8'),
    ...readdirSync(join(workspace.dir, 'data')).flatMap((name) =>
      statSync(join(workspace.dir, 'data', name)).isFile()
        ? [readFileSync(join(workspace.dir, 'data', name), 'latin1')]
        : [],
    ),
  ];
  for (const secret of secrets) assert.not.ok(others.some((text) => text.includes(secret)));
});

test('a server that mcp.json does not name, or that is a process, is no mistake that goes unsaid', async () => {
  const { code, output } = await connect('nobody');
  assert.is(code, 1);
  assert.match(output, 'mcp.json names no server "nobody" with a url; it names remote.');
});

test.run();
