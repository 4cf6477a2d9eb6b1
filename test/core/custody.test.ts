import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Custody, isCustodyEntry, type CustodyEntry } from '../../src/core/custody.ts';
import type { Draft, Entry } from '../../src/core/entry.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { decided, requested, resolved, stamped } from '../support/request-entries.ts';

const PLACE = { commit: 'c'.repeat(64), at: '1:0' };

function entry(draft: Draft, seq = 0): CustodyEntry & Entry {
  const made = stamped(draft, seq);
  if (!isCustodyEntry(made)) throw new Error(`${made.type} is not of custody`);
  return made;
}

function custodyAfter(...drafts: readonly Draft[]): Custody {
  const custody = new Custody();
  drafts.forEach((draft, seq) => custody.apply(entry(draft, seq)));
  return custody;
}

/** The code with which an entry is refused; nothing may have changed then. */
function refusal(custody: Custody, draft: Draft): string {
  const before = custody.save();
  try {
    custody.apply(entry(draft));
  } catch (error) {
    assert.equal(custody.save(), before);
    return (error as { code: string }).code;
  }
  return 'taken up';
}

const key = (name: string, previous?: string): Draft => ({
  type: 'log.key',
  key: name,
  ...(previous === undefined ? {} : { previous }),
  by: 'operator',
});
const hold = (hold_id: string, call_id?: string): Draft => ({
  type: 'hold.placed',
  hold_id,
  ...(call_id === undefined ? {} : { call_id }),
  reason: 'Case 7.',
  by: 'operator',
});
const release = (hold_id: string): Draft => ({ type: 'hold.released', hold_id, reason: 'x', by: 'operator' });
const order = (call_id: string): Draft => ({
  type: 'payload.erasure_ordered',
  call_id,
  payloads: [PLACE],
  reason: 'x',
  by: 'operator',
});
const erased = (call_id: string): Draft => ({ type: 'payload.erased', call_id, erased: 1 });

test('a key follows the one that it names', () => {
  const custody = custodyAfter(key('a'), key('b', 'a'));
  assert.is(custody.logKey, 'b');
  for (const wrong of [key('c'), key('c', 'a'), key('b', 'b')]) assert.is(refusal(custody, wrong), 'log_key');
  assert.is(refusal(custodyAfter(), key('a', 'none')), 'log_key');
});

test('a hold covers its call, and one without a call covers every one', () => {
  const custody = custodyAfter(hold('h1', 'call_1'));
  assert.is(custody.holdOn('call_1')?.hold_id, 'h1');
  assert.is(custody.holdOn('call_2'), undefined);
  custody.apply(entry(hold('h2'), 1));
  assert.equal([custody.holdOn('call_1')?.hold_id, custody.holdOn('call_2')?.hold_id], ['h1', 'h2']);
  assert.equal(custody.holds().next().value, {
    hold_id: 'h1',
    call_id: 'call_1',
    reason: 'Case 7.',
    by: 'operator',
    placed_at: '2026-11-23T10:00:00.000Z',
  });
});

test('a hold is placed once and released once', () => {
  const custody = custodyAfter(hold('h1'));
  assert.is(refusal(custody, hold('h1', 'call_1')), 'hold_twice');
  custody.apply(entry(release('h1')));
  assert.is(custody.holdOn('call_1'), undefined);
  assert.is(refusal(custody, release('h1')), 'unknown_hold');
});

test('what is held is not ordered to be erased', () => {
  const custody = custodyAfter(hold('h1', 'call_1'));
  assert.is(refusal(custody, order('call_1')), 'held');
  assert.is(refusal(custody, order('call_2')), 'taken up');
  assert.is(refusal(custodyAfter(hold('h1')), order('call_2')), 'held');
});

test('an order stands until its end is told, and only what was ordered ends', () => {
  const custody = custodyAfter(order('call_1'));
  assert.equal([...custody.erasures()], [{ call_id: 'call_1', payloads: [PLACE] }]);
  assert.is(refusal(custody, order('call_1')), 'erasure_twice');
  assert.is(refusal(custody, erased('call_2')), 'not_ordered');
  custody.apply(entry(erased('call_1')));
  assert.equal([...custody.erasures()], []);
  assert.is(refusal(custody, erased('call_1')), 'not_ordered');
  assert.is(refusal(custody, order('call_1')), 'taken up');
});

test('a hold that comes after an order does not stop its end', () => {
  const custody = custodyAfter(order('call_1'), hold('h1'));
  assert.is(refusal(custody, erased('call_1')), 'taken up');
});

test('what is saved is loaded as it was', () => {
  const custody = custodyAfter(key('a'), hold('h1', 'call_1'), hold('h2'), release('h2'), order('call_2'));
  const copy = custodyAfter(hold('h9'));
  copy.load(JSON.parse(JSON.stringify(custody.save())) as ReturnType<Custody['save']>);
  assert.equal(copy.save(), custody.save());
  assert.is(copy.holdOn('call_1')?.hold_id, 'h1');
});

test('nothing is erased of a call that has no end, or whose request is not settled', () => {
  const ledger = new Ledger();
  const apply = (draft: Draft, seq: number): void => ledger.apply(stamped(draft, seq));
  const { v: _v, seq: _seq, id: _id, time: _time, node: _node, ...approval } = requested();
  const call = {
    type: 'call.requested',
    call_id: approval.call_id,
    agent: approval.agent,
    owner: approval.owner,
    server: approval.server,
    tool: approval.tool,
    definition_sha256: approval.definition_sha256,
    action_digest: approval.action_digest,
    args_commit: approval.args_commit,
  } as const;
  apply(call, 0);
  assert.throws(() => apply(order('cal_1'), 1), 'is still under way');
  apply(approval, 1);
  assert.throws(() => apply(order('cal_1'), 2), 'is still under way');
  apply(decided('alice', 'reject'), 2);
  apply(resolved('rejected'), 3);
  apply(order('cal_1'), 4);
  assert.equal([...ledger.custody.erasures()].length, 1);
});

test.run();
