import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, Entry } from '../../src/core/entry.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { FakeClock } from '../support/clock.ts';
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
