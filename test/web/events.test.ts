import { get as httpGet, type IncomingMessage } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsoleBrowser } from '../support/console-browser.ts';
import { withConsole, type ConsoleSite } from '../support/console-site.ts';

interface Stream {
  readonly answer: IncomingMessage;
  /** What has come so far. */
  readonly text: () => string;
  /** Resolves when this text has come, or the stream has ended. */
  until(text: string): Promise<void>;
  readonly ended: Promise<void>;
  close(): void;
}

/** Listens as a page of the console does. */
function listen(site: ConsoleSite, browser: ConsoleBrowser): Promise<Stream> {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return new Promise((resolve, reject) => {
    const headers = { cookie, host: new URL(site.base).host, accept: 'text/event-stream' };
    const request = httpGet(
      { host: '127.0.0.1', port: new URL(site.base).port, path: '/console/events', headers, agent: false },
      (answer) => {
        let text = '';
        let hear = (): void => {};
        answer.setEncoding('utf8').on('data', (more: string) => {
          text += more;
          hear();
        });
        const ended = new Promise<void>((end) => answer.on('close', end));
        resolve({
          answer,
          text: () => text,
          ended,
          close: () => request.destroy(),
          until: (wanted) =>
            Promise.race([
              ended,
              new Promise<void>((found) => {
                hear = () => text.includes(wanted) && found();
                hear();
              }),
            ]),
        });
      },
    );
    request.on('error', (error) => reject(error));
  });
}

async function signedIn(site: ConsoleSite, person: string): Promise<ConsoleBrowser> {
  const browser = new ConsoleBrowser(site);
  await browser.signIn(await site.enrol(person));
  return browser;
}

test(
  'a new request is told as a change, once for many, and nothing is said of it',
  withConsole(async (site) => {
    const stream = await listen(site, await signedIn(site, 'alice'));
    assert.is(stream.answer.statusCode, 200);
    assert.is(stream.answer.headers['content-type'], 'text/event-stream; charset=utf-8');
    assert.is(stream.answer.headers['cache-control'], 'no-store');
    await stream.until(': still here\n\n');
    for (let made = 0; made < 5; made += 1) await site.call('write_file', { path: `/srv/${made}` });
    site.clock.advance(500);
    await stream.until('changed');
    site.clock.advance(500);
    await site.call('delete_file');
    site.clock.advance(500);
    await stream.until('changed\ndata: {}\n\nevent: changed');
    assert.is(stream.text(), ': still here\n\nevent: changed\ndata: {}\n\nevent: changed\ndata: {}\n\n');
    stream.close();
  }),
);

test(
  'what concerns others alone is not told',
  withConsole(async (site) => {
    const dan = await listen(site, await signedIn(site, 'dan'));
    const alice = await listen(site, await signedIn(site, 'alice'));
    await dan.until(': still here');
    site.clock.advance(500);
    await dan.until('changed');
    const before = dan.text();
    await site.call();
    site.clock.advance(500);
    await alice.until('changed');
    site.clock.advance(25_000);
    await dan.until(`${before}: still here`);
    assert.is(dan.text(), `${before}: still here\n\n`);
    dan.close();
    alice.close();
  }),
);

test(
  'a tool that changed is told to everyone, and one that is seen for the first time is not',
  withConsole(async (site) => {
    const dan = await listen(site, await signedIn(site, 'dan'));
    await dan.until(': still here');
    const of = { server: 'mail', tool: 'send', definition_sha256: 'd1' };
    await site.journal.append([{ type: 'tool.registered', ...of }]);
    site.clock.advance(500);
    await site.journal.append([
      { type: 'tool.definition_changed', ...of, definition_sha256: 'd2', previous_sha256: 'd1' },
    ]);
    site.clock.advance(500);
    await dan.until('changed');
    await site.journal.append([{ type: 'tool.registered', ...of, tool: 'late', late: true }]);
    site.clock.advance(500);
    await dan.until('changed\ndata: {}\n\nevent: changed');
    assert.is(dan.text(), ': still here\n\nevent: changed\ndata: {}\n\nevent: changed\ndata: {}\n\n');
    dan.close();
  }),
);

test(
  'every 25 seconds a sign of life is sent',
  withConsole(async (site) => {
    const stream = await listen(site, await signedIn(site, 'alice'));
    await stream.until(': still here\n\n');
    site.clock.advance(24_999);
    site.clock.advance(1);
    await stream.until(': still here\n\n: still here\n\n');
    site.clock.advance(25_000);
    await stream.until(': still here\n\n: still here\n\n: still here\n\n');
    assert.is(stream.text(), ': still here\n\n'.repeat(3));
    stream.close();
  }),
);

test(
  'the stream ends with its session',
  withConsole(async (site) => {
    const alice = await signedIn(site, 'alice');
    const stream = await listen(site, alice);
    const [session] = site.sessions.listOf('alice');
    await site.sessions.close({ sha256: session?.sha256 ?? '', person: 'alice' });
    await stream.ended;
    assert.ok(stream.answer.complete);
  }),
);

test(
  'the stream ends with the passkey of its session, and when the session runs out',
  withConsole(async (site) => {
    const key = await site.enrol('alice');
    const alice = new ConsoleBrowser(site);
    await alice.signIn(key);
    const carol = await listen(site, await signedIn(site, 'carol'));
    const stream = await listen(site, alice);
    await site.enrolment.revoke({ person: 'alice', credential_id: key.id, by: 'operator', reason: 'Lost.' });
    site.clock.advance(500);
    await stream.ended;
    site.clock.advance(12 * 60 * 60_000);
    await carol.ended;
  }),
);

test(
  'a session may listen five times at once, and again when one has gone',
  withConsole(async (site) => {
    const alice = await signedIn(site, 'alice');
    const streams: Stream[] = [];
    for (let opened = 0; opened < 5; opened += 1) streams.push(await listen(site, alice));
    const sixth = await listen(site, alice);
    assert.is(sixth.answer.statusCode, 429);
    assert.is(sixth.answer.headers['retry-after'], '60');
    const head = await alice.site.ask('/console/events', {
      method: 'HEAD',
      headers: { cookie: [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    assert.is(head.status, 429);
    const carol = await listen(site, await signedIn(site, 'carol'));
    assert.is(carol.answer.statusCode, 200);
    carol.close();
    const [first, ...others] = streams;
    first?.close();
    await first?.ended;
    let again = await listen(site, alice);
    for (let tries = 0; tries < 50 && again.answer.statusCode === 429; tries += 1)
      again = await listen(site, alice);
    assert.is(again.answer.statusCode, 200);
    for (const stream of [again, ...others]) stream.close();
  }),
);

test(
  'HEAD opens no stream',
  withConsole(async (site) => {
    const alice = await signedIn(site, 'alice');
    const cookie = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    for (let asked = 0; asked < 8; asked += 1) {
      const head = await site.ask('/console/events', { method: 'HEAD', headers: { cookie } });
      assert.is(head.status, 200);
    }
  }),
);

test(
  'closing the site ends all streams',
  withConsole(async (site) => {
    const stream = await listen(site, await signedIn(site, 'alice'));
    site.site.close();
    await stream.ended;
    assert.ok(stream.answer.complete);
  }),
);

test.run();
