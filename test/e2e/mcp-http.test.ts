import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serveHost, type ServingHost } from '../support/host.ts';
import { eventsOf, type SseEvent } from '../support/sse.ts';
import { makeWorkspace, PEOPLE } from '../support/workspace.ts';

const HOSTILE = join(import.meta.dirname, '../support/servers/hostile.mjs');
const SERVER = { command: process.execPath, args: [HOSTILE] };

const workspace = makeWorkspace({
  people: `${PEOPLE}  - id: codex\n    owner: alice\n    cool_down: 0s\n`,
  rules: `unmatched: review
review:
  reviewers: [group:ops]
rules:
  - id: all
    match: { server: one, tool: ["echo", "big", "ask", "silent", "flood"] }
    verdict: allow
`,
  servers: { one: SERVER },
});

let host: ServingHost;
let url: string;
let key: string;
let other: string;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly error?: { readonly code: number; readonly message: string } };
}

test.before(async () => {
  host = await serveHost(workspace.dir, { env: { PLACET_PORT: '0' } });
  const { stdout } = await workspace.placet('status', '--json');
  url = `${(JSON.parse(stdout) as { url: string }).url}/mcp`;
  key = await issue('claude');
  other = await issue('codex');
});
test.after(async () => {
  await workspace.end();
  await host.ended;
});

async function issue(agent: string): Promise<string> {
  const { stdout } = await workspace.placet('people', 'agent-key', 'issue', agent, '--json');
  return (JSON.parse(stdout) as { key: string }).key;
}

const JSON_TYPES = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };

function send(
  body: string | object | undefined,
  {
    method = 'POST',
    bearer = key,
    headers = {},
  }: { method?: string; bearer?: string; headers?: object } = {},
): Promise<Response> {
  return fetch(url, {
    method,
    headers: { ...JSON_TYPES, ...(bearer === '' ? {} : { Authorization: `Bearer ${bearer}` }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

async function refused(...given: Parameters<typeof send>): Promise<Answer> {
  const response = await send(...given);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
}

const HELLO = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: { sampling: {} },
    clientInfo: { name: 'h', version: '1' },
  },
};

/** Initializes a session. @returns the headers that go with all that follows */
async function open(bearer = key): Promise<Record<string, string>> {
  const response = await send(HELLO, { bearer });
  assert.is(response.status, 200);
  await response.text();
  return {
    'Mcp-Session-Id': response.headers.get('mcp-session-id') ?? '',
    'MCP-Protocol-Version': '2025-11-25',
  };
}

const call = (id: number | string, tool: string, args: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: `one__${tool}`, arguments: args },
});

async function answerOf(response: Response): Promise<SseEvent> {
  let last: SseEvent | undefined;
  for await (const event of eventsOf(response)) if (event.data !== '') last = event;
  assert.ok(last);
  return last;
}

test('without a credential, with a wrong one or one of a reviewer, nothing is answered but why', async () => {
  for (const bearer of ['', 'nonsense', `plk_${'0'.repeat(12)}_${randomBytes(32).toString('base64url')}`]) {
    const { status, headers, body } = await refused(HELLO, { bearer });
    assert.is(status, 401);
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer realm="placet"/);
    assert.not.match(JSON.stringify(body), 'nonsense');
  }
  const byCookie = await send(HELLO, { bearer: '', headers: { Cookie: 'placet_session=x' } });
  assert.is(byCookie.status, 401);
});

test('an agent’s key opens no page of the reviewers', async () => {
  for (const path of ['console', 'r/whatever', 'tile/entries/000']) {
    const response = await fetch(url.replace(/mcp$/, path), {
      headers: { Authorization: `Bearer ${key}` },
      redirect: 'manual',
    });
    assert.is.not(response.status, 200);
  }
});

test('a call is answered, and the journal says that the agent was authenticated', async () => {
  const headers = await open();
  const { data } = await answerOf(await send(call(1, 'echo', { text: 'over HTTP' }), { headers }));
  assert.equal(JSON.parse(data), {
    jsonrpc: '2.0',
    id: 1,
    result: { content: [{ type: 'text', text: 'over HTTP' }] },
  });
  assert.ok(
    workspace.journal().some((entry) => entry.type === 'agent.key_issued' && entry.agent === 'claude'),
  );
});

test('a session is its own agent’s: with another credential it does not exist', async () => {
  const headers = await open();
  for (const [method, body] of [
    ['POST', call(1, 'echo')],
    ['GET', undefined],
    ['DELETE', undefined],
  ] as const) {
    assert.is((await refused(body, { method, bearer: other, headers })).status, 404);
  }
  assert.is((await send(call(2, 'echo', { text: 'mine' }), { headers })).status, 200);
  const second = await issue('claude');
  assert.is((await refused(call(3, 'echo'), { bearer: second, headers })).status, 404);
});

test('two agents see only their own requests', async () => {
  const [mine, theirs] = [await open(), await open(other)];
  const held = await answerOf(await send(call(1, 'twice', { n: 1 }), { headers: mine }));
  const { approval_id } = (
    JSON.parse(held.data) as { result: { structuredContent: { approval_id: string } } }
  ).result.structuredContent;
  const ask = {
    jsonrpc: '2.0',
    id: 2,
    method: 'tools/call',
    params: { name: 'placet_status', arguments: { approval_id } },
  };
  const seen = await answerOf(await send(ask, { headers: mine }));
  assert.match(seen.data, 'pending_approval');
  const unseen = await answerOf(await send(ask, { bearer: other, headers: theirs }));
  assert.match(unseen.data, 'unknown_approval');
});

test('a revoked key ends its sessions at once', async () => {
  const doomed = await issue('claude');
  const headers = await open(doomed);
  const stream = await send(undefined, { method: 'GET', bearer: doomed, headers });
  const ended = stream.text();
  const [, keyId = ''] = /^plk_([^_]+)_/.exec(doomed) ?? [];
  await workspace.placet('people', 'agent-key', 'revoke', 'claude', keyId);
  await ended;
  assert.is((await refused(call(1, 'echo'), { bearer: doomed, headers })).status, 401);
});

test('what breaks off is taken up where it was, and what was never sent is not', async () => {
  const headers = await open();
  const controller = new AbortController();
  const broken = await fetch(url, {
    method: 'POST',
    headers: { ...JSON_TYPES, Authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify(call(7, 'ask')),
    signal: controller.signal,
  });
  let first: SseEvent | undefined;
  let asked: { readonly id?: unknown } | undefined;
  for await (const event of eventsOf(broken)) {
    first ??= event;
    if (event.data === '') continue;
    asked = JSON.parse(event.data) as { id?: unknown };
    break;
  }
  controller.abort();
  const reply = { jsonrpc: '2.0', id: asked?.id, result: { role: 'assistant' } };
  assert.is((await send(reply, { headers })).status, 202);
  const again = await send(undefined, {
    method: 'GET',
    headers: { ...headers, 'Last-Event-ID': first?.id ?? '' },
  });
  const events: SseEvent[] = [];
  for await (const event of eventsOf(again)) events.push(event);
  assert.match(events.at(-1)?.data ?? '', /"id":7,"result"/);
  const gone = await refused(undefined, {
    method: 'GET',
    headers: { ...headers, 'Last-Event-ID': 'zz-999' },
  });
  assert.is(gone.status, 400);
});

test('what two parsers could read differently is refused, as is a batch', async () => {
  const headers = await open();
  for (const body of [
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"one__echo","Name":"one__die"}}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}',
    `[${JSON.stringify(call(1, 'echo'))}]`,
    'no JSON',
  ]) {
    assert.is((await refused(body, { headers })).status, 400);
  }
});

test('size, type, revision and method are checked', async () => {
  const headers = await open();
  assert.is((await refused('x'.repeat(9 * 1024 * 1024), { headers })).status, 413);
  assert.is((await refused(HELLO, { headers: { 'Content-Type': 'text/plain' } })).status, 415);
  assert.is((await refused(HELLO, { headers: { Accept: 'application/json' } })).status, 406);
  assert.is(
    (await refused(call(1, 'echo'), { headers: { ...headers, 'MCP-Protocol-Version': '1999' } })).status,
    400,
  );
  assert.is((await refused(call(1, 'echo'))).status, 400);
  assert.is((await refused(undefined, { method: 'PUT', headers })).status, 405);
});

test('a page that lets its own name point here, or one of another site, is refused', async () => {
  for (const headers of [{ Host: 'evil.example' }, { Origin: 'https://evil.example' }, { Origin: 'null' }]) {
    const status = await new Promise<number>((resolve, reject) => {
      const asked = httpRequest(
        url,
        { method: 'POST', headers: { ...JSON_TYPES, Authorization: `Bearer ${key}`, ...headers } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      asked.once('error', reject);
      asked.end(JSON.stringify(HELLO));
    });
    assert.is(status, 403);
  }
});

test('a session that is ended is gone, and a second general stream is refused', async () => {
  const headers = await open();
  const first = await send(undefined, { method: 'GET', headers });
  assert.is(first.status, 200);
  assert.is((await refused(undefined, { method: 'GET', headers })).status, 409);
  assert.is((await send(undefined, { method: 'DELETE', headers })).status, 204);
  await first.text();
  assert.is((await refused(call(1, 'echo'), { headers })).status, 404);
});

test('sixty-four sessions of one agent stand, the next is refused, and another agent still comes in', async () => {
  const agent = await issue('claude');
  const opened: Record<string, string>[] = [];
  let full: Response | undefined;
  for (let i = 0; i < 70 && !full; i += 1) {
    const response = await send(HELLO, { bearer: agent });
    if (response.status === 503) full = response;
    else opened.push({ 'Mcp-Session-Id': response.headers.get('mcp-session-id') ?? '' });
    await response.text();
  }
  assert.is(full?.headers.get('retry-after'), '30');
  assert.is((await send(HELLO, { bearer: other })).status, 200);
  for (const headers of opened) await send(undefined, { method: 'DELETE', bearer: agent, headers });
  assert.is((await send(HELLO, { bearer: agent })).status, 200);
});

test('without an issuer there is no metadata of one', async () => {
  const response = await fetch(new URL('/.well-known/oauth-protected-resource', url));
  assert.is(response.status, 404);
  await response.text();
});

test('no key stands in the log or the journal', async () => {
  const everything = JSON.stringify(workspace.journal());
  assert.not.match(everything, key);
  assert.not.match(everything, key.slice(-20));
});

test.run();
