/** The real program while its disk is full and while its folder is away: what agents and probes are told. */
import { spawnSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventually } from '../support/host.ts';
import { openMailbox } from '../support/mailbox.ts';
import { decide, openPage } from '../support/reviewer.ts';
import { approvalId, makeWorkspace, statusOf, textOf } from '../support/workspace.ts';

const mailbox = await openMailbox();
const workspace = makeWorkspace({ env: { PLACET_SMTP_URL: mailbox.smtpUrl } });
const agent = await workspace.agent();
const { url, pid } = JSON.parse((await workspace.placet('status', '--json')).stdout) as {
  url: string;
  pid: number;
};
const journal = join(workspace.dir, 'data/journal');

test.after(async () => {
  await workspace.end();
  await mailbox.close();
});

const read = () => agent.call('files__read_text_file', { path: join(workspace.dir, 'files/hello.txt') });
const write = (name: string) =>
  agent.call('files__write_file', { path: join(workspace.dir, 'files', name), content: 'written\n' });
const ready = async () => (await fetch(`${url}/readyz`)).status;
const becomes = (status: number) =>
  eventually(async () => ((await ready()) === status ? true : undefined), `/readyz is ${status}`);

/** Both kinds of calls are refused in words, and nothing runs. */
async function refused(name: string): Promise<void> {
  for (const answer of [await read(), await write(name)]) {
    assert.is(answer.isError, true, textOf(answer));
    assert.match(textOf(answer), /cannot be written|cannot be kept/);
    assert.not.match(textOf(answer), /hello|\n +at /);
    assert.not.match(textOf(answer), workspace.dir);
  }
  await becomes(503);
  assert.match(await (await fetch(`${url}/readyz`)).text(), /"reason":".*cannot be/);
}

/** A held call, from the question to its outcome. */
async function works(name: string): Promise<void> {
  assert.is(textOf(await read()), 'hello\n');
  const id = approvalId(await write(name));
  const { link } = await mailbox.ask(id, 'alice@example.com');
  assert.is(await decide(await openPage(link), { decision: 'approve', confirm: 'write_file' }), 303);
  assert.is(statusOf(await agent.call('placet_status', { approval_id: id, wait_seconds: 25 })), 'succeeded');
  assert.is(workspace.file(name), 'written\n');
}

async function verified(): Promise<void> {
  const { stdout } = await workspace.placet('log', 'verify', '--json');
  assert.equal((JSON.parse(stdout) as { problems: unknown }).problems, []);
}

/** Of every file that the host writes: what goes beyond is refused by the system. */
function limitFiles(bytes: string): void {
  assert.is(spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]).status, 0);
}

test('while its journal’s folder is away nothing runs and it is not ready; it is by itself when it is back', async () => {
  await works('before.txt');
  renameSync(journal, `${journal}.away`);
  await refused('away.txt');
  await refused('away.txt');
  renameSync(`${journal}.away`, journal);
  await becomes(200);
  await works('back.txt');
  await verified();
});

test('while no file may grow nothing runs and it is not ready; it is by itself when they may', async () => {
  limitFiles('1');
  await refused('full.txt');
  await refused('full.txt');
  limitFiles('unlimited');
  await becomes(200);
  await works('room.txt');
  await verified();
});

test('the file that was refused was never written, and the host is the one that it was', async () => {
  assert.throws(() => workspace.file('away.txt'));
  assert.throws(() => workspace.file('full.txt'));
  assert.is(await workspace.hostPid(), pid);
});

test.run();
