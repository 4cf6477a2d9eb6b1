import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sha256 } from '../../src/core/digest.ts';
import { IdentityError, JournalError } from '../../src/core/errors.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { People } from '../../src/core/person.ts';
import { createSessions } from '../../src/reviewers/sessions.ts';
import { createAuthenticator, type AuthenticatorOptions, type Knobs } from '../support/authenticator.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { rejection } from '../support/rejects.ts';

const HOUR = 60 * 60_000;
const PEOPLE: People = {
  people: [
    { id: 'alice', name: 'Alice Ng', emails: ['alice@example.com'] },
    { id: 'bob', name: 'Bob Lee', emails: ['bob@example.com'] },
  ],
  groups: {},
  agents: [],
};

function scene() {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const journal = memoryJournal(ledger, clock);
  let directory = PEOPLE;
  const random = seededRandom();
  const start = () =>
    createSessions({
      append: (drafts) => journal.append(drafts),
      identities: () => ledger.identities,
      people: () => directory,
      clock,
      random,
    });
  const sessions = start();
  let nonces = 0;
  const enrol = async (person: string, options: AuthenticatorOptions = {}) => {
    const key = createAuthenticator(options);
    await journal.append(key.enrolment(person, new Date(clock.now()).toISOString()));
    const receipt = (knobs: Knobs = {}) => {
      nonces += 1;
      return key.receipt({ act: 'sign_in', nonce: `nonce${nonces}` }, knobs);
    };
    return { ...key, signIn: receipt };
  };
  return {
    clock,
    ledger,
    journal,
    sessions,
    start,
    enrol,
    setPeople: (next: People) => {
      directory = next;
    },
    types: () => journal.entries.map(({ type }) => type),
  };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await rejection(promise);
  assert.instance(error, IdentityError);
  return (error as IdentityError).code;
}

const signOn = (token: string) =>
  ({
    kind: 'sso',
    issuer: 'https://login.example.com',
    subject: 'alice-at-idp',
    auth_time: '2026-11-23T10:00:00.000Z',
    groups: [],
    id_token_sha256: sha256(token),
  }) as const;

test('a session is opened with a token that only its holder has, for twelve hours', async () => {
  const { sessions, journal, enrol } = scene();
  const key = await enrol('alice');
  const { token, expires_at } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  assert.match(token, /^[\w-]{43}$/);
  assert.is(expires_at, '2026-11-23T22:00:00.000Z');
  const found = sessions.find(token);
  assert.is(found?.person, 'alice');
  assert.is(found?.holder.name, 'Alice Ng');
  assert.is(found?.verification, 'passkey');
  assert.is(found?.sha256, sha256(token));
  assert.not.ok(JSON.stringify(journal.entries).includes(token));
});

test('nothing else opens it: neither its hash, nor part of it, nor nothing', async () => {
  const { sessions, enrol } = scene();
  const key = await enrol('alice');
  const { token } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  for (const other of ['', sha256(token), token.slice(1), `${token}=`, token.toLowerCase(), ` ${token}`])
    assert.is(sessions.find(other), undefined);
});

test('a sign-in replaces the session that the browser had, in one append', async () => {
  const { sessions, enrol, journal } = scene();
  const key = await enrol('alice');
  const first = await sessions.open({ person: 'alice', receipt: key.signIn() });
  const second = await sessions.open({ person: 'alice', receipt: key.signIn(), replaces: first.token });
  assert.is.not(second.token, first.token);
  assert.is(sessions.find(first.token), undefined);
  assert.is(sessions.find(second.token)?.person, 'alice');
  assert.equal(
    journal.entries.slice(-2).map(({ type }) => type),
    ['session.closed', 'session.opened'],
  );
});

test('a refused sign-in leaves the session that the browser had', async () => {
  const { sessions, enrol } = scene();
  const key = await enrol('alice');
  const receipt = key.signIn();
  const first = await sessions.open({ person: 'alice', receipt });
  assert.is(await codeOf(sessions.open({ person: 'alice', receipt, replaces: first.token })), 'replayed');
  assert.is(sessions.find(first.token)?.person, 'alice');
});

test('a token that opens nothing is replaced by nothing', async () => {
  const { sessions, enrol, types } = scene();
  const key = await enrol('alice');
  await sessions.open({ person: 'alice', receipt: key.signIn(), replaces: 'planted by somebody else' });
  assert.not.ok(types().includes('session.closed'));
});

test("another person's sign-in in the same browser ends the session before", async () => {
  const { sessions, enrol } = scene();
  const alice = await enrol('alice');
  const bob = await enrol('bob');
  const { token } = await sessions.open({ person: 'alice', receipt: alice.signIn() });
  await sessions.open({ person: 'bob', receipt: bob.signIn(), replaces: token });
  assert.is(sessions.find(token), undefined);
  assert.is(sessions.listOf('bob').length, 1);
});

test('a session that is not used for an hour is over; each use starts the hour anew', async () => {
  const { sessions, enrol, clock } = scene();
  const key = await enrol('alice');
  const { token } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  clock.advance(HOUR - 1);
  assert.is(sessions.find(token)?.used_at, '2026-11-23T10:00:00.000Z');
  clock.advance(HOUR - 1);
  assert.is(sessions.find(token)?.used_at, '2026-11-23T10:59:59.999Z');
  clock.advance(HOUR);
  assert.is(sessions.find(token), undefined);
  assert.equal(sessions.listOf('alice'), []);
});

test('an idle session is not woken by being asked for', async () => {
  const { sessions, enrol, clock } = scene();
  const key = await enrol('alice');
  const { token } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  clock.advance(HOUR);
  for (let n = 0; n < 3; n += 1) assert.is(sessions.find(token), undefined);
});

test('to be listed is no use of a session', async () => {
  const { sessions, enrol, clock } = scene();
  const key = await enrol('alice');
  const { token } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  clock.advance(HOUR - 1);
  assert.is(sessions.listOf('alice').length, 1);
  clock.advance(1);
  assert.is(sessions.find(token), undefined);
});

test('a session is over after twelve hours, however much it is used', async () => {
  const { sessions, enrol, clock } = scene();
  const key = await enrol('alice');
  const { token } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  for (let n = 0; n < 23; n += 1) {
    clock.advance(HOUR / 2);
    assert.ok(sessions.find(token));
  }
  clock.advance(HOUR / 2 - 1);
  assert.ok(sessions.find(token));
  clock.advance(1);
  assert.is(sessions.find(token), undefined);
});

test('a restart keeps sessions, counted as just used, and not beyond their end', async () => {
  const { sessions, start, enrol, clock } = scene();
  const key = await enrol('alice');
  const { token } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  clock.advance(HOUR / 2);
  const again = start();
  clock.advance(HOUR - 1);
  assert.is(again.find(token)?.person, 'alice');
  clock.advance(10.5 * HOUR + 1);
  assert.is(start().find(token), undefined);
});

test('who no longer stands in people.yaml has no session, and has it again when listed again', async () => {
  const { sessions, enrol, setPeople } = scene();
  const key = await enrol('alice');
  const { token } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  setPeople({ ...PEOPLE, people: PEOPLE.people.slice(1) });
  assert.is(sessions.find(token), undefined);
  assert.equal(sessions.listOf('alice'), []);
  setPeople(PEOPLE);
  assert.ok(sessions.find(token));
});

test('a revoked key takes the sessions with it that it opened, and no other', async () => {
  const { sessions, enrol, journal } = scene();
  const key = await enrol('alice');
  const other = createAuthenticator();
  const enrolled = other.enrolment('alice', '2026-11-23T10:00:00.000Z').at(-1);
  if (enrolled?.type !== 'passkey.enrolled') throw new Error('not an enrolment');
  const { invitation: _, ...byAnotherKey } = enrolled;
  await journal.append([{ ...byAnotherKey, receipt: key.signIn() }]);
  const lost = await sessions.open({ person: 'alice', receipt: key.signIn() });
  const kept = await sessions.open({
    person: 'alice',
    receipt: other.receipt({ act: 'sign_in', nonce: 'n' }),
  });
  const signedOn = await sessions.open({ person: 'alice', receipt: signOn('t1') });
  await journal.append([
    { type: 'passkey.revoked', person: 'alice', credential_id: key.id, by: 'operator', reason: 'Lost.' },
  ]);
  assert.is(sessions.find(lost.token), undefined);
  assert.ok(sessions.find(kept.token));
  assert.is(sessions.find(signedOn.token)?.verification, 'sso');
  assert.is(await codeOf(sessions.open({ person: 'alice', receipt: key.signIn() })), 'revoked_passkey');
});

test('only the holder closes a session, and once', async () => {
  const { sessions, enrol } = scene();
  const key = await enrol('alice');
  await enrol('bob');
  const { token } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  const hash = sha256(token);
  assert.is(await codeOf(sessions.close({ sha256: hash, person: 'bob' })), 'unknown_session');
  assert.is(await codeOf(sessions.close({ sha256: token, person: 'alice' })), 'unknown_session');
  assert.ok(sessions.find(token));
  const both = await Promise.allSettled([
    sessions.close({ sha256: hash, person: 'alice' }),
    sessions.close({ sha256: hash, person: 'alice' }),
  ]);
  assert.equal(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.is(sessions.find(token), undefined);
  assert.is(await codeOf(sessions.close({ sha256: hash, person: 'alice' })), 'unknown_session');
});

test('the same sign-in opens no second session, even at once', async () => {
  const { sessions, enrol } = scene();
  const key = await enrol('alice');
  const receipt = key.signIn();
  const both = await Promise.allSettled([
    sessions.open({ person: 'alice', receipt }),
    sessions.open({ person: 'alice', receipt }),
  ]);
  assert.is(both.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.is(sessions.listOf('alice').length, 1);
  assert.is(await codeOf(sessions.open({ person: 'alice', receipt })), 'replayed');
});

test('the same sign-on opens no second session', async () => {
  const { sessions } = scene();
  await sessions.open({ person: 'alice', receipt: signOn('t1') });
  assert.is(await codeOf(sessions.open({ person: 'alice', receipt: signOn('t1') })), 'replayed');
  await sessions.open({ person: 'alice', receipt: signOn('t2') });
});

test("another person's key, and one that nobody enrolled, open nothing", async () => {
  const { sessions, enrol } = scene();
  await enrol('alice');
  const bob = await enrol('bob');
  const stranger = createAuthenticator();
  assert.is(await codeOf(sessions.open({ person: 'alice', receipt: bob.signIn() })), 'unknown_passkey');
  const receipt = stranger.receipt({ act: 'sign_in', nonce: 'n' });
  assert.is(await codeOf(sessions.open({ person: 'alice', receipt })), 'unknown_passkey');
});

test('a key whose counter went back is taken for a copy: refused, revoked, its sessions over', async () => {
  const { sessions, enrol, ledger, journal } = scene();
  const key = await enrol('alice', { counter: 5 });
  const { token } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  assert.is(ledger.identities.passkey(key.id)?.sign_count, 6);
  const error = await rejection(sessions.open({ person: 'alice', receipt: key.signIn({ counter: 6 }) }));
  assert.instance(error, IdentityError);
  assert.is((error as IdentityError).code, 'passkey_cloned');
  assert.match((error as IdentityError).message, 'it is revoked');
  const last = journal.entries.at(-1);
  assert.is(last?.type === 'passkey.revoked' && last.by, 'placet');
  assert.is(sessions.find(token), undefined);
  assert.is(await codeOf(sessions.open({ person: 'alice', receipt: key.signIn() })), 'revoked_passkey');
});

test('a sign-in that is sent again is a replay and revokes nothing', async () => {
  const { sessions, enrol, ledger } = scene();
  const key = await enrol('alice', { counter: 5 });
  const receipt = key.signIn();
  await sessions.open({ person: 'alice', receipt });
  assert.is(await codeOf(sessions.open({ person: 'alice', receipt })), 'replayed');
  assert.is(ledger.identities.activePasskeysOf('alice').length, 1);
});

test('a key that keeps no counter signs in again and again', async () => {
  const { sessions, enrol } = scene();
  const key = await enrol('alice');
  for (let n = 0; n < 3; n += 1) await sessions.open({ person: 'alice', receipt: key.signIn() });
  assert.is(sessions.listOf('alice').length, 3);
});

test('without a journal nobody is signed in, and what goes wrong is said', async () => {
  const { sessions, enrol, journal } = scene();
  const key = await enrol('alice');
  journal.break('the disk is full');
  assert.instance(await rejection(sessions.open({ person: 'alice', receipt: key.signIn() })), JournalError);
  assert.equal(sessions.listOf('alice'), []);
});

test('reading sessions appends nothing', async () => {
  const { sessions, enrol, journal, clock } = scene();
  const key = await enrol('alice');
  const { token } = await sessions.open({ person: 'alice', receipt: key.signIn() });
  const before = journal.entries.length;
  sessions.find(token);
  sessions.find('unknown');
  sessions.listOf('alice');
  clock.advance(2 * HOUR);
  sessions.find(token);
  assert.is(journal.entries.length, before);
});

test.run();
