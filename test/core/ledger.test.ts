import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, Entry } from '../../src/core/entry.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { FakeClock } from '../support/clock.ts';
import {
  enrolled,
  invited,
  passkeyReceipt,
  revoked,
  sent,
  sessionOpened,
  signOnReceipt,
} from '../support/identity-entries.ts';
import {
  allowed,
  claimed,
  completed,
  decided,
  held,
  resolved,
  started,
  succeeded,
} from '../support/journal-drafts.ts';

const clock = new FakeClock();
const DAY = 24 * 60 * 60 * 1000;

/** Stamps drafts as a journal would, from a sequence number on. */
function stamped(from: number, drafts: readonly Draft[], plusMs = 0): Entry[] {
  return drafts.map((draft, index) => ({
    ...draft,
    v: 1,
    seq: from + index,
    id: `ent_${from + index}`,
    time: new Date(clock.now() + plusMs).toISOString(),
    node: 'host',
  }));
}

function applyAll(ledger: Ledger, entries: readonly Entry[]): void {
  for (const entry of entries) ledger.apply(entry);
}

/** A ledger in which the request `r` was carried out and nobody has fetched the outcome. */
function settled(): Ledger {
  const ledger = new Ledger();
  applyAll(
    ledger,
    stamped(0, [
      ...held('r', clock),
      decided('r'),
      resolved('r'),
      claimed('r'),
      started('r'),
      succeeded('r'),
    ]),
  );
  return ledger;
}

const delivered: Draft = { type: 'call.completed', call_id: 'call r', request_id: 'r', outcome: 'delivered' };

test('what is admitted is not seen until it is applied', () => {
  const ledger = new Ledger();
  const entries = stamped(0, held('r', clock));
  ledger.admit(entries);
  assert.is(ledger.request('r'), undefined);
  assert.equal([...ledger.openCalls()], []);
  applyAll(ledger, entries);
  assert.is(ledger.version('r'), 1);
});

test('what follows is judged on what was admitted before it', () => {
  const ledger = new Ledger();
  ledger.admit(stamped(0, allowed('c')));
  ledger.admit(stamped(2, [completed('c')]));
  assert.throws(() => ledger.admit(stamped(3, [completed('c')])), /c is not under way/);
});

test('an append that is refused in its middle changes nothing', () => {
  const ledger = new Ledger();
  ledger.admit(stamped(0, allowed('c')));
  assert.throws(() => ledger.admit(stamped(2, [completed('c'), completed('c')])), /c is not under way/);
  ledger.admit(stamped(2, [completed('c')]));
});

test('what was withdrawn can be admitted again', () => {
  const ledger = new Ledger();
  applyAll(ledger, stamped(0, allowed('a')));
  ledger.admit(stamped(2, [completed('a'), ...allowed('b')]));
  ledger.withdraw();
  ledger.admit(stamped(2, [...allowed('b'), completed('a')]));
});

test('a call that was denied is answered', () => {
  const ledger = new Ledger();
  const denied: Draft = {
    type: 'call.denied',
    call_id: 'c',
    policy: { rule: 'r', version: 'v' },
    reason: '',
  };
  applyAll(ledger, stamped(0, [...allowed('c').slice(0, 1), denied]));
  assert.equal([...ledger.openCalls()], []);
  assert.throws(() => ledger.admit(stamped(2, [completed('c')])), /c is not under way/);
});

test('an approval asks for exactly the action of its call', () => {
  const ledger = new Ledger();
  const [call, asked] = held('r', clock);
  assert.ok(call?.type === 'call.requested' && asked);
  applyAll(ledger, stamped(0, [{ ...call, action_digest: 'other' }]));
  assert.throws(() => ledger.admit(stamped(1, [asked])), /asked for another action/);
});

test('a settled request that nobody asks about is let go after a week', () => {
  const ledger = settled();
  ledger.apply(stamped(4096, allowed('later').slice(0, 1), 6 * DAY)[0] as Entry);
  assert.ok(ledger.request('r'));
  ledger.apply(stamped(8192, allowed('later still').slice(0, 1), 8 * DAY)[0] as Entry);
  assert.is(ledger.request('r'), undefined);
});

test('an entry of a request at whose number old requests are let go is still taken up', () => {
  const ledger = settled();
  const [entry] = stamped(4096, [delivered], 8 * DAY);
  assert.ok(entry);
  ledger.admit([entry]);
  ledger.apply(entry);
  assert.is(ledger.request('r'), undefined);
});

test('what is let go on the way to the disk is refused to the next append, as it will be when read back', () => {
  const ledger = settled();
  ledger.admit(stamped(4096, allowed('later'), 8 * DAY));
  assert.throws(() => ledger.admit(stamped(4098, [delivered], 8 * DAY)), /No request is open/);
});

test('a saved state is the same state', () => {
  const ledger = settled();
  applyAll(ledger, stamped(7, allowed('c')));
  const copy = new Ledger();
  copy.load(JSON.parse(JSON.stringify(ledger.save())) as ReturnType<Ledger['save']>);
  assert.equal(copy.save(), ledger.save());
  copy.admit(stamped(9, [completed('c')]));
});

/** Alice is invited and has a key: the entries 0 to 2. */
const ENROLLED: readonly Draft[] = [
  invited('i', 'alice'),
  sent('i'),
  enrolled('alice', 'key of alice', { invitation: 'i' }),
];

const by = (nonce: string, sign_count = 0) => passkeyReceipt('key of alice', nonce, { sign_count });

const withPasskey = (id: string, nonce: string, decision: 'approve' | 'reject' = 'approve'): Draft => ({
  ...(decided(id, 'alice', decision) as Extract<Draft, { type: 'approval.decided' }>),
  verification: 'passkey',
  receipt: by(nonce),
});

/** A ledger in which alice has a key and the requests `r` and `q` are pending: the entries 0 to 6. */
function asked(): Ledger {
  const ledger = new Ledger();
  applyAll(ledger, stamped(0, [...ENROLLED, ...held('r', clock), ...held('q', clock)]));
  return ledger;
}

/** The code with which the drafts are refused, after a look that neither book has changed. */
function refusal(ledger: Ledger, drafts: readonly Draft[], from = 7): string {
  const before = structuredClone(ledger.save());
  let code = 'admitted';
  try {
    ledger.admit(stamped(from, drafts));
  } catch (error) {
    code = (error as { code: string }).code;
  }
  assert.equal(ledger.save(), before);
  return code;
}

test('a key that was admitted is not seen until it is applied, and can be used by what follows', () => {
  const ledger = new Ledger();
  const entries = stamped(0, [...ENROLLED, sessionOpened('a', 'alice', by('n1'))]);
  ledger.admit(entries);
  assert.is(ledger.identities.hasEnrolled('alice'), false);
  applyAll(ledger, entries);
  assert.is(ledger.identities.hasEnrolled('alice'), true);
  assert.is(ledger.identities.sessionsOf('alice').length, 1);
});

test('a key that was withdrawn is not there for what follows', () => {
  const ledger = new Ledger();
  const entries = stamped(0, ENROLLED);
  ledger.admit(entries);
  ledger.withdraw();
  assert.is(refusal(ledger, [sessionOpened('a', 'alice', by('n1'))], 0), 'unknown_passkey');
  ledger.admit(entries);
});

test('a nonce that was withdrawn can be used, and one that is on its way to the disk cannot', () => {
  const ledger = asked();
  ledger.admit(stamped(7, [withPasskey('r', 'n1')]));
  assert.is(refusal(ledger, [withPasskey('q', 'n1')], 8), 'replayed');
  ledger.withdraw();
  ledger.admit(stamped(7, [withPasskey('q', 'n1')]));
});

test('an append that is refused in its middle uses up no nonce and no counter', () => {
  const ledger = asked();
  const drafts = [withPasskey('r', 'n1'), withPasskey('q', 'n1')];
  assert.is(refusal(ledger, drafts), 'replayed');
  ledger.admit(stamped(7, [withPasskey('r', 'n1')]));
});

test('a decision that is refused for what it decides uses up no nonce', () => {
  const ledger = asked();
  applyAll(ledger, stamped(7, [withPasskey('r', 'n1'), resolved('r')]));
  assert.is(refusal(ledger, [withPasskey('r', 'n2')], 9), 'already_resolved');
  ledger.admit(stamped(9, [withPasskey('q', 'n2')]));
});

test('a decision whose key is refused changes nothing of the request', () => {
  const ledger = asked();
  applyAll(ledger, stamped(7, [revoked('alice', 'key of alice')]));
  assert.is(refusal(ledger, [withPasskey('r', 'n1')], 8), 'revoked_passkey');
  assert.equal(ledger.request('r')?.decisions, []);
});

test('who has had a passkey cannot approve by a link, even when it was revoked', () => {
  const ledger = asked();
  assert.is(refusal(ledger, [decided('r')]), 'verification_too_weak');
  applyAll(ledger, stamped(7, [revoked('alice', 'key of alice')]));
  assert.is(refusal(ledger, [decided('r')], 8), 'verification_too_weak');
});

test('who has a passkey can reject by a link', () => {
  assert.is(refusal(asked(), [decided('r', 'alice', 'reject')]), 'admitted');
});

test('who has no passkey can approve by a link', () => {
  assert.is(refusal(asked(), [decided('r', 'carol')]), 'admitted');
});

test("a decision with another person's key is refused", () => {
  const stolen = { ...withPasskey('r', 'n1'), reviewer: 'carol' } as Draft;
  assert.is(refusal(asked(), [stolen]), 'unknown_passkey');
});

test("an identity provider's answer serves for one decision", () => {
  const bySignOn = (id: string): Draft => ({
    ...(decided(id) as Extract<Draft, { type: 'approval.decided' }>),
    verification: 'sso',
    receipt: signOnReceipt('1'),
  });
  const ledger = asked();
  applyAll(ledger, stamped(7, [bySignOn('r')]));
  assert.is(refusal(ledger, [bySignOn('q')], 8), 'replayed');
});

test("a word on an unknown outcome uses its proof up, and needs one of the reviewer's", () => {
  const ledger = asked();
  const unknown: Draft = { type: 'execution.outcome_unknown', request_id: 'r', fence: 1, detail: '' };
  applyAll(ledger, stamped(7, [withPasskey('r', 'n1'), resolved('r'), claimed('r'), started('r'), unknown]));
  const word = (reviewer: string, nonce: string): Draft => ({
    type: 'execution.reconciled',
    request_id: 'r',
    reviewer,
    outcome: 'done',
    reason: 'I looked.',
    receipt: by(nonce),
  });
  assert.is(refusal(ledger, [word('alice', 'n1')], 12), 'replayed');
  assert.is(refusal(ledger, [word('carol', 'n2')], 12), 'unknown_passkey');
  ledger.admit(stamped(12, [word('alice', 'n2')]));
});

test('a ledger that is loaded knows keys, sessions and nonces, in both books', () => {
  const ledger = asked();
  applyAll(ledger, stamped(7, [sessionOpened('a', 'alice', by('n1', 4))]));
  const copy = new Ledger();
  copy.load(JSON.parse(JSON.stringify(ledger.save())) as ReturnType<Ledger['save']>);
  assert.equal(copy.save(), ledger.save());
  assert.is(copy.identities.session('a'.repeat(64))?.person, 'alice');
  assert.is(refusal(copy, [withPasskey('r', 'n1')], 8), 'replayed');
  assert.is(refusal(copy, [withPasskey('r', 'n2')], 8), 'passkey_cloned');
  assert.is(refusal(copy, [decided('r')], 8), 'verification_too_weak');
});

test('of the closed requests the last thousand are kept', () => {
  const ledger = new Ledger();
  let seq = 0;
  for (let n = 0; n < 1001; n += 1) {
    const id = `r${n}`;
    const cancelled: Draft = {
      type: 'approval.resolved',
      request_id: id,
      resolution: 'cancelled',
      reason: '',
    };
    const drafts = [...held(id, clock), cancelled, { ...delivered, call_id: `call ${id}`, request_id: id }];
    applyAll(ledger, stamped(seq, drafts));
    seq += drafts.length;
  }
  assert.is(ledger.request('r0'), undefined);
  assert.ok(ledger.request('r1'));
  assert.is([...ledger.requests()].length, 1000);
});

test.run();
