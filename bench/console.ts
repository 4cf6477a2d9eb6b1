/**
 * What a reviewer waits for: the console's pages over a workspace with 10,000 requests, against the same host's
 * `/healthz` in the same round; what they weigh without a cache; and what the checking of passkeys costs the agents'
 * calls. Real processes, real HTTP.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthenticator } from '../test/support/authenticator.ts';
import { ROOT } from '../test/support/workspace.ts';
import { interleave, timed, type Figures } from './gateway/figures.ts';
import { call, placetSide } from './gateway/side.ts';

const REQUESTS = 10_000;
const ENTRIES_OF_ONE = 8;
const ROUNDS = 20;
const LIMIT_BYTES = 60_000;

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const key = createAuthenticator({ algorithm: -7 });
const sentAt = new Date(Date.now() - 60_000).toISOString();
const side = await placetSide(
  { entries: REQUESTS * ENTRIES_OF_ONE, allowed: 0, last: key.enrolment('alice', sentAt) },
  version,
);
const link = await side.open();

try {
  for (let n = 0; n < 15; n += 1) await call(link, 'echo__change', `waits ${n}`);
  const { stdout } = await side.workspace.placet('status', '--json');
  const { url, requests } = JSON.parse(stdout) as { url: string; requests: { id: string }[] };
  let cookie = await signIn(url);
  const paths = {
    healthz: '/healthz',
    'what waits for me': '/console',
    history: '/console/requests',
    'history, a search': '/console/requests?text=change&outcome=succeeded',
    'history, page 100': '/console/requests?page=100',
    'a pending request': `/console/requests/${requests[0]?.id ?? ''}`,
  } as const;
  type Page = keyof typeof paths;
  const names = Object.keys(paths) as Page[];
  const figures = await interleave<Page>(names, ROUNDS, async (name) => {
    // One session may ask for so many pages a minute.
    if (name === 'healthz') cookie = await signIn(url);
    const durations: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      durations.push(
        await timed(async () => {
          const answer = await fetch(`${url}${paths[name]}`, { headers: { cookie, accept: 'text/html' } });
          await answer.text();
          if (answer.status !== 200) throw new Error(`${paths[name]} was answered ${answer.status}.`);
        }),
      );
    }
    return { durations };
  });
  const assets = await weigh(url, cookie, ['/assets/placet.css', '/assets/console.css', '/assets/placet.js']);
  console.log(`console: ${REQUESTS.toLocaleString('en')} requests, ms at the client\n`);
  console.log('| page | median | 95th percentile | bytes with style and script |\n|---|---|---|---|');
  for (const name of names) {
    const { ms, p95 } = figures[name];
    const bytes = name === 'healthz' ? 0 : assets + (await weigh(url, cookie, [paths[name]]));
    console.log(`| ${name} | ${ms.toFixed(1)} | ${p95.toFixed(1)} | ${bytes === 0 ? '' : told(bytes)} |`);
  }

  let signedIn = 0;
  let spent = 0;
  const busy = await interleave(['alone', 'beside sign-ins'] as const, ROUNDS, async (when) => {
    const stop = new AbortController();
    const signIns = when === 'alone' ? Promise.resolve(0) : signInUntil(url, stop.signal);
    const durations: number[] = [];
    const began = performance.now();
    for (let n = 0; n < 40; n += 1) durations.push(await timed(() => call(link, 'echo__echo', 'hello')));
    stop.abort();
    signedIn += await signIns;
    if (when !== 'alone') spent += performance.now() - began;
    return { durations };
  });
  console.log('\n| an allowed call | median | 95th percentile |\n|---|---|---|');
  for (const [when, { ms, p95 }] of Object.entries<Figures>(busy))
    console.log(`| ${when} | ${ms.toFixed(2)} | ${p95.toFixed(2)} |`);
  console.log(
    `\n${Math.round((signedIn / spent) * 1000)} sign-ins a second were verified and journalled beside the calls.`,
  );
} finally {
  await link.client.close();
  await side.workspace.end();
}

/** @returns how often */
async function signInUntil(url: string, stop: AbortSignal): Promise<number> {
  let times = 0;
  for (; !stop.aborted; times += 1) await signIn(url);
  return times;
}

/** Signs in as a browser with a passkey does. @returns the session's cookie */
async function signIn(url: string): Promise<string> {
  const page = await (await fetch(`${url}/sign-in`)).text();
  const challenge = /&quot;challenge&quot;:&quot;([\w-]+)&quot;/.exec(page)?.[1] ?? '';
  const proof = /name="proof" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const answer = await fetch(`${url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({
      proof,
      assertion: JSON.stringify(key.assert(challenge, { origin: url })),
    }),
  });
  await answer.arrayBuffer();
  const cookie = answer.headers.getSetCookie()[0]?.split(';', 1)[0];
  if (answer.status !== 303 || !cookie) throw new Error(`The sign-in was answered ${answer.status}.`);
  return cookie;
}

async function weigh(url: string, cookie: string, paths: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const path of paths) {
    const answer = await fetch(`${url}${path}`, { headers: { cookie, accept: 'text/html' } });
    bytes += (await answer.arrayBuffer()).byteLength;
  }
  return bytes;
}

function told(bytes: number): string {
  return `${bytes.toLocaleString('en')}${bytes > LIMIT_BYTES ? ' (over the limit)' : ''}`;
}
