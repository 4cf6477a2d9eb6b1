import { request as httpRequest } from 'node:http';
import type { Inbox, ReceivedMail } from '../../src/demo/inbox.ts';
import { attach } from '../../src/host/attach.ts';
import type { Hello } from '../../src/host/hello.ts';
import { invitedSchema } from '../../src/host/people-ops.ts';
import { socketPath } from '../../src/host/socket-path.ts';
import type { HostStatus } from '../../src/host/status.ts';
import { createAuthenticator, type Authenticator, type AuthenticatorOptions } from './authenticator.ts';
import { ConsoleBrowser, formIn } from './console-browser.ts';
import { HTML, type Answered, type Asking } from './console-site.ts';
import { eventually } from './host.ts';
import type { TestWorkspace } from './workspace.ts';

/** The reviewers' site of a running host, as people and attackers meet it: over HTTP and by mail. */
export interface Outside {
  /** Such as `http://localhost:40123`. */
  readonly origin: string;
  ask(path: string, asking?: Asking): Promise<Answered>;
  /** A browser without scripts and without a session. */
  browser(): ConsoleBrowser;
  /** Invites over the owner's socket, and reads the mail. */
  invite(person: string): Promise<Invitation>;
  /** The next mail that invites this person and was not followed yet. */
  nextInvitation(person: string): Promise<Omit<Invitation, 'id' | 'code'>>;
  /** Invites a person and enrols a key in software. */
  enrol(person: string, options?: AuthenticatorOptions): Promise<Authenticator>;
  /** Revokes all keys of a person over the owner's socket, or one. */
  revoke(person: string, credentialId?: string): Promise<void>;
  /** The path of the link that asks this person about this request. */
  linkTo(requestId: string, person: string): Promise<string>;
  /** The journal's length once every mail that is due was sent and nothing is carried out. */
  lengthAtRest(): Promise<number>;
}

export interface Invitation {
  readonly id: string;
  /** The path of its link, such as `/enrol/…`. */
  readonly path: string;
  readonly code: string;
  readonly mail: ReceivedMail;
}

/** States of a request in which the host does something by itself. */
const RESTLESS = new Set(['approved', 'claimed', 'started', 'executing']);

/** @param workspace with a running host, and people whose first addresses are `ID@example.com` */
export async function openOutside(workspace: TestWorkspace, inbox: Inbox): Promise<Outside> {
  const say = async (hello: Hello): Promise<unknown> => {
    const { socket, data } = await attach(socketPath(workspace.dir), hello);
    socket.destroy();
    return data;
  };
  const status = async (): Promise<HostStatus> => (await say({ placet: 1, op: 'status' })) as HostStatus;
  const origin = (await status()).url;
  const ask: Outside['ask'] = (path, asking = {}) => askAt(origin, path, asking);
  const followed = new Set<number>();

  const outside: Outside = {
    origin,
    ask,
    browser: () => new ConsoleBrowser({ origin, ask }),
    async nextInvitation(person) {
      const mail = await inbox.waitFor(
        (each) =>
          each.to === `${person}@example.com` && each.text.includes('/enrol/') && !followed.has(each.number),
      );
      followed.add(mail.number);
      // The link leads on as soon as the journal knows that the mail was taken.
      await outside.lengthAtRest();
      return { mail, path: pathIn(mail, 'enrol') };
    },
    async invite(person) {
      const { code, invitation } = invitedSchema.parse(await say({ placet: 1, op: 'invite', person }));
      return { id: invitation, code, ...(await outside.nextInvitation(person)) };
    },
    async enrol(person, options = {}) {
      const { path, code } = await outside.invite(person);
      const key = createAuthenticator({ origin, ...options });
      const done = await enrolWith(outside.browser(), { path, code, key });
      if (done.status !== 200) throw new Error(`The key was not enrolled: ${done.text}`);
      return key;
    },
    async revoke(person, credential_id) {
      await say({
        placet: 1,
        op: 'revoke',
        person,
        ...(credential_id === undefined ? {} : { credential_id }),
      });
    },
    async linkTo(requestId, person) {
      const mail = await inbox.waitFor(
        (each) =>
          each.requestId === requestId && each.to === `${person}@example.com` && each.text.includes('/r/'),
      );
      return pathIn(mail, 'r');
    },
    lengthAtRest: () =>
      eventually(async () => {
        const { undelivered, uninvited, requests, journal } = await status();
        const busy = requests.some(({ state }) => RESTLESS.has(state));
        return undelivered.length + uninvited.length > 0 || busy ? undefined : journal.entries;
      }, 'the host came to rest'),
  };
  return outside;
}

/** Follows an invitation to its end, without scripts, with a key in software. @returns the last answer */
export async function enrolWith(
  browser: ConsoleBrowser,
  { path, code, key }: { readonly path: string; readonly code: string; readonly key: Authenticator },
): Promise<Answered> {
  const asked = await browser.post(`${path}/begin`, { code, name: 'Laptop' });
  if (asked.status !== 200) return asked;
  const form = formIn(asked, 'complete', path);
  if (!form.toCreate) throw new Error('The page makes no key.');
  const registration = JSON.stringify(key.register(form.toCreate));
  return browser.post(`${path}/complete`, { ...form.fields, registration });
}

export function pathIn(mail: ReceivedMail, kind: 'r' | 'enrol'): string {
  const found = new RegExp(`https?://[^/\\s]+(/${kind}/[\\w-]+)`).exec(mail.text)?.[1];
  if (found === undefined) throw new Error(`The mail has no link to /${kind}/: ${mail.text}`);
  return found;
}

function askAt(origin: string, path: string, asking: Asking): Promise<Answered> {
  const { hostname, port, host } = new URL(origin);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: hostname === 'localhost' ? '127.0.0.1' : hostname,
        port,
        path,
        method: asking.method ?? 'GET',
        headers: { host, ...HTML, ...asking.headers },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        const done = (): void =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          });
        // A stream that goes on for ever has said enough with its head.
        if (response.headers['content-type']?.startsWith('text/event-stream')) {
          done();
          request.destroy();
          return;
        }
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', done);
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(asking.body);
  });
}
