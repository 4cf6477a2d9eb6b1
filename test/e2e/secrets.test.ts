import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { attack } from '../support/guess-attack.ts';
import { eventually } from '../support/host.ts';
import { linkIn, openPage, review, type ReviewPage } from '../support/reviewer.ts';
import {
  approvalId,
  BINARY,
  makeWorkspace,
  ROOT,
  statusOf,
  textOf,
  type TestAgent,
  type TestWorkspace,
} from '../support/workspace.ts';

const PASSWORD = 'Korrekt-Pferd-4711';
const TOKEN = 'session-of-the-new-password-0815';
const AWS_KEY = 'AKIAIOSFODNN7EXAMPLQ';
const DENIED_CARD = '4111 1111 1111 1111';
const HELD_PIN = 'pin-of-the-vault-2718';

const RULES = `unmatched: review
review:
  reviewers: [group:ops]
rules:
  - id: reads
    match: { server: files, tool: ["read_*", "list_*"] }
    verdict: allow
  - id: writes
    match: { server: files, tool: write_file }
    verdict: review
    secret: [args.vault.pin]
  - id: no-folders
    match: { server: files, tool: create_directory }
    verdict: deny
  - id: passwords
    match: { server: tools, tool: set_password }
    verdict: review
    review: { reveal: allowed }
`;

const TOOL = `import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTool, secret } from 'placet';
import { z } from 'zod';

export default defineTool({
  name: 'set_password',
  description: 'Sets the password of a user.',
  tags: ['sensitive'],
  input: z.object({ user: z.string(), password: secret(z.string()).describe('The new one.') }),
  output: z.object({ user: z.string(), token: secret(z.string()).optional() }),
  summary: ({ user, password }) => \`Set the password of \${user} to \${password}.\`,
  run: async ({ user, password }, { workspace }) => {
    writeFileSync(join(workspace, 'received.json'), JSON.stringify({ user, password }));
    return { user, token: '${TOKEN}' };
  },
});
`;

const inbox = await openInbox();
const workspace = makeWorkspace({ env: { PLACET_SMTP_URL: inbox.smtpUrl }, rules: RULES });
workspace.write('tools/set_password.ts', TOOL);
let agent: TestAgent = await workspace.agent();

test.after(async () => {
  await workspace.end();
  await inbox.close();
});

const CALL = { user: 'dora', password: PASSWORD };
const data = join(workspace.dir, 'data');
const kept = (): readonly string[] =>
  existsSync(join(data, 'secrets')) ? readdirSync(join(data, 'secrets')) : [];

/** What somebody finds who has the whole data folder with its key. */
const found = (telltale: readonly string[]) =>
  attack({
    dir: data,
    guesses: telltale,
    payloadsOf: (guess) => [guess, JSON.stringify(guess), CALL, { name: 'set_password', arguments: CALL }],
    telltale,
  });

async function restart(): Promise<void> {
  await agent.close();
  await workspace.placet('stop');
  agent = await workspace.agent();
}

async function post(page: ReviewPage, to: string, fields: Record<string, string>): Promise<[number, string]> {
  const answer = await fetch(`${page.link}/${to}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ proof: page.fields['proof'] ?? '', ...fields }),
    headers: { origin: new URL(page.link).origin, 'sec-fetch-site': 'same-origin', accept: 'text/html' },
  });
  return [answer.status, await answer.text()];
}

async function settled(id: string): Promise<void> {
  await eventually(
    async () => workspace.journal().find((each) => each.type === 'secret.erased' && each.request_id === id),
    'its secrets are erased',
  );
}

test('a password is on no page, in no mail and nowhere in clear while its call waits, and is sent after a restart', async () => {
  const id = approvalId(await agent.call('set_password', CALL));
  const mail = await inbox.waitFor((each) => each.requestId === id);
  assert.not.match(JSON.stringify(mail), PASSWORD);
  assert.match(mail.text, '[secret: marked by the tool, 16 to 31 characters]');
  const page = await openPage(linkIn(mail));
  assert.not.match(page.html, PASSWORD);
  assert.is(kept().length, 1);

  await restart();
  assert.is(approvalId(await agent.call('set_password', CALL)), id, 'the same call is the same request');
  const [status, html] = await post(page, 'reveal', { reveal: 'show', confirm: 'set_password' });
  assert.is(status, 200);
  assert.match(html, PASSWORD);
  const [shown] = workspace.journal().filter((each) => each.type === 'secret.revealed');
  assert.equal(
    [shown?.['reviewer'], shown?.['paths'], shown?.['verification']],
    ['alice', ['password'], 'link'],
  );

  await review(mail, 'approve', 'set_password');
  await settled(id);
  assert.equal(JSON.parse(readFileSync(join(workspace.dir, 'received.json'), 'utf8')), CALL);

  await restart();
  const answer = await agent.call('placet_status', { approval_id: id });
  assert.equal([answer.structuredContent, statusOf(answer)], [{ user: 'dora', token: TOKEN }, 'succeeded']);
  await eventually(
    async () => (kept().length === 0 ? true : undefined),
    'the result is erased once it was given',
  );
  const again = await agent.call('placet_status', { approval_id: id });
  assert.match(JSON.stringify(again.structuredContent), '[secret: marked by the tool, 32 to 63 characters');
  assert.not.match(JSON.stringify(again), TOKEN);

  const [late, nothing] = await post(page, 'reveal', { reveal: 'show', confirm: 'set_password' });
  assert.is(late, 409);
  assert.not.match(nothing, PASSWORD);
});

test('a key in a script is masked where it stands, the file is written with it, and it is read back by an allowed call', async () => {
  const path = join(workspace.dir, 'files', 'deploy.sh');
  const content = `#!/bin/sh\nexport KEY=${AWS_KEY}\nmake deploy\n`;
  const id = approvalId(await agent.call('files__write_file', { path, content }));
  const mail = await inbox.waitFor((each) => each.requestId === id);
  const { html } = await openPage(linkIn(mail));
  assert.match(html, 'export KEY=[secret: AWS key, 16 to 31 characters]');
  assert.match(html, 'make deploy');
  await review(mail, 'approve', 'write_file');
  await settled(id);
  assert.is(workspace.file('deploy.sh'), content);
  assert.match(textOf(await agent.call('files__read_text_file', { path })), AWS_KEY);
});

test('nothing is kept of the secrets of a call that is denied, nor of one that is rejected', async () => {
  const path = join(workspace.dir, 'files', DENIED_CARD);
  assert.match(textOf(await agent.call('files__create_directory', { path })), 'Denied by policy');
  const args = { path: join(workspace.dir, 'files', 'v'), content: 'x', vault: { PIN: HELD_PIN } };
  const id = approvalId(await agent.call('files__write_file', args));
  const mail = await inbox.waitFor((each) => each.requestId === id);
  assert.not.match(mail.text, HELD_PIN);
  assert.is(await review(mail, 'reject', 'write_file', `Not with ${HELD_PIN}, please.`), 303);
  await settled(id);
  const decided = workspace
    .journal()
    .find((each) => each.type === 'approval.decided' && each.request_id === id);
  assert.is(decided?.['reason'], 'Not with [secret: seen in the arguments, 16 to 31 characters], please.');
});

test('with all that is left in the data folder, its key included, nobody finds any of them', async () => {
  await eventually(async () => (kept().length === 0 ? true : undefined), 'all of them are erased');
  await agent.close();
  await workspace.placet('stop');
  assert.equal(await found([PASSWORD, TOKEN, AWS_KEY, DENIED_CARD, HELD_PIN]), []);
  const verified = await workspace.placet('log', 'verify');
  assert.is(verified.code, 0, verified.stdout + verified.stderr);
});

function serve(of: TestWorkspace, crashAt: string): Promise<ChildProcess> {
  const host = spawn(
    process.execPath,
    ['--import', join(ROOT, 'test/support/crash-at.mjs'), BINARY, 'serve', '--dir', of.dir],
    { env: { PATH: process.env.PATH ?? '', CRASH_AT: crashAt }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return new Promise((resolve) => {
    host.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (chunk.includes('Placet serves')) resolve(host);
    });
    host.once('exit', () => resolve(host));
  });
}

for (const crashAt of [
  'before:approval.requested',
  'synced:approval.resolved',
  'before:secret.erased',
  'written:secret.erased',
]) {
  test(`a host that is killed at ${crashAt} leaves nothing of a secret once it has started again`, async () => {
    const own = makeWorkspace({ env: { PLACET_SMTP_URL: inbox.smtpUrl }, rules: RULES });
    const crashing = await serve(own, crashAt);
    const exit = once(crashing, 'exit');
    const client = await own.agent();
    const args = { path: join(own.dir, 'files', 'a'), content: `KEY=${AWS_KEY}` };
    const asked = client.call('files__write_file', args).catch(() => undefined);
    if (crashAt !== 'before:approval.requested') {
      const id = approvalId((await asked) ?? { content: [] });
      const mail = await inbox.waitFor((each) => each.requestId === id);
      await review(mail, 'reject', 'write_file').catch(() => undefined);
    }
    await exit;
    assert.is(crashing.signalCode, 'SIGKILL', 'the host reached the step and was killed there');
    await client.close();
    assert.is((await own.placet('log', 'holds')).code, 0);
    const folder = join(own.dir, 'data', 'secrets');
    await eventually(
      async () => (readdirSync(folder).length === 0 ? true : undefined),
      'what was left is erased',
    );
    await own.end();
    const left = await attack({
      dir: join(own.dir, 'data'),
      guesses: [AWS_KEY],
      payloadsOf: (guess) => [guess, args.content, args],
      telltale: [AWS_KEY],
    });
    assert.equal(left, []);
    const verified = await own.placet('log', 'verify');
    assert.is(verified.code, 0, verified.stdout + verified.stderr);
    const erased = own.journal().filter((each) => each.type === 'secret.erased');
    assert.is(erased.length, crashAt === 'before:approval.requested' ? 0 : 1);
  });
}

test.run();
