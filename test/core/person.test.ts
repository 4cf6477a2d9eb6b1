import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eligible, expand, mailboxOf, sameHuman, type People, type Person } from '../../src/core/person.ts';

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

test.run();
