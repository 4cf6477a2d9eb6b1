import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointSchema } from '../../../src/web/api/schemas.ts';
import { callerWith, good, makeKey, openCaller, refusalOf } from '../../support/api-caller.ts';
import { ConsoleBrowser } from '../../support/console-browser.ts';
import { withConsole } from '../../support/console-site.ts';

test(
  'what waits for a person is listed, the most urgent first, and nothing of others',
  withConsole(async (site) => {
    const alice = await openCaller(site, 'alice', await site.enrol('alice'), { scope: 'read' });
    const dan = await openCaller(site, 'dan', await site.enrol('dan'), { scope: 'read' });
    const first = await site.call('delete_file');
    site.clock.advance(1000);
    const second = await site.call('write_file', { path: '/srv/a' });
    const { items } = await alice.list();
    assert.equal(
      items.map(({ id, status, tool, summary, agent, owner, rule }) => [
        id,
        status,
        tool,
        summary,
        agent,
        owner,
        rule,
      ]),
      [
        [first, 'pending', 'delete_file', 'Delete /srv/report.md.', 'claude-desktop', 'bob', 'deletes'],
        [second, 'pending', 'write_file', undefined, 'claude-desktop', 'bob', 'unmatched'],
      ],
    );
    assert.is(items[0]?.page, `${site.origin}/console/requests/${first}`);
    assert.equal(await dan.list(), { items: [] });
    assert.equal(await dan.list('?state=all'), { items: [] });
    assert.is(refusalOf(await dan.get(`/requests/${first}`), 404), 'not_found');
  }),
);

test(
  'the owner sees what their agent asked for, and has nothing to decide',
  withConsole(async (site) => {
    const bob = await openCaller(site, 'bob', await site.enrol('bob'));
    const id = await site.call();
    assert.equal(await bob.list(), { items: [] });
    assert.equal(
      (await bob.list('?state=all')).items.map((item) => item.id),
      [id],
    );
    const { state, may, challenge } = await bob.request(id);
    assert.is(state, 'watching');
    assert.equal(may, { approve: [], reject: [] });
    assert.is(challenge, undefined);
  }),
);

test(
  'a long list comes page by page, each item once, whatever is new meanwhile',
  withConsole(async (site) => {
    const alice = await openCaller(site, 'alice', await site.enrol('alice'));
    const made: string[] = [];
    for (let n = 0; n < 7; n += 1) {
      made.push(await site.call('write_file', { path: `/srv/${n}` }));
      if (n % 3 === 0) site.clock.advance(1000);
    }
    for (const [state, expected] of [
      ['waiting', made],
      ['all', made.toReversed()],
    ] as const) {
      const read: string[] = [];
      let cursor: string | undefined;
      do {
        const next = cursor === undefined ? '' : `&cursor=${cursor}`;
        const page = await alice.list(`?state=${state}&limit=3${next}`);
        read.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor;
      } while (cursor !== undefined);
      assert.equal(read.toSorted(), expected.toSorted());
      assert.is(new Set(read).size, 7);
    }
    const { next_cursor } = await alice.list('?state=all&limit=3');
    site.clock.advance(1000);
    await site.call('write_file', { path: '/srv/new' });
    const after = await alice.list(`?state=all&limit=100&cursor=${next_cursor ?? ''}`);
    assert.is(after.items.length, 4);
  }),
);

test(
  'a cursor is good for the person and the list that it was made for',
  withConsole(async (site) => {
    const alice = await openCaller(site, 'alice', await site.enrol('alice'));
    const carol = await openCaller(site, 'carol', await site.enrol('carol'));
    for (let n = 0; n < 2; n += 1) await site.call('write_file', { path: `/srv/${n}` });
    const { next_cursor: cursor = '' } = await alice.list('?limit=1');
    assert.is((await alice.get(`/requests?limit=1&cursor=${cursor}`)).status, 200);
    const forged = `${cursor.slice(0, -1)}${cursor.endsWith('A') ? 'B' : 'A'}`;
    for (const [caller, path] of [
      [carol, `?cursor=${cursor}`],
      [alice, `?state=all&cursor=${cursor}`],
      [alice, `?cursor=${forged}`],
      [alice, '?cursor=AAAA'],
    ] as const)
      assert.is(refusalOf(await caller.get(`/requests${path}`), 400), 'bad_cursor');
    site.clock.advance(24 * 60 * 60_000);
    assert.is(refusalOf(await alice.get(`/requests?limit=1&cursor=${cursor}`), 400), 'bad_cursor');
  }),
);

test(
  'parameters that cannot be read are refused, and say which',
  withConsole(async (site) => {
    const alice = await openCaller(site, 'alice', await site.enrol('alice'));
    for (const query of [
      'state=mine',
      'limit=0',
      'limit=101',
      'limit=1e1',
      'limit=1&limit=2',
      'person=carol',
      'cursor=',
    ]) {
      const answer = await alice.get(`/requests?${query}`);
      assert.is(refusalOf(answer, 400), 'bad_request', query);
      assert.match(answer.text, query.split('=')[0] ?? '');
    }
  }),
);

test(
  'a request is shown in full, with what a passkey signs and how it may be decided',
  withConsole(async (site) => {
    const passkey = await site.enrol('alice');
    const alice = await openCaller(site, 'alice', passkey, { scope: 'read' });
    const id = await site.call('delete_file', { path: '/srv/p\u0430ypal\u200b', content: 'x'.repeat(3001) });
    const before = site.journal.entries.length;
    const seen = await alice.request(id);
    assert.is(seen.state, 'open');
    assert.equal(seen.args, { path: '/srv/p\u0430ypal\u200b', content: 'x'.repeat(3001) });
    assert.is(seen.card.tool_name, 'delete_file');
    assert.equal(seen.long_arguments, ['content']);
    assert.ok(seen.cautions.some((caution) => caution.includes('would not be seen')));
    assert.equal(seen.may, { approve: ['passkey'], reject: ['passkey'] });
    assert.is(seen.challenge?.expires_at, '2026-11-23T11:00:00.000Z');
    assert.equal(seen.challenge?.approve?.['allowCredentials'], [
      { id: passkey.id, type: 'public-key', transports: ['internal'] },
    ]);
    assert.is.not(seen.challenge?.approve?.['challenge'], seen.challenge?.reject?.['challenge']);
    assert.is(seen.card_digest, site.ledger.request(id)?.card_digest);
    assert.is(site.journal.entries.length, before);
  }),
);

test(
  'without a key that holds nothing is told, a cookie opens nothing, and tries are counted',
  withConsole(async (site) => {
    const passkey = await site.enrol('alice');
    const browser = new ConsoleBrowser(site);
    await browser.signIn(passkey);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const made = await makeKey(site, 'alice', passkey);
    const gone = await makeKey(site, 'alice', passkey, { scope: 'read' });
    await site.apiKeys.revoke({ person: 'alice', key_id: gone.key_id, by: 'alice', reason: 'lost' });
    const before = site.journal.entries.length;
    const agentKey = `plk_${'0'.repeat(12)}_${'A'.repeat(43)}`;
    for (const [headers, code] of [
      [{}, 'key_needed'],
      [{ cookie }, 'key_needed'],
      [{ authorization: `Basic ${Buffer.from(`alice:${made.key}`).toString('base64')}` }, 'key_needed'],
      [{ authorization: made.key }, 'key_needed'],
      [{ authorization: `Bearer ${agentKey}` }, 'agent_key_here'],
      [{ authorization: `Bearer ${gone.key}` }, 'key_refused'],
      [{ authorization: `Bearer ${made.key.slice(0, -1)}` }, 'key_refused'],
    ] as const) {
      const answer = await site.ask('/api/v1/requests', { headers });
      assert.is(refusalOf(answer, 401), code);
      assert.match(String(answer.headers['www-authenticate']), /^Bearer realm="Placet API"/);
      assert.not.ok(answer.text.includes(made.key.slice(17)));
    }
    assert.is((await site.ask(`/api/v1/requests?key=${made.key}`)).status, 401);
    for (let n = 8; n < 20; n += 1) assert.is((await site.ask('/api/v1/requests')).status, 401);
    const limited = await site.ask('/api/v1/requests');
    assert.is(refusalOf(limited, 429), 'too_many_tries');
    assert.ok(Number(limited.headers['retry-after']) > 0);
    assert.is((await callerWith(site, made).get('/requests')).status, 200, 'a key that holds is let in');
    assert.is(site.journal.entries.length, before);
  }),
);

test(
  'a key that expires, or whose person leaves, opens nothing any more',
  withConsole(async (site) => {
    const passkey = await site.enrol('alice');
    const alice = await openCaller(site, 'alice', passkey);
    site.setPeople({ people: [], groups: {}, agents: [] });
    assert.is(refusalOf(await alice.get('/requests'), 401), 'key_refused');
    site.clock.advance(30 * 24 * 60 * 60_000);
    assert.is(refusalOf(await alice.get('/requests'), 401), 'key_refused');
  }),
);

test(
  'each answer says how much of the limit is left, and who is over it is told when to come back',
  withConsole(async (site) => {
    const alice = await openCaller(site, 'alice', await site.enrol('alice'));
    const first = await alice.get('/requests');
    assert.is(first.headers['ratelimit-policy'], '"key";q=300;w=60');
    assert.match(String(first.headers['ratelimit']), /^"key";r=299;t=\d+$/);
    for (let n = 1; n < 300; n += 1) await alice.get('/checkpoint');
    const over = await alice.get('/requests');
    assert.is(refusalOf(over, 429), 'too_many_tries');
    assert.match(String(over.headers['ratelimit']), /^"key";r=0;t=\d+$/);
    assert.ok(Number(over.headers['retry-after']) > 0);
  }),
);

test(
  'pages of other sites, and names that are not ours, reach nothing',
  withConsole(async (site) => {
    const alice = await openCaller(site, 'alice', await site.enrol('alice'));
    const elsewhere = { origin: 'https://evil.example' };
    assert.is(refusalOf(await alice.get('/requests', elsewhere), 403), 'cross_origin');
    assert.is(refusalOf(await alice.get('/requests', { origin: 'null' }), 403), 'cross_origin');
    assert.is(
      refusalOf(await alice.get('/requests', { 'sec-fetch-site': 'cross-site' }), 403),
      'cross_origin',
    );
    assert.is(refusalOf(await alice.get('/requests', { host: 'evil.example' }), 421), 'wrong_host');
    assert.is(
      (await alice.get('/requests', { origin: site.origin, 'sec-fetch-site': 'same-origin' })).status,
      200,
    );
    const answer = await alice.get('/requests', { origin: site.origin });
    assert.is(answer.headers['access-control-allow-origin'], undefined);
  }),
);

test(
  'problems are problems for whoever asks, browsers too',
  withConsole(async (site) => {
    const alice = await openCaller(site, 'alice', await site.enrol('alice'));
    const html = { accept: 'text/html' };
    assert.is(refusalOf(await alice.get('/nothing', html), 404), 'not_found');
    assert.is(refusalOf(await alice.get('/requests/apr_x', html), 404), 'not_found');
    assert.is(refusalOf(await site.ask('/api/v1/requests', { headers: html }), 401), 'key_needed');
  }),
);

test(
  'HEAD and OPTIONS say nothing and append nothing, nor does a GET with a body',
  withConsole(async (site) => {
    const alice = await openCaller(site, 'alice', await site.enrol('alice'));
    const id = await site.call();
    const before = site.journal.entries.length;
    const body = JSON.stringify({ decision: 'reject' });
    const headers = {
      authorization: `Bearer ${alice.key}`,
      'content-type': 'application/json',
      'content-length': String(body.length),
    };
    for (const path of [
      `/api/v1/requests/${id}`,
      `/api/v1/requests/${id}/decisions`,
      '/api/v1/requests/stream',
    ]) {
      const head = await site.ask(path, { method: 'HEAD', headers, body });
      assert.is(head.text, '');
      const options = await site.ask(path, { method: 'OPTIONS', headers, body });
      assert.is(options.status, 204);
      assert.is(options.text, '');
    }
    assert.is((await site.ask(`/api/v1/requests/${id}`, { headers, body })).status, 200);
    assert.is((await site.ask(`/api/v1/requests/${id}/decisions`, { headers, body })).status, 405);
    assert.is((await site.ask(`/api/v1/requests/${id}`, { method: 'POST', headers, body })).status, 405);
    assert.is((await site.ask(`/api/v1/requests/${id}`, { method: 'DELETE', headers })).status, 405);
    assert.is(site.journal.entries.length, before);
  }),
);

test(
  'the newest checkpoint is told with its signed note',
  withConsole(async (site) => {
    const alice = await openCaller(site, 'alice', await site.enrol('alice'));
    assert.is(refusalOf(await alice.get('/checkpoint'), 404), 'no_checkpoint');
    const signed = site.signed.sign();
    const told = good(checkpointSchema, await alice.get('/checkpoint'));
    assert.is(told.note, signed.note);
    assert.is(told.size, site.journal.entries.length);
    assert.is(told.root, signed.root.toString('hex'));
  }),
);

test(
  'a request whose payloads were erased is gone, and says so',
  withConsole(async (site) => {
    const alice = await openCaller(site, 'alice', await site.enrol('alice'));
    const id = await site.call();
    await site.guard.intercept.cancel({ agent: 'claude-desktop', session: 'ses_1', identity: 'claimed' }, id);
    await site.custody.erase(id, { reason: 'asked to', by: 'operator' });
    assert.is(refusalOf(await alice.get(`/requests/${id}`), 410), 'erased');
  }),
);

test.run();
