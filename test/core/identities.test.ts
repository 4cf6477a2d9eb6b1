import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft } from '../../src/core/entry.ts';
import { TransitionError } from '../../src/core/errors.ts';
import { Identities } from '../../src/core/identities.ts';
import {
  approvedInvitation,
  at,
  DAY,
  enrolled,
  entry,
  HOUR,
  invited,
  linked,
  passkeyReceipt,
  revoked,
  sent,
  sessionClosed,
  sessionOpened,
  signOnReceipt,
  withdrawn,
} from '../support/identity-entries.ts';

type Draught = Parameters<typeof entry<Draft>>[0];

function take(identities: Identities, draft: Draught, ms = 0): void {
  identities.apply(entry(draft, ms) as Parameters<Identities['apply']>[0]);
}

/** Alice, Carol and Bob, each with a key that was enrolled by invitation. */
function three(): Identities {
  const identities = new Identities();
  for (const person of ['alice', 'bob', 'carol']) {
    take(identities, invited(`inv of ${person}`, person));
    take(identities, linked(`inv of ${person}`));
    take(identities, sent(`inv of ${person}`));
    take(identities, enrolled(person, `key of ${person}`, { invitation: `inv of ${person}` }), 1000);
  }
  return identities;
}

/** The code with which `draft` is refused, after a look that nothing has changed. */
function refusal(identities: Identities, draft: Draught, ms = 2000): string {
  const before = structuredClone(identities.save());
  try {
    take(identities, draft, ms);
  } catch (error) {
    assert.instance(error, TransitionError);
    assert.equal(identities.save(), before, 'a refused entry changed something');
    return (error as TransitionError).code;
  }
  return 'accepted';
}

const by = (person: string, nonce: string, sign_count = 0) =>
  passkeyReceipt(`key of ${person}`, nonce, { sign_count });

test('an invitation that was sent leads to a key, which spends it', () => {
  const identities = three();
  assert.equal(identities.invitation('inv of alice'), {
    id: 'inv of alice',
    person: 'alice',
    by: 'operator',
    code_digest: 'c'.repeat(64),
    needs_approval: false,
    links: ['a'.repeat(64)],
    invited_at: '2026-11-23T10:00:00.000Z',
    expires_at: '2026-11-24T10:00:00.000Z',
    state: 'spent',
  });
  assert.equal(identities.passkeysOf('alice'), [
    {
      id: 'key of alice',
      person: 'alice',
      public_key: 'cG',
      algorithm: -7,
      sign_count: 0,
      name: 'Phone',
      transports: ['internal'],
      backed_up: true,
      rp_id: 'localhost',
      enrolled_at: '2026-11-23T10:00:01.000Z',
    },
  ]);
});

test('somebody who was only invited has not enrolled', () => {
  const identities = new Identities();
  take(identities, invited('i', 'alice'));
  assert.is(identities.hasEnrolled('alice'), false);
});

test('somebody whose last key was revoked has enrolled all the same', () => {
  const identities = three();
  take(identities, revoked('alice', 'key of alice'), 2000);
  assert.equal([identities.hasEnrolled('alice'), identities.activePasskeysOf('alice').length], [true, 0]);
});

test('an invitation is found by each of its links', () => {
  const identities = new Identities();
  take(identities, invited('i', 'alice'));
  take(identities, linked('i', 'a'));
  take(identities, linked('i', 'b'));
  assert.equal(
    ['a', 'b', 'c'].map((link) => identities.invitationOfLink(link.repeat(64))?.id),
    ['i', 'i', undefined],
  );
});

test('an invitation lasts from its latest sending', () => {
  const identities = new Identities();
  take(identities, invited('i', 'alice'));
  take(identities, sent('i'));
  take(identities, sent('i', 12 * HOUR), 12 * HOUR);
  assert.is(refusal(identities, enrolled('alice', 'k', { invitation: 'i' }), 30 * HOUR), 'accepted');
});

const INVITATIONS: readonly (readonly [string, () => Identities, Draft, number, string])[] = [
  ['one that was never made', three, linked('none'), 0, 'invitation_over'],
  ['one that was made before', three, invited('inv of alice', 'dave'), 0, 'invited_twice'],
  [
    'one that is spent, a second time',
    three,
    enrolled('alice', 'k', { invitation: 'inv of alice' }),
    0,
    'invitation_over',
  ],
  ['one that is spent, to be linked', three, linked('inv of alice'), 0, 'invitation_over'],
  ['one that is spent, to be sent', three, sent('inv of alice'), 0, 'invitation_over'],
  ['one that is spent, to be withdrawn', three, withdrawn('inv of alice'), 0, 'invitation_over'],
  ['a new key without approval after an old one', three, invited('i', 'alice', false), 0, 'needs_approval'],
];
for (const [what, given, draft, ms, code] of INVITATIONS) {
  test(`of invitations is refused: ${what}`, () => {
    assert.is(refusal(given(), draft, ms), code);
  });
}

test('an invitation is over in the instant of its expiry, and not before', () => {
  const identities = new Identities();
  take(identities, invited('i', 'alice'));
  take(identities, sent('i'));
  const enrol = enrolled('alice', 'k', { invitation: 'i' });
  assert.is(refusal(identities, enrol, DAY), 'invitation_over');
  assert.is(refusal(identities, enrol, DAY - 1), 'accepted');
});

test('an invitation without a link enrols nobody, and one with a link before its mail is known to be taken does', () => {
  const identities = new Identities();
  take(identities, invited('i', 'alice'));
  assert.is(refusal(identities, enrolled('alice', 'k', { invitation: 'i' })), 'invitation_over');
  take(identities, linked('i'));
  assert.is(refusal(identities, enrolled('alice', 'k', { invitation: 'i' })), 'accepted');
});

test('an invitation that was withdrawn enrols nobody', () => {
  const identities = new Identities();
  take(identities, invited('i', 'alice'));
  take(identities, sent('i'));
  take(identities, withdrawn('i'));
  assert.is(refusal(identities, enrolled('alice', 'k', { invitation: 'i' })), 'invitation_over');
});

test("somebody else's invitation enrols nobody", () => {
  const identities = new Identities();
  take(identities, invited('i', 'alice'));
  take(identities, sent('i'));
  assert.is(refusal(identities, enrolled('mallory', 'k', { invitation: 'i' })), 'not_invited');
});

test("a new invitation withdraws the person's open one, and nobody else's", () => {
  const identities = new Identities();
  take(identities, invited('a1', 'alice'));
  take(identities, invited('d1', 'dave'));
  take(identities, invited('a2', 'alice'));
  assert.equal(
    ['a1', 'd1', 'a2'].map((id) => identities.invitation(id)?.state),
    ['withdrawn', 'open', 'open'],
  );
});

test('invitations are forgotten after thirty days', () => {
  const identities = new Identities();
  take(identities, invited('old', 'alice'));
  take(identities, invited('new', 'dave'), 30 * DAY);
  assert.ok(identities.invitation('old'));
  take(identities, invited('newest', 'erin'), 30 * DAY + 1);
  assert.is(identities.invitation('old'), undefined);
});

test('who had a key is invited again only by the approval of a second person', () => {
  const identities = three();
  take(identities, invited('again', 'alice', true), 2000);
  for (const draft of [linked('again'), sent('again'), enrolled('alice', 'k', { invitation: 'again' })])
    assert.is(refusal(identities, draft), 'needs_approval');
  take(identities, approvedInvitation('again', 'bob'), 2000);
  take(identities, sent('again'), 2000);
  assert.is(identities.invitation('again')?.approved_by, 'bob');
  assert.is(refusal(identities, enrolled('alice', 'k', { invitation: 'again' })), 'accepted');
});

test('nobody approves an invitation of their own', () => {
  const identities = three();
  take(identities, invited('again', 'alice', true), 2000);
  assert.is(refusal(identities, approvedInvitation('again', 'alice')), 'self_approval');
});

test('nobody approves an invitation that they made', () => {
  const identities = three();
  take(identities, invited('again', 'alice', true, 'bob'), 2000);
  assert.is(refusal(identities, approvedInvitation('again', 'bob')), 'self_approval');
  assert.is(refusal(identities, approvedInvitation('again', 'carol')), 'accepted');
});

test('an invitation that needs no approval gets none, and no other gets a second', () => {
  const identities = three();
  take(identities, invited('first', 'dave'), 2000);
  assert.is(refusal(identities, approvedInvitation('first', 'bob')), 'approval_not_needed');
  take(identities, invited('again', 'alice', true), 2000);
  take(identities, approvedInvitation('again', 'bob'), 2000);
  assert.is(refusal(identities, approvedInvitation('again', 'carol')), 'approval_not_needed');
});

test("an approval of an invitation is proven by the approver's own key", () => {
  const identities = three();
  take(identities, invited('again', 'alice', true), 2000);
  assert.is(refusal(identities, approvedInvitation('again', 'bob', by('carol', 'n'))), 'unknown_passkey');
});

test('a further key is enrolled by a receipt of a key that the person has', () => {
  const identities = three();
  const more = enrolled('alice', 'second', { receipt: by('alice', 'n') });
  assert.is(refusal(identities, more), 'accepted');
  assert.equal(
    identities.activePasskeysOf('alice').map(({ id }) => id),
    ['key of alice', 'second'],
  );
});

const ENROLMENTS: readonly (readonly [string, Draft, string])[] = [
  ['by nothing', enrolled('alice', 'k', {}), 'not_invited'],
  [
    'by an invitation and a receipt at once',
    enrolled('alice', 'k', { invitation: 'inv of alice', receipt: by('alice', 'n') }),
    'not_invited',
  ],
  [
    "by a receipt of another person's key",
    enrolled('alice', 'k', { receipt: by('bob', 'n') }),
    'unknown_passkey',
  ],
  ['twice', enrolled('alice', 'key of alice', { receipt: by('alice', 'n') }), 'enrolled_twice'],
  ['for a second person', enrolled('bob', 'key of alice', { receipt: by('bob', 'n') }), 'enrolled_twice'],
];
for (const [what, draft, code] of ENROLMENTS) {
  test(`a key is not enrolled ${what}`, () => {
    assert.is(refusal(three(), draft), code);
  });
}

test('a key that was revoked cannot be enrolled again', () => {
  const identities = three();
  take(identities, revoked('alice', 'key of alice'), 2000);
  assert.is(
    refusal(identities, enrolled('alice', 'key of alice', { receipt: by('alice', 'n') })),
    'enrolled_twice',
  );
});

test('a revoked key proves nothing any more', () => {
  const identities = three();
  take(identities, revoked('alice', 'key of alice'), 2000);
  assert.equal(identities.passkey('key of alice')?.revoked, {
    at: '2026-11-23T10:00:02.000Z',
    by: 'operator',
    reason: 'lost',
  });
  assert.is(refusal(identities, sessionOpened('s', 'alice', by('alice', 'n'))), 'revoked_passkey');
});

test('a person revokes a key of theirs with that very key', () => {
  const identities = three();
  take(identities, revoked('alice', 'key of alice', 'alice', by('alice', 'n', 7)), 3000);
  const key = identities.passkey('key of alice');
  assert.equal([key?.sign_count, key?.used_at, key?.revoked?.by], [7, '2026-11-23T10:00:03.000Z', 'alice']);
});

const REVOCATIONS: readonly (readonly [string, Draft, string])[] = [
  ['that nobody has', revoked('alice', 'none'), 'unknown_passkey'],
  ["that is another person's", revoked('alice', 'key of bob'), 'unknown_passkey'],
  ['by a person without a proof', revoked('alice', 'key of alice', 'alice'), 'no_proof'],
  [
    'by the operator with a proof',
    revoked('alice', 'key of alice', 'operator', by('alice', 'n')),
    'no_proof',
  ],
  ["with another person's key", revoked('alice', 'key of alice', 'alice', by('bob', 'n')), 'unknown_passkey'],
];
for (const [what, draft, code] of REVOCATIONS) {
  test(`no key is revoked ${what}`, () => {
    assert.is(refusal(three(), draft), code);
  });
}

test('no key is revoked twice', () => {
  const identities = three();
  take(identities, revoked('alice', 'key of alice'), 2000);
  assert.is(refusal(identities, revoked('alice', 'key of alice')), 'unknown_passkey');
});

test('a key whose counter grows is used again and again, and keeps its latest', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1', 3)), 2000);
  take(identities, sessionOpened('b', 'alice', by('alice', 'n2', 4)), 3000);
  assert.equal(
    [identities.passkey('key of alice')?.sign_count, identities.passkey('key of alice')?.used_at],
    [4, '2026-11-23T10:00:03.000Z'],
  );
});

test('a key without a counter is used again and again', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1')), 2000);
  assert.is(refusal(identities, sessionOpened('b', 'alice', by('alice', 'n2'))), 'accepted');
});

for (const [what, count] of [
  ['goes back', 4],
  ['stands still', 5],
  ['is gone', 0],
] as const) {
  test(`a key whose counter ${what} is taken for a copy`, () => {
    const identities = three();
    take(identities, sessionOpened('a', 'alice', by('alice', 'n1', 5)), 2000);
    assert.is(refusal(identities, sessionOpened('b', 'alice', by('alice', 'n2', count))), 'passkey_cloned');
  });
}

test('what is merely sent again is a replay, not a copy', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1', 5)), 2000);
  assert.is(refusal(identities, sessionOpened('b', 'alice', by('alice', 'n1', 5))), 'replayed');
});

test('Placet itself revokes a key, without a proof', () => {
  const identities = three();
  take(identities, revoked('alice', 'key of alice', 'placet'), 2000);
  assert.is(identities.passkey('key of alice')?.revoked?.by, 'placet');
});

test('the counter begins with that of the enrolment', () => {
  const identities = new Identities();
  take(identities, invited('i', 'alice'));
  take(identities, sent('i'));
  take(identities, enrolled('alice', 'key of alice', { invitation: 'i' }, 9));
  assert.is(refusal(identities, sessionOpened('a', 'alice', by('alice', 'n1', 9))), 'passkey_cloned');
  assert.is(refusal(identities, sessionOpened('a', 'alice', by('alice', 'n1', 10))), 'accepted');
});

test('what was signed is used once, whoever signs it again and whatever for', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1')), 2000);
  assert.is(refusal(identities, sessionOpened('b', 'alice', by('alice', 'n1'))), 'replayed');
  assert.is(refusal(identities, sessionOpened('b', 'bob', by('bob', 'n1'))), 'replayed');
  assert.is(refusal(identities, enrolled('alice', 'k', { receipt: by('alice', 'n1') })), 'replayed');
});

test("an identity provider's answer is used once", () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', signOnReceipt('1')), 2000);
  assert.is(refusal(identities, sessionOpened('b', 'alice', signOnReceipt('1'))), 'replayed');
  assert.is(refusal(identities, sessionOpened('b', 'alice', signOnReceipt('2'))), 'accepted');
});

test('nonces are kept for a day, and then forgotten', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1')), 0);
  take(identities, sessionOpened('b', 'alice', by('alice', 'n2')), DAY);
  assert.equal(
    identities.save().nonces.map(([nonce]) => nonce),
    ['n1', 'n2'],
  );
  take(identities, sessionOpened('c', 'alice', by('alice', 'n3')), DAY + 1);
  assert.equal(
    identities.save().nonces.map(([nonce]) => nonce),
    ['n2', 'n3'],
  );
});

test('a session says how it was opened, and until when it lasts', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1')), 2000);
  take(identities, sessionOpened('b', 'alice', signOnReceipt('1')), 3000);
  assert.equal(identities.sessionsOf('alice'), [
    {
      sha256: 'a'.repeat(64),
      person: 'alice',
      verification: 'passkey',
      credential_id: 'key of alice',
      opened_at: '2026-11-23T10:00:02.000Z',
      expires_at: '2026-11-23T18:00:00.000Z',
    },
    {
      sha256: 'b'.repeat(64),
      person: 'alice',
      verification: 'sso',
      opened_at: '2026-11-23T10:00:03.000Z',
      expires_at: '2026-11-23T18:00:00.000Z',
    },
  ]);
});

test('a session is not opened twice', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1')), 2000);
  assert.is(refusal(identities, sessionOpened('a', 'bob', by('bob', 'n2'))), 'session_twice');
});

test('a session that was closed is gone, and is not closed twice', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1')), 2000);
  assert.is(refusal(identities, sessionClosed('a', 'bob')), 'unknown_session');
  take(identities, sessionClosed('a', 'alice'), 2000);
  assert.is(identities.session('a'.repeat(64)), undefined);
  assert.is(refusal(identities, sessionClosed('a', 'alice')), 'unknown_session');
});

test('sessions that are over are forgotten when the next one opens', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1'), at(HOUR)), 0);
  take(identities, sessionOpened('b', 'bob', by('bob', 'n2'), at(3 * HOUR)), HOUR);
  assert.equal([identities.sessionsOf('alice'), identities.sessionsOf('bob').length], [[], 1]);
});

test('a revoked key takes with it the sessions that it opened, and no others', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1')), 2000);
  take(identities, sessionOpened('b', 'alice', signOnReceipt('1')), 2000);
  take(identities, sessionOpened('c', 'bob', by('bob', 'n2')), 2000);
  take(identities, revoked('alice', 'key of alice'), 3000);
  assert.equal(
    ['a', 'b', 'c'].map((session) => identities.session(session.repeat(64)) !== undefined),
    [false, true, true],
  );
});

test('of what providers say of a person the latest counts', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', signOnReceipt('1', { groups: ['ops'] })), 2000);
  take(
    identities,
    sessionOpened('b', 'alice', signOnReceipt('2', { groups: ['dev'], auth_time: at(5) })),
    3000,
  );
  assert.equal([...identities.signOns()], [{ person: 'alice', groups: ['dev'], at: at(5) }]);
});

test('a saved state is the same state, and refuses the same', () => {
  const identities = three();
  take(identities, sessionOpened('a', 'alice', by('alice', 'n1', 5)), 2000);
  take(identities, sessionOpened('b', 'bob', signOnReceipt('1', { groups: ['ops'] })), 2000);
  take(identities, invited('again', 'carol', true), 2000);
  take(identities, revoked('bob', 'key of bob'), 2000);
  const copy = new Identities();
  take(copy, invited('swept away', 'zoe'));
  copy.load(JSON.parse(JSON.stringify(identities.save())) as ReturnType<Identities['save']>);
  assert.equal(copy.save(), identities.save());
  assert.is(copy.invitation('swept away'), undefined);
  for (const [draft, code] of [
    [sessionOpened('c', 'alice', by('alice', 'n1', 6)), 'replayed'],
    [sessionOpened('c', 'alice', by('alice', 'n2', 5)), 'passkey_cloned'],
    [sessionOpened('c', 'bob', by('bob', 'n3')), 'revoked_passkey'],
    [sessionOpened('c', 'bob', signOnReceipt('1')), 'replayed'],
    [sent('again'), 'needs_approval'],
    [sessionOpened('a', 'carol', by('carol', 'n4')), 'session_twice'],
  ] as const)
    assert.is(refusal(copy, draft), code);
});

test.run();
