import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft, Terms } from '../../src/core/entry.ts';
import { isUnreached } from '../../src/core/reach.ts';
import { after, decided, ONE_OF_TWO, resolved } from '../support/request-entries.ts';

const of = { request_id: 'apr_1', notice: 'ask' } as const;
const failed = (channel: string, reviewer?: string): Draft => ({
  type: 'notice.failed',
  ...of,
  channel,
  ...(reviewer === undefined ? {} : { reviewer }),
  detail: 'refused',
});
const sent = (channel: string, reviewer: string): Draft => ({
  type: 'notice.sent',
  ...of,
  channel,
  reviewer,
  message_id: 'm',
});

const CASES: readonly (readonly [string, Partial<Terms>, readonly Draft[], boolean])[] = [
  ['nothing was tried', {}, [], false],
  ['one of two was not reached', {}, [failed('email', 'alice')], false],
  ['neither was reached', {}, [failed('email', 'alice'), failed('email', 'carol')], true],
  ['neither has a channel', {}, [failed('none', 'alice'), failed('none', 'carol')], true],
  ['one was reached', {}, [failed('email', 'alice'), sent('email', 'carol')], false],
  [
    'one was reached at first and not the second time',
    {},
    [sent('email', 'alice'), failed('email', 'alice'), failed('email', 'carol')],
    false,
  ],
  [
    'Slack is still tried',
    { notify: ['email', 'slack'] },
    [failed('email', 'alice'), failed('email', 'carol')],
    false,
  ],
  [
    'neither was reached, by mail or in Slack',
    { notify: ['email', 'slack'] },
    [failed('email', 'alice'), failed('slack', 'alice'), failed('email', 'carol'), failed('slack', 'carol')],
    true,
  ],
  [
    'only places are asked and one is still tried',
    { notify: ['pagerduty', 'teams'] },
    [failed('pagerduty')],
    false,
  ],
  [
    'a room is still tried',
    { notify: ['email', 'slack:#ops'] },
    [failed('email', 'alice'), failed('email', 'carol')],
    false,
  ],
  [
    'neither a room nor anybody was reached',
    { notify: ['email', 'slack:#ops'] },
    [failed('email', 'alice'), failed('slack:#ops'), failed('email', 'carol')],
    true,
  ],
  ['only a place is asked, and it was not reached', { notify: ['pagerduty'] }, [failed('pagerduty')], true],
  ['who is away is not waited for', { away: ['carol'] }, [failed('email', 'alice')], true],
  [
    'somebody decided all the same',
    { quorum: 2 },
    [failed('email', 'alice'), failed('email', 'carol'), decided('alice')],
    false,
  ],
  ['it is over', {}, [failed('email', 'alice'), failed('email', 'carol'), resolved('cancelled')], false],
];
for (const [what, terms, drafts, expected] of CASES) {
  test(`a request is ${expected ? '' : 'not '}unreached: ${what}`, () => {
    assert.is(isUnreached(after(drafts, [{ ...ONE_OF_TWO, ...terms }])), expected);
  });
}

test('who was asked by an escalation is waited for, too', () => {
  const terms = [{ ...ONE_OF_TWO, escalate: { after_ms: 1000, reviewers: ['erin'], notify: [] } }];
  const drafts: readonly Draft[] = [
    failed('email', 'alice'),
    failed('email', 'carol'),
    { type: 'approval.escalated', request_id: 'apr_1', rule: 'writes', cause: 'time', reviewers: ['erin'] },
  ];
  assert.is(isUnreached(after(drafts, terms)), false);
  assert.is(isUnreached(after([...drafts, failed('email', 'erin')], terms)), true);
});

test('a place that an escalation asks is waited for, too', () => {
  const escalate = { after_ms: 1000, reviewers: ['erin'], notify: ['pagerduty'] };
  const terms = [{ ...ONE_OF_TWO, notify: ['teams'], escalate }];
  const drafts: readonly Draft[] = [
    failed('teams'),
    { type: 'approval.escalated', request_id: 'apr_1', rule: 'writes', cause: 'time', reviewers: ['erin'] },
  ];
  assert.is(isUnreached(after(drafts, terms)), false);
  assert.is(isUnreached(after([...drafts, failed('pagerduty')], terms)), true);
});

test.run();
