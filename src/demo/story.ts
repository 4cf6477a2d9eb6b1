import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownEnvironment } from '../environment.ts';
import { ConfigError, PlacetError } from '../core/errors.ts';
import { reasonIn } from '../host/launch.ts';
import { socketPath } from '../host/socket-path.ts';
import { startAgent, textOf, type DemoAgent } from './agent.ts';
import { openInbox, type Inbox } from './inbox.ts';
import { approveByMail } from './scripted-reviewer.ts';

export interface StoryOptions {
  readonly workspace: string;
  readonly program: readonly [string, ...string[]];
  /** A scripted reviewer plays the person's part. */
  readonly unattended: boolean;
  readonly say: (line: string) => void;
  /** Aborted when the person has had enough: everything that was started is ended. */
  readonly signal: AbortSignal;
}

const AGENT = 'demo-agent';
const WAIT_SECONDS = 20;

/**
 * The whole story on this machine, on real parts: a host, an SMTP inbox, a filesystem server, an agent that
 * reads and writes, a reviewer, and the journal that proves it.
 *
 * @throws PlacetError at the first step that was not seen
 */
export async function tellStory(options: StoryOptions): Promise<void> {
  const { workspace, program, unattended, say, signal } = options;
  const name = `report-${Date.now()}.txt`;
  const file = join('sandbox', 'files', name);
  prepareSandbox(workspace);
  const inbox = await openInbox();
  let host: ChildProcess | undefined;
  let agent: DemoAgent | undefined;
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new PlacetError('demo_ended', 'The demo was ended.')));
  });
  try {
    await Promise.race([play(), interrupted]);
  } finally {
    await agent?.close();
    if (host) await endHost(host);
    await inbox.close();
  }

  async function play(): Promise<void> {
    say('1. Starting the host of this workspace, with an SMTP inbox of its own.');
    host = await startHost({ workspace, program, inbox });
    agent = await startAgent({ program, workspace, agent: AGENT });

    const tools = await agent.tools();
    mustSee(
      tools.includes('files__write_file') && tools.includes('placet_status'),
      'the tools were not listed',
    );
    say(`2. The agent attached over "placet stdio" and sees ${tools.length} tools.`);

    const read = await agent.call('files__read_text_file', { path: 'welcome.txt' });
    mustSee(textOf(read).includes('sandbox of the demo'), `reading was not allowed: ${textOf(read)}`);
    say('3. It read a file. A rule allows that, so nobody was asked.');

    const held = await agent.call('files__write_file', {
      path: name,
      content: 'Quarterly report\n\nWritten by an agent, approved by a person.\n',
    });
    const pending = held.structuredContent as { status?: string; approval_id?: string } | undefined;
    mustSee(pending?.status === 'pending_approval', `the write was not held: ${textOf(held)}`);
    mustSee(!existsSync(join(workspace, file)), 'the file was written before anyone approved');
    say(`4. It asked to write ${file}. That waits for a person: ${pending?.approval_id}`);

    await review(inbox, String(pending?.approval_id), { unattended, say });
    await untilExecuted(agent, String(pending?.approval_id), say);
    mustSee(existsSync(join(workspace, file)), 'the file is not there');
    say(
      `6. The approved call ran, once. The file is there:\n     ${readFileSync(join(workspace, file), 'utf8').split('\n')[0]}`,
    );

    const outcome = await inbox.waitFor(
      (mail) => mail.requestId === pending?.approval_id && mail.text !== '' && !mail.text.includes('/r/'),
    );
    say(`7. Everyone who was asked heard how it ended: "${outcome.subject}"`);
  }

  const verdict = await run(program, ['log', 'verify', '--dir', workspace]);
  mustSee(verdict.code === 0, `the journal does not verify: ${verdict.output}`);
  say(
    `8. The host has ended. Its journal, checked from the first line to the last:\n${indent(verdict.output)}`,
  );
  say(`\nRead it yourself:  ${[...program, 'log', 'tail', '--dir', workspace].join(' ')}`);
}

async function review(
  inbox: Inbox,
  approvalId: string,
  { unattended, say }: Pick<StoryOptions, 'unattended' | 'say'>,
): Promise<void> {
  const mail = await inbox.waitFor((each) => each.requestId === approvalId);
  if (unattended) {
    await approveByMail(mail, 'write_file');
    say(
      `5. A scripted reviewer opened the mail to ${mail.to}, followed its link, typed the tool's name, and approved.`,
    );
    return;
  }
  say(
    `5. A mail has gone to ${mail.to}. Open the inbox, read it, follow its link, and decide:\n\n     ${inbox.url}\n`,
  );
}

async function untilExecuted(agent: DemoAgent, approvalId: string, say: StoryOptions['say']): Promise<void> {
  for (;;) {
    const answer = await agent.call('placet_status', { approval_id: approvalId, wait_seconds: WAIT_SECONDS });
    const approval = answer._meta?.['placet/approval'] as { status?: string } | undefined;
    if (approval?.status === 'succeeded') return;
    if (answer.isError === true) {
      say(`   The agent was told: ${textOf(answer)}`);
      throw new PlacetError(
        'demo_ended',
        `The story ends here: the request is ${approval?.status ?? 'over'}.`,
      );
    }
  }
}

function prepareSandbox(workspace: string): void {
  const folder = join(workspace, 'sandbox', 'files');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'welcome.txt'), 'This is the sandbox of the demo.\n');
}

async function startHost(options: {
  readonly workspace: string;
  readonly program: StoryOptions['program'];
  readonly inbox: Inbox;
}): Promise<ChildProcess> {
  const [command, ...args] = options.program;
  const host = spawn(command, [...args, 'serve', '--dir', options.workspace], {
    env: {
      ...ownEnvironment(),
      PLACET_SMTP_URL: options.inbox.smtpUrl,
      PLACET_MAIL_FROM: 'Placet <placet@example.com>',
      PLACET_PORT: '0',
      PLACET_PUBLIC_URL: '',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  host.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-4000);
  });
  await new Promise<void>((resolve, reject) => {
    host.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (chunk.includes('Placet serves')) resolve();
    });
    host.once('exit', () =>
      reject(new ConfigError('host_failed', `The host could not start. ${reasonIn(said)}`)),
    );
  });
  mustSee(existsSync(socketPath(options.workspace)), 'the host has no socket');
  return host;
}

async function endHost(host: ChildProcess): Promise<void> {
  if (host.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    host.once('exit', () => resolve());
  });
  host.kill('SIGTERM');
  await ended;
}

function run(
  [command, ...before]: StoryOptions['program'],
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...before, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: output.trim() }));
  });
}

function mustSee(seen: boolean, otherwise: string): void {
  if (!seen) throw new PlacetError('demo_failed', `The demo did not go as it should: ${otherwise}.`);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '     ');
}
