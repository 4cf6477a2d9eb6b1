import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { load, loadValid, PEOPLE, problemsOf, RULES, warningsOf } from '../support/policy-folder.ts';

const ALL = ['link', 'sso', 'passkey'] as const;

/** People where alice, whose entry begins on line 2, has these keys on line 5. */
function alice(keys: string): { readonly 'people.yaml': string; readonly 'rules.yaml': string } {
  const text = PEOPLE.replace('emails: [alice@example.com]\n', `emails: [alice@example.com]\n    ${keys}\n`);
  return { 'people.yaml': text, 'rules.yaml': RULES };
}

function mistake(title: string, keys: string, expected: readonly string[]): void {
  test(`reports ${title}`, async () => {
    assert.equal(
      await problemsOf(alice(keys), ALL),
      expected.map((each) => `policies/people.yaml:5:${each}`),
    );
  });
}

const UNTIL =
  'until must be a time such as 2026-12-24T17:00:00Z, or a day such as 2026-12-24 for its end in UTC.';
for (const until of [
  'tomorrow',
  '2026-02-30',
  '2026-13-01',
  '2026-12-24T17:00',
  '2026-12-24T17:00:00',
  '2026-12-24T25:00:00Z',
  '2026-02-30T10:00:00Z',
  '24.12.2026',
])
  mistake(`an away until ${until}`, `away: { until: "${until}", to: carol }`, [`20: ${UNTIL}`]);
mistake('an away without its keys', 'away: {}', [
  '11: until is missing; it must be a time such as 2026-12-24T17:00:00Z, or a day such as 2026-12-24 for its end in UTC.',
  '11: to is missing; it must be text such as carol (put a number in quotes).',
]);
mistake('an away to somebody who is not known', 'away: { until: 2026-12-24, to: carl }', [
  '36: people has no carl (did you mean carol?); add the person or correct the id.',
]);
mistake('an away to a group', 'away: { until: 2026-12-24, to: "group:ops" }', [
  '36: to may hold only letters, digits and . _ @ -, begins with a letter or digit, and has at most 64 characters.',
]);
mistake('an away to themselves', 'away: { until: 2026-12-24, to: alice }', [
  '36: alice cannot be stood in for by themselves; name another person.',
]);
mistake('a key of an away that is misspelt', 'away: { untill: 2026-12-24, until: 2026-12-24, to: carol }', [
  '13: "untill" is not a key that this can have (did you mean until?).',
]);

test('reports an away to the same human under another entry', async () => {
  const files = alice('away: { until: 2026-12-24, to: carol }');
  const text = files['people.yaml'].replace('carol@example.com', 'alice+2@example.com');
  assert.equal(await problemsOf({ ...files, 'people.yaml': text }), [
    'policies/people.yaml:5:36: alice cannot be stood in for by carol, who is the same human; name another person.',
  ]);
});

for (const time of ['24:00', '7:00', '22:60', 'late'])
  mistake(`quiet hours from ${time}`, `quiet: { from: "${time}", to: "08:00", zone: UTC }`, [
    '20: from must be a time of day such as "22:00".',
  ]);
mistake('quiet hours that never end', 'quiet: { from: "22:00", to: "22:00", zone: UTC }', [
  '33: quiet must end at another time than it begins; without quiet hours leave it out.',
]);
mistake('a time zone that is none', 'quiet: { from: "22:00", to: "07:00", zone: Europe/Berln }', [
  '48: "Europe/Berln" is no time zone such as Europe/Berlin (did you mean Europe/Berlin?).',
]);
mistake('an offset for a time zone', 'quiet: { from: "22:00", to: "07:00", zone: "+01:00" }', [
  '48: "+01:00" is no time zone such as Europe/Berlin.',
]);
mistake('quiet hours without a zone', 'quiet: { from: "22:00", to: "07:00" }', [
  '12: zone is missing; it must be a time zone such as Europe/Berlin.',
]);
mistake('an account in Slack that is none', 'slack: "@alice"', [
  '12: slack must be the id of an account in Slack, which begins with U or W, such as U024BE7LH (in the profile: Copy member ID).',
]);
mistake('outcomes by a channel that reaches no person', 'outcomes: [email, emial, pagerduty]', [
  '23: outcomes may name email and slack, and "emial" is neither (did you mean email?).',
  '30: outcomes may name email and slack, and "pagerduty" is neither.',
]);

test('reports one account in Slack of two people', async () => {
  const files = alice('slack: U024BE7LH');
  const text = files['people.yaml'].replace(
    'emails: [bob@example.com]\n',
    'emails: [bob@example.com]\n    slack: U024BE7LH\n',
  );
  assert.equal(await problemsOf({ ...files, 'people.yaml': text }), [
    "policies/people.yaml:9:12: The account U024BE7LH in Slack already belongs to alice; an account is one person's only.",
  ]);
});

test('reports a fallback to people who are not known', async () => {
  const files = { 'people.yaml': `${PEOPLE}fallback: [allice, group:op, ops]\n`, 'rules.yaml': RULES };
  assert.equal(await problemsOf(files), [
    'policies/people.yaml:16:12: people.yaml has no person allice (did you mean alice?); add the person or correct the id.',
    'policies/people.yaml:16:20: people.yaml has no group op (did you mean ops?); add the group or correct the name.',
    'policies/people.yaml:16:30: ops is a group; write group:ops.',
  ]);
});

test('reports a fallback that is no list of names', async () => {
  const files = { 'people.yaml': `${PEOPLE}fallback: [1]\n`, 'rules.yaml': RULES };
  assert.equal(await problemsOf(files), [
    'policies/people.yaml:16:12: fallback must be ids of people and group:NAME, such as [group:leads].',
  ]);
});

async function aliceOf(keys: string) {
  const [first] = (await loadValid(alice(keys))).people.people;
  return first;
}

test('a day stands for its end in UTC, and a time for itself', async () => {
  for (const [until, expected] of [
    ['2026-12-24', '2026-12-25T00:00:00.000Z'],
    ['2026-12-31', '2027-01-01T00:00:00.000Z'],
    ['2028-02-29', '2028-03-01T00:00:00.000Z'],
    ['2026-12-24T17:00:00Z', '2026-12-24T17:00:00.000Z'],
    ['2026-12-24T17:00:00+01:00', '2026-12-24T16:00:00.000Z'],
    ['"2026-12-24 17:00:00.5Z"', '2026-12-24T17:00:00.500Z'],
  ] as const)
    assert.equal((await aliceOf(`away: { until: ${until}, to: carol }`))?.away, {
      until: expected,
      to: 'carol',
    });
});

test('quiet hours are minutes of the day in a zone', async () => {
  assert.equal((await aliceOf('quiet: { from: 22:30, to: "07:00", zone: Europe/Berlin }'))?.quiet, {
    from: 1350,
    to: 420,
    zone: 'Europe/Berlin',
  });
});

test('the account in Slack and the channels of outcomes are kept, each once', async () => {
  const person = await aliceOf('slack: U024BE7LH\n    outcomes: [slack, email, slack]');
  assert.equal([person?.slack, person?.outcomes], ['U024BE7LH', ['slack', 'email']]);
  assert.equal((await aliceOf('outcomes: email'))?.outcomes, ['email']);
});

test('what a person does not have is left out', async () => {
  assert.equal(await aliceOf(''), { id: 'alice', name: 'Alice Ng', emails: ['alice@example.com'] });
});

test('the fallback is kept as it is named, and left out where it is empty', async () => {
  const read = async (line: string) =>
    (await loadValid({ 'people.yaml': `${PEOPLE}${line}\n`, 'rules.yaml': RULES })).people;
  assert.equal((await read('fallback: [group:ops, carol]')).fallback, ['group:ops', 'carol']);
  assert.equal((await read('fallback: carol')).fallback, ['carol']);
  assert.is('fallback' in (await read('fallback: []')), false);
});

test('warns of outcomes in Slack to somebody without an account there, and of channels that are not set up', async () => {
  assert.equal(await warningsOf(alice('outcomes: [slack]'), ALL, ['email']), [
    'policies/people.yaml:5:16: alice is told nothing in Slack: add slack with the id of their account.',
    'policies/people.yaml:5:16: slack is not set up here, so nothing is sent there: set PLACET_SLACK_BOT_TOKEN in .env.',
  ]);
  const result = await load(alice('slack: U024BE7LH\n    outcomes: [email]'), ALL, []);
  assert.equal(result.kind === 'ok' && result.policy.missing.map(({ message }) => message), [
    'email is not set up here, so nothing is sent there: set PLACET_SMTP_URL in .env.',
  ]);
});

test.run();
