import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox, type Inbox } from '../../src/demo/inbox.ts';
import { serveOverHttp } from '../support/http-agent.ts';
import { review } from '../support/reviewer.ts';
import { BINARY, makeWorkspace, type TestWorkspace } from '../support/workspace.ts';

/** A client that people use, as its own documentation says to use it. */
export interface RealClient {
  /** The names of the tools that it offers to a model. */
  tools(): Promise<readonly string[]>;
  /** Calls a tool. @returns what a model is shown of the result, as text */
  call(tool: string, args: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}

/** The command line that a client's configuration names, as people write it. */
export interface StdioServer {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** What lets a client in. */
export interface BearerHeader extends Record<string, string> {
  readonly Authorization: string;
}

/** Makes the tests of one client over `placet stdio`. */
export async function stdioSuite(open: (server: StdioServer) => Promise<RealClient>): Promise<void> {
  const { inbox, workspace } = await openWorkspace();
  const client = await open({
    command: process.execPath,
    args: [BINARY, 'stdio', '--dir', workspace.dir, '--agent', 'claude'],
    env: { PATH: process.env.PATH ?? '' },
  });
  clientSuite('stdio', { client, workspace, inbox });
}

/** Makes the tests of one client over HTTP at `/mcp`, let in by a key that Placet issued. */
export async function httpSuite(
  open: (url: string, headers: BearerHeader) => Promise<RealClient>,
): Promise<void> {
  const { inbox, workspace } = await openWorkspace();
  const host = await serveOverHttp(workspace);
  const client = await open(host.url, { Authorization: `Bearer ${host.key}` });
  clientSuite('HTTP', { client, workspace, inbox });
  test.after(() => host.close());
}

async function openWorkspace(): Promise<{ inbox: Inbox; workspace: TestWorkspace }> {
  const inbox = await openInbox();
  return { inbox, workspace: makeWorkspace({ env: { PLACET_SMTP_URL: inbox.smtpUrl } }) };
}

/** It lists, calls what is allowed, and gets a held call to its approved result. */
function clientSuite(
  over: string,
  {
    client,
    workspace,
    inbox,
  }: { readonly client: RealClient; readonly workspace: TestWorkspace; readonly inbox: Inbox },
): void {
  const path = (name: string): string => join(workspace.dir, 'files', name);
  const pending = async (name: string): Promise<string> => {
    const shown = await client.call('files__write_file', { path: path(name), content: 'written\n' });
    assert.match(shown, '"status":"pending_approval"');
    assert.match(
      shown,
      'Not executed. Waiting for human approval. Call placet_status with this approval_id;',
    );
    return /apr_\w+/.exec(shown)?.[0] ?? '';
  };
  const decided = async (id: string, decision: 'approve' | 'reject'): Promise<string> => {
    const mail = await inbox.waitFor((each) => each.requestId === id);
    assert.is(await review(mail, decision, 'write_file', 'As it is.'), 303);
    return await client.call('placet_status', { approval_id: id, wait_seconds: 25 });
  };

  test.after(async () => {
    await client.close();
    await workspace.end();
    await inbox.close();
  });

  test(`${over}: it offers the downstream's tools and Placet's own`, async () => {
    const names = await client.tools();
    for (const name of ['files__read_text_file', 'files__write_file', 'placet_status', 'placet_cancel']) {
      assert.is(names.includes(name), true, name);
    }
  });

  test(`${over}: an allowed call's result is shown as the downstream gave it`, async () => {
    assert.is(await client.call('files__read_text_file', { path: path('hello.txt') }), 'hello\n');
  });

  test(`${over}: a call that fails in the downstream is shown with its words`, async () => {
    assert.match(await client.call('files__read_text_file', { path: path('none.txt') }), 'ENOENT');
  });

  test(`${over}: a held call is shown as pending, and once it is approved its status shows its result`, async () => {
    const shown = await decided(await pending('approved.txt'), 'approve');
    assert.match(shown, 'Successfully wrote to');
    assert.is(workspace.file('approved.txt'), 'written\n');
  });

  test(`${over}: a rejected call is shown as rejected, with the reason`, async () => {
    const shown = await decided(await pending('rejected.txt'), 'reject');
    assert.match(shown, 'rejected');
    assert.match(shown, 'As it is.');
  });

  test(`${over}: a pending call can be cancelled`, async () => {
    const shown = await client.call('placet_cancel', { approval_id: await pending('cancelled.txt') });
    assert.match(shown, 'cancelled');
  });
}

/** Content as the text that a model reads: a string, or parts of which some have a text. */
export function asText(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content : [content];
  return parts.map((part: { text?: string }) => part.text ?? JSON.stringify(part)).join('');
}
