import { test } from 'uvu';
import { createPagerDutyDriver } from '../../../src/notify/pagerduty/driver.ts';
import { channelSuite } from '../../support/channel-suite.ts';
import { startFakePagerDuty } from '../../support/fake-pagerduty.ts';

channelSuite({
  name: 'pagerduty',
  place: 'pagerduty',
  outcome: 'closed',
  reminder: 'same',
  stable_ids: true,
  digest: false,
  fails: ['refuse', 'busy', 'limit', 'hang', 'hang up', 'redirect', 'flood'],
  open: async (clock) => {
    const fake = await startFakePagerDuty();
    return {
      ...fake,
      connect: () => createPagerDutyDriver({ routingKey: fake.routingKey, url: fake.origin, clock }),
      secrets: [fake.routingKey],
    };
  },
});

test.run();
