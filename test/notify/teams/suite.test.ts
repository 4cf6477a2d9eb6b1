import { test } from 'uvu';
import { createTeamsDriver } from '../../../src/notify/teams/driver.ts';
import { channelSuite } from '../../support/channel-suite.ts';
import { startFakeTeams } from '../../support/fake-teams.ts';

channelSuite({
  name: 'teams',
  place: 'teams',
  outcome: 'separate',
  reminder: 'separate',
  stable_ids: true,
  digest: false,
  fails: ['refuse', 'busy', 'limit', 'hang', 'hang up', 'redirect', 'flood'],
  open: async (clock) => {
    const fake = await startFakeTeams();
    return {
      ...fake,
      connect: () => createTeamsDriver({ url: fake.url, clock }),
      secrets: [fake.url, fake.signature],
    };
  },
});

test.run();
