import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft } from '../../src/core/entry.ts';
import { Identities } from '../../src/core/identities.ts';
import type { People } from '../../src/core/person.ts';
import { createPeopleDesk } from '../../src/host/people-desk.ts';
import { passkeysSchema } from '../../src/host/people-ops.ts';
import type { ApiKeys } from '../../src/reviewers/api-keys.ts';
import type { Enrolment } from '../../src/reviewers/enrolment.ts';
import * as entries from '../support/identity-entries.ts';
import { rejection } from '../support/rejects.ts';

const PEOPLE: People = {
  people: ['alice', 'bob', 'carol'].map((id) => ({ id, name: id, emails: [`${id}@example.com`] })),
  groups: {},
  agents: [],
};

/** A desk after these entries, and what it asked to be revoked. */
function deskAfter(drafts: readonly Draft[], mails = true) {
  const identities = new Identities();
  drafts.forEach((draft, seq) =>
    identities.apply(entries.entry(draft, seq * 1000, seq) as Parameters<Identities['apply']>[0]),
  );
  const asked: unknown[] = [];
  const enrolment = {
    async invite(person: string, by: string) {
      asked.push({ person, by });
      return { invitation: identities.invitation('inv_bob'), code: 'CODE' };
    },
    async revoke(key: unknown) {
      asked.push(key);
    },
  } as unknown as Enrolment;
  const apiKeys = {
    listOf: (person: string) =>
      person === 'alice'
        ? [
            { key: { key_id: 'aaaaaaaaaaaa', name: 'Widget' }, state: 'good' },
            { key: { key_id: 'bbbbbbbbbbbb', name: 'Phone' }, state: 'good' },
            { key: { key_id: 'cccccccccccc', name: 'Old' }, state: 'expired' },
          ]
        : [],
    async revoke(key: unknown) {
      asked.push(key);
    },
  } as unknown as ApiKeys;
  const desk = createPeopleDesk({
    enrolment,
    apiKeys,
    identities: () => identities,
    people: () => PEOPLE,
    publicUrl: 'https://placet.example.com',
    mails: () => mails,
  });
  return { desk, asked };
}

/** Somebody has come to a key, by invitation. */
const withKey = (person: string, key: string): readonly Draft[] => [
  entries.invited(`inv_${person}`, person),
  entries.linked(`inv_${person}`),
  entries.sent(`inv_${person}`),
  entries.enrolled(person, key, { invitation: `inv_${person}` }),
];

test('everyone in people.yaml is listed with keys and invitations, and whoever else has keys after them', () => {
  const { desk } = deskAfter([
    ...withKey('eve', 'cred-eve'),
    ...withKey('alice', 'cred-alice'),
    entries.revoked('alice', 'cred-alice'),
    entries.invited('inv_bob', 'bob'),
    entries.invited('inv_again', 'alice', true),
  ]);
  const told = passkeysSchema.parse(desk.passkeys());
  assert.equal(
    told.map(({ person, keys, invited }) => [person, keys.map((key) => key.credential_id), invited]),
    [
      ['alice', ['cred-alice'], 'waits_for_approval'],
      ['bob', [], 'to_be_sent'],
      ['carol', [], 'no'],
      ['eve', ['cred-eve'], 'no'],
    ],
  );
  assert.equal(
    told.map(({ keys }) => keys[0]?.revoked_at),
    ['2026-11-23T10:00:08.000Z', undefined, undefined, undefined],
  );
});

test('all keys that can be used are revoked for the operator, or the one that is named', async () => {
  const { desk, asked } = deskAfter(withKey('eve', 'cred-eve'));
  assert.equal(await desk.revoke('eve', undefined), {
    person: 'eve',
    revoked: [{ credential_id: 'cred-eve', name: 'Phone' }],
  });
  assert.equal(asked, [
    {
      person: 'eve',
      credential_id: 'cred-eve',
      by: 'operator',
      reason: 'Revoked with "placet people revoke".',
    },
  ]);
});

test("another person's key, or one that was revoked, is none to revoke", async () => {
  const { desk, asked } = deskAfter([
    ...withKey('eve', 'cred-eve'),
    ...withKey('alice', 'cred-alice'),
    entries.revoked('alice', 'cred-alice'),
  ]);
  for (const [person, key] of [
    ['alice', 'cred-eve'],
    ['alice', undefined],
    ['bob', undefined],
  ] as const) {
    const thrown = await rejection(desk.revoke(person, key));
    assert.is((thrown as { code?: string }).code, 'unknown_passkey');
  }
  assert.equal(asked, []);
});

test('nobody is invited where nothing can be mailed', async () => {
  const { desk, asked } = deskAfter([], false);
  const thrown = await rejection(desk.invite('bob'));
  assert.is((thrown as { code?: string }).code, 'no_mail_server');
  assert.equal(asked, []);
});

test('an invitation is told with its code and where a second person would approve', async () => {
  const { desk, asked } = deskAfter([entries.invited('inv_bob', 'bob')]);
  assert.equal(await desk.invite('bob'), {
    person: 'bob',
    name: 'bob',
    invitation: 'inv_bob',
    code: 'CODE',
    needs_approval: false,
    console_url: 'https://placet.example.com/console',
  });
  assert.equal(asked, [{ person: 'bob', by: 'operator' }]);
});

test("a person's key for the API is revoked in the operator's name, and one that does not hold is not", async () => {
  const { desk, asked } = deskAfter([]);
  assert.equal(await desk.revokeKey('alice', 'aaaaaaaaaaaa'), {
    person: 'alice',
    key_id: 'aaaaaaaaaaaa',
    name: 'Widget',
    left: 1,
  });
  assert.equal(asked, [
    {
      person: 'alice',
      key_id: 'aaaaaaaaaaaa',
      by: 'operator',
      reason: 'Revoked with "placet people revoke-key".',
    },
  ]);
  for (const [person, key, rest] of [
    ['alice', 'cccccccccccc', 'those that hold are aaaaaaaaaaaa, bbbbbbbbbbbb'],
    ['bob', 'aaaaaaaaaaaa', 'none of theirs holds'],
  ] as const) {
    const error = await rejection(desk.revokeKey(person, key));
    assert.match((error as Error).message, rest);
  }
  assert.is(asked.length, 1);
});

test.run();
