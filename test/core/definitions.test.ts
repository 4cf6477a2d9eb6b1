import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Definitions, waitingIn, type DefinitionEntry } from '../../src/core/definitions.ts';
import { TransitionError } from '../../src/core/errors.ts';

const AT = '2026-11-23T10:00:00.000Z';
const LATER = '2026-11-23T11:00:00.000Z';
const stamp = { v: 1, seq: 0, id: 'ent', time: AT, node: 'nod' } as const;
const of = { server: 's', tool: 't' };

const registered = (definition_sha256: string, more: object = {}): DefinitionEntry => ({
  ...stamp,
  type: 'tool.registered',
  ...of,
  definition_sha256,
  ...more,
});
const changed = (previous_sha256: string, definition_sha256: string, more: object = {}): DefinitionEntry => ({
  ...stamp,
  type: 'tool.definition_changed',
  ...of,
  definition_sha256,
  previous_sha256,
  ...more,
});
const accepted = (definition_sha256: string): DefinitionEntry => ({
  ...stamp,
  type: 'tool.definition_accepted',
  ...of,
  definition_sha256,
  reviewer: 'ann',
});

function after(...entries: readonly DefinitionEntry[]): Definitions {
  const definitions = new Definitions();
  for (const entry of entries) definitions.apply(entry);
  return definitions;
}

test('what stood in the first list is accepted, what came late is not', () => {
  assert.not(after(registered('a')).isChanged('s', 't', 'a'));
  assert.ok(after(registered('a', { late: true })).isChanged('s', 't', 'a'));
});

test('what nobody told of counts as changed', () => {
  assert.ok(after(registered('a')).isChanged('s', 't', 'b'));
  assert.ok(after(registered('a')).isChanged('s', 'u', 'a'));
});

test('a change is no longer one once a person has accepted it, and what was accepted before stays so', () => {
  const definitions = after(registered('a'), changed('a', 'b'));
  assert.ok(definitions.isChanged('s', 't', 'b'));
  assert.ok(definitions.isWaiting('s', 't', 'b'));
  definitions.apply(accepted('b'));
  assert.not(definitions.isChanged('s', 't', 'b'));
  assert.not(definitions.isWaiting('s', 't', 'b'));
  assert.not(definitions.isChanged('s', 't', 'a'));
});

test('who accepts a definition has seen those that came before it, and not those that came later', () => {
  const definitions = after(
    registered('a'),
    changed('a', 'b'),
    changed('b', 'c'),
    changed('c', 'd'),
    accepted('c'),
  );
  assert.equal(definitions.get('s', 't')?.accepted, ['a', 'c']);
  assert.equal(definitions.get('s', 't')?.changed, ['d']);
});

test('what waits is what nobody has accepted and the server may still give, the latest first', () => {
  const waiting = (...entries: readonly DefinitionEntry[]) => {
    const state = after(...entries).get('s', 't');
    return state && waitingIn(state);
  };
  assert.equal(waiting(registered('a')), []);
  assert.equal(waiting(registered('a', { late: true })), ['a']);
  assert.equal(waiting(registered('a'), changed('a', 'b'), changed('b', 'c')), ['c']);
  assert.equal(waiting(registered('a'), changed('a', 'b'), changed('b', 'c', { beside: true })), ['c', 'b']);
  assert.equal(waiting(registered('a'), changed('a', 'b'), changed('b', 'c'), changed('c', 'b')), ['b']);
  assert.equal(waiting(registered('a'), changed('a', 'b'), changed('b', 'a')), []);
  assert.equal(waiting(registered('a'), changed('a', 'b'), accepted('b')), []);
});

test('a definition that was never given cannot be accepted', () => {
  assert.throws(
    () => after(registered('a')).apply(accepted('b')),
    (error: unknown) => error instanceof TransitionError && error.code === 'definition_unknown',
  );
});

test('what the server gave up is told from what it gives other clients still', () => {
  const replaced = after(registered('a'), changed('a', 'b', { time: LATER }));
  assert.ok(replaced.isReplaced('s', 't', 'a', AT));
  assert.not(replaced.isReplaced('s', 't', 'b', AT));
  const beside = after(registered('a'), changed('a', 'b', { beside: true, time: LATER }));
  assert.not(beside.isReplaced('s', 't', 'a', AT));
});

test('what came back and was asked for after it was given up is not taken for given up', () => {
  const definitions = after(registered('a'), changed('a', 'b'));
  assert.ok(definitions.isReplaced('s', 't', 'a', AT));
  assert.not(definitions.isReplaced('s', 't', 'a', LATER));
});

test('servers that clients bring along are told apart by what they run', () => {
  const definitions = after(registered('a', { identity: 'i' }), registered('b', { identity: 'j' }));
  assert.is(definitions.count('s', 'i'), 1);
  assert.is(definitions.count('s', 'j'), 1);
  assert.is(definitions.count('s'), 0);
  assert.not(definitions.isChanged('s', 't', 'a'));
  assert.not(definitions.isChanged('s', 't', 'b'));
  assert.is(definitions.get('s', 't', 'j')?.current, 'b');
});

test('of many that run something else under one name the oldest is forgotten whole, and then is a new server', () => {
  const definitions = after(registered('mine'));
  for (let i = 0; i < 65; i += 1) definitions.apply(registered(`d${i}`, { identity: `i${i}` }));
  assert.is(definitions.count('s', 'i0'), 0);
  assert.ok(definitions.isChanged('s', 't', 'd0'));
  assert.is(definitions.count('s', 'i1'), 1);
  assert.not(definitions.isChanged('s', 't', 'mine'));
});

test('keeps the last sixteen of each kind', () => {
  const definitions = after(registered('d0'));
  for (let i = 1; i < 20; i += 1) definitions.apply(changed(`d${i - 1}`, `d${i}`));
  const state = definitions.get('s', 't');
  assert.equal([state?.changed.length, state?.changed[0], state?.changed.at(-1)], [16, 'd4', 'd19']);
  assert.equal([state?.replaced.length, state?.replaced[0]?.definition_sha256], [16, 'd3']);
});

test('is the same after it was saved and loaded', () => {
  const before = after(registered('a', { identity: 'i' }), registered('b'), changed('b', 'c'));
  const loaded = new Definitions();
  loaded.load(JSON.parse(JSON.stringify(before.save())) as ReturnType<Definitions['save']>);
  assert.equal(loaded.save(), before.save());
});

test.run();
