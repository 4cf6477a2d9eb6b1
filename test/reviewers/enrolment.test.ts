import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PasskeyReceipt, SignOnReceipt } from '../../src/core/entry.ts';
import { IdentityError, JournalError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { mintLink } from '../../src/core/link.ts';
import type { People } from '../../src/core/person.ts';
import { createEnrolment } from '../../src/reviewers/enrolment.ts';
import { createPasskeys } from '../../src/reviewers/passkeys.ts';
import { createAuthenticator, type Authenticator, type Knobs } from '../support/authenticator.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { rejection } from '../support/rejects.ts';

const HOUR = 60 * 60_000;
const ISSUER = 'https://login.example.com';
const PEOPLE: People = {
  people: [
    { id: 'alice', name: 'Alice Ng', emails: ['alice@gmail.com'] },
    { id: 'alice-work', name: 'Alice at work', emails: ['a.lice+work@gmail.com', 'ng@example.com'] },
    {
      id: 'bob',
      name: 'Bob Lee',
      emails: ['bob@example.com'],
      sso: [{ issuer: ISSUER, subject: 'bob-at-idp' }],
    },
    { id: 'carol', name: 'Carol Diaz', emails: ['carol@example.com'] },
  ],
  groups: {},
  agents: [],
};

function scene(made: { readonly passkeys?: false } = {}) {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const journal = memoryJournal(ledger, clock);
  const random = seededRandom();
  let directory = PEOPLE;
  const enrolment = createEnrolment({
    append: (drafts) => journal.append(drafts),
    identities: () => ledger.identities,
    people: () => directory,
    passkeys: made.passkeys === false ? undefined : createPasskeys({ origin: 'http://localhost:7447' }),
    codeKey: Buffer.alloc(32, 5),
    clock,
    random,
  });
  let nonces = 0;
  const nonce = () => {
    nonces += 1;
    return `nonce${nonces}`;
  };
  /** Mails an invitation's link, as the outbox does. */
  const send = async (invitation: string): Promise<string> => {
    const { token, sha256 } = mintLink(random);
    const expires_at = new Date(clock.now() + 24 * HOUR).toISOString();
    await journal.append([
      { type: 'passkey.invitation_linked', invitation, link_sha256: sha256 },
      { type: 'passkey.invitation_sent', invitation, channel: 'fake', message_id: '<1@fake>', expires_at },
    ]);
    return token;
  };
  const invite = async (person: string, by = 'operator') => {
    const { invitation, code } = await enrolment.invite(person, by);
    return { id: invitation.id, code, token: await send(invitation.id) };
  };
  /** Everything that a browser does once it has link and code. */
  const follow = async (
    { token, code }: { readonly token: string; readonly code: string },
    more: { readonly key?: Authenticator; readonly name?: string; readonly knobs?: Knobs } = {},
  ) => {
    const { key = createAuthenticator(), name = 'Laptop', knobs = {} } = more;
    const asked = { token, code, nonce: nonce() };
    const creation = await enrolment.begin(asked);
    return enrolment.complete({ ...asked, name, response: key.register(creation, knobs) });
  };
  const enrol = async (person: string, key = createAuthenticator()): Promise<Authenticator> => {
    await follow(await invite(person), { key });
    return key;
  };
  const sign = (key: Authenticator, knobs: Knobs = {}): PasskeyReceipt =>
    key.receipt({ act: 'sign_in', nonce: nonce() }, knobs);
  const addMore = async (
    person: string,
    receipt: PasskeyReceipt | SignOnReceipt,
    key = createAuthenticator(),
  ) => {
    const asked = { person, nonce: nonce() };
    const creation = await enrolment.beginMore(asked);
    return enrolment.addMore({ ...asked, receipt, name: 'Phone', response: key.register(creation) });
  };
  const last = () => journal.entries.at(-1);
  return {
    clock,
    ledger,
    journal,
    enrolment,
    nonce,
    send,
    invite,
    follow,
    enrol,
    sign,
    addMore,
    last,
    setPeople: (next: Partial<People>) => {
      directory = { ...PEOPLE, ...next };
    },
    keysOf: (person: string) => ledger.identities.activePasskeysOf(person).map(({ name }) => name),
    stateOf: (id: string) => ledger.identities.invitation(id)?.state,
  };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await rejection(promise);
  assert.instance(error, IdentityError);
  return (error as IdentityError).code;
}

function viewCode(view: () => unknown): string {
  try {
    view();
  } catch (error) {
    assert.instance(error, IdentityError);
    return (error as IdentityError).code;
  }
  throw new Error('It can be seen.');
}

const bobSignedOn = (subject = 'bob-at-idp'): SignOnReceipt => ({
  kind: 'sso',
  issuer: ISSUER,
  subject,
  auth_time: '2026-11-23T10:00:00.000Z',
  groups: [],
  id_token_sha256: 'b'.repeat(64),
});

// Link and code

test('link and code lead to a key, which spends the invitation', async () => {
  const { invite, follow, stateOf, last } = scene();
  const invited = await invite('alice');
  const key = createAuthenticator({ algorithm: -7, counter: 3 });
  const passkey = await follow(invited, { key, name: 'Phone' });
  assert.equal(passkey, {
    id: key.id,
    person: 'alice',
    public_key: key.publicKey,
    algorithm: -7,
    sign_count: 3,
    name: 'Phone',
    transports: ['internal'],
    backed_up: false,
    rp_id: 'localhost',
    enrolled_at: '2026-11-23T10:00:00.000Z',
  });
  assert.is(stateOf(invited.id), 'spent');
  const entry = last();
  assert.is(entry?.type === 'passkey.enrolled' && entry.invitation, invited.id);
});

test('the code stands neither in the journal nor in what is seen of the invitation', async () => {
  const { invite, journal, enrolment } = scene();
  const { code, token } = await invite('alice');
  const bare = code.replace('-', '');
  for (const text of [JSON.stringify(journal.entries), JSON.stringify(enrolment.view(token))])
    for (const secret of [code, bare, token]) assert.not.ok(text.includes(secret));
});

test('the code may be spelled as people do', async () => {
  for (const spell of [
    (code: string) => code.toLowerCase(),
    (code: string) => code.replace('-', ''),
    (code: string) => ` ${code.replace('-', ' ')} `,
    (code: string) => code.replaceAll('0', 'o').replaceAll('1', 'l'),
  ]) {
    const { invite, follow, keysOf } = scene();
    const { token, code } = await invite('alice');
    await follow({ token, code: spell(code) });
    assert.equal(keysOf('alice'), ['Laptop']);
  }
});

test('the link alone begins and completes nothing', async () => {
  const { invite, enrolment, nonce, keysOf } = scene();
  const { token } = await invite('alice');
  const asked = { token, code: '', nonce: nonce() };
  assert.is(await codeOf(enrolment.begin(asked)), 'code_wrong');
  const response = createAuthenticator().register('AAAA');
  assert.is(await codeOf(enrolment.complete({ ...asked, name: 'x', response })), 'code_wrong');
  assert.equal(keysOf('alice'), []);
});

test('the code alone begins nothing, whatever stands for the link', async () => {
  const { invite, enrolment, nonce } = scene();
  const { code, token, id } = await invite('alice');
  for (const other of [
    '',
    id,
    'A'.repeat(43),
    token.slice(1),
    `${token}A`,
    token.toLowerCase(),
    `${token}\n`,
  ])
    assert.is(await codeOf(enrolment.begin({ token: other, code, nonce: nonce() })), 'link_unknown');
});

test("one invitation's code does not open another's link", async () => {
  const { invite, enrolment, nonce } = scene();
  const alice = await invite('alice');
  const carol = await invite('carol');
  const mixed = { token: alice.token, code: carol.code, nonce: nonce() };
  assert.is(await codeOf(enrolment.begin(mixed)), 'code_wrong');
});

test('what is made for the options of one nonce is not taken for another', async () => {
  const { invite, enrolment, keysOf } = scene();
  const { token, code } = await invite('alice');
  const creation = await enrolment.begin({ token, code, nonce: 'one' });
  const response = createAuthenticator().register(creation);
  const completed = enrolment.complete({ token, code, nonce: 'two', name: 'x', response });
  assert.is(await codeOf(completed), 'passkey_refused');
  assert.equal(keysOf('alice'), []);
});

test('five wrong codes withdraw the invitation, which is journalled', async () => {
  const { invite, enrolment, nonce, last, stateOf } = scene();
  const { token, code, id } = await invite('alice');
  const codes: string[] = [];
  for (const guess of ['A', 'B', 'C', 'D', 'E', code])
    codes.push(await codeOf(enrolment.begin({ token, code: guess, nonce: nonce() })));
  assert.equal(codes, [
    'code_wrong',
    'code_wrong',
    'code_wrong',
    'code_wrong',
    'invitation_over',
    'invitation_over',
  ]);
  assert.is(stateOf(id), 'withdrawn');
  const entry = last();
  assert.ok(entry?.type === 'passkey.invitation_withdrawn');
  assert.is(entry.by, 'placet');
  assert.is(entry.reason, 'A wrong code was given 5 times.');
});

test('wrong codes count together where they begin and where they complete', async () => {
  const { invite, enrolment, stateOf } = scene();
  const { token, id } = await invite('alice');
  const asked = { token, code: 'X', nonce: 'n' };
  for (let n = 0; n < 2; n += 1) await codeOf(enrolment.begin(asked));
  for (let n = 0; n < 3; n += 1) await codeOf(enrolment.complete({ ...asked, name: 'x', response: {} }));
  assert.is(stateOf(id), 'withdrawn');
});

test('a right code between wrong ones does not begin the count anew', async () => {
  const { invite, enrolment, stateOf } = scene();
  const { token, code, id } = await invite('alice');
  for (const guess of ['A', 'B', 'C', 'D']) await codeOf(enrolment.begin({ token, code: guess, nonce: 'n' }));
  await enrolment.begin({ token, code, nonce: 'n' });
  assert.is(await codeOf(enrolment.begin({ token, code: 'E', nonce: 'n' })), 'invitation_over');
  assert.is(stateOf(id), 'withdrawn');
});

test('wrong codes for one invitation are not counted for another', async () => {
  const { invite, enrolment, stateOf } = scene();
  const alice = await invite('alice');
  const carol = await invite('carol');
  for (const { token } of [alice, carol])
    for (const code of ['A', 'B', 'C', 'D']) await codeOf(enrolment.begin({ token, code, nonce: 'n' }));
  assert.is(stateOf(alice.id), 'open');
  assert.is(stateOf(carol.id), 'open');
});

test('guesses that come at once withdraw it once, and the right one among those after is too late', async () => {
  const { invite, enrolment, journal, keysOf } = scene();
  const { token, code } = await invite('alice');
  const guesses = [...Array<string>(8).fill('WRONG'), code];
  const all = await Promise.allSettled(
    guesses.map((guess) => enrolment.begin({ token, code: guess, nonce: 'n' })),
  );
  assert.ok(all.every(({ status }) => status === 'rejected'));
  assert.is(journal.entries.filter(({ type }) => type === 'passkey.invitation_withdrawn').length, 1);
  assert.equal(keysOf('alice'), []);
});

test('where the withdrawal cannot be journalled, nobody guesses on, not even rightly', async () => {
  const { invite, enrolment, journal, stateOf } = scene();
  const { token, code, id } = await invite('alice');
  for (const guess of ['A', 'B', 'C', 'D']) await codeOf(enrolment.begin({ token, code: guess, nonce: 'n' }));
  journal.break('the disk is full');
  for (const guess of ['E', 'F', code])
    assert.instance(await rejection(enrolment.begin({ token, code: guess, nonce: 'n' })), JournalError);
  journal.break(undefined);
  assert.is(await codeOf(enrolment.begin({ token, code, nonce: 'n' })), 'invitation_over');
  assert.is(stateOf(id), 'withdrawn');
});

// Time and use

test('an invitation holds for 24 hours from its sending, and no longer', async () => {
  const { invite, follow, enrolment, clock, keysOf } = scene();
  const invited = await invite('alice');
  clock.advance(24 * HOUR - 1);
  assert.is(enrolment.view(invited.token).person.name, 'Alice Ng');
  clock.advance(1);
  assert.is(
    viewCode(() => enrolment.view(invited.token)),
    'invitation_over',
  );
  assert.is(await codeOf(follow(invited)), 'invitation_over');
  assert.equal(keysOf('alice'), []);
});

test('what was begun in time is not completed after it', async () => {
  const { invite, enrolment, clock } = scene();
  const { token, code } = await invite('alice');
  const asked = { token, code, nonce: 'n' };
  const response = createAuthenticator().register(await enrolment.begin(asked));
  clock.advance(24 * HOUR);
  assert.is(await codeOf(enrolment.complete({ ...asked, name: 'x', response })), 'invitation_over');
});

test('the time begins with the sending, not with the inviting', async () => {
  const { enrolment, send, follow, clock, keysOf } = scene();
  const { invitation, code } = await enrolment.invite('alice', 'operator');
  clock.advance(30 * HOUR);
  await follow({ token: await send(invitation.id), code });
  assert.equal(keysOf('alice'), ['Laptop']);
});

test('whoever has the mail follows it, even before the journal knows that the mail was taken', async () => {
  const { enrolment, journal, follow, keysOf } = scene();
  const { invitation, code } = await enrolment.invite('alice', 'operator');
  const { token, sha256 } = mintLink(seededRandom());
  await journal.append([
    { type: 'passkey.invitation_linked', invitation: invitation.id, link_sha256: sha256 },
  ]);
  await follow({ token, code });
  assert.equal(keysOf('alice'), ['Laptop']);
});

test('to open it, or to begin, spends and appends nothing', async () => {
  const { invite, enrolment, journal, stateOf, nonce } = scene();
  const { token, code, id } = await invite('alice');
  const before = journal.entries.length;
  for (let n = 0; n < 3; n += 1) {
    enrolment.view(token);
    await enrolment.begin({ token, code, nonce: nonce() });
  }
  await codeOf(enrolment.begin({ token, code: 'wrong', nonce: nonce() }));
  assert.is(journal.entries.length, before);
  assert.is(stateOf(id), 'open');
});

test('a device that fails leaves the invitation as it was', async () => {
  const { invite, follow, stateOf, keysOf } = scene();
  const invited = await invite('alice');
  assert.is(await codeOf(follow(invited, { knobs: { uv: false } })), 'passkey_refused');
  assert.is(stateOf(invited.id), 'open');
  await follow(invited);
  assert.equal(keysOf('alice'), ['Laptop']);
});

test('the same link makes no second key', async () => {
  const { invite, follow, enrolment, keysOf } = scene();
  const invited = await invite('alice');
  await follow(invited);
  assert.is(await codeOf(follow(invited)), 'invitation_over');
  assert.is(
    viewCode(() => enrolment.view(invited.token)),
    'invitation_over',
  );
  assert.equal(keysOf('alice'), ['Laptop']);
});

test('of two that complete at once, one does', async () => {
  const { invite, enrolment, keysOf } = scene();
  const { token, code } = await invite('alice');
  const completing = ['one', 'two'].map(async (name) => {
    const asked = { token, code, nonce: name };
    const response = createAuthenticator().register(await enrolment.begin(asked));
    return enrolment.complete({ ...asked, name, response });
  });
  const all = await Promise.allSettled(completing);
  const refused = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  assert.is(refused.length, 1);
  assert.instance(refused[0], IdentityError);
  assert.is((refused[0] as IdentityError).code, 'invitation_over');
  assert.is(keysOf('alice').length, 1);
});

test('a key that is enrolled for one person is not enrolled for another', async () => {
  const { enrol, invite, follow, keysOf } = scene();
  const key = await enrol('alice');
  assert.is(await codeOf(follow(await invite('carol'), { key })), 'enrolled_twice');
  assert.equal(keysOf('carol'), []);
});

// Inviting

test('nobody is invited whom people.yaml does not name', async () => {
  const { enrolment, journal } = scene();
  for (const id of ['eve', '', 'ALICE', '__proto__'])
    assert.is(await codeOf(enrolment.invite(id, 'operator')), 'unknown_person');
  assert.is(await codeOf(enrolment.invite('alice', 'eve')), 'unknown_person');
  assert.is(journal.entries.length, 0);
});

test('nobody invites themselves, under any of their entries', async () => {
  const { enrolment } = scene();
  assert.is(await codeOf(enrolment.invite('alice', 'alice')), 'self_approval');
  assert.is(await codeOf(enrolment.invite('alice', 'alice-work')), 'self_approval');
});

test('where the site can have no passkeys nobody is invited', async () => {
  const { enrolment, journal } = scene({ passkeys: false });
  const error = await rejection(enrolment.invite('alice', 'operator'));
  assert.is((error as IdentityError).code, 'no_passkeys');
  assert.match((error as IdentityError).message, 'PLACET_PUBLIC_URL');
  assert.is(journal.entries.length, 0);
});

test('a newer invitation withdraws the older, whose link and code lead nowhere', async () => {
  const { invite, follow, keysOf, stateOf } = scene();
  const older = await invite('alice');
  const newer = await invite('alice');
  assert.is(stateOf(older.id), 'withdrawn');
  assert.is(await codeOf(follow(older)), 'invitation_over');
  assert.is(await codeOf(follow({ token: older.token, code: newer.code })), 'invitation_over');
  assert.is(await codeOf(follow({ token: newer.token, code: older.code })), 'code_wrong');
  await follow(newer);
  assert.equal(keysOf('alice'), ['Laptop']);
});

test('who was removed from people.yaml meanwhile enrols nothing', async () => {
  const { invite, follow, enrolment, setPeople, keysOf } = scene();
  const invited = await invite('alice');
  const asked = { token: invited.token, code: invited.code, nonce: 'n' };
  const response = createAuthenticator().register(await enrolment.begin(asked));
  setPeople({ people: PEOPLE.people.filter(({ id }) => id !== 'alice') });
  assert.is(
    viewCode(() => enrolment.view(invited.token)),
    'invitation_over',
  );
  assert.is(await codeOf(follow(invited)), 'invitation_over');
  assert.is(await codeOf(enrolment.complete({ ...asked, name: 'x', response })), 'invitation_over');
  assert.equal(keysOf('alice'), []);
});

// Again, after all keys were lost

test('who has had a passkey is invited again only with the approval of a second person', async () => {
  const { enrol, enrolment, send, follow, sign, keysOf, journal } = scene();
  await enrol('alice');
  const bob = await enrol('bob');
  const { invitation, code } = await enrolment.invite('alice', 'operator');
  assert.is(invitation.needs_approval, true);
  assert.instance(await rejection(send(invitation.id)), Error);
  assert.equal(
    enrolment.awaiting('bob').map(({ id, name }) => [id, name]),
    [[invitation.id, 'Alice Ng']],
  );
  await enrolment.approve({ invitation: invitation.id, by: 'bob', receipt: sign(bob) });
  assert.equal(enrolment.awaiting('bob'), []);
  await follow({ token: await send(invitation.id), code }, { name: 'New' });
  assert.equal(keysOf('alice'), ['Laptop', 'New']);
  assert.is(journal.entries.filter(({ type }) => type === 'passkey.invitation_approved').length, 1);
});

test('a key that was revoked counts: the person has had one', async () => {
  const { enrol, enrolment } = scene();
  const key = await enrol('alice');
  await enrolment.revoke({ person: 'alice', credential_id: key.id, by: 'operator', reason: 'Lost.' });
  assert.is((await enrolment.invite('alice', 'operator')).invitation.needs_approval, true);
});

test('a key under another entry of the same human counts, too', async () => {
  const { enrol, enrolment } = scene();
  await enrol('alice');
  assert.is((await enrolment.invite('alice-work', 'operator')).invitation.needs_approval, true);
  assert.is((await enrolment.invite('carol', 'operator')).invitation.needs_approval, false);
});

test('an invitation to a first key is none any more once the same human has one', async () => {
  const { invite, follow, keysOf } = scene();
  const work = await invite('alice-work');
  const home = await invite('alice');
  await follow(home);
  assert.is(await codeOf(follow(work)), 'invitation_over');
  assert.equal(keysOf('alice-work'), []);
});

test('the invited approve nothing, under any of their entries', async () => {
  const { enrol, enrolment, sign, addMore } = scene();
  const key = await enrol('alice');
  await addMore('alice', sign(key));
  const { invitation } = await enrolment.invite('alice', 'operator');
  const approve = (by: string) => enrolment.approve({ invitation: invitation.id, by, receipt: sign(key) });
  assert.is(await codeOf(approve('alice')), 'self_approval');
  assert.is(await codeOf(approve('alice-work')), 'self_approval');
  assert.equal(enrolment.awaiting('alice'), []);
  assert.equal(enrolment.awaiting('alice-work'), []);
  assert.is(enrolment.awaiting('bob').length, 1);
});

test('the inviter approves nothing, under any of their entries', async () => {
  const { enrol, enrolment, sign } = scene();
  await enrol('carol');
  const key = await enrol('alice-work');
  const { invitation } = await enrolment.invite('carol', 'alice');
  const approve = (by: string) => enrolment.approve({ invitation: invitation.id, by, receipt: sign(key) });
  assert.is(await codeOf(approve('alice')), 'self_approval');
  assert.is(await codeOf(approve('alice-work')), 'self_approval');
  assert.equal(enrolment.awaiting('alice-work'), []);
});

test('an approval takes a proof of the approver, and of nobody else', async () => {
  const { enrol, enrolment, sign } = scene();
  await enrol('alice');
  const bob = await enrol('bob');
  const { invitation } = await enrolment.invite('alice', 'operator');
  const approve = (by: string, receipt: PasskeyReceipt | SignOnReceipt) =>
    enrolment.approve({ invitation: invitation.id, by, receipt });
  assert.is(await codeOf(approve('carol', sign(bob))), 'unknown_passkey');
  assert.is(await codeOf(approve('carol', bobSignedOn())), 'sso_refused');
  assert.is(await codeOf(approve('bob', bobSignedOn('somebody'))), 'sso_refused');
  assert.is(await codeOf(approve('eve', sign(bob))), 'unknown_person');
  assert.is(await codeOf(approve('operator', sign(bob))), 'unknown_person');
  assert.is(enrolment.awaiting('carol').length, 1);
  await approve('bob', bobSignedOn());
  assert.is(await codeOf(approve('carol', sign(bob))), 'approval_not_needed');
});

test('an approval is not given twice with one signature', async () => {
  const { enrol, enrolment, sign } = scene();
  await enrol('alice');
  await enrol('carol');
  const bob = await enrol('bob');
  const receipt = sign(bob);
  const first = await enrolment.invite('alice', 'operator');
  const second = await enrolment.invite('carol', 'operator');
  await enrolment.approve({ invitation: first.invitation.id, by: 'bob', receipt });
  assert.is(
    await codeOf(enrolment.approve({ invitation: second.invitation.id, by: 'bob', receipt })),
    'replayed',
  );
});

test('an approver whose counter went back approves nothing, and the key is revoked', async () => {
  const { enrol, enrolment, sign, keysOf } = scene();
  await enrol('alice');
  const bob = await enrol('bob', createAuthenticator({ counter: 5 }));
  const { invitation } = await enrolment.invite('alice', 'operator');
  const receipt = sign(bob, { counter: 5 });
  assert.is(
    await codeOf(enrolment.approve({ invitation: invitation.id, by: 'bob', receipt })),
    'passkey_cloned',
  );
  assert.equal(keysOf('bob'), []);
  assert.is(enrolment.awaiting('carol').length, 1);
});

test('there is nothing to approve in what is unknown, over, or needs none', async () => {
  const { enrol, enrolment, sign, invite } = scene();
  await enrol('alice');
  const bob = await enrol('bob');
  const carol = await invite('carol');
  const older = await enrolment.invite('alice', 'operator');
  await enrolment.invite('alice', 'operator');
  const approve = (invitation: string) => enrolment.approve({ invitation, by: 'bob', receipt: sign(bob) });
  assert.is(await codeOf(approve('inv_unknown')), 'unknown_invitation');
  assert.is(await codeOf(approve(carol.id)), 'approval_not_needed');
  assert.is(await codeOf(approve(older.invitation.id)), 'invitation_over');
});

test('where the invited was removed from people.yaml nobody can tell who may approve, so nobody does', async () => {
  const { enrol, enrolment, sign, setPeople } = scene();
  await enrol('alice');
  const bob = await enrol('bob');
  const { invitation } = await enrolment.invite('alice', 'operator');
  setPeople({ people: PEOPLE.people.filter(({ id }) => id !== 'alice') });
  for (const by of ['alice-work', 'bob']) {
    const approved = enrolment.approve({ invitation: invitation.id, by, receipt: sign(bob) });
    assert.is(await codeOf(approved), 'unknown_person');
    assert.equal(enrolment.awaiting(by), []);
  }
});

test('who is the only human is not invited again, since nobody could approve', async () => {
  const { enrol, enrolment, setPeople } = scene();
  await enrol('alice');
  const alone = PEOPLE.people.filter(({ id }) => id.startsWith('alice'));
  for (const people of [{ people: alone, solo: true } as const, { people: alone }]) {
    setPeople(people);
    const error = await rejection(enrolment.invite('alice-work', 'operator'));
    assert.is((error as IdentityError).code, 'nobody_to_approve');
    assert.match((error as IdentityError).message, 'name one in policies/people.yaml');
  }
});

test('who is the only human is invited a first time', async () => {
  const { invite, follow, setPeople, keysOf } = scene();
  setPeople({ people: PEOPLE.people.slice(0, 1), solo: true });
  await follow(await invite('alice'));
  assert.equal(keysOf('alice'), ['Laptop']);
});

test('where only the inviter could approve, nobody is invited again', async () => {
  const { enrol, enrolment, setPeople } = scene();
  await enrol('carol');
  setPeople({ people: PEOPLE.people.filter(({ id }) => id === 'bob' || id === 'carol') });
  assert.is(await codeOf(enrolment.invite('carol', 'bob')), 'nobody_to_approve');
  assert.is((await enrolment.invite('carol', 'operator')).invitation.needs_approval, true);
});

// Names

const NAMES: readonly (readonly [string, string])[] = [
  ['Phone', 'Phone'],
  ['  Work   phone ', 'Work phone'],
  ['', 'Passkey'],
  [' \t\n\u0000\u200b ', 'Passkey'],
  ['a\r\nSet-Cookie: x=1\u0007b', 'a Set-Cookie: x=1 b'],
  ['one\u2028two\u2029three\u00a0four', 'one two three four'],
  ['abc\u202edef\u2066ghi\ufeff', 'abc def ghi'],
  ['half \ud83d a pair', 'half a pair'],
  ['<b>"&\'', '<b>"&\''],
  ['x'.repeat(500), 'x'.repeat(60)],
  ['😀'.repeat(500), '😀'.repeat(60)],
  [`${'x'.repeat(59)}😀😀`, `${'x'.repeat(59)}😀`],
  [`${'x'.repeat(59)} y`, 'x'.repeat(59)],
];

test('the name of a key is one line of at most sixty characters that can be journalled', async () => {
  for (const [given, kept] of NAMES) {
    const { invite, follow, last } = scene();
    const { name } = await follow(await invite('alice'), { name: given });
    assert.is(name, kept);
    assert.ok(name.isWellFormed());
    const entry = last();
    assert.is(entry?.type === 'passkey.enrolled' && entry.name, kept);
  }
});

// More keys, and fewer

test('one more key is enrolled by a signature of one that the person has', async () => {
  const { enrol, addMore, sign, keysOf, last } = scene();
  const key = await enrol('alice');
  const receipt = sign(key);
  await addMore('alice', receipt);
  assert.equal(keysOf('alice'), ['Laptop', 'Phone']);
  const entry = last();
  assert.ok(entry?.type === 'passkey.enrolled');
  assert.equal(entry.receipt, receipt);
  assert.is(entry.invitation, undefined);
});

test('the options for one more key leave out those that the person has', async () => {
  const { enrol, enrolment } = scene();
  const key = await enrol('alice');
  await enrol('bob');
  const made = await enrolment.beginMore({ person: 'alice', nonce: 'n' });
  assert.equal(
    (made['excludeCredentials'] as JsonObject[]).map(({ id }) => id),
    [key.id],
  );
});

test("another person's signature enrols no key, nor does that of another entry of the same human", async () => {
  const { enrol, addMore, sign, keysOf } = scene();
  const alice = await enrol('alice');
  const bob = await enrol('bob');
  assert.is(await codeOf(addMore('alice', sign(bob))), 'unknown_passkey');
  assert.is(await codeOf(addMore('alice-work', sign(alice))), 'unknown_passkey');
  assert.is(await codeOf(addMore('alice', sign(createAuthenticator()))), 'unknown_passkey');
  assert.equal(keysOf('alice'), ['Laptop']);
});

test('a sign-on enrols no further key', async () => {
  const { enrol, addMore, keysOf } = scene();
  await enrol('bob');
  assert.is(await codeOf(addMore('bob', bobSignedOn())), 'passkey_refused');
  assert.equal(keysOf('bob'), ['Laptop']);
});

test('one signature enrols one key', async () => {
  const { enrol, addMore, sign, keysOf } = scene();
  const receipt = sign(await enrol('alice'));
  await addMore('alice', receipt);
  assert.is(await codeOf(addMore('alice', receipt)), 'replayed');
  assert.is(keysOf('alice').length, 2);
});

test('a key that signed for something else meanwhile enrols no further one, and is not taken for a copy', async () => {
  const { enrol, addMore, sign, keysOf, enrolment } = scene();
  const key = await enrol('alice', createAuthenticator({ counter: 1 }));
  await enrol('carol');
  const early = sign(key);
  const { invitation } = await enrolment.invite('carol', 'operator');
  await enrolment.approve({ invitation: invitation.id, by: 'alice', receipt: sign(key) });
  assert.is(await codeOf(addMore('alice', early)), 'passkey_refused');
  assert.equal(keysOf('alice'), ['Laptop']);
  await addMore('alice', sign(key));
  assert.equal(keysOf('alice'), ['Laptop', 'Phone']);
});

test('a revoked key enrols no further one', async () => {
  const { enrol, addMore, sign, enrolment } = scene();
  const key = await enrol('alice');
  const receipt = sign(key);
  await enrolment.revoke({ person: 'alice', credential_id: key.id, by: 'operator', reason: 'Lost.' });
  assert.is(await codeOf(addMore('alice', receipt)), 'revoked_passkey');
});

test('who was removed from people.yaml enrols no further key', async () => {
  const { enrol, addMore, sign, setPeople } = scene();
  const key = await enrol('alice');
  setPeople({ people: PEOPLE.people.slice(1) });
  assert.is(await codeOf(addMore('alice', sign(key))), 'unknown_person');
});

test('a person revokes their own key with a signature, of that key itself, too', async () => {
  const { enrol, enrolment, sign, ledger } = scene();
  const key = await enrol('alice', createAuthenticator({ counter: 1 }));
  const of = { person: 'alice', credential_id: key.id, by: 'alice', reason: 'Sold.' };
  assert.is(await codeOf(enrolment.revoke(of)), 'no_proof');
  await enrolment.revoke({ ...of, receipt: sign(key) });
  assert.equal(ledger.identities.passkey(key.id)?.revoked, {
    at: '2026-11-23T10:00:00.000Z',
    by: 'alice',
    reason: 'Sold.',
  });
  assert.is(await codeOf(enrolment.revoke({ ...of, receipt: sign(key) })), 'unknown_passkey');
});

test("nobody revokes another person's key, whatever they sign", async () => {
  const { enrol, enrolment, sign, keysOf } = scene();
  const alice = await enrol('alice');
  const bob = await enrol('bob');
  const of = { credential_id: alice.id, reason: 'x' };
  const codes = [
    await codeOf(enrolment.revoke({ ...of, person: 'alice', by: 'bob', receipt: sign(bob) })),
    await codeOf(enrolment.revoke({ ...of, person: 'bob', by: 'bob', receipt: sign(bob) })),
    await codeOf(enrolment.revoke({ ...of, person: 'alice', by: 'alice', receipt: sign(bob) })),
    await codeOf(enrolment.revoke({ ...of, person: 'alice', by: 'placet' })),
    await codeOf(enrolment.revoke({ ...of, person: 'bob', by: 'bob', receipt: bobSignedOn('somebody') })),
  ];
  assert.equal(codes, [
    'unknown_passkey',
    'unknown_passkey',
    'unknown_passkey',
    'unknown_passkey',
    'sso_refused',
  ]);
  assert.equal(keysOf('alice'), ['Laptop']);
});

test('the operator revokes any key without a proof, and an unknown one not at all', async () => {
  const { enrol, enrolment, keysOf } = scene();
  const key = await enrol('alice');
  const by = { by: 'operator', reason: 'Left.' };
  assert.is(
    await codeOf(enrolment.revoke({ ...by, person: 'alice', credential_id: 'unknown' })),
    'unknown_passkey',
  );
  assert.is(
    await codeOf(enrolment.revoke({ ...by, person: 'bob', credential_id: key.id })),
    'unknown_passkey',
  );
  await enrolment.revoke({ ...by, person: 'alice', credential_id: key.id });
  assert.equal(keysOf('alice'), []);
});

test('without a journal nothing is invited, enrolled or revoked', async () => {
  const { enrol, enrolment, invite, follow, journal, keysOf } = scene();
  const key = await enrol('alice');
  const carol = await invite('carol');
  journal.break('the disk is full');
  for (const attempt of [
    () => enrolment.invite('bob', 'operator'),
    () => follow(carol),
    () => enrolment.revoke({ person: 'alice', credential_id: key.id, by: 'operator', reason: 'x' }),
  ])
    assert.instance(await rejection(attempt()), JournalError);
  assert.equal(keysOf('alice'), ['Laptop']);
  assert.equal(keysOf('carol'), []);
});

test.run();
