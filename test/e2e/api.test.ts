import { get as httpGet } from 'node:http';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import {
  checkpointSchema,
  decidedSchema,
  listSchema,
  problemSchema,
  requestSchema,
} from '../../src/web/api/schemas.ts';
import { formIn, signedFields } from '../support/console-browser.ts';
import type { Answered } from '../support/console-site.ts';
import { eventually } from '../support/host.ts';
import { openOutside } from '../support/outside.ts';
import { approvalId, makeWorkspace, statusOf } from '../support/workspace.ts';

const PEOPLE = `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com] }
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const RULES = `unmatched: review
review: { reviewers: [alice, carol], verification: passkey }
rules:
  - id: writes
    match: { server: files, tool: write_file }
    verdict: review
    review: { verification: link, api: decide }
`;

const inbox = await openInbox();
const workspace = makeWorkspace({ people: PEOPLE, rules: RULES, env: { PLACET_SMTP_URL: inbox.smtpUrl } });
const agent = await workspace.agent();
const site = await openOutside(workspace, inbox);
const passkey = await site.enrol('alice');
const browser = site.browser();
await browser.signIn(passkey);

test.after(async () => {
  await workspace.end();
  await inbox.close();
});

/** Makes a key on the page of oneself. */
async function makeKey(scope: 'read' | 'decide'): Promise<string> {
  const begin = formIn(await browser.get('/console/me'), 'me/keys/begin');
  const wanted = { ...begin.fields, name: `A key that can ${scope}`, scope, days: '30' };
  const asked = await browser.post('/console/me/keys/begin', wanted);
  const made = await browser.post('/console/me/keys', signedFields(formIn(asked, 'me/keys'), passkey));
  const [, key] = /<pre[^>]*>(plr_[^<]+)<\/pre>/.exec(made.text) ?? [];
  if (key === undefined) throw new Error(`No key was made: ${made.text}`);
  return key;
}

const get = (key: string, path: string): Promise<Answered> =>
  site.ask(`/api/v1${path}`, { headers: { accept: 'application/json', authorization: `Bearer ${key}` } });

const decide = (key: string, id: string, body: object, idempotencyKey = `for ${id}`): Promise<Answered> =>
  site.ask(`/api/v1/requests/${id}/decisions`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey.replaceAll(' ', '-'),
    },
  });

const codeOf = ({ text }: Answered): string => problemSchema.parse(JSON.parse(text)).code;

async function hold(tool: string, name: string) {
  const path = join(workspace.dir, 'files', name);
  const args = tool === 'write_file' ? { path, content: 'written\n' } : { path };
  return { path, id: approvalId(await agent.call(`files__${tool}`, args)) };
}

const outcome = async (id: string): Promise<string | undefined> =>
  statusOf(await agent.call('placet_status', { approval_id: id, wait_seconds: 25 }));

/** The text of the events, as they come. */
function listen(key: string): Promise<{ text: () => string; close: () => void }> {
  const { hostname, port, host } = new URL(site.origin);
  const headers = { host, authorization: `Bearer ${key}`, accept: 'text/event-stream' };
  return new Promise((resolve, reject) => {
    const request = httpGet(
      {
        host: hostname === 'localhost' ? '127.0.0.1' : hostname,
        port,
        path: '/api/v1/requests/stream',
        headers,
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (more: string) => {
          text += more;
        });
        answer.on('error', () => {});
        resolve({ text: () => text, close: () => request.destroy() });
      },
    );
    request.on('error', reject);
  });
}

const decider = await makeKey('decide');
const reader = await makeKey('read');

test('a call is seen in the stream and the list, read in full, decided by a key and carried out', async () => {
  const stream = await listen(reader);
  const { id, path } = await hold('write_file', 'by-key.txt');
  await eventually(async () => (stream.text().includes('event: request') ? true : undefined), 'it was told');
  const { items } = listSchema.parse(JSON.parse((await get(reader, '/requests')).text));
  assert.equal(
    items.map((item) => [item.id, item.tool, item.status, item.rule]),
    [[id, 'write_file', 'pending', 'writes']],
  );
  const seen = requestSchema.parse(JSON.parse((await get(reader, `/requests/${id}`)).text));
  assert.equal(seen.args, { path, content: 'written\n' });
  const body = { decision: 'approve', card_digest: seen.card_digest, confirm: 'write_file', reason: 'fine' };
  assert.is(codeOf(await decide(reader, id, body)), 'key_reads');
  assert.is(existsSync(path), false);
  const answer = await decide(decider, id, body);
  assert.is(answer.status, 200, answer.text);
  assert.is(decidedSchema.parse(JSON.parse(answer.text)).verification, 'api');
  assert.is(await outcome(id), 'succeeded');
  assert.is(workspace.file('by-key.txt'), 'written\n');
  await eventually(async () => (stream.text().includes('event: resolved') ? true : undefined), 'it was told');
  assert.match(stream.text(), `{"request_id":"${id}","resolution":"approved"`);
  stream.close();
});

test('where no rule admits a key, a passkey that signed elsewhere decides', async () => {
  const { id, path } = await hold('create_directory', 'made');
  const seen = requestSchema.parse(JSON.parse((await get(decider, `/requests/${id}`)).text));
  const { card_digest, challenge } = seen;
  const typed = { decision: 'approve', card_digest, confirm: 'create_directory' };
  assert.is(codeOf(await decide(decider, id, typed)), 'verification_too_weak');
  assert.is(existsSync(path), false);
  const assertion = passkey.assert((challenge?.approve ?? {}) as Parameters<typeof passkey.assert>[0]);
  const signed = { decision: 'approve', card_digest, assertion, proof: challenge?.proof };
  const answer = await decide(reader, id, signed);
  assert.is(answer.status, 200, answer.text);
  assert.is(await outcome(id), 'succeeded');
  assert.is(existsSync(path), true);
});

test('the decision by a key stands on the page of the request and in its story', async () => {
  const decided = workspace.journal().find((entry) => entry.type === 'approval.decided');
  const page = await browser.get(`/console/requests/${String(decided?.request_id)}`);
  assert.match(page.text, 'verified by a key at the API');
  assert.is((decided?.receipt as { kind?: string } | undefined)?.kind, 'api');
});

test("neither kind of key opens the other's door", async () => {
  const { stdout } = await workspace.placet('people', 'agent-key', 'issue', 'claude', '--json');
  const { key: agents } = JSON.parse(stdout) as { key: string };
  const { id } = await hold('write_file', 'doors.txt');
  const before = await site.lengthAtRest();
  for (const answer of [await get(agents, '/requests'), await get(agents, `/requests/${id}`)]) {
    assert.is(answer.status, 401);
    assert.is(codeOf(answer), 'agent_key_here');
  }
  const mcp = await fetch(`${site.origin}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${decider}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  assert.is(mcp.status, 401);
  assert.match(await mcp.text(), "This is a reviewer's key");
  assert.is(await site.lengthAtRest(), before);
  await agent.call('placet_cancel', { approval_id: id });
});

test('an operator revokes a key, which opens nothing from then on', async () => {
  const keyId = decider.slice(4, 16);
  const wrong = await workspace.placet('people', 'revoke-key', 'alice', 'aaaaaaaaaaaa');
  assert.is(wrong.code, 1);
  assert.match(wrong.stderr, keyId);
  const { code, stdout } = await workspace.placet('people', 'revoke-key', 'alice', keyId);
  assert.is(code, 0);
  assert.match(stdout, `Revoked the key ${keyId} of alice, "A key that can decide"`);
  const answer = await get(decider, '/requests');
  assert.is(answer.status, 401);
  assert.is(codeOf(answer), 'key_refused');
  assert.is((await get(reader, '/requests')).status, 200);
});

test('no key stands in the journal, and it verifies', async () => {
  const text = JSON.stringify(workspace.journal());
  for (const key of [decider, reader]) assert.not.ok(text.includes(key.slice(17)));
  const { code, stdout } = await workspace.placet('log', 'verify');
  assert.is(code, 0, stdout);
  const told = checkpointSchema.parse(JSON.parse((await get(reader, '/checkpoint')).text));
  assert.match(told.note, `\n${told.size}\n`);
});

test('the description has the messages of webhooks, too, and is one of OpenAPI 3.1', async () => {
  const { text } = await site.ask('/openapi.json', { headers: { accept: 'application/json' } });
  const document = JSON.parse(text) as { webhooks: Record<string, unknown> };
  assert.equal(Object.keys(document.webhooks), ['approval']);
  assert.match(text, '"approval.escalated"');
  const { valid, errors } = await new Validator().validate(document);
  assert.is(valid, true, JSON.stringify(errors));
});

test.run();
