import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PlacetError } from '../../src/core/errors.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { createAgentKeys } from '../../src/guard/agent-keys.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { PEOPLE } from '../support/guard.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { rejection } from '../support/rejects.ts';

const WORD = { by: 'operator', reason: 'lost' };

function bench() {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const journal = memoryJournal(ledger, clock);
  const cases = createAgentKeys({
    journal,
    keys: () => ledger.agentKeys,
    people: () => PEOPLE,
    clock,
    random: seededRandom(7),
  });
  return { clock, journal, cases };
}

function refusal(work: () => unknown): PlacetError {
  try {
    work();
  } catch (error) {
    if (error instanceof PlacetError) return error;
  }
  throw new Error('It was not refused.');
}

test('a key says what it is, and the journal holds its digest alone', async () => {
  const { journal, cases } = bench();
  const { key, key_id } = await cases.issue('claude', { by: 'operator' });
  assert.match(key, /^plk_[0-9a-z]{12}_[\w-]{43}$/);
  assert.is(key.slice(4, 16), key_id);
  const [entry] = journal.entries;
  assert.is(entry?.type, 'agent.key_issued');
  const text = JSON.stringify(entry);
  assert.ok(text.includes(createHash('sha256').update(key).digest('hex')));
  assert.not.ok(text.includes(key.slice(17)));
});

test('a key tells whose it is until it expires', async () => {
  const { clock, cases } = bench();
  const { key, expires_at } = await cases.issue('claude', { by: 'operator', lasts_ms: 3_600_000 });
  assert.is(expires_at, '2026-11-23T11:00:00.000Z');
  assert.is(cases.authenticate(key).agent, 'claude');
  clock.advance(3_600_000);
  const { code, message } = refusal(() => cases.authenticate(key));
  assert.is(code, 'agent_key_refused');
  assert.match(message, /^The key [0-9a-z]{12} has expired: have another issued/);
});

test('a new key works beside the old one until that is revoked', async () => {
  const { cases } = bench();
  const old = await cases.issue('claude', { by: 'operator' });
  const next = await cases.issue('claude', { by: 'operator' });
  assert.is(cases.authenticate(old.key).key_id, old.key_id);
  await cases.revoke('claude', old.key_id, WORD);
  assert.match(refusal(() => cases.authenticate(old.key)).message, / was revoked: /);
  assert.is(cases.authenticate(next.key).key_id, next.key_id);
});

test('a key that is wrong in any place is nobody’s, and is not repeated', async () => {
  const { cases } = bench();
  const { key } = await cases.issue('claude', { by: 'operator' });
  const last = key.endsWith('A') ? 'B' : 'A';
  for (const wrong of [
    '',
    'plk_',
    key.slice(0, -1),
    `${key.slice(0, -1)}${last}`,
    `${key} `,
    key.toUpperCase(),
  ]) {
    const { code, message } = refusal(() => cases.authenticate(wrong));
    assert.is(code, 'agent_key_refused');
    assert.not.ok(wrong.length > 16 && message.includes(wrong.slice(16)));
  }
});

test('no key is issued to an agent that people.yaml does not name', async () => {
  const { journal, cases } = bench();
  const { message } = (await rejection(cases.issue('stranger', { by: 'operator' }))) as Error;
  assert.is(message, 'policies/people.yaml names no agent "stranger": add it there first, with its owner.');
  assert.is(journal.entries.length, 0);
});

test('an unknown key, and one of another agent, cannot be revoked', async () => {
  const { cases } = bench();
  const { key_id } = await cases.issue('claude', { by: 'operator' });
  const others = (await rejection(cases.revoke('other', key_id, WORD))) as Error;
  assert.match(others.message, /^"other" has no key/);
  await cases.revoke('claude', key_id, WORD);
  const again = (await rejection(cases.revoke('claude', key_id, WORD))) as Error;
  assert.match(again.message, /could be revoked/);
});

test("a reviewer's key opens nothing for an agent, and that is said", () => {
  const { cases } = bench();
  const error = refusal(() => cases.authenticate(`plr_${'0'.repeat(12)}_${'A'.repeat(43)}`));
  assert.is(error.code, 'agent_key_refused');
  assert.match(error.message, "This is a reviewer's key");
});

test.run();
