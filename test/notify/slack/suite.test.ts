import { test } from 'uvu';
import { createSlackDriver } from '../../../src/notify/slack/driver.ts';
import { channelSuite } from '../../support/channel-suite.ts';
import { BOT_TOKEN, startFakeSlack } from '../../support/fake-slack.ts';

channelSuite({
  name: 'slack',
  person: { id: 'alice', name: 'Alice Ng', emails: ['alice@example.com'], slack: 'U0ALICE01' },
  place: 'slack:#ops',
  outcome: 'edited',
  reminder: 'threaded',
  stable_ids: false,
  digest: true,
  fails: ['refuse', 'busy', 'limit', 'hang', 'hang up', 'redirect', 'flood'],
  open: async (clock) => {
    const slack = await startFakeSlack({ now: () => clock.now() });
    const logged: string[] = [];
    return {
      connect: () =>
        createSlackDriver({
          settings: { botToken: BOT_TOKEN, apiUrl: slack.apiUrl },
          clock,
          log: (line) => logged.push(line),
        }),
      behave: slack.behave,
      asked: () => slack.calls.length,
      messages: slack.drawings,
      secrets: [BOT_TOKEN],
      logged: () => logged,
      forget: slack.forget,
      strays: () => slack.state.strays,
      close: slack.close,
    };
  },
});

test.run();
