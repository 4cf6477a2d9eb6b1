import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, EntryOf, SlackReceipt } from '../../src/core/entry.ts';
import { TransitionError } from '../../src/core/errors.ts';
import { EMPTY_LEDGER, Ledger } from '../../src/core/ledger.ts';
import { ReviewerAccess, type ReviewerAccessEntry } from '../../src/core/reviewer-access.ts';
import {
  at,
  DAY,
  entry,
  HOUR,
  passkeyReceipt,
  revoked as revokedKey,
  signOnReceipt,
} from '../support/identity-entries.ts';

const digest = (letter: string): string => letter.repeat(64);
const receipt = signOnReceipt('1');

function linked(person: string, user = 'U1', team = 'T1'): Draft {
  return { type: 'account.linked', person, channel: 'slack', team, user, receipt };
}

function unlinked(person: string, user = 'U1', team = 'T1'): Draft {
  return { type: 'account.unlinked', person, channel: 'slack', team, user, by: person, reason: 'left' };
}

function issued(person: string, id: string, letter: string, scope: 'read' | 'decide' = 'decide'): Draft {
  return {
    type: 'reviewer.key_issued',
    person,
    key_id: id,
    key_sha256: digest(letter),
    name: 'CI',
    scope,
    expires_at: at(DAY),
    receipt,
  };
}

function revoked(person: string, id: string): Draft {
  return { type: 'reviewer.key_revoked', person, key_id: id, by: person, reason: 'lost' };
}

function apply(access: ReviewerAccess, draft: Draft, ms = 0): void {
  access.apply(entry(draft, ms) as ReviewerAccessEntry);
}

function after(...drafts: readonly Draft[]): ReviewerAccess {
  const access = new ReviewerAccess();
  for (const draft of drafts) apply(access, draft);
  return access;
}

function codeOf(act: () => void): string {
  try {
    act();
    return 'accepted';
  } catch (error) {
    return error instanceof TransitionError ? error.code : String(error);
  }
}

const press = (letter: string, more: Partial<SlackReceipt> = {}): SlackReceipt => ({
  kind: 'slack',
  team: 'T1',
  user: 'U1',
  payload_sha256: digest(letter),
  ...more,
});
const byKey = (key_id: string) => ({ kind: 'api', key_id }) as const;

test('an account is whose it was linked to, by workspace and account', () => {
  const access = after(linked('alice'), linked('bob', 'U1', 'T2'), linked('alice', 'U2'));
  assert.equal(access.account('T1', 'U1'), {
    person: 'alice',
    channel: 'slack',
    team: 'T1',
    user: 'U1',
    linked_at: at(0),
  });
  assert.is(access.account('T2', 'U1')?.person, 'bob');
  assert.is(access.account('T2', 'U2'), undefined);
  assert.equal(
    access.accountsOf('alice').map(({ user }) => user),
    ['U1', 'U2'],
  );
});

test('an account is linked once until it is unlinked, by nobody else', () => {
  const access = after(linked('alice'));
  assert.is(
    codeOf(() => apply(access, linked('bob'))),
    'account_linked',
  );
  assert.is(
    codeOf(() => apply(access, unlinked('bob'))),
    'unknown_account',
  );
  apply(access, unlinked('alice'));
  assert.is(access.account('T1', 'U1'), undefined);
  apply(access, linked('bob'));
  assert.is(access.account('T1', 'U1')?.person, 'bob');
});

test('a press counts for the person whose account it is, and once', () => {
  const access = after(linked('alice'));
  assert.is(
    codeOf(() => access.proven('bob', press('a'), at(0))),
    'unknown_account',
  );
  assert.is(
    codeOf(() => access.proven('alice', press('a', { team: 'T2' }), at(0))),
    'unknown_account',
  );
  access.proven('alice', press('a'), at(0));
  assert.is(
    codeOf(() => access.proven('alice', press('a'), at(HOUR))),
    'replayed',
  );
  access.proven('alice', press('b'), at(HOUR));
});

test('an account that was unlinked proves nothing', () => {
  const access = after(linked('alice'), unlinked('alice'));
  assert.is(
    codeOf(() => access.proven('alice', press('a'), at(0))),
    'unknown_account',
  );
});

test('what Slack signed is forgotten after a day, when its signature is long too old', () => {
  const access = after(linked('alice'));
  access.proven('alice', press('a'), at(0));
  access.proven('alice', press('b'), at(DAY + 1));
  assert.equal(access.save().payloads, [[digest('b'), at(DAY + 1)]]);
});

test('a key is found by its digest and told of its person', () => {
  const access = after(
    issued('alice', 'one', 'a'),
    issued('bob', 'one', 'b'),
    issued('alice', 'two', 'c', 'read'),
  );
  assert.equal(access.findKey(digest('a')), {
    person: 'alice',
    key_id: 'one',
    key_sha256: digest('a'),
    name: 'CI',
    scope: 'decide',
    issued_at: at(0),
    expires_at: at(DAY),
  });
  assert.is(access.findKey(digest('d')), undefined);
  assert.equal(
    access.keysOf('alice').map(({ key_id }) => key_id),
    ['one', 'two'],
  );
});

test('a key is issued once, by its digest and by its id of a person, and not when it has expired', () => {
  const access = after(issued('alice', 'one', 'a'));
  for (const [draft, ms, code] of [
    [issued('bob', 'two', 'a'), 0, 'reviewer_key_exists'],
    [issued('alice', 'one', 'b'), 0, 'reviewer_key_exists'],
    [issued('alice', 'two', 'b'), DAY, 'reviewer_key_expired'],
    [issued('alice', 'two', 'b'), 0, 'accepted'],
  ] as const)
    assert.is(
      codeOf(() => apply(access, draft, ms)),
      code,
    );
});

test('a key that may decide speaks for its person, until it is revoked or expires', () => {
  const access = after(issued('alice', 'one', 'a'), issued('alice', 'two', 'b', 'read'));
  const proven = (person: string, key: string, ms: number): string =>
    codeOf(() => access.proven(person, byKey(key), at(ms)));
  assert.is(proven('alice', 'one', 0), 'accepted');
  assert.is(proven('alice', 'one', DAY - 1), 'accepted');
  assert.is(proven('alice', 'one', DAY), 'reviewer_key_expired');
  assert.is(proven('alice', 'two', 0), 'reviewer_key_reads');
  assert.is(proven('bob', 'one', 0), 'unknown_reviewer_key');
  apply(access, revoked('alice', 'one'), HOUR);
  assert.is(proven('alice', 'one', HOUR), 'revoked_reviewer_key');
});

test('a key is revoked once, by nobody who has none', () => {
  const access = after(issued('alice', 'one', 'a'), revoked('alice', 'one'));
  assert.is(access.findKey(digest('a'))?.revoked_at, at(0));
  assert.is(
    codeOf(() => apply(access, revoked('alice', 'one'))),
    'revoked_reviewer_key',
  );
  assert.is(
    codeOf(() => apply(access, revoked('bob', 'one'))),
    'unknown_reviewer_key',
  );
});

test('of the keys that a person revoked the last 32 stay known, and all that hold', () => {
  const access = after(issued('alice', 'kept', 'f'));
  for (let i = 0; i < 40; i += 1) {
    const draft = issued('alice', `key ${i}`, 'a') as Extract<Draft, { type: 'reviewer.key_issued' }>;
    apply(access, { ...draft, key_sha256: i.toString(16).padStart(64, '0') });
    apply(access, revoked('alice', `key ${i}`));
  }
  const ids = access.keysOf('alice').map(({ key_id }) => key_id);
  assert.equal([ids.length, ids[0], ids[1], ids.at(-1)], [33, 'kept', 'key 8', 'key 39']);
});

test('a saved state is the same state', () => {
  const access = after(linked('alice'), issued('alice', 'one', 'a'), revoked('alice', 'one'));
  access.proven('alice', press('a'), at(0));
  const again = new ReviewerAccess();
  apply(again, linked('mallory', 'U9'));
  again.load(access.save());
  assert.equal(again.save(), access.save());
  assert.is(
    codeOf(() => again.proven('alice', press('a'), at(HOUR))),
    'replayed',
  );
});

test('what is refused for its proof leaves no trace', () => {
  const ledger = new Ledger();
  ledger.load(EMPTY_LEDGER);
  ledger.apply(entry(linked('alice'), 0, 0));
  ledger.apply(entry(unlinked('alice'), 0, 1));
  const again = entry(linked('alice'), 0, 2) as EntryOf<'account.linked'>;
  assert.is(
    codeOf(() => ledger.admit([again])),
    'replayed',
  );
  const other = { ...again, receipt: signOnReceipt('2') };
  ledger.admit([other]);
  ledger.apply(other);
  assert.is(ledger.reviewerAccess.account('T1', 'U1')?.person, 'alice');
});

test('a passkey that is revoked takes along what it linked and made, and nothing else', () => {
  const by = (key: string) => ({ receipt: passkeyReceipt(key, `n ${key}`) });
  const access = after(
    { ...linked('alice', 'U1'), ...by('lost') },
    { ...linked('alice', 'U2'), ...by('kept') },
    { ...issued('alice', 'one', 'a'), ...by('lost') },
    { ...issued('alice', 'two', 'b'), ...by('kept') },
    issued('alice', 'three', 'c'),
  );
  access.passkeyRevoked(entry(revokedKey('alice', passkeyReceipt('lost', 'n').credential_id), HOUR));
  assert.equal(
    access.accountsOf('alice').map(({ user }) => user),
    ['U2'],
  );
  assert.equal(
    access.keysOf('alice').map(({ key_id, revoked_at }) => [key_id, revoked_at]),
    [
      ['one', at(HOUR)],
      ['two', undefined],
      ['three', undefined],
    ],
  );
});

test('the ledger takes up accounts and keys with what proves them, once', () => {
  const ledger = new Ledger();
  ledger.load(EMPTY_LEDGER);
  ledger.apply(entry(linked('alice'), 0, 0));
  assert.is(ledger.reviewerAccess.account('T1', 'U1')?.person, 'alice');
  // One sign-on proves one act.
  assert.is(
    codeOf(() => ledger.apply(entry(issued('alice', 'one', 'a'), 0, 1))),
    'replayed',
  );
});

test.run();
