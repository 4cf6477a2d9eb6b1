import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openInbox, type Inbox } from '../../src/demo/inbox.ts';
import { decisionForms, type ConsoleBrowser, type ReadForm } from './console-browser.ts';
import type { Answered } from './console-site.ts';
import { eventually } from './host.ts';
import { openProvider, signOnOver, type CookieJar, type OpenProvider, type ProviderAccount } from './oidc.ts';
import { openOutside, type Outside } from './outside.ts';
import { approvalId, makeWorkspace, statusOf, type TestAgent, type TestWorkspace } from './workspace.ts';

/** A running workspace whose people sign on at a real OpenID Connect provider on loopback. */
export interface SsoWorkspace {
  readonly workspace: TestWorkspace;
  readonly provider: OpenProvider;
  readonly inbox: Inbox;
  readonly agent: TestAgent;
  readonly site: Outside;
  /** Asks for a call that is held. */
  readonly hold: (tool: string, name: string) => Promise<HeldCall>;
  /** What became of a request, once it is over or after so many seconds. */
  readonly outcome: (id: string, wait_seconds: number) => Promise<string | undefined>;
  /** The journal's entries about a request, of one type. */
  readonly entries: (id: string, type: string) => readonly Record<string, unknown>[];
  /** Writes people.yaml anew, and waits until the host has taken it up. */
  readonly changePeople: (text: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface HeldCall {
  readonly id: string;
  /** The name of the file or folder below `files/`. */
  readonly name: string;
}

/** @param options.people the text of people.yaml for this issuer */
export async function openSsoWorkspace(options: {
  readonly people: (issuer: string) => string;
  readonly rules: string;
  readonly accounts: Readonly<Record<string, ProviderAccount>>;
}): Promise<SsoWorkspace> {
  const port = await freePort();
  const provider = await openProvider({
    redirectUris: [`http://localhost:${port}/sso/callback`],
    accounts: options.accounts,
  });
  const inbox = await openInbox();
  const workspace = makeWorkspace({
    people: options.people(provider.issuer),
    rules: options.rules,
    env: {
      PLACET_PORT: String(port),
      PLACET_SMTP_URL: inbox.smtpUrl,
      PLACET_OIDC_ISSUER: provider.issuer,
      PLACET_OIDC_CLIENT_ID: provider.clientId,
      PLACET_OIDC_CLIENT_SECRET: provider.clientSecret,
    },
  });
  const agent = await workspace.agent();
  const count = (type: string): number => workspace.types().filter((each) => each === type).length;
  return {
    workspace,
    provider,
    inbox,
    agent,
    site: await openOutside(workspace, inbox),
    async hold(tool, name) {
      const path = join(workspace.dir, 'files', name);
      const content = tool === 'write_file' ? { content: `${name}\n` } : {};
      return { id: approvalId(await agent.call(`files__${tool}`, { path, ...content })), name };
    },
    outcome: async (approval_id, wait_seconds) =>
      statusOf(await agent.call('placet_status', { approval_id, wait_seconds })),
    entries: (id, type) =>
      workspace.journal().filter((entry) => entry.request_id === id && entry.type === type),
    async changePeople(text) {
      const before = count('people.changed');
      workspace.write('policies/people.yaml', text);
      await eventually(
        () => Promise.resolve(count('people.changed') > before || undefined),
        'the host took up the people',
      );
    },
    async close() {
      await workspace.end();
      await inbox.close();
      await provider.close();
    },
  };
}

/**
 * Goes to the provider and comes back, as a browser without scripts does.
 *
 * @param options.query what the sign-on is for, such as `for=sign-in`
 * @returns what the callback answers
 */
export async function signOn(
  browser: ConsoleBrowser,
  options: { readonly query: string; readonly account: string; readonly jar?: CookieJar },
): Promise<Answered> {
  return browser.get(await comeBack(browser, options));
}

/** The same up to the provider's answer. @returns the path of the callback, which is not followed */
export async function comeBack(
  browser: ConsoleBrowser,
  options: {
    readonly query: string;
    readonly account: string;
    readonly jar?: CookieJar;
    readonly button?: 'sign in' | 'cancel';
  },
): Promise<string> {
  const start = await browser.get(`/sso/start?${options.query}`);
  const url = start.headers.location;
  if (start.status !== 302 || url === undefined)
    throw new Error(`No sign-on begins for ${options.query}: ${start.status} ${start.text}`);
  const back = new URL(await signOnOver(url, options));
  return `${back.pathname}${back.search}`;
}

/** The form of a page that carries a sign-on. */
export function signedOnForm(page: Answered): ReadForm {
  const { typed } = decisionForms(page);
  if (typed?.fields.sign_on === undefined)
    throw new Error(`The page carries no sign-on: ${page.status} ${page.text}`);
  return typed;
}

/** What a sign-on for the page of this link is asked with. */
export function forLink(link: string): string {
  return `for=link&token=${link.replace('/r/', '')}`;
}

/** The provider knows where it sends browsers before the host runs, so the port is chosen first. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
