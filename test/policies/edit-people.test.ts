import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ConfigError } from '../../src/core/errors.ts';
import { addPerson, type NewPerson, removePerson } from '../../src/policies/edit-people.ts';

const DAVE: NewPerson = { id: 'dave', name: 'Dave Lim', emails: ['dave@example.com'], groups: [] };

const LAID_OUT = `# Who reviews.

people:
    - id:   alice     # on call
      name: 'Alice Ng'
      emails: [ alice@example.com,a.ng@example.com ]
      # her second address is the old one

    - emails:
        - bob@example.com
      name: "Bob Ito"
      id: bob
      # bob owns the agents

# groups come last
groups:
    ops: [ alice,  bob ]   # both
    night:
    # nobody at night
    - bob
    duty: { members: [alice], sso: Duty }
agents: []
`;

function codeOf(edit: () => string): string {
  try {
    return `edited to ${edit()}`;
  } catch (error) {
    return (error as ConfigError).code;
  }
}

test('a person is added behind the last one, in the same style, and nothing else is touched', () => {
  assert.is(
    addPerson(LAID_OUT, DAVE),
    LAID_OUT.replace(
      '      # bob owns the agents\n',
      '      # bob owns the agents\n    - id: dave\n      name: Dave Lim\n      emails: [dave@example.com]\n',
    ),
  );
});

test('a person joins lists in brackets, lists of lines and groups that a provider fills', () => {
  const text = addPerson(LAID_OUT, { ...DAVE, groups: ['ops', 'night', 'duty'] });
  assert.match(text, '    ops: [ alice,  bob, dave ]   # both\n');
  assert.match(
    text,
    '    # nobody at night\n    - bob\n    - dave\n    duty: { members: [alice, dave], sso: Duty }\n',
  );
});

test('a person is removed, and nothing else is touched', () => {
  assert.is(
    removePerson(LAID_OUT, 'alice', { groups: false }),
    LAID_OUT.replace(/ {4}- id: {3}alice[^]*old one\n/, ''),
  );
});

test('a person leaves the groups; one that is then empty is an empty list', () => {
  const text = removePerson(LAID_OUT, 'bob', { groups: true });
  assert.match(
    text,
    '    ops: [ alice ]   # both\n    night:\n    # nobody at night\n      []\n    duty: { members: [alice],',
  );
  assert.match(removePerson(LAID_OUT, 'alice', { groups: true }), 'ops: [ bob ]   # both\n');
});

test('the only member of a list in brackets leaves an empty one', () => {
  assert.match(removePerson(LAID_OUT, 'alice', { groups: true }), 'duty: { members: [], sso: Duty }\n');
});

test('to add and to remove a person gives the file that was', () => {
  const added = addPerson(LAID_OUT, { ...DAVE, groups: ['ops', 'night', 'duty'] });
  assert.is(removePerson(added, 'dave', { groups: true }), LAID_OUT);
});

test('people in brackets are added and removed in brackets', () => {
  const text = 'people: [{ id: alice, name: A, emails: [a@example.com] }]\n';
  const added = addPerson(text, DAVE);
  assert.is(
    added,
    'people: [{ id: alice, name: A, emails: [a@example.com] }, { id: dave, name: Dave Lim, emails: [dave@example.com] }]\n',
  );
  assert.is(removePerson(added, 'dave', { groups: false }), text);
});

test('a file without a last line feed and one with Windows line ends stay as they are', () => {
  const text = 'people:\r\n- { id: alice, name: A, emails: [a@example.com] }';
  assert.is(
    addPerson(text, DAVE),
    `${text}\r\n- id: dave\r\n  name: Dave Lim\r\n  emails: [dave@example.com]\r\n`,
  );
});

for (const name of [
  'No: one',
  '- x',
  'true',
  '#1',
  "O'Hara",
  '"quoted"',
  'a, b',
  '7',
  '王',
  '*all',
  'x #y',
]) {
  test(`the name ${name} is written so that it reads as it was given`, () => {
    const added = addPerson('people:\n  - { id: alice, name: A, emails: [a@example.com] }\n', {
      ...DAVE,
      name,
    });
    assert.match(added, '  - id: dave\n    name: ');
    // It is read back and compared before it is given.
    assert.is(removePerson(added, 'dave', { groups: false }).split('\n').length, 3);
  });
}

test('who is there already is not added, nor to a group that is not there', () => {
  assert.equal(
    [
      codeOf(() => addPerson(LAID_OUT, { ...DAVE, id: 'bob' })),
      codeOf(() => addPerson(LAID_OUT, { ...DAVE, groups: ['opps'] })),
      codeOf(() => addPerson(LAID_OUT, { ...DAVE, groups: ['constructor'] })),
      codeOf(() => removePerson(LAID_OUT, 'dave', { groups: true })),
    ],
    ['person_exists', 'unknown_group', 'unknown_group', 'unknown_person'],
  );
});

test('a group that shares its list with another by an anchor is not edited', () => {
  const text = `people:\n  - { id: alice, name: A, emails: [a@example.com] }\ngroups:\n  ops: &all [alice]\n  night: *all\n`;
  assert.equal(
    [
      codeOf(() => addPerson(text, { ...DAVE, groups: ['ops'] })),
      codeOf(() => addPerson(text, { ...DAVE, groups: ['night'] })),
    ],
    ['people_layout', 'people_layout'],
  );
});

test.run();
