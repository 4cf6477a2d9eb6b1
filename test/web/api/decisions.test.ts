import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  callerWith,
  decided,
  makeKey,
  openCaller,
  refusalOf,
  type ApiCaller,
} from '../../support/api-caller.ts';
import type { Authenticator, Knobs } from '../../support/authenticator.ts';
import { CONSOLE_REVIEW, withConsole, type ConsoleSite } from '../../support/console-site.ts';

/** `move_file` may be decided by a key. */
const BY_KEY = {
  rules: [
    {
      id: 'moves',
      match: { tool: (tool: string) => tool === 'move_file' },
      verdict: 'review' as const,
      review: { ...CONSOLE_REVIEW, admits: ['api' as const] },
    },
  ],
};

async function alices(site: ConsoleSite, scope: 'read' | 'decide' = 'decide') {
  const passkey = await site.enrol('alice');
  return { passkey, alice: await openCaller(site, 'alice', passkey, { scope }) };
}

/** A decision by key, with what else it says. */
async function bodyFor(caller: ApiCaller, id: string, more: object = {}) {
  const { card_digest } = await caller.request(id);
  return { decision: 'approve', card_digest, confirm: 'move_file', ...more };
}

/** A decision that a passkey has signed. */
async function signedFor(
  caller: ApiCaller,
  id: string,
  passkey: Authenticator,
  {
    decision = 'approve',
    signed = decision,
    knobs = {},
  }: { decision?: string; signed?: string; knobs?: Knobs } = {},
) {
  const { card_digest, challenge } = await caller.request(id);
  const options = challenge?.[signed === 'approve' ? 'approve' : 'reject'];
  if (!challenge || !options) throw new Error('Nothing can be signed.');
  const assertion = passkey.assert(options as Parameters<Authenticator['assert']>[0], knobs);
  return { decision, card_digest, assertion, proof: challenge.proof };
}

const decisionsOf = (site: ConsoleSite, id: string) =>
  site.journal.entries.filter((entry) => entry.type === 'approval.decided' && entry.request_id === id);

test(
  'a key decides where the rule admits it, and the journal says by which',
  withConsole(async (site) => {
    const { alice } = await alices(site);
    const id = await site.call('move_file');
    const seen = await alice.request(id);
    assert.equal(seen.may, { approve: ['passkey', 'api'], reject: ['passkey', 'api'] });
    const body = await bodyFor(alice, id, { reason: ' is fine\r\nby me ' });
    const answer = decided(await alice.decide(id, body));
    assert.equal(
      [answer.decision, answer.verification, answer.progress],
      ['approve', 'api', [{ rule: 'moves', approvals: 1, quorum: 1 }]],
    );
    const [entry] = decisionsOf(site, id);
    assert.ok(entry?.type === 'approval.decided');
    assert.equal(entry.receipt, { kind: 'api', key_id: alice.key_id });
    assert.is(entry.reason, 'is fine\nby me');
    assert.is(site.ledger.request(id)?.phase.kind === 'pending', false);
  }, BY_KEY),
);

test(
  'a key decides nothing where no rule admits it, neither to approve nor to reject',
  withConsole(async (site) => {
    const { alice } = await alices(site);
    for (const tool of ['write_file', 'delete_file']) {
      const id = await site.call(tool);
      assert.equal((await alice.request(id)).may.approve, ['passkey']);
      for (const decision of ['approve', 'reject']) {
        const body = await bodyFor(alice, id, { decision, confirm: tool });
        assert.is(refusalOf(await alice.decide(id, body), 403), 'verification_too_weak');
      }
      assert.equal(decisionsOf(site, id), []);
    }
  }, BY_KEY),
);

test(
  'a passkey that signed elsewhere decides on any rule, with a key that reads',
  withConsole(async (site) => {
    const { alice, passkey } = await alices(site, 'read');
    const id = await site.call('delete_file');
    const answer = decided(await alice.decide(id, await signedFor(alice, id, passkey)));
    assert.is(answer.verification, 'passkey');
    const [entry] = decisionsOf(site, id);
    assert.ok(entry?.type === 'approval.decided' && entry.receipt?.kind === 'passkey');
    assert.is(entry.receipt.credential_id, passkey.id);
    assert.is(entry.opened_at, '2026-11-23T10:00:00.000Z');
    const other = await site.call('move_file');
    const rejection = await signedFor(alice, other, passkey, { decision: 'reject' });
    assert.is(decided(await alice.decide(other, rejection)).status, 'rejected');
  }),
);

test(
  'a key that reads decides nothing',
  withConsole(async (site) => {
    const { alice } = await alices(site, 'read');
    const id = await site.call('move_file');
    assert.equal((await alice.request(id)).may, { approve: ['passkey'], reject: ['passkey'] });
    const body = await bodyFor(alice, id);
    assert.is(refusalOf(await alice.decide(id, body), 403), 'key_reads');
    assert.equal(decisionsOf(site, id), []);
  }, BY_KEY),
);

test(
  'a revoked or expired key, one of an agent, and none at all decide nothing and append nothing',
  withConsole(async (site) => {
    const { alice, passkey } = await alices(site);
    const id = await site.call('move_file');
    const body = await bodyFor(alice, id);
    const gone = await makeKey(site, 'alice', passkey);
    await site.apiKeys.revoke({ person: 'alice', key_id: gone.key_id, by: 'alice', reason: 'lost' });
    const before = site.journal.entries.length;
    assert.is(refusalOf(await callerWith(site, gone).decide(id, body), 401), 'key_refused');
    const agents = { key: `plk_${'0'.repeat(12)}_${'A'.repeat(43)}`, key_id: '0'.repeat(12) };
    assert.is(refusalOf(await callerWith(site, agents).decide(id, body), 401), 'agent_key_here');
    assert.is(refusalOf(await alice.decide(id, body, { authorization: '' }), 401), 'key_needed');
    assert.is(site.journal.entries.length, before);
    site.clock.advance(30 * 24 * 60 * 60_000);
    assert.is(refusalOf(await alice.decide(id, body), 401), 'key_refused');
    assert.equal(decisionsOf(site, id), []);
  }, BY_KEY),
);

test(
  "the agent's owner decides nothing, and that they tried is journalled",
  withConsole(async (site) => {
    const passkey = await site.enrol('bob');
    const bob = await openCaller(site, 'bob', passkey);
    const id = await site.call('move_file');
    const body = await bodyFor(bob, id);
    const answer = await bob.decide(id, body);
    assert.is(refusalOf(answer, 403), 'self_approval');
    const refused = site.journal.entries.filter(({ type }) => type === 'self_approval.refused');
    assert.is(
      refused.some((entry) => 'reviewer' in entry && entry.reviewer === 'bob'),
      true,
    );
    assert.equal(decisionsOf(site, id), []);
  }, BY_KEY),
);

test(
  'whoever was not asked decides nothing, and is told of no request',
  withConsole(async (site) => {
    const { alice } = await alices(site);
    const dan = await openCaller(site, 'dan', await site.enrol('dan'));
    const id = await site.call('move_file');
    const body = await bodyFor(alice, id);
    assert.is(refusalOf(await dan.decide(id, body), 404), 'not_found');
    assert.is(refusalOf(await dan.decide('apr_00000000000000000000000000', body), 404), 'not_found');
    assert.equal(decisionsOf(site, id), []);
  }, BY_KEY),
);

test(
  'a wrong name, a missing reason and another card decide nothing',
  withConsole(
    async (site) => {
      const { alice } = await alices(site);
      const id = await site.call('move_file');
      const body = await bodyFor(alice, id, { reason: 'why not' });
      for (const [more, status, code] of [
        [{ confirm: 'delete_file' }, 422, 'confirm_mismatch'],
        [{ confirm: undefined }, 422, 'confirm_mismatch'],
        [{ reason: ' \n ' }, 422, 'reason_required'],
        [{ card_digest: '0'.repeat(64) }, 409, 'card_changed'],
      ] as const)
        assert.is(refusalOf(await alice.decide(id, { ...body, ...more }), status), code);
      assert.equal(decisionsOf(site, id), []);
      assert.is(decided(await alice.decide(id, body)).decision, 'approve');
    },
    {
      rules: BY_KEY.rules.map((rule) => ({
        ...rule,
        review: { ...rule.review, reason: 'required' as const },
      })),
    },
  ),
);

test(
  'long values are read before an approval, and nothing has to be read for a rejection',
  withConsole(async (site) => {
    const { alice } = await alices(site);
    const args = { path: '/srv/a', content: 'x'.repeat(3001) };
    const id = await site.call('move_file', args);
    const body = await bodyFor(alice, id);
    assert.is(refusalOf(await alice.decide(id, body), 422), 'not_read');
    const { long_arguments: seen } = await alice.request(id);
    assert.is(decided(await alice.decide(id, { ...body, seen })).decision, 'approve');
    const other = await site.call('move_file', { ...args, path: '/srv/b' });
    const rejection = await bodyFor(alice, other, { decision: 'reject' });
    assert.is(decided(await alice.decide(other, rejection)).status, 'rejected');
  }, BY_KEY),
);

test(
  'a signature stands for one decision, on one request, by one person',
  withConsole(async (site) => {
    const { alice, passkey } = await alices(site);
    const carols = await site.enrol('carol');
    const carol = await openCaller(site, 'carol', carols);
    const [id, other] = [await site.call('delete_file'), await site.call('delete_file', { path: '/b' })];
    const crossed = await signedFor(alice, id, passkey, { decision: 'approve', signed: 'reject' });
    assert.is(refusalOf(await alice.decide(id, crossed), 403), 'passkey_refused');
    const signed = await signedFor(alice, id, passkey);
    assert.is(refusalOf(await carol.decide(id, signed), 403), 'proof_refused');
    assert.is(
      refusalOf(
        await alice.decide(other, { ...signed, card_digest: (await alice.request(other)).card_digest }),
        403,
      ),
      'proof_refused',
    );
    const theirs = await signedFor(carol, id, carols);
    assert.is(
      refusalOf(await alice.decide(id, { ...signed, assertion: theirs.assertion }), 403),
      'passkey_refused',
    );
    const fresh = await signedFor(alice, other, passkey);
    assert.is(
      refusalOf(await alice.decide(other, { ...fresh, assertion: signed.assertion }), 403),
      'passkey_refused',
    );
    for (const requestId of [id, other]) assert.equal(decisionsOf(site, requestId), []);
  }),
);

test(
  'a proof that was changed, is too old or is missing, and one of the site’s pages, prove nothing',
  withConsole(async (site) => {
    const { alice, passkey } = await alices(site);
    const id = await site.call('delete_file');
    const signed = await signedFor(alice, id, passkey);
    const { proof } = signed;
    const tampered = `${proof.slice(0, 20)}${proof.charAt(20) === 'A' ? 'B' : 'A'}${proof.slice(21)}`;
    assert.is(refusalOf(await alice.decide(id, { ...signed, proof: tampered }), 403), 'proof_refused');
    assert.is(
      refusalOf(await alice.decide(id, { ...signed, card_digest: '0'.repeat(64) }), 403),
      'proof_refused',
    );
    assert.is(refusalOf(await alice.decide(id, { ...signed, proof: undefined }), 422), 'proof_missing');
    assert.is(refusalOf(await alice.decide(id, { ...signed, assertion: undefined }), 422), 'proof_missing');
    assert.is(refusalOf(await alice.decide(id, { ...signed, assertion: {} }), 403), 'passkey_refused');
    const { next_cursor = proof } = await alice.list('?state=all&limit=1');
    if (next_cursor !== proof)
      assert.is(refusalOf(await alice.decide(id, { ...signed, proof: next_cursor }), 403), 'proof_refused');
    site.clock.advance(25 * 60_000);
    const late = await site.call('delete_file', { path: '/late' });
    const old = await signedFor(alice, late, passkey);
    site.clock.advance(60 * 60_000);
    assert.is(refusalOf(await alice.decide(late, old), 403), 'proof_refused');
    assert.equal(decisionsOf(site, id), []);
  }),
);

test(
  'what was signed and used once decides nothing a second time, and is answered with what stands',
  withConsole(async (site) => {
    const { alice, passkey } = await alices(site);
    const id = await site.call('delete_file');
    const signed = await signedFor(alice, id, passkey);
    const first = decided(await alice.decide(id, signed));
    const before = site.journal.entries.length;
    const again = await alice.decide(id, signed);
    assert.is(again.headers['idempotent-replayed'], 'true');
    assert.equal(decided(again).at, first.at);
    const rejection = await alice.decide(id, { ...signed, decision: 'reject' });
    assert.is(refusalOf(rejection, 409), 'already_decided');
    assert.is(site.journal.entries.length, before);
  }),
);

test(
  'a key whose passkey’s counter went back is refused with it, and the passkey is revoked',
  withConsole(async (site) => {
    const { createAuthenticator } = await import('../../support/authenticator.ts');
    const passkey = createAuthenticator({ origin: site.origin, counter: 10 });
    await site.journal.append(passkey.enrolment('alice', new Date(site.clock.now()).toISOString()));
    const alice = await openCaller(site, 'alice', passkey);
    const [one, two] = [await site.call('delete_file'), await site.call('delete_file', { path: '/b' })];
    decided(await alice.decide(one, await signedFor(alice, one, passkey)));
    const copy = await signedFor(alice, two, passkey, { knobs: { counter: 11 } });
    assert.is(refusalOf(await alice.decide(two, copy), 403), 'passkey_cloned');
    assert.equal(site.ledger.identities.activePasskeysOf('alice'), []);
  }),
);

test(
  'a decision that is sent again is made once and answered the same, and another one under its key is refused',
  withConsole(async (site) => {
    const { alice } = await alices(site);
    const [id, other] = [await site.call('move_file'), await site.call('move_file', { path: '/b' })];
    const body = await bodyFor(alice, id);
    const once = { 'idempotency-key': '0b5e6a1c-once' };
    const both = await Promise.all([alice.decide(id, body, once), alice.decide(id, body, once)]);
    assert.equal(decided(both[0]), decided(both[1]));
    assert.is(decisionsOf(site, id).length, 1);
    const again = await alice.decide(id, body, once);
    assert.is(again.text, both[0].text);
    assert.is(again.headers['idempotent-replayed'], 'true');
    for (const [where, what] of [
      [id, { ...body, decision: 'reject' }],
      [id, { ...body, reason: 'another' }],
      [other, body],
    ] as const)
      assert.is(refusalOf(await alice.decide(where, what, once), 422), 'idempotency_key_reused');
    assert.equal(decisionsOf(site, other), []);
  }, BY_KEY),
);

test(
  'an idempotency key is of its own reviewer’s key, and has to be there',
  withConsole(async (site) => {
    const { alice, passkey } = await alices(site);
    const second = await openCaller(site, 'alice', passkey);
    const [id, other] = [await site.call('move_file'), await site.call('move_file', { path: '/b' })];
    const same = { 'idempotency-key': '1' };
    decided(await alice.decide(id, await bodyFor(alice, id), same));
    decided(await second.decide(other, await bodyFor(second, other), same));
    for (const key of ['', 'x'.repeat(256), 'two words'])
      assert.is(
        refusalOf(await alice.decide(id, await bodyFor(alice, id), { 'idempotency-key': key }), 400),
        'idempotency_key_needed',
      );
  }, BY_KEY),
);

test(
  'after a restart the same decision by the same key is answered as it stands, and another is refused',
  withConsole(async (site) => {
    const { alice, passkey } = await alices(site);
    const id = await site.call('move_file');
    const body = await bodyFor(alice, id);
    const first = decided(await alice.decide(id, body));
    const before = site.journal.entries.length;
    // Another Idempotency-Key is to the site what its own is after a restart: one that it has not seen.
    const again = await alice.decide(id, body);
    assert.is(again.headers['idempotent-replayed'], 'true');
    assert.equal([decided(again).at, decided(again).decision], [first.at, 'approve']);
    const second = await openCaller(site, 'alice', passkey);
    assert.is(refusalOf(await second.decide(id, body), 409), 'already_decided');
    assert.is(refusalOf(await alice.decide(id, { ...body, decision: 'reject' }), 409), 'already_decided');
    assert.is(refusalOf(await alice.decide(id, { ...body, reason: 'new' }), 409), 'already_decided');
    assert.is(decisionsOf(site, id).length, 1);
    assert.is(site.journal.entries.filter(({ type }) => type !== 'reviewer.key_issued').length, before - 1);
  }, BY_KEY),
);

test(
  'what comes too late is told so',
  withConsole(async (site) => {
    const { alice } = await alices(site);
    const id = await site.call('move_file');
    const body = await bodyFor(alice, id);
    site.clock.advance(31 * 60_000);
    const answer = await alice.decide(id, body);
    assert.is(refusalOf(answer, 409), 'already_resolved');
    assert.match(answer.text, 'the request is already expired');
  }, BY_KEY),
);

test(
  'what is not one object of JSON, read one way, is no decision',
  withConsole(async (site) => {
    const { alice } = await alices(site);
    const id = await site.call('move_file');
    const body = await bodyFor(alice, id);
    const text = JSON.stringify(body);
    const before = site.journal.entries.length;
    for (const wrong of [
      '',
      '[]',
      'null',
      '{',
      `[${text}]`,
      text.replace('{', '{"decision":"reject",'),
      text.replace('{', '{"Decision":"reject",'),
      JSON.stringify({ ...body, decision: 'maybe' }),
      JSON.stringify({ ...body, decision: ['approve'] }),
      JSON.stringify({ ...body, card_digest: 'short' }),
      JSON.stringify({ ...body, reviewer: 'carol' }),
      JSON.stringify({ ...body, reason: 'x'.repeat(4001) }),
      `${text.slice(0, -1)},"seen":${'['.repeat(40)}${']'.repeat(40)}}`,
    ])
      assert.is(refusalOf(await alice.decide(id, wrong), 400), 'bad_request', wrong.slice(0, 60));
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])
      assert.is(refusalOf(await alice.decide(id, text, { 'content-type': type }), 415), 'not_json');
    const large = JSON.stringify({ ...body, seen: ['x'.repeat(70_000)] });
    assert.is(refusalOf(await alice.decide(id, large), 413), 'too_large');
    assert.is(site.journal.entries.length, before);
    assert.is(
      decided(await alice.decide(id, text, { 'content-type': 'Application/JSON; charset=utf-8' })).status ===
        'pending',
      false,
    );
  }, BY_KEY),
);

test(
  'a decision whose body never comes to its end decides nothing',
  withConsole(async (site) => {
    const { alice } = await alices(site);
    const id = await site.call('move_file');
    const text = JSON.stringify(await bodyFor(alice, id));
    const before = site.journal.entries.length;
    const { request } = await import('node:http');
    const { port, host } = new URL(site.base);
    await new Promise<void>((done) => {
      const slow = request({
        host: '127.0.0.1',
        port,
        path: `/api/v1/requests/${id}/decisions`,
        method: 'POST',
        agent: false,
        headers: {
          host,
          authorization: `Bearer ${alice.key}`,
          'content-type': 'application/json',
          'content-length': String(text.length),
          'idempotency-key': 'slow',
        },
      });
      slow.on('error', () => done());
      slow.on('close', () => done());
      slow.write(text.slice(0, -1), () => slow.destroy());
    });
    await alice.list();
    assert.is(site.journal.entries.length, before);
    assert.equal(decisionsOf(site, id), []);
  }, BY_KEY),
);

test(
  'failed proofs are counted, for the console and the API together',
  withConsole(async (site) => {
    const { alice } = await alices(site);
    const id = await site.call('move_file');
    const body = await bodyFor(alice, id);
    for (let n = 0; n < 10; n += 1)
      assert.is(refusalOf(await alice.decide(id, { ...body, confirm: 'x' }), 422), 'confirm_mismatch');
    assert.is(refusalOf(await alice.decide(id, body), 429), 'too_many_tries');
    const other = await site.call('move_file', { path: '/b' });
    decided(await alice.decide(other, await bodyFor(alice, other)));
  }, BY_KEY),
);

test.run();
