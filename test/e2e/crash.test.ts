import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { verifyWorkspace } from '../../src/evidence/verify-workspace.ts';
import { decide, linkIn, openPage } from '../support/reviewer.ts';
import {
  approvalId,
  BINARY,
  makeWorkspace,
  ROOT,
  statusOf,
  type TestAgent,
  type TestWorkspace,
} from '../support/workspace.ts';

/** The durable steps of a held call, in their order. */
const STEPS = [
  'approval.requested',
  'link.issued',
  'notice.sent',
  'approval.decided',
  'execution.claimed',
  'execution.started',
  'execution.succeeded',
  'call.completed',
] as const;
const UNSETTLED = ['pending_approval', 'approved', 'executing'];
const MOMENTS = ['before', 'written', 'synced'] as const;

const inbox = await openInbox();
test.after(() => inbox.close());

const RULES = `unmatched: review
review: { reviewers: [alice] }
rules: []
`;

function newWorkspace(): TestWorkspace {
  const workspace = makeWorkspace({ rules: RULES, env: { PLACET_SMTP_URL: inbox.smtpUrl } });
  const counter = {
    command: process.execPath,
    args: [join(ROOT, 'test/support/servers/counter.mjs'), join(workspace.dir, 'count.txt')],
  };
  workspace.write('mcp.json', JSON.stringify({ mcpServers: { counter } }));
  return workspace;
}

/** Starts a host in the foreground. @returns when it serves, or when it has ended before */
function serve(workspace: TestWorkspace, crashAt?: string): Promise<ChildProcess> {
  const preload = crashAt === undefined ? [] : ['--import', join(ROOT, 'test/support/crash-at.mjs')];
  const host = spawn(process.execPath, [...preload, BINARY, 'serve', '--dir', workspace.dir], {
    env: { PATH: process.env.PATH ?? '', ...(crashAt === undefined ? {} : { CRASH_AT: crashAt }) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve) => {
    host.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (chunk.includes('Placet serves')) resolve(host);
    });
    host.once('exit', () => resolve(host));
  });
}

function ended(host: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (host.exitCode !== null || host.signalCode !== null) resolve();
    else host.once('exit', () => resolve());
  });
}

/**
 * Goes the whole way of a held call, taking up whatever an earlier attempt left.
 *
 * @param gone rejects when the host is: nobody sends the mail then that is waited for
 * @returns the last status
 */
async function goTheWay(
  agent: TestAgent,
  line: string,
  gone: Promise<never> = new Promise(() => undefined),
): Promise<string | undefined> {
  let answer = await agent.call('counter__add', { line });
  if (!UNSETTLED.includes(statusOf(answer) ?? '')) return statusOf(answer);
  const id = approvalId(answer);
  const mail = await Promise.race([inbox.waitFor((each) => each.requestId === id), gone]);
  const page = await openPage(linkIn(mail));
  if (page.fields.confirm !== undefined) await decide(page, { decision: 'approve', confirm: 'add' });
  do {
    answer = await agent.call('placet_status', { approval_id: id, wait_seconds: 5 });
  } while (UNSETTLED.includes(statusOf(answer) ?? ''));
  return statusOf(answer);
}

for (const step of STEPS) {
  for (const moment of MOMENTS) {
    test(`killed ${moment === 'before' ? 'before' : `when`} ${step} ${moment === 'before' ? 'is written' : `is ${moment}`}: nothing is lost and nothing runs twice`, async () => {
      const workspace = newWorkspace();
      const line = `${moment} ${step}`;
      const crashing = await serve(workspace, `${moment}:${step}`);
      const first = await workspace.agent();
      const gone = ended(crashing).then(() => Promise.reject(new Error('The host is gone.')));
      const attempt = goTheWay(first, line, gone).catch(() => undefined);
      gone.catch(() => undefined);
      await ended(crashing);
      await attempt;
      assert.is(crashing.signalCode, 'SIGKILL', 'the host reached the step and was killed there');

      const host = await serve(workspace);
      const second = await workspace.agent();
      const end = await goTheWay(second, line);
      const count = existsSync(join(workspace.dir, 'count.txt'))
        ? readFileSync(join(workspace.dir, 'count.txt'), 'utf8').split('\n').length - 1
        : 0;

      const maybeStarted =
        (step === 'execution.started' && moment !== 'before') ||
        (step === 'execution.succeeded' && moment === 'before');
      if (maybeStarted) {
        assert.is(end, 'outcome_unknown');
        assert.is(count, step === 'execution.succeeded' ? 1 : 0);
      } else {
        assert.is(end, 'succeeded');
        assert.is(count, step === 'call.completed' && moment !== 'before' ? 2 : 1);
      }
      const starts = workspace.journal().filter((entry) => entry.type === 'execution.started');
      const requests = new Set(starts.map((entry) => entry.request_id));
      assert.is(starts.length, requests.size, 'no request was started twice');

      await workspace.end();
      await ended(host);
      const { ok, problems } = await verifyWorkspace({ data: join(workspace.dir, 'data'), now: Date.now() });
      assert.equal({ ok, problems }, { ok: true, problems: [] });
    });
  }
}

test.run();
