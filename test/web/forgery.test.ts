import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linkDigest } from '../../src/core/link.ts';
import { HTML, withSite, type ReviewSite } from '../support/review-site.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Posts what would be a full decision, but for what the test changes. @returns the status */
async function forge(
  site: ReviewSite,
  headers: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, string>> = {},
): Promise<number> {
  const request = site.memory.open();
  const token = site.fake.issue(request.id);
  const proof = await site.proofOf(token);
  const body = new URLSearchParams({
    decision: 'approve',
    reason: '',
    confirm: 'write_file',
    proof,
    ...fields,
  });
  const answer = await site.ask(`/r/${token}/decision`, {
    method: 'POST',
    headers: { ...HTML, ...FORM, ...headers },
    body: body.toString(),
  });
  const decided = site.memory.get(request.id).decisions.length === 1;
  assert.is(decided, answer.status === 303);
  return answer.status;
}

const ORIGINS: readonly (readonly [
  string,
  (base: string, port: number) => Record<string, string>,
  number,
])[] = [
  ['the own origin', (base) => ({ origin: base }), 303],
  [
    'the own origin and Sec-Fetch-Site same-origin',
    (base) => ({ origin: base, 'sec-fetch-site': 'same-origin' }),
    303,
  ],
  ['127.0.0.1 at the own port', (_, port) => ({ origin: `http://127.0.0.1:${port}` }), 303],
  ['[::1] at the own port', (_, port) => ({ origin: `http://[::1]:${port}` }), 303],
  ['no Origin, but Sec-Fetch-Site same-origin', () => ({ 'sec-fetch-site': 'same-origin' }), 303],
  ['neither Origin nor Sec-Fetch-Site', () => ({}), 403],
  ['another site', () => ({ origin: 'https://evil.example' }), 403],
  ['another port of localhost', (_, port) => ({ origin: `http://localhost:${port + 1}` }), 403],
  ['https instead of http', (_, port) => ({ origin: `https://localhost:${port}` }), 403],
  ['a name that begins like ours', (base) => ({ origin: `${base}.evil.example` }), 403],
  ['an origin that is null', () => ({ origin: 'null' }), 403],
  ['an origin that is empty', () => ({ origin: '' }), 403],
  [
    'the own origin, but Sec-Fetch-Site cross-site',
    (base) => ({ origin: base, 'sec-fetch-site': 'cross-site' }),
    403,
  ],
  ['no Origin, and Sec-Fetch-Site same-site', () => ({ 'sec-fetch-site': 'same-site' }), 403],
  ['no Origin, and Sec-Fetch-Site none', () => ({ 'sec-fetch-site': 'none' }), 403],
];

for (const [what, headers, status] of ORIGINS) {
  test(
    `a decision from ${what} is answered with ${status}`,
    withSite(async (site) => {
      assert.is(await forge(site, headers(site.base, site.port)), status);
    }),
  );
}

const HOSTS: readonly (readonly [string, (port: number) => string, number])[] = [
  ['localhost at our port', (port) => `localhost:${port}`, 200],
  ['LOCALHOST in capitals', (port) => `LOCALHOST:${port}`, 200],
  ['127.0.0.1 at our port', (port) => `127.0.0.1:${port}`, 200],
  ['[::1] at our port', (port) => `[::1]:${port}`, 200],
  ['localhost without a port', () => 'localhost', 421],
  ['localhost at another port', (port) => `localhost:${port - 1}`, 421],
  ['a name that was rebound to loopback', (port) => `evil.example:${port}`, 421],
  ['a name that ends like ours', (port) => `evil.localhost:${port}`, 421],
  ['an address of the private network', (port) => `192.168.1.2:${port}`, 421],
];

for (const [what, host, status] of HOSTS) {
  test(
    `a request for ${what} is answered with ${status}`,
    withSite(async (site) => {
      const answer = await site.ask('/', { headers: { host: host(site.port) } });
      assert.is(answer.status, status);
    }),
  );
}

test(
  'a host that cannot be read is answered with 400 and the security headers',
  withSite(async (site) => {
    const answer = await site.ask('/', { headers: { host: 'a b/c@d' } });
    assert.is(answer.status, 400);
    assert.match(answer.headers['content-security-policy'] as string, "default-src 'none'");
  }),
);

test(
  'behind a proxy the public host and origin are ours',
  withSite(
    async (site) => {
      const headers = { host: 'placet.example.com', origin: 'https://placet.example.com' };
      assert.is(await forge(site, headers), 303);
    },
    { publicUrl: 'https://placet.example.com' },
  ),
);

const PROOFS: readonly (readonly [string, (proof: string) => string])[] = [
  ['none', () => ''],
  ['nonsense', () => 'x'],
  ['another beginning', (proof) => (proof.startsWith('A') ? `B${proof.slice(1)}` : `A${proof.slice(1)}`)],
  ['another end', (proof) => `${proof.slice(0, -8)}AAAAAAAA`],
  ['a longer seal', (proof) => `${proof}00`],
  ['a part of a seal', (proof) => proof.slice(0, -1)],
  ['very much', (proof) => proof.repeat(100)],
];

for (const [what, proof] of PROOFS) {
  test(
    `a form with ${what} for a proof is refused with 403`,
    withSite(async (site) => {
      const served = await site.proofOf(site.fake.issue(site.memory.open().id));
      assert.is(await forge(site, { origin: site.base }, { proof: proof(served) }), 403);
    }),
  );
}

test(
  'the proof of another link is refused with 403',
  withSite(async (site) => {
    const request = site.memory.open();
    const other = await site.proofOf(site.fake.issue(request.id, 'carol'));
    const answer = await site.decide(site.fake.issue(request.id), { proof: other });
    assert.is(answer.status, 403);
    assert.match(answer.text, 'This form was not served here');
    assert.is(site.memory.get(request.id).decisions.length, 0);
  }),
);

test(
  'the proof of a page that has stood open for half a day is refused with 403',
  withSite(async (site) => {
    const request = site.memory.open({ expires_in_ms: 24 * 60 * 60_000 });
    const token = site.fake.issue(request.id);
    const proof = await site.proofOf(token);
    site.clock.advance(12 * 60 * 60_000);
    assert.is((await site.decide(token, { proof })).status, 403);
    assert.is((await site.decide(token)).status, 303);
  }),
);

test(
  'what was sealed for something else is no proof',
  withSite(async (site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    const value = { card_digest: request.card_digest, opened_at: '2026-11-23T10:00:00.000Z', nonce: 'n' };
    const access = `link ${linkDigest(token)}`;
    const later = site.clock.now() + 60_000;
    const field = (purpose: string) => site.seals.seal(purpose, { access, value }, later);
    assert.is((await site.decide(token, { proof: field('decision sign-on') })).status, 403);
    assert.is((await site.decide(token, { proof: field('decision form') })).status, 303);
  }),
);

for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', '']) {
  test(
    `a body of type ${type || 'unsaid'} is refused with 415`,
    withSite(async (site) => {
      const token = site.fake.issue(site.memory.open().id);
      const body = JSON.stringify({ decision: 'approve', confirm: 'write_file' });
      assert.is((await site.post(`/r/${token}/decision`, body, { 'content-type': type })).status, 415);
    }),
  );
}

test(
  'a body over 64 kB is refused with 413, and the site goes on',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const answer = await site.decide(token, { reason: 'r'.repeat(65 * 1024) });
    assert.is(answer.status, 413);
    assert.is((await site.ask('/healthz')).status, 200);
  }),
);

test(
  'a body over 64 kB that does not say its length is refused with 413',
  withSite(async (site) => {
    const token = site.fake.issue(site.memory.open().id);
    const answer = await site.post(`/r/${token}/decision`, `reason=${'r'.repeat(70 * 1024)}`, {
      'transfer-encoding': 'chunked',
    });
    assert.is(answer.status, 413);
  }),
);

test(
  'a form that says both approve and reject is refused with 400',
  withSite(async (site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    const proof = await site.proofOf(token);
    const body = `decision=reject&decision=approve&confirm=write_file&reason=&proof=${proof}`;
    assert.is((await site.post(`/r/${token}/decision`, body)).status, 400);
    assert.is(site.memory.get(request.id).decisions.length, 0);
  }),
);

test(
  'a decision on a made-up link is answered with 404',
  withSite(async (site) => {
    const token = 'A'.repeat(43);
    const answer = await site.post(`/r/${token}/decision`, { decision: 'approve', confirm: 'write_file' });
    assert.is(answer.status, 404);
  }),
);

test.run();
