import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { IdentityError } from '../../src/core/errors.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { People } from '../../src/core/person.ts';
import { createApiKeys } from '../../src/reviewers/api-keys.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { rejection } from '../support/rejects.ts';

const DAY_MS = 86_400_000;
const ALICE = { id: 'alice', name: 'Alice Ng', emails: ['alice@example.com'] };

async function bench() {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const journal = memoryJournal(ledger, clock);
  const passkey = createAuthenticator();
  await journal.append(passkey.enrolment('alice', new Date(clock.now()).toISOString()));
  let people: People = { people: [ALICE], groups: {}, agents: [] };
  const keys = createApiKeys({
    append: (drafts) => journal.append(drafts),
    access: () => ledger.reviewerAccess,
    identities: () => ledger.identities,
    people: () => people,
    clock,
    random: seededRandom(3),
  });
  const issue = (nonce: string, lasts_ms = 30 * DAY_MS) =>
    keys.issue({
      person: 'alice',
      name: 'Widget',
      scope: 'read',
      lasts_ms,
      receipt: passkey.receipt({ act: 'issue_key', person: 'alice', scope: 'read', name: 'Widget', nonce }),
    });
  return {
    clock,
    journal,
    keys,
    issue,
    leave: () => {
      people = { ...people, people: [] };
    },
  };
}

function refusal(work: () => unknown): IdentityError {
  try {
    work();
  } catch (error) {
    if (error instanceof IdentityError) return error;
  }
  throw new Error('It was not refused.');
}

test('a key says what it is, and the journal holds its digest alone', async () => {
  const { journal, issue } = await bench();
  const { key, key_id, expires_at } = await issue('n1');
  assert.match(key, /^plr_[0-9a-z]{12}_[\w-]{43}$/);
  assert.is(key.slice(4, 16), key_id);
  assert.is(expires_at, '2026-12-23T10:00:00.000Z');
  const entry = journal.entries.at(-1);
  assert.is(entry?.type, 'reviewer.key_issued');
  const text = JSON.stringify(entry);
  assert.ok(text.includes(createHash('sha256').update(key).digest('hex')));
  assert.not.ok(text.includes(key.slice(17)));
});

test('a key opens for its person until it expires', async () => {
  const { clock, keys, issue } = await bench();
  const { key } = await issue('n1');
  const { key: known, holder } = keys.authenticate(key);
  assert.is(holder.name, 'Alice Ng');
  clock.advance(30 * DAY_MS - 1);
  assert.is(keys.holds(known.key_sha256), true);
  clock.advance(1);
  assert.is(keys.holds(known.key_sha256), false);
  const { code, message } = refusal(() => keys.authenticate(key));
  assert.is(code, 'key_refused');
  assert.match(message, 'expired at 2026-12-23T10:00:00.000Z');
});

test('a key that is revoked opens nothing, and is revoked once', async () => {
  const { keys, issue } = await bench();
  const { key, key_id } = await issue('n1');
  const word = { person: 'alice', key_id, by: 'alice', reason: 'lost' };
  await keys.revoke(word);
  assert.match(refusal(() => keys.authenticate(key)).message, 'was revoked at 2026-11-23T10:00:00.000Z');
  assert.is(((await rejection(keys.revoke(word))) as IdentityError).code, 'revoked_reviewer_key');
  const strange = (await rejection(keys.revoke({ ...word, key_id: 'aaaaaaaaaaaa' }))) as IdentityError;
  assert.is(strange.code, 'unknown_reviewer_key');
  assert.equal(
    keys.listOf('alice').map(({ state }) => state),
    ['revoked'],
  );
});

test('the key of somebody who no longer stands in people.yaml is worth nothing', async () => {
  const { keys, issue, leave } = await bench();
  const { key } = await issue('n1');
  const { key_sha256 } = keys.authenticate(key).key;
  leave();
  assert.is(keys.holds(key_sha256), false);
  assert.match(refusal(() => keys.authenticate(key)).message, 'no longer stands in people.yaml');
  assert.is(((await rejection(issue('n2'))) as IdentityError).code, 'unknown_person');
});

test('what is no key, or nearly one, is refused without a word of it', async () => {
  const { keys, issue } = await bench();
  const { key } = await issue('n1');
  const other = key.endsWith('A') ? 'B' : 'A';
  for (const text of ['', 'plr_', key.slice(0, -1), `${key}A`, `${key.slice(0, -1)}${other}`, ` ${key}`]) {
    const { message } = refusal(() => keys.authenticate(text));
    assert.match(message, 'This is no key that was made here');
    assert.not.ok(message.includes(key.slice(17, 30)));
  }
});

test('a key lasts for a year at most, and a signature makes one key', async () => {
  const { keys, issue } = await bench();
  assert.is(((await rejection(issue('n1', 367 * DAY_MS))) as IdentityError).code, 'key_time');
  assert.is(((await rejection(issue('n1', 0))) as IdentityError).code, 'key_time');
  await issue('n1', 365 * DAY_MS);
  assert.is(((await rejection(issue('n1'))) as IdentityError).code, 'replayed');
  assert.is(keys.listOf('alice').length, 1);
});

test('a person has twenty keys that hold, and no more', async () => {
  const { keys, issue } = await bench();
  const [first] = [await issue('n0')];
  for (let n = 1; n < 20; n += 1) await issue(`n${n}`);
  assert.is(((await rejection(issue('n20'))) as IdentityError).code, 'too_many_keys');
  await keys.revoke({ person: 'alice', key_id: first?.key_id ?? '', by: 'alice', reason: 'unused' });
  await issue('n21');
});

test.run();
