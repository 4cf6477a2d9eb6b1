import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { load, loadValid, PEOPLE, problemsOf, warningsOf } from '../support/policy-folder.ts';

const ALL = ['link', 'sso', 'passkey'] as const;

/** Rules whose top-level review is line 1 and whose only rule's review is line 6. */
function rules(review: string, top = '{ reviewers: [carol] }'): string {
  return `review: ${top}\nrules:\n  - id: w\n    match: {}\n    verdict: review\n    review: ${review}\n`;
}

function mistake(title: string, review: string, expected: readonly string[], top?: string): void {
  test(`reports ${title}`, async () => {
    const files = { 'people.yaml': PEOPLE, 'rules.yaml': rules(review, top) };
    assert.equal(
      await problemsOf(files, ALL),
      expected.map((each) => `policies/rules.yaml:${each}`),
    );
  });
}

function idle(title: string, review: string, expected: readonly string[], top?: string): void {
  test(`warns of ${title}`, async () => {
    const files = { 'people.yaml': PEOPLE, 'rules.yaml': rules(review, top) };
    assert.equal(
      await warningsOf(files, ALL),
      expected.map((each) => `policies/rules.yaml:${each}`),
    );
  });
}

mistake('a channel that is none', '{ notify: [email, emial] }', [
  '6:31: "emial" is no channel (did you mean email?); use email, slack, slack:#ops, slack:C0123ABC, teams, webhook:siem or pagerduty.',
]);
mistake('webhooks alone, which ask nobody', '{ notify: [webhook:siem] }', [
  '6:23: notify names webhooks alone, which ask nobody: add email, slack, or a place that people read.',
]);
mistake('a channel that is none, written alone', '{ notify: telegram }', [
  '6:23: "telegram" is no channel; use email, slack, slack:#ops, slack:C0123ABC, teams, webhook:siem or pagerduty.',
]);
mistake('a channel that is nothing but a name of all objects', '{ notify: constructor }', [
  '6:23: "constructor" is no channel; use email, slack, slack:#ops, slack:C0123ABC, teams, webhook:siem or pagerduty.',
]);
for (const room of ['slack:ops', 'slack:#Ops', 'slack:#a b', 'slack:U0123ABC', 'slack:', 'slack:#<b>'])
  mistake(`the room ${room}`, `{ notify: "${room}" }`, [
    `6:23: "${room}" is no room of Slack; write slack:#ops with its name, slack:C0123ABC with its id, or slack for each reviewer.`,
  ]);
for (const name of ['webhook', 'webhook:', 'webhook:SIEM', 'webhook:a_b'])
  mistake(`the webhook ${name}`, `{ notify: "${name}" }`, [
    `6:23: "${name}" names no webhook; write webhook:siem for the one of PLACET_WEBHOOK_SIEM_URL, in small letters, digits and hyphens.`,
  ]);
mistake('a channel with an address that it cannot have', '{ notify: ["teams:#ops", "email:alice"] }', [
  '6:24: "teams:#ops" is no channel; write teams alone.',
  '6:38: "email:alice" is no channel; write email alone.',
]);
mistake('no channel', '{ notify: [] }', [
  '6:23: notify must name at least one channel: email, slack, slack:#ops, slack:C0123ABC, teams, webhook:siem or pagerduty.',
]);
mistake('channels that are no text', '{ notify: [1] }', [
  '6:24: notify must be channels such as [email, slack:#ops].',
]);
mistake('a reminder that comes at once', '{ remind: 30s }', [
  '6:23: remind must be a duration such as 10m (s, m, h or d), at least 1m and at most 1d.',
]);
mistake('a reminder that comes when it is over', '{ remind: 30m }', [
  '6:23: remind must be shorter than expires, which is 30m: after that nobody is reminded any more.',
]);
mistake('an escalation that comes when it is over', '{ expires: 10m, escalate: { after: 10m, to: bob } }', [
  '6:48: after must be shorter than expires, which is 10m: after that nobody is asked any more.',
]);
mistake(
  'an escalation that comes when it is over by the top-level terms',
  '{ escalate: { after: 10m, to: bob } }',
  ['6:34: after must be shorter than expires, which is 5m: after that nobody is asked any more.'],
  '{ reviewers: [carol], expires: 5m }',
);
mistake('an escalation to nobody', '{ escalate: { after: 10m, to: [] } }', [
  '6:43: to must name at least one person or group, who is asked then.',
]);
mistake('an escalation without a time and people', '{ escalate: {} }', [
  '6:25: after must be a duration such as 20m (s, m, h or d), at least 1s and at most 20d.',
  '6:25: to is missing; it must be ids of people and group:NAME, such as [group:leads].',
]);
mistake(
  'an escalation to people who are not known',
  '{ escalate: { after: 10m, to: [allice, group:op, ops] } }',
  [
    '6:44: people.yaml has no person allice (did you mean alice?); add the person or correct the id.',
    '6:52: people.yaml has no group op (did you mean ops?); add the group or correct the name.',
    '6:62: ops is a group; write group:ops.',
  ],
);
mistake('an escalation by a channel that is none', '{ escalate: { after: 10m, to: bob, notify: pager } }', [
  '6:56: "pager" is no channel; use email, slack, slack:#ops, slack:C0123ABC, teams, webhook:siem or pagerduty.',
]);
mistake('a key of an escalation that is misspelt', '{ escalate: { afer: 10m, after: 10m, to: bob } }', [
  '6:27: "afer" is not a key that this can have (did you mean after?).',
]);
for (const way of ['slack', 'api'])
  mistake(`${way} in the place of a passkey`, `{ verification: passkey, ${way}: decide }`, [
    `6:${way === 'slack' ? 45 : 43}: ${way}: decide cannot be had where the verification is passkey, whose place nothing else takes; leave it out, or ask for link or sso.`,
  ]);
mistake(
  'Slack in the place of a passkey that the top-level terms ask for',
  '{ slack: decide }',
  [
    '6:22: slack: decide cannot be had where the verification is passkey, whose place nothing else takes; leave it out, or ask for link or sso.',
  ],
  '{ reviewers: [carol], verification: passkey }',
);
mistake('what Slack and the API do not do', '{ slack: yes, api: write }', [
  '6:22: slack must be decide or review: whether a button in Slack decides, or leads to the page.',
  "6:32: api must be decide or read: whether a reviewer's key at the API decides, or only shows.",
]);
mistake(
  'contradictions of the top-level terms where they stand',
  '{}',
  [
    '1:61: slack: decide cannot be had where the verification is passkey, whose place nothing else takes; leave it out, or ask for link or sso.',
    '1:77: remind must be shorter than expires, which is 30m: after that nobody is reminded any more.',
  ],
  '{ reviewers: [carol], verification: passkey, slack: decide, remind: 1h }',
);

idle(
  'an inherited reminder and escalation that come too late',
  '{ expires: 5m }',
  [
    '6:15: The remind of the top-level review comes after 10m, when this is over: it does nothing here.',
    '6:15: The escalate of the top-level review comes after 20m, when this is over: it does nothing here.',
  ],
  '{ reviewers: [carol], remind: 10m, escalate: { after: 20m, to: alice } }',
);
idle(
  'an escalation to those who are asked already',
  '{ reviewers: [group:ops], escalate: { after: 10m, to: [alice, bob] } }',
  ['6:63: escalate does nothing: everybody in to is a reviewer already.'],
);
idle('buttons in Slack that are sent nowhere', '{ slack: decide }', [
  '6:15: slack: decide does nothing while notify names no channel of Slack.',
]);
idle(
  'nothing where there is nothing to say',
  '{ notify: ["slack:#ops"], slack: decide, escalate: { after: 10m, to: bob } }',
  [],
);

const CHANNELS = `{ notify: [email, slack, "slack:#ops", "slack:C0123ABC", teams, "webhook:siem", pagerduty], escalate: { after: 10m, to: bob, notify: [teams, "webhook:on-call"] } }`;

test('every channel loads, whether or not it is set up', async () => {
  const policy = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': rules(CHANNELS) });
  assert.equal(policy.rules[0]?.review.notify, [
    'email',
    'slack',
    'slack:#ops',
    'slack:C0123ABC',
    'teams',
    'webhook:siem',
    'pagerduty',
  ]);
  assert.equal(policy.missing, []);
});

test('channels that are not set up are warned of where they stand, with the setting', async () => {
  const files = { 'people.yaml': PEOPLE, 'rules.yaml': rules(CHANNELS) };
  assert.equal(await warningsOf(files, ALL, ['webhook:on-cal']), [
    'policies/rules.yaml:6:24: email is not set up here, so nothing is sent there: set PLACET_SMTP_URL in .env.',
    'policies/rules.yaml:6:31: slack is not set up here, so nothing is sent there: set PLACET_SLACK_BOT_TOKEN in .env.',
    'policies/rules.yaml:6:38: slack:#ops is not set up here, so nothing is sent there: set PLACET_SLACK_BOT_TOKEN in .env.',
    'policies/rules.yaml:6:52: slack:C0123ABC is not set up here, so nothing is sent there: set PLACET_SLACK_BOT_TOKEN in .env.',
    'policies/rules.yaml:6:70: teams is not set up here, so nothing is sent there: set PLACET_TEAMS_URL in .env.',
    'policies/rules.yaml:6:77: webhook:siem is not set up here, so nothing is sent there: set PLACET_WEBHOOK_SIEM_URL and PLACET_WEBHOOK_SIEM_SECRET in .env.',
    'policies/rules.yaml:6:93: pagerduty is not set up here, so nothing is sent there: set PLACET_PAGERDUTY_ROUTING_KEY in .env.',
    'policies/rules.yaml:6:147: teams is not set up here, so nothing is sent there: set PLACET_TEAMS_URL in .env.',
    'policies/rules.yaml:6:154: webhook:on-call is not set up here, so nothing is sent there (did you mean webhook:on-cal?): set PLACET_WEBHOOK_ON_CALL_URL and PLACET_WEBHOOK_ON_CALL_SECRET in .env.',
  ]);
});

test('channels that are set up are not warned of, nor is the mail that goes without saying', async () => {
  const files = { 'people.yaml': PEOPLE, 'rules.yaml': rules(CHANNELS) };
  const all = ['email', 'slack', 'teams', 'webhook:siem', 'webhook:on-call', 'pagerduty'];
  assert.equal(await warningsOf(files, ALL, all), []);
  assert.equal(await warningsOf({ ...files, 'rules.yaml': rules('{}') }, ALL, []), []);
});

test('what is missing is kept with the policy, for the status', async () => {
  const files = { 'people.yaml': PEOPLE, 'rules.yaml': rules('{ notify: teams }') };
  const result = await load(files, ALL, ['email']);
  assert.equal(result.kind === 'ok' && result.policy.missing.map(({ line, column }) => [line, column]), [
    [6, 23],
  ]);
});

async function reviewOf(review: string, top?: string) {
  const policy = await loadValid({ 'people.yaml': PEOPLE, 'rules.yaml': rules(review, top) }, ALL);
  const { notify, remind_ms, escalate, admits } = policy.rules[0]?.review ?? {};
  return { notify, remind_ms, escalate, admits };
}

const TOP =
  '{ reviewers: [carol], notify: [teams, teams], remind: 10m, escalate: { after: 20m, to: [alice, group:ops] }, slack: decide, api: decide }';
const ESCALATE = { after_ms: 1_200_000, to: ['alice', 'group:ops'], notify: [] };

test('what a rule leaves out of channels, reminders and escalation comes from the top-level terms', async () => {
  assert.equal(await reviewOf('{}', TOP), {
    notify: ['teams'],
    remind_ms: 600_000,
    escalate: ESCALATE,
    admits: ['slack', 'api'],
  });
});

test("a rule's own channels, reminders and escalation come first", async () => {
  const own =
    '{ notify: slack, remind: 1m, escalate: { after: 1m, to: bob, notify: pagerduty }, slack: review, api: read }';
  assert.equal(await reviewOf(own, TOP), {
    notify: ['slack'],
    remind_ms: 60_000,
    escalate: { after_ms: 60_000, to: ['bob'], notify: ['pagerduty'] },
    admits: undefined,
  });
});

test('a rule does without what it inherits and cannot have', async () => {
  assert.equal(await reviewOf('{ expires: 15m, verification: passkey }', TOP), {
    notify: ['teams'],
    remind_ms: 600_000,
    escalate: undefined,
    admits: undefined,
  });
});

test.run();
