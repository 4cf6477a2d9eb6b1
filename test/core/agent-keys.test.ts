import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AgentKeys, isOver, type AgentKeyEntry } from '../../src/core/agent-keys.ts';
import type { Draft } from '../../src/core/entry.ts';
import { TransitionError } from '../../src/core/errors.ts';
import { EMPTY_LEDGER, Ledger } from '../../src/core/ledger.ts';

const START = Date.parse('2026-11-23T10:00:00.000Z');
const digest = (letter: string): string => letter.repeat(64);

function entry(draft: Draft, seq: number): AgentKeyEntry {
  const time = new Date(START + seq * 1000).toISOString();
  return { ...draft, v: 1, seq, id: `ent_${seq}`, time, node: 'test' } as AgentKeyEntry;
}

function issued(agent: string, id: string, letter: string, expires?: string): Draft {
  return {
    type: 'agent.key_issued',
    agent,
    key_id: id,
    key_sha256: digest(letter),
    by: 'operator',
    ...(expires === undefined ? {} : { expires_at: expires }),
  };
}

function revoked(agent: string, id: string): Draft {
  return { type: 'agent.key_revoked', agent, key_id: id, by: 'operator', reason: 'lost' };
}

function after(...drafts: readonly Draft[]): AgentKeys {
  const keys = new AgentKeys();
  drafts.forEach((draft, seq) => keys.apply(entry(draft, seq)));
  return keys;
}

function codeOf(keys: AgentKeys, draft: Draft): string {
  try {
    keys.apply(entry(draft, 100));
    return 'accepted';
  } catch (error) {
    return error instanceof TransitionError ? error.code : String(error);
  }
}

test('a key is found by its digest, and an agent may have several', () => {
  const keys = after(issued('claude', 'one', 'a'), issued('claude', 'two', 'b', '2026-12-01T00:00:00.000Z'));
  assert.equal(keys.find(digest('b')), {
    agent: 'claude',
    key_id: 'two',
    key_sha256: digest('b'),
    issued_at: '2026-11-23T10:00:01.000Z',
    expires_at: '2026-12-01T00:00:00.000Z',
  });
  assert.equal(
    [...keys.all()].map((key) => key.key_id),
    ['one', 'two'],
  );
  assert.is(keys.find(digest('c')), undefined);
});

test('a revoked key stays known as revoked', () => {
  const keys = after(issued('claude', 'one', 'a'), revoked('claude', 'one'));
  assert.is(keys.find(digest('a'))?.revoked_at, '2026-11-23T10:00:01.000Z');
});

test('an agent must prove who it is while one of its keys is not revoked, expired or not', () => {
  const keys = after(issued('claude', 'one', 'a', '2026-11-23T10:00:02.000Z'), issued('other', 'x', 'c'));
  keys.apply(entry(revoked('other', 'x'), 500));
  assert.is(keys.mustProve('claude'), true);
  assert.is(keys.mustProve('other'), false);
  assert.is(keys.mustProve('nobody'), false);
});

test('a key is over from the very millisecond at which it expires', () => {
  assert.is(isOver('2026-11-23T10:00:00.000Z', START - 1), false);
  assert.is(isOver('2026-11-23T10:00:00.000Z', START), true);
  assert.is(isOver(undefined, START), false);
});

for (const [what, draft, code] of [
  ['the same digest again', issued('other', 'new', 'a'), 'agent_key_exists'],
  ['the same id again', issued('claude', 'one', 'b'), 'agent_key_exists'],
  ['one that is over already', issued('claude', 'new', 'b', '2026-11-23T10:00:00.000Z'), 'agent_key_expired'],
  ['the revocation of an unknown one', revoked('claude', 'nine'), 'unknown_agent_key'],
  ["the revocation of another agent's", revoked('other', 'one'), 'unknown_agent_key'],
  ['a second revocation', revoked('claude', 'gone'), 'revoked_agent_key'],
] as const) {
  test(`${what} is refused and changes nothing`, () => {
    const keys = after(
      issued('claude', 'one', 'a'),
      issued('claude', 'gone', 'f'),
      revoked('claude', 'gone'),
    );
    const before = keys.save();
    assert.is(codeOf(keys, draft), code);
    assert.equal(keys.save(), before);
  });
}

test('of many revoked keys of an agent the last 32 stay known', () => {
  const keys = new AgentKeys();
  for (let i = 0; i < 40; i += 1) {
    const sha = i.toString(16).padStart(64, '0');
    keys.apply(entry({ ...issued('claude', `k${i}`, 'a'), key_sha256: sha } as Draft, 2 * i));
    keys.apply(entry(revoked('claude', `k${i}`), 2 * i + 1));
  }
  assert.equal([[...keys.all()].length, [...keys.all()][0]?.key_id], [32, 'k8']);
});

test('the ledger keeps keys over a snapshot', () => {
  const ledger = new Ledger();
  ledger.apply(entry(issued('claude', 'one', 'a'), 0));
  const other = new Ledger();
  other.load(JSON.parse(JSON.stringify(ledger.save())) as typeof EMPTY_LEDGER);
  assert.is(other.agentKeys.find(digest('a'))?.agent, 'claude');
  assert.throws(() => other.admit([entry(issued('claude', 'one', 'b'), 1)]));
});

test.run();
