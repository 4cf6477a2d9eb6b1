import { createHash, createPublicKey, verify } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsoleBrowser } from '../support/console-browser.ts';
import { withConsole, type ConsoleSite } from '../support/console-site.ts';

const TOKEN = 'bW9uaXRvci10b2tlbi1vZi1hLXRlc3QtMDEyMzQ1Njc4OQ==';
const MONITOR = { authorization: `Bearer ${TOKEN}` };
const PROGRAM = { accept: 'application/json' };
const withMonitor = (run: (site: ConsoleSite) => Promise<void>) => withConsole(run, { monitorToken: TOKEN });

/** Appends entries of no meaning until there are so many. */
async function fill(site: ConsoleSite, size: number): Promise<void> {
  const missing = size - site.journal.entries.length;
  const draft = { type: 'people.changed', version: 'v1', people: 4, agents: 1 } as const;
  await site.journal.append(Array.from({ length: missing }, () => draft));
}

async function linesOf(site: ConsoleSite): Promise<readonly Buffer[]> {
  const lines: Buffer[] = [];
  for await (const line of site.journal.readLines(0)) lines.push(line);
  return lines;
}

const hash = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((made, part) => made.update(part), createHash('sha256')).digest();

/** RFC 6962, 2.1, word for word. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  const [leaf] = leaves;
  if (leaf && leaves.length === 1) return leaf;
  const half = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return hash(Buffer.of(1), rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
}

const hashesIn = (tile: Buffer): readonly Buffer[] =>
  Array.from({ length: tile.length / 32 }, (_, at) => tile.subarray(at * 32, at * 32 + 32));

function entriesIn(bundle: Buffer): readonly Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at))
    entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
  return entries;
}

test(
  'before anything is signed there is no checkpoint and no tile, and the answer says so plainly',
  withMonitor(async (site) => {
    await fill(site, 5);
    const answer = await site.ask('/checkpoint', { headers: PROGRAM });
    assert.is(answer.status, 404);
    assert.is(answer.headers['cache-control'], 'no-store');
    assert.equal(JSON.parse(answer.text), {
      type: 'about:blank',
      title: 'Nothing is signed yet',
      status: 404,
      detail: 'There is no checkpoint yet: the first one is signed within seconds of the first entry.',
      code: 'no_checkpoint',
    });
    assert.is((await site.ask('/tile/0/000.p/1')).status, 404);
    assert.is((await site.ask('/tile/entries/000.p/1', { headers: MONITOR })).status, 404);
  }),
);

test(
  'the checkpoint is the signed note, and is kept by nobody for more than a few seconds',
  withConsole(async (site) => {
    await fill(site, 5);
    const { note } = site.signed.sign();
    const answer = await site.ask('/checkpoint');
    assert.is(answer.status, 200);
    assert.is(answer.text, note);
    assert.is(answer.headers['content-type'], 'text/plain; charset=utf-8');
    assert.is(answer.headers['cache-control'], 'public, max-age=2');
    await fill(site, 6);
    site.signed.sign();
    assert.is((await site.ask('/checkpoint')).text.split('\n')[1], '6');
  }),
);

test(
  'a monitor that has nothing but the key and what is served comes to the signed root, by hashes and by entries',
  withMonitor(async (site) => {
    await fill(site, 700);
    site.signed.sign();
    const [, size, root, , signature = ''] = (await site.ask('/checkpoint')).text.split('\n');
    const text = `localhost/placet-0123456789ab\n${size}\n${root}\n`;
    const x = Buffer.from(site.signed.key.vkey.split('+')[2] ?? '', 'base64').subarray(1);
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') },
      format: 'jwk',
    });
    const bytes = Buffer.from(signature.split(' ')[2] ?? '', 'base64').subarray(4);
    assert.ok(verify(null, Buffer.from(text), key, bytes));

    const tiles = ['000', '001', '002.p/188'];
    const leaves: Buffer[] = [];
    const entries: Buffer[] = [];
    for (const tile of tiles) {
      leaves.push(...hashesIn((await site.ask(`/tile/0/${tile}`)).bytes));
      entries.push(...entriesIn((await site.ask(`/tile/entries/${tile}`, { headers: MONITOR })).bytes));
    }
    assert.is(leaves.length, 700);
    assert.is(rootOf(leaves).toString('base64'), root);
    assert.equal(
      entries.map((entry) => hash(Buffer.of(0), entry).toString('hex')),
      leaves.map((leaf) => leaf.toString('hex')),
    );
    const above = hashesIn((await site.ask('/tile/1/000.p/2')).bytes);
    assert.equal(above, [rootOf(leaves.slice(0, 256)), rootOf(leaves.slice(256, 512))]);
  }),
);

test(
  'tiles are octets that never change',
  withConsole(async (site) => {
    await fill(site, 3);
    site.signed.sign();
    const answer = await site.ask('/tile/0/000.p/3');
    assert.is(answer.status, 200);
    assert.is(answer.headers['content-type'], 'application/octet-stream');
    assert.is(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.is(answer.bytes.length, 96);
  }),
);

test(
  'a narrower tile is the beginning of a wider one, also when the tile is full',
  withConsole(async (site) => {
    await fill(site, 300);
    site.signed.sign();
    const full = (await site.ask('/tile/0/000')).bytes;
    assert.is(full.length, 8192);
    for (const width of [1, 44, 255]) {
      const { bytes } = await site.ask(`/tile/0/000.p/${width}`);
      assert.equal(bytes, full.subarray(0, width * 32));
    }
  }),
);

test(
  'what is not signed yet is not served, though it is durable',
  withMonitor(async (site) => {
    await fill(site, 255);
    site.signed.sign();
    await fill(site, 600);
    for (const kind of ['0', 'entries']) {
      const status = async (tile: string) =>
        (await site.ask(`/tile/${kind}/${tile}`, { headers: MONITOR })).status;
      assert.is(await status('000.p/255'), 200);
      for (const tile of ['000', '001', '001.p/1', '002.p/88']) assert.is(await status(tile), 404, tile);
    }
    assert.is((await site.ask('/tile/1/000.p/1')).status, 404);
    site.signed.sign();
    assert.is((await site.ask('/tile/1/000.p/2')).status, 200);
  }),
);

test(
  'HEAD answers as GET does, without a body',
  withMonitor(async (site) => {
    await fill(site, 3);
    site.signed.sign();
    for (const path of ['/checkpoint', '/tile/0/000.p/3', '/tile/entries/000.p/3']) {
      const get = await site.ask(path, { headers: MONITOR });
      const head = await site.ask(path, { headers: MONITOR, method: 'HEAD' });
      assert.is(head.status, 200);
      assert.is(head.bytes.length, 0);
      for (const name of ['content-type', 'cache-control'])
        assert.is(head.headers[name], get.headers[name], `${path} ${name}`);
    }
  }),
);

test(
  'nothing but reading can be asked of the log',
  withMonitor(async (site) => {
    await fill(site, 3);
    site.signed.sign();
    for (const path of ['/checkpoint', '/tile/0/000.p/3', '/tile/entries/000.p/3']) {
      const options = await site.ask(path, { method: 'OPTIONS' });
      assert.is(options.status, 204);
      assert.match(String(options.headers.allow), 'GET');
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        const headers = { ...MONITOR, origin: site.base, 'sec-fetch-site': 'same-origin' };
        assert.is((await site.ask(path, { method, headers })).status, 405, `${method} ${path}`);
      }
    }
  }),
);

const TRICKS = [
  '/tile/0/x000/000',
  '/tile/0/x000/000.p/3',
  '/tile/0/00',
  '/tile/0/0000',
  '/tile/0/0',
  '/tile/0/000.p/0',
  '/tile/0/000.p/03',
  '/tile/0/000.p/256',
  '/tile/0/000.p/257',
  '/tile/0/000.p/-1',
  '/tile/0/000.p/1e2',
  '/tile/0/000.p/',
  '/tile/0/000.p',
  '/tile/0/000/',
  '/tile/0//000',
  '/tile//0/000.p/3',
  '/tile/00/000.p/3',
  '/tile/63/000.p/1',
  '/tile/64/000.p/1',
  '/tile/-1/000.p/1',
  '/tile/0/x999/x999/x999/x999/x999/999.p/1',
  `/tile/0/${'x999/'.repeat(1000)}999`,
  '/tile/0/x001',
  '/tile',
  '/tile/',
  '/tile/0',
  '/tile/entries',
  '/tile/entries/',
  '/tile/entries/0/000.p/3',
  '/tile/../tile/0/000.p/3',
  '/tile/0/../0/000.p/3',
  '/tile/0/./000.p/3',
  '/tile/0/%2e%2e/0/000.p/3',
  '/tile/0/..%2f..%2fcheckpoint',
  '/tile/0/../../../../etc/passwd',
  '/assets/../tile/0/000.p/3',
  '/tile/0/%30%30%30.p/3',
  '/tile%2f0%2f000.p%2f3',
  '/tile/0/000%2ep/3',
  '/tile/0/000.p/3%00',
  '/tile/0/000.p/3;a=b',
  '/tile/0/000.p/3?x=1',
  '/tile/0%5c000.p%5c3',
  '/tile/%65ntries/000.p/3',
  '/TILE/0/000.p/3',
  '/checkpoint/',
  '/checkpoints.log',
];

for (const path of TRICKS) {
  test(
    `a tile has one name, and this is none: ${path.slice(0, 60)}`,
    withMonitor(async (site) => {
      await fill(site, 300);
      site.signed.sign();
      const answer = await site.ask(path, { headers: { ...MONITOR, ...PROGRAM } });
      assert.is(answer.status, 404);
      assert.is(answer.headers['content-type'], 'application/problem+json');
      assert.is(answer.headers['cache-control'], 'no-store');
    }),
  );
}

const UNPROVEN: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ['no credential', '', {}],
  ['a wrong token', '', { authorization: `Bearer ${TOKEN.replace('b', 'c')}` }],
  ['the beginning of the token', '', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
  ['the token and more', '', { authorization: `Bearer ${TOKEN}a` }],
  ['the token twice', '', { authorization: `Bearer ${TOKEN}, Bearer ${TOKEN}` }],
  ['the token as a password', '', { authorization: `Basic ${btoa(`monitor:${TOKEN}`)}` }],
  ['the bare token', '', { authorization: TOKEN }],
  ['an empty token', '', { authorization: 'Bearer ' }],
  ['the token in the address', `?token=${TOKEN}&access_token=${TOKEN}`, {}],
  ['the token in a cookie', '', { cookie: `placet_session=${TOKEN}; token=${TOKEN}` }],
];

for (const [what, query, headers] of UNPROVEN) {
  test(
    `entries are not given for ${what}`,
    withMonitor(async (site) => {
      await fill(site, 3);
      site.signed.sign();
      for (const method of ['GET', 'HEAD']) {
        const answer = await site.ask(`/tile/entries/000.p/3${query}`, {
          method,
          headers: { ...PROGRAM, ...headers },
        });
        assert.is(answer.status, 401);
        assert.is(answer.headers['www-authenticate'], 'Bearer realm="Placet log entries"');
        assert.is(answer.headers['cache-control'], 'no-store');
        assert.not.match(answer.text, 'people.changed');
      }
    }),
  );
}

test(
  'whoever lacks the token is not told which entries there are',
  withMonitor(async (site) => {
    await fill(site, 3);
    site.signed.sign();
    for (const path of ['/tile/entries/000.p/4', '/tile/entries/x000/000', '/tile/entries'])
      assert.is((await site.ask(path)).status, 401);
  }),
);

test(
  "a reviewer's session does not open the entries, and the monitor's token does not open the console",
  withMonitor(async (site) => {
    const alice = new ConsoleBrowser(site);
    await alice.signIn(await site.enrol('alice'));
    site.signed.sign();
    assert.is((await alice.get('/console')).status, 200);
    assert.is((await alice.get('/tile/entries/000.p/1')).status, 401);
    for (const path of ['/console', '/console/journal', '/console/proofs/0'])
      assert.is((await site.ask(path, { headers: { ...MONITOR, ...PROGRAM } })).status, 401);
  }),
);

test(
  'where no token is set nobody is given entries, and is told that no credential helps',
  withConsole(async (site) => {
    await fill(site, 3);
    site.signed.sign();
    for (const headers of [
      {},
      MONITOR,
      { authorization: 'Bearer undefined' },
      { authorization: 'Bearer ' },
    ]) {
      const answer = await site.ask('/tile/entries/000.p/3', { headers: { ...PROGRAM, ...headers } });
      assert.is(answer.status, 403);
      assert.is(JSON.parse(answer.text).code, 'entries_closed');
      assert.is(answer.headers['www-authenticate'], undefined);
    }
    assert.is((await site.ask('/tile/0/000.p/3')).status, 200);
  }),
);

test(
  'a bundle is kept by nobody but the monitor',
  withMonitor(async (site) => {
    await fill(site, 3);
    site.signed.sign();
    const answer = await site.ask('/tile/entries/000.p/2', { headers: MONITOR });
    assert.is(answer.headers['content-type'], 'application/octet-stream');
    assert.is(answer.headers['cache-control'], 'private, max-age=31536000, immutable');
    assert.is(answer.headers['set-cookie'], undefined);
    assert.equal(entriesIn(answer.bytes), (await linesOf(site)).slice(0, 2));
  }),
);

const ENCODINGS: readonly (readonly [string | undefined, boolean])[] = [
  ['gzip', true],
  ['gzip, identity', true],
  ['br;q=1.0, GZIP;q=0.2', true],
  ['*', true],
  ['identity', false],
  ['gzip;q=0', false],
  ['gzip;q=0, *', false],
  ['gzip; q=0.0', false],
  ['xgzip', false],
  [undefined, false],
];

for (const [accepted, zipped] of ENCODINGS) {
  test(
    `a bundle is ${zipped ? '' : 'not '}compressed for a monitor that accepts ${accepted ?? 'what it does not say'}`,
    withMonitor(async (site) => {
      await fill(site, 200);
      site.signed.sign();
      const answer = await site.ask('/tile/entries/000.p/200', {
        headers: { ...MONITOR, ...(accepted === undefined ? {} : { 'accept-encoding': accepted }) },
      });
      assert.is(answer.headers.vary, 'Accept-Encoding');
      assert.is(answer.headers['content-encoding'], zipped ? 'gzip' : undefined);
      const bundle = zipped ? gunzipSync(answer.bytes) : answer.bytes;
      assert.equal(entriesIn(bundle), await linesOf(site));
    }),
  );
}

test(
  'a log that cannot be read is a mistake of ours, of which the visitor is told nothing and the log of the host all',
  withMonitor(async (site) => {
    await fill(site, 3);
    site.signed.sign();
    site.signed.world.broken = new Error('EIO: /var/placet/data/journal/tile/0/000.p/3');
    for (const path of ['/tile/0/000.p/3', '/tile/entries/000.p/3']) {
      const answer = await site.ask(path, { headers: { ...MONITOR, ...PROGRAM } });
      assert.is(answer.status, 500);
      assert.is(answer.headers['cache-control'], 'no-store');
      assert.is(JSON.parse(answer.text).code, 'log_unreadable');
      assert.not.match(answer.text, /EIO|placet\/data/);
      assert.match(site.logged.at(-1) ?? '', 'EIO: /var/placet/data/journal/tile/0/000.p/3');
    }
  }),
);

test(
  'a tile that is shorter than it must be is not served as if it were whole',
  withConsole(async (site) => {
    await fill(site, 3);
    const { note, ...signed } = site.signed.sign();
    site.signed.world.newest = { ...signed, note, size: 200 };
    assert.is((await site.ask('/tile/0/000.p/200')).status, 500);
  }),
);

test(
  'a monitor that asks more than ten times a second for a minute has to wait',
  withMonitor(async (site) => {
    await fill(site, 3);
    site.signed.sign();
    for (let asked = 0; asked < 600; asked += 1) await site.ask('/tile/entries/000.p/3');
    const answer = await site.ask('/tile/entries/000.p/3', { headers: MONITOR });
    assert.is(answer.status, 429);
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
    assert.is((await site.ask('/checkpoint')).status, 200);
    assert.is((await site.ask('/tile/0/000.p/3')).status, 200);
  }),
);

test(
  'the log is served at the public address and at no other name',
  withConsole(
    async (site) => {
      await fill(site, 3);
      site.signed.sign();
      for (const path of ['/checkpoint', '/tile/0/000.p/3', '/tile/entries/000.p/3']) {
        assert.is((await site.ask(path, { headers: MONITOR })).status, 200, path);
        const other = { ...MONITOR, host: 'evil.example' };
        assert.is((await site.ask(path, { headers: other })).status, 421, path);
      }
    },
    { monitorToken: TOKEN, publicUrl: 'https://placet.example.com' },
  ),
);

test(
  'however much is read, nothing is appended',
  withMonitor(async (site) => {
    await fill(site, 3);
    site.signed.sign();
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      for (const path of ['/checkpoint', '/tile/0/000.p/3', '/tile/entries/000.p/3', ...TRICKS.slice(0, 9)])
        await site.ask(path, { method, headers: MONITOR });
    assert.is(site.journal.entries.length, 3);
  }),
);

test.run();
