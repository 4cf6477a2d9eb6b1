import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ledger } from '../../src/core/ledger.ts';
import { createAgentKeys } from '../../src/guard/agent-keys.ts';
import { observedLedger } from '../../src/host/changes.ts';
import { createKeyedSessions } from '../../src/host/keyed-sessions.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { PEOPLE } from '../support/guard.ts';
import { memoryJournal } from '../support/memory-journal.ts';

const WORD = { by: 'operator', reason: 'lost' };

function bench() {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const { fold, changes } = observedLedger(ledger, () => undefined);
  const keys = () => ledger.agentKeys;
  const cases = createAgentKeys({
    journal: memoryJournal(fold, clock),
    keys,
    people: () => PEOPLE,
    clock,
    random: seededRandom(3),
  });
  const sessions = createKeyedSessions({ keys, changes, clock });
  const ended: string[] = [];
  async function open(name: string, lasts_ms?: number) {
    const { key } = await cases.issue('claude', {
      by: 'operator',
      ...(lasts_ms === undefined ? {} : { lasts_ms }),
    });
    const found = cases.authenticate(key);
    return { found, forget: sessions.opened(found, () => ended.push(name)) };
  }
  return { clock, cases, sessions, ended, open };
}

test('revoking a key ends the sessions that it opened, and no others', async () => {
  const { cases, ended, open } = bench();
  const first = await open('first');
  await open('second');
  await cases.revoke('claude', first.found.key_id, WORD);
  assert.equal(ended, ['first']);
});

test('a session ends within half a minute of the expiry of its key', async () => {
  const { clock, ended, open } = bench();
  await open('short', 60_000);
  await open('long');
  clock.advance(59_999);
  assert.equal(ended, []);
  clock.advance(30_000);
  assert.equal(ended, ['short']);
});

test('a session that has ended by itself is not ended again', async () => {
  const { cases, ended, open } = bench();
  const { found, forget } = await open('gone');
  forget();
  await cases.revoke('claude', found.key_id, WORD);
  assert.equal(ended, []);
});

test('a session whose key was revoked while it was let in ends at once', async () => {
  const { cases, sessions, ended } = bench();
  const { key, key_id } = await cases.issue('claude', { by: 'operator' });
  const found = cases.authenticate(key);
  await cases.revoke('claude', key_id, WORD);
  sessions.opened(found, () => ended.push('late'));
  assert.equal(ended, ['late']);
});

test.run();
