import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Terms } from '../../../src/core/entry.ts';
import { DeliveryError } from '../../../src/notify/channel.ts';
import { createSlackDriver } from '../../../src/notify/slack/driver.ts';
import { FakeClock } from '../../support/clock.ts';
import { BOT_TOKEN, startFakeSlack, type FakeSlack } from '../../support/fake-slack.ts';
import { WRITES } from '../../support/memory-requests.ts';
import { askNotice, digestNotice, outcomeNotice, placeAsk } from '../../support/notices.ts';

const ADMITS: Terms = { ...WRITES, admits: ['slack'] };
const alice = { id: 'alice', name: 'Alice Ng', emails: ['alice@example.com'], slack: 'U0ALICE01' };

function withSlack(
  run: (slack: FakeSlack, driver: ReturnType<typeof createSlackDriver>, logged: string[]) => Promise<void>,
  accountOf?: (person: string) => string | undefined,
): () => Promise<void> {
  return async () => {
    const clock = new FakeClock();
    const slack = await startFakeSlack({ now: () => clock.now() });
    const logged: string[] = [];
    const driver = createSlackDriver({
      settings: { botToken: BOT_TOKEN, apiUrl: slack.apiUrl },
      ...(accountOf ? { accountOf } : {}),
      clock,
      log: (line) => logged.push(line),
    });
    try {
      await run(slack, driver, logged);
    } finally {
      await driver.close();
      await slack.close();
    }
  };
}

/** The labels of what can be pressed below the newest message. */
const buttons = (slack: FakeSlack): readonly string[] =>
  (slack.messages().at(-1)?.message.blocks ?? []).flatMap((block) =>
    block.type === 'actions' ? block.elements.map((button) => button.text.text) : [],
  );

async function refusal(delivery: Promise<unknown>): Promise<DeliveryError> {
  const error = await delivery.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DeliveryError) return error;
  throw new Error('It was delivered.');
}

test(
  'only where every rule lets it be decided in Slack two more buttons stand beside Review',
  withSlack(async (slack, driver) => {
    const cases: readonly (readonly [readonly Terms[], readonly string[]])[] = [
      [[WRITES], ['Review']],
      [[ADMITS], ['Review', 'Approve', 'Reject']],
      [
        [ADMITS, { ...ADMITS, rule: 'b' }],
        ['Review', 'Approve', 'Reject'],
      ],
      [[ADMITS, { ...WRITES, rule: 'b' }], ['Review']],
      [[{ ...WRITES, admits: ['api'] }], ['Review']],
    ];
    for (const [terms, expected] of cases) {
      await driver.channel.deliver({ ...(await askNotice({ terms })), to: alice });
      assert.equal(buttons(slack), expected);
      await driver.place?.('slack:#ops')?.post(await placeAsk({ terms }));
      assert.equal(buttons(slack), expected);
    }
  }),
);

test(
  'a reminder stands in the thread, is seen beside it, and has no button that would outlive the question',
  withSlack(async (slack, driver) => {
    const place = driver.place?.('slack:#ops');
    const ask = await placeAsk({ terms: [ADMITS] });
    const first = (await place?.post(ask))?.message_id ?? '';
    await place?.post({ ...ask, round: 1, first });
    assert.equal(buttons(slack), ['Review']);
    const args = slack.calls.at(-1)?.args;
    assert.is(`${args?.['channel']}/${args?.['thread_ts']}`, first);
    assert.is(args?.['reply_broadcast'], 'true');
  }),
);

test(
  'a reminder of a question that somebody deleted comes as a question of its own',
  withSlack(async (slack, driver) => {
    const place = driver.place?.('slack:#ops');
    const ask = await placeAsk({ terms: [ADMITS] });
    const first = (await place?.post(ask))?.message_id ?? '';
    slack.forget();
    await place?.post({ ...ask, round: 1, first });
    assert.equal(buttons(slack), ['Review', 'Approve', 'Reject']);
    assert.is(slack.messages().length, 1);
  }),
);

test(
  'the outcome of one question of a digest stands below it, and the others stay as they are',
  withSlack(async (slack, driver) => {
    const digest = { ...(await digestNotice(3)), to: alice };
    const first = (await driver.channel.digest?.(digest))?.message_id ?? '';
    assert.match(first, /^D0ALICE01\/1700000000\.\d{6}\/digest$/);
    const before = slack.messages()[0]?.message;
    await driver.channel.deliver({ ...(await outcomeNotice()), to: alice, first });
    const [kept, outcome] = slack.messages();
    assert.equal(kept?.message, before);
    assert.is(`${outcome?.channel}/${outcome?.thread_ts}/digest`, first);
  }),
);

test(
  'a room may be named by its id; what is no room of Slack is none of ours',
  withSlack(async (slack, driver) => {
    await driver.place?.('slack:C0OPS0001')?.post(await placeAsk());
    assert.is(slack.messages()[0]?.channel, 'C0OPS0001');
    for (const name of [
      'slack',
      'slack:',
      'slack:ops',
      'slack:#',
      'slack:U0ALICE01',
      'slack:#a b',
      'teams',
      'slack:#ops\n',
    ])
      assert.is(driver.place?.(name), undefined, name);
  }),
);

test(
  'who has no account in people.yaml is reached by the one they linked, and otherwise not at all',
  withSlack(
    async (slack, driver) => {
      const { slack: _, ...bare } = alice;
      await driver.channel.deliver({ ...(await askNotice()), to: bare });
      assert.is(slack.calls.at(-1)?.args['channel'], 'U0CAROL01');
      await driver.channel.deliver({ ...(await askNotice()), to: alice });
      assert.is(slack.calls.at(-1)?.args['channel'], 'U0ALICE01');
      assert.is(driver.channel.reaches({ ...bare, id: 'dan' }), false);
      const error = await refusal(
        driver.channel.deliver({ ...(await askNotice()), to: { ...bare, id: 'dan' } }),
      );
      assert.is(error.permanent, true);
    },
    (person) => (person === 'alice' ? 'U0CAROL01' : undefined),
  ),
);

for (const [code, words] of [
  ['channel_not_found', 'Slack knows no such channel, or the app may not see it: invite the app to it'],
  ['is_archived', 'The channel in Slack is archived'],
  ['not_in_channel', 'The app is not in the channel in Slack: invite it with /invite'],
  ['user_not_found', 'Slack knows no such account: mend slack: of the person in people.yaml'],
] as const) {
  test(
    `${code} is for good, and no problem of the app`,
    withSlack(async (slack, driver) => {
      slack.state.error = code;
      const error = await refusal(driver.channel.deliver({ ...(await askNotice()), to: alice }));
      assert.is(error.permanent, true);
      assert.is(error.message, `${words} (${code}).`);
      assert.equal(driver.problems?.(), []);
    }),
  );
}

for (const [code, words] of [
  [
    'invalid_auth',
    'Slack does not accept PLACET_SLACK_BOT_TOKEN: install the app again and set its new token',
  ],
  [
    'token_revoked',
    'The token in PLACET_SLACK_BOT_TOKEN was revoked: install the app again and set its new token',
  ],
  ['account_inactive', 'The app was removed from Slack: install the app again and set its new token'],
  ['missing_scope', 'The app in Slack lacks a scope: add those of docs/slack.md and install it again'],
] as const) {
  test(
    `${code} is tried again, and told until it is mended`,
    withSlack(async (slack, driver, logged) => {
      slack.state.error = code;
      for (let tries = 0; tries < 3; tries += 1) {
        const error = await refusal(driver.channel.deliver({ ...(await askNotice()), to: alice }));
        assert.is(error.permanent, false);
        assert.is(error.message, `${words} (${code}).`);
      }
      assert.equal(driver.problems?.(), [`${words} (${code}).`]);
      assert.equal(logged, [`slack: ${words} (${code}).`]);
      slack.state.error = undefined;
      await driver.channel.deliver({ ...(await askNotice()), to: alice });
      assert.equal(driver.problems?.(), []);
    }),
  );
}

test(
  'an answer that nobody knows is tried again, and nothing that is no code is repeated',
  withSlack(async (slack, driver) => {
    for (const [code, words] of [
      ['internal_error', 'Slack did not carry out chat.postMessage (internal_error).'],
      [`<b>${BOT_TOKEN}</b>`, 'Slack did not carry out chat.postMessage.'],
      ['constructor', 'Slack did not carry out chat.postMessage (constructor).'],
    ] as const) {
      slack.state.error = code;
      const error = await refusal(driver.channel.deliver({ ...(await askNotice()), to: alice }));
      assert.is(error.permanent, false);
      assert.is(error.message, words);
    }
  }),
);

test(
  'each call is made once: what fails is not tried again behind the back of the outbox',
  withSlack(async (slack, driver) => {
    slack.behave({ kind: 'busy' });
    await refusal(driver.channel.deliver({ ...(await askNotice()), to: alice }));
    assert.is(slack.calls.length, 1);
    slack.behave({ kind: 'limit', retry_after: '7' });
    const error = await refusal(driver.channel.deliver({ ...(await askNotice()), to: alice }));
    assert.is(error.retry_after_ms, 7000);
    assert.is(slack.calls.length, 2);
  }),
);

test(
  'a message has no attachment, so it speaks of none',
  withSlack(async (slack, driver) => {
    const checkpoint = 'localhost:7447/log\n9\nroot\n\n— localhost:7447/log sig\n';
    const { message_id: first } = await driver.channel.deliver({
      ...(await askNotice()),
      to: alice,
      checkpoint,
    });
    assert.not.match(JSON.stringify(slack.messages()), 'Keep this');
    await driver.channel.deliver({ ...(await outcomeNotice()), to: alice, first, checkpoint });
    assert.not.match(JSON.stringify(slack.messages()), 'Keep this');
  }),
);

test(
  'the outcome takes the place of the question, without its buttons, and says who, when and why',
  withSlack(async (slack, driver) => {
    const { message_id: first } = await driver.channel.deliver({
      ...(await askNotice({ terms: [ADMITS] })),
      to: alice,
    });
    const told = await driver.channel.deliver({ ...(await outcomeNotice()), to: alice, first });
    assert.is(told.message_id, first);
    assert.equal(buttons(slack), []);
    const [message] = slack.drawings();
    for (const part of ['Rejected by', 'Alice Ng', '23 Nov 2026, 10:00 UTC', '“Not today”'])
      assert.ok(message?.seen.includes(part), message?.seen);
  }),
);

test.run();
