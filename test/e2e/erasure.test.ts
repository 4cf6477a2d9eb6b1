import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { attack } from '../support/guess-attack.ts';
import { eventually } from '../support/host.ts';
import { linkIn, openPage, review } from '../support/reviewer.ts';
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

const inbox = await openInbox();
const env = { PLACET_SMTP_URL: inbox.smtpUrl };
const workspace = makeWorkspace({ env });
const agent = await workspace.agent();

test.after(async () => {
  await workspace.end();
  await inbox.close();
});

const REASON = ['--reason', 'She asked us to.'];

async function asked(of: TestWorkspace, by: TestAgent, name: string, pin: string): Promise<string> {
  const path = join(of.dir, 'files', name);
  return approvalId(await by.call('files__write_file', { path, content: `{"pin":"${pin}"}` }));
}

/** A held call that was approved and carried out; its result is not fetched yet. */
async function approved(name: string, pin: string): Promise<string> {
  const id = await asked(workspace, agent, name, pin);
  const mail = await inbox.waitFor((each) => each.requestId === id);
  await review(mail, 'approve', 'write_file');
  await eventually(
    async () =>
      workspace.journal().find((each) => each.type === 'execution.succeeded' && each.request_id === id),
    'it was carried out',
  );
  return id;
}

const log = (...args: string[]) => workspace.placet('log', ...args);
const status = (id: string) => agent.call('placet_status', { approval_id: id });

test('a call that waits for a decision is not erased', async () => {
  const id = await asked(workspace, agent, 'waits.txt', '0000');
  const ran = await log('erase', id, ...REASON);
  assert.equal([ran.code, ran.stdout], [1, '']);
  assert.match(ran.stderr, /^placet: Nothing was erased: call_\w+ is still under way\. .* \[under_way\]\n$/);
  await agent.call('placet_cancel', { approval_id: id });
});

test('an unknown call is refused in a sentence', async () => {
  const ran = await log('erase', 'apr_none', ...REASON);
  assert.equal(
    [ran.code, ran.stderr],
    [
      1,
      'placet: No call and no request has the id "apr_none"; "placet log tail" shows those of the last ones. [unknown_call]\n',
    ],
  );
});

test('a hold keeps a call until it is released', async () => {
  const id = await approved('held.txt', '1111');
  const held = await log('hold', id, '--reason', 'Case 7.', '--json');
  const { hold_id } = JSON.parse(held.stdout) as { hold_id: string };
  const refused = await log('erase', id, ...REASON);
  assert.is(refused.code, 1);
  assert.match(refused.stderr, `the hold ${hold_id} of `);
  assert.match((await log('holds')).stdout, hold_id);
  assert.is((await log('release', hold_id, '--reason', 'Closed.')).code, 0);
  assert.is((await log('holds')).stdout, 'Nothing is held.\n');
  assert.is((await log('erase', id, ...REASON)).code, 0);
});

test('an erased call is gone for the agent and for people, who are told so, and the log verifies', async () => {
  const id = await approved('pin.txt', '0427');
  const mail = await inbox.waitFor((each) => each.requestId === id);
  const ran = await log('erase', id, ...REASON, '--json');
  assert.is(ran.code, 0, ran.stderr);
  const { call_id, ...counts } = JSON.parse(ran.stdout) as Record<string, unknown>;
  assert.equal(counts, { erased: 3, gone_before: 0 });

  const page = await openPage(linkIn(mail));
  assert.is(page.status, 410);
  assert.match(page.html, /was erased on \d+ \w+ \d{4}, \d\d:\d\d UTC: She asked us to\./);
  assert.not.match(page.html, '0427');

  const answer = await status(id);
  assert.equal([answer.isError, statusOf(answer)], [true, 'succeeded']);
  assert.match(textOf(answer), 'its result has been erased');

  const verified = await log('verify');
  assert.is(verified.code, 0, verified.stdout + verified.stderr);

  const again = await log('erase', String(call_id), ...REASON);
  assert.is(again.code, 0);
  assert.match(again.stdout, /was erased before, on .*: She asked us to\./);
  const orders = workspace
    .journal()
    .filter((each) => each.type === 'payload.erasure_ordered' && each.call_id === call_id);
  assert.is(orders.length, 1);
});

test('what is too young is kept, and the dry run says so', async () => {
  const ran = await log('retain', '--older-than', '1h', '--reason', 'Old.', '--dry-run', '--json');
  assert.is(ran.code, 0, ran.stderr);
  const { dry_run, calls, first } = JSON.parse(ran.stdout) as Record<string, unknown>;
  assert.equal([dry_run, calls, first], [true, 0, []]);
});

test('where no host runs, one is started; what was erased stays so', async () => {
  const id = await approved('restart.txt', '2222');
  await workspace.placet('stop');
  const ran = await log('erase', id, ...REASON);
  assert.is(ran.code, 0, ran.stderr);
  await workspace.placet('stop');
  const again = await log('erase', id, ...REASON);
  assert.match(again.stdout, 'was erased before');
});

test('with all that is left in the data folder, its key included, nobody finds the PIN', async () => {
  await workspace.placet('stop');
  const path = join(workspace.dir, 'files', 'pin.txt');
  const argsOf = (pin: string) => ({ path, content: `{"pin":"${pin}"}` });
  const found = await attack({
    dir: join(workspace.dir, 'data'),
    guesses: Array.from({ length: 1000 }, (_, number) => String(number).padStart(4, '0')),
    payloadsOf: (pin) => [
      pin,
      argsOf(pin).content,
      argsOf(pin),
      { name: 'write_file', arguments: argsOf(pin) },
    ],
    telltale: ['"pin":"0427"', '\\"pin\\":\\"0427\\"', 'pin.txt'],
  });
  assert.equal(found, []);
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

for (const crashAt of ['synced:payload.erasure_ordered', 'before:payload.erased', 'written:payload.erased']) {
  test(`a host that is killed at ${crashAt} finishes the erasure when it starts again`, async () => {
    const own = makeWorkspace({ env });
    const crashing = await serve(own, crashAt);
    const client = await own.agent();
    const id = await asked(own, client, 'crash.txt', '0427');
    const mail = await inbox.waitFor((each) => each.requestId === id);
    await review(mail, 'reject', 'write_file');
    const exit = once(crashing, 'exit');
    const ran = await own.placet('log', 'erase', id, ...REASON);
    await exit;
    assert.is(crashing.signalCode, 'SIGKILL', 'the host reached the step and was killed there');
    assert.is(ran.code, 1);
    await client.close();
    assert.is((await own.placet('log', 'holds')).code, 0);
    const ends = own.journal().filter((each) => each.type === 'payload.erased');
    assert.is(ends.length, 1);
    const again = await own.placet('log', 'erase', id, ...REASON);
    assert.match(again.stdout, 'was erased before');
    await own.end();
    const verdict = await own.placet('log', 'verify');
    assert.is(verdict.code, 0, verdict.stdout + verdict.stderr);
  });
}

test.run();
