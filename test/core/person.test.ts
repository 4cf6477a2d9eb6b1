import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  eligible,
  expand,
  mailboxOf,
  personOfSignOn,
  principals,
  sameHuman,
  withSignOns,
  type People,
  type Person,
} from '../../src/core/person.ts';

function person(id: string, ...emails: string[]): Person {
  return { id, name: id, emails };
}

const DIRECTORY: People = {
  people: [
    person('alice', 'alice@example.com'),
    person('bob', 'bob@example.com', 'bob@home.example'),
    person('carol', 'carol@example.com'),
    person('bob2', 'BOB+work@example.com'),
    person('ali', 'alice+ops@example.com'),
  ],
  groups: { ops: ['alice', 'bob'], all: ['alice', 'bob', 'carol', 'bob2', 'ali'] },
  agents: [],
};

function idsOf(people: readonly Person[]): string[] {
  return people.map((each) => each.id);
}

const MAILBOXES: readonly (readonly [string, string])[] = [
  ['Alice@Example.COM', 'alice@example.com'],
  ['alice+approvals@example.com', 'alice@example.com'],
  ['alice+a+b@example.com', 'alice@example.com'],
  [' alice@example.com ', 'alice@example.com'],
  ['a.li.ce@gmail.com', 'alice@gmail.com'],
  ['a.lice+x@googlemail.com', 'alice@gmail.com'],
  ['a.lice@example.com', 'a.lice@example.com'],
  ['ａｌｉｃｅ@example.com', 'alice@example.com'],
  ['no-address', 'no-address'],
  ['A.Li-ce_1+x@protonmail.com', 'alice1@proton.me'],
  ['alice1@pm.me', 'alice1@proton.me'],
  ['a.lice@protonmail.ch', 'alice@proton.me'],
  ['Alice+x@me.com', 'alice@icloud.com'],
  ['al.ice@mac.com', 'al.ice@icloud.com'],
  ['a-b_c@gmail.com', 'a-b_c@gmail.com'],
  ['alice@gmail.com.example.com', 'alice@gmail.com.example.com'],
  ['"a@b"@example.com', '"a@b"@example.com'],
];
for (const [address, mailbox] of MAILBOXES) {
  test(`${JSON.stringify(address)} reaches ${mailbox}`, () => {
    assert.is(mailboxOf(address), mailbox);
  });
}

test('people with a mailbox in common are one human', () => {
  assert.is(sameHuman(person('a', 'x@example.com', 'y@example.com'), person('b', 'Y+z@example.com')), true);
});

test('people without a mailbox in common are two humans, whatever their names', () => {
  assert.is(
    sameHuman(
      { id: 'a', name: 'Ann', emails: ['a@x.example'] },
      { id: 'b', name: 'Ann', emails: ['b@x.example'] },
    ),
    false,
  );
});

const AT_WORK = { issuer: 'https://id.example.com', subject: '1' };

function withSso(id: string, ...sso: NonNullable<Person['sso']>): Person {
  return { ...person(id, `${id}@example.com`), sso };
}

test('people with an account at an identity provider in common are one human', () => {
  assert.is(
    sameHuman(withSso('a', { ...AT_WORK, subject: '9' }, AT_WORK), withSso('b', { ...AT_WORK })),
    true,
  );
});

for (const [what, other] of [
  ['subject', { ...AT_WORK, subject: '2' }],
  ['issuer', { ...AT_WORK, issuer: 'https://id.example.com/' }],
] as const) {
  test(`people whose accounts have another ${what} are two humans`, () => {
    assert.is(sameHuman(withSso('a', AT_WORK), withSso('b', other)), false);
    assert.is(personOfSignOn(other, { people: [withSso('a', AT_WORK)], groups: {}, agents: [] }), undefined);
  });
}

test('people without accounts have none in common', () => {
  assert.is(sameHuman(withSso('a'), withSso('b')), false);
});

test('an account leads to its person', () => {
  const people = [withSso('a', { ...AT_WORK, subject: '2' }), withSso('b', AT_WORK)];
  assert.is(personOfSignOn(AT_WORK, { people, groups: {}, agents: [] })?.id, 'b');
});

test('expand lists each person once, in the order of naming', () => {
  assert.equal(idsOf(expand(['carol', 'group:ops', 'alice'], DIRECTORY)), ['carol', 'alice', 'bob']);
});

test('expand leaves out unknown people and groups', () => {
  assert.equal(idsOf(expand(['nobody', 'group:none', 'alice'], DIRECTORY)), ['alice']);
});

test('expand finds no group under a name that every object inherits', () => {
  assert.equal(expand(['group:constructor', 'group:toString'], DIRECTORY), []);
});

test('the owner is not eligible', () => {
  const { reviewers, refused } = eligible(['group:ops'], 'bob', DIRECTORY);
  assert.equal([idsOf(reviewers), idsOf(refused)], [['alice'], ['bob']]);
});

test("another entry of the owner's is not eligible either", () => {
  const { reviewers, refused } = eligible(['bob2', 'carol'], 'bob', DIRECTORY);
  assert.equal([idsOf(reviewers), idsOf(refused)], [['carol'], ['bob2']]);
});

test('two entries of one human are eligible once', () => {
  assert.equal(idsOf(eligible(['alice', 'ali', 'carol'], 'bob', DIRECTORY).reviewers), ['alice', 'carol']);
});

test('nobody is eligible when only the owner is named', () => {
  assert.equal(eligible(['bob', 'bob2'], 'bob', DIRECTORY).reviewers, []);
});

function acting(id: string, ...actsFor: readonly string[]): Person {
  return { ...person(id, `${id}@example.com`), acts_for: actsFor };
}

function directory(people: readonly Person[], more: Partial<People> = {}): People {
  return { people, groups: {}, agents: [], ...more };
}

test('an owner who acts for nobody asks for themselves alone', () => {
  assert.equal(idsOf(principals('bob', directory([person('bob', 'bob@x.example')]))), ['bob']);
});

test('an owner asks also for whom they act for, and whom those act for', () => {
  const people = directory([
    acting('bob', 'alice'),
    acting('alice', 'carol'),
    acting('carol'),
    acting('dave', 'bob'),
  ]);
  assert.equal(idsOf(principals('bob', people)), ['bob', 'alice', 'carol']);
});

test('people who act for each other do not go round for ever', () => {
  const people = directory([acting('bob', 'alice', 'bob'), acting('alice', 'bob')]);
  assert.equal(idsOf(principals('bob', people)), ['bob', 'alice']);
});

test('another entry of the owner says whom the owner acts for, too', () => {
  const people = directory([
    person('bob', 'bob@x.example'),
    { ...person('bob2', 'BOB+2@x.example'), acts_for: ['alice'] },
    acting('alice'),
  ]);
  assert.equal(idsOf(principals('bob', people)), ['bob', 'bob2', 'alice']);
});

test('another entry of whom the owner acts for is asked for, too', () => {
  const people = directory([
    acting('bob', 'alice'),
    person('alice', 'alice@x.example'),
    person('ali', 'alice+1@x.example'),
  ]);
  assert.equal(idsOf(principals('bob', people)), ['bob', 'alice', 'ali']);
});

test('an owner or a principal that the directory does not name stands for its id', () => {
  assert.equal(idsOf(principals('gone', directory([]))), ['gone']);
  assert.equal(idsOf(principals('bob', directory([acting('bob', 'gone')]))), ['bob', 'gone']);
});

test('for whom the owner acts is not eligible, under any entry', () => {
  const people = directory([
    acting('bob', 'alice'),
    person('alice', 'alice@x.example'),
    person('ali', 'Alice+1@x.example'),
    acting('carol'),
  ]);
  const { reviewers, refused, solo } = eligible(['ali', 'alice', 'carol', 'bob'], 'bob', people);
  assert.equal([idsOf(reviewers), idsOf(refused), solo], [['carol'], ['ali', 'alice', 'bob'], false]);
});

test('who acts for the owner is eligible', () => {
  const people = directory([acting('bob'), acting('dave', 'bob')]);
  assert.equal(idsOf(eligible(['dave'], 'bob', people).reviewers), ['dave']);
});

test('an entry that shares an account with the owner is not eligible', () => {
  const people = directory([withSso('bob', AT_WORK), withSso('rob', AT_WORK)]);
  assert.equal(idsOf(eligible(['rob'], 'bob', people).refused), ['rob']);
});

test('two entries that share an account are eligible once', () => {
  const people = directory([acting('bob'), withSso('al', AT_WORK), withSso('alice', AT_WORK)]);
  assert.equal(idsOf(eligible(['alice', 'al'], 'bob', people).reviewers), ['alice']);
});

test('the only human may review, where the workspace declares it', () => {
  const people = directory([person('bob', 'bob@x.example'), person('bob2', 'bob+2@x.example')], {
    solo: true,
  });
  const { reviewers, refused, solo } = eligible(['bob', 'bob2'], 'bob', people);
  assert.equal([idsOf(reviewers), refused, solo], [['bob'], [], true]);
});

for (const [what, people] of [
  ['a second human', [person('bob', 'bob@x.example'), person('alice', 'alice@x.example')]],
  ['a second human for whom the owner acts', [acting('bob', 'alice'), acting('alice')]],
  ['no owner', [person('alice', 'alice@x.example')]],
] as const) {
  test(`a workspace with ${what} is not that of one person, whatever it declares`, () => {
    const { reviewers, solo } = eligible(['bob'], 'bob', directory(people, { solo: true }));
    assert.equal([reviewers, solo], [[], false]);
  });
}

const CLAIMS = directory([acting('alice'), acting('bob'), acting('carol')], {
  groups: { ops: ['alice'], dev: ['bob'] },
  group_claims: { ops: 'company-ops', night: 'company-night' },
});
const T = '2026-11-23T10:00:00.000Z';

test('who is in the group at the provider is in the group of ours', () => {
  const { groups } = withSignOns(CLAIMS, [{ person: 'carol', groups: ['company-ops'], at: T }]);
  assert.equal(groups, { ops: ['alice', 'carol'], dev: ['bob'], night: [] });
});

test("a group of the provider's that has the name of one of ours means nothing", () => {
  const { groups } = withSignOns(CLAIMS, [{ person: 'carol', groups: ['ops', 'dev', 'night'], at: T }]);
  assert.equal(groups, { ops: ['alice'], dev: ['bob'], night: [] });
});

test('a member by name and by the provider is a member once', () => {
  const { groups } = withSignOns(CLAIMS, [{ person: 'alice', groups: ['company-ops'], at: T }]);
  assert.equal(groups['ops'], ['alice']);
});

test('what a provider said last of a person counts', () => {
  const said = [
    { person: 'carol', groups: ['company-ops'], at: T },
    { person: 'carol', groups: ['company-night'], at: T },
  ];
  assert.equal(withSignOns(CLAIMS, said).groups, { ops: ['alice'], dev: ['bob'], night: ['carol'] });
});

test('a sign-on that is too old is not believed', () => {
  const old = [{ person: 'carol', groups: ['company-ops'], at: T }];
  assert.equal(withSignOns(CLAIMS, old, Date.parse(T)).groups['ops'], ['alice', 'carol']);
  assert.equal(withSignOns(CLAIMS, old, Date.parse(T) + 1).groups['ops'], ['alice']);
});

test('where no group is mapped the directory stays as it is', () => {
  assert.is(withSignOns(DIRECTORY, [{ person: 'alice', groups: ['ops'], at: T }]), DIRECTORY);
});

test('a directory does not change when people sign on', () => {
  const before = structuredClone(CLAIMS);
  withSignOns(CLAIMS, [{ person: 'carol', groups: ['company-ops'], at: T }]);
  assert.equal(CLAIMS, before);
});

test.run();
