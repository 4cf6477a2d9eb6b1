import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CallContext, EventContext } from '../../src/events/reading.ts';
import { ocsfEvent } from '../../src/events/ocsf.ts';
import { draftsWith, everyEntry, stampedAt } from '../support/event-entries.ts';
import { ocsfFaults } from '../support/ocsf-subset.ts';

const CALL: CallContext = {
  call_id: 'cal_1',
  request_id: 'apr_1',
  agent: 'claude',
  owner: 'bob',
  server: 'files',
  tool: 'write_file',
};
const BARE: EventContext = { software: '0.3.0', origin: 'placet.example.com' };
const CONTEXT: EventContext = { ...BARE, call: CALL };
const drafts = draftsWith('x');

for (const entry of everyEntry()) {
  test(`${entry.type} is an event of OCSF, with and without its call`, () => {
    assert.equal(ocsfFaults(ocsfEvent(entry, CONTEXT)), []);
    assert.equal(ocsfFaults(ocsfEvent(entry, BARE)), []);
  });
}

test('the subset finds what is wrong', () => {
  const event = ocsfEvent(stampedAt(drafts['call.denied'], 7), CONTEXT);
  assert.equal(ocsfFaults({ ...event, type_uid: 600301 }), ['type_uid is 600301']);
  assert.equal(ocsfFaults({ ...event, severity_id: 7 }), ['severity_id 7 is not in the enum']);
  assert.equal(ocsfFaults({ ...event, action: 'Allowed' }), ['action is Allowed for 2']);
  const { api: _, ...without } = event;
  assert.is(ocsfFaults(without).length, 1);
  assert.is(ocsfFaults({ ...event, colour: 'red' }).length, 1);
});

test('a denied call is told in full', () => {
  const entry = stampedAt(
    { ...drafts['call.denied'], policy: { rule: 'no-mail', version: 'v7' }, reason: 'never' },
    7,
  );
  assert.equal(ocsfEvent(entry, CONTEXT), {
    category_uid: 6,
    category_name: 'Application Activity',
    class_uid: 6003,
    class_name: 'API Activity',
    activity_id: 99,
    activity_name: 'Call denied',
    type_uid: 600399,
    type_name: 'API Activity: Other',
    action_id: 2,
    action: 'Denied',
    disposition_id: 2,
    disposition: 'Blocked',
    is_alert: false,
    actor: { app_name: 'Placet' },
    api: { operation: 'write_file', service: { name: 'files' }, request: { uid: 'apr_1' } },
    src_endpoint: { svc_name: 'placet', instance_uid: 'nod_1' },
    resources: [{ type: 'Tool', name: 'files/write_file' }],
    policy: { name: 'no-mail', version: 'v7', is_applied: true },
    authorizations: [
      { decision: 'Call denied', policy: { name: 'no-mail', version: 'v7', is_applied: true } },
    ],
    time: 1795428000250,
    timezone_offset: 0,
    severity_id: 2,
    severity: 'Low',
    status_id: 2,
    status: 'Failure',
    status_detail: 'never',
    message: 'Call denied, files/write_file of claude for bob: never',
    metadata: {
      version: '1.5.0',
      product: { name: 'Placet', vendor_name: 'Placet', version: '0.3.0' },
      profiles: ['security_control'],
      uid: 'ent_7',
      event_code: 'call.denied',
      sequence: 7,
      original_time: '2026-11-23T10:00:00.250Z',
      log_name: 'placet.example.com',
      correlation_uid: 'apr_1',
    },
    unmapped: {
      call_id: 'cal_1',
      request_id: 'apr_1',
      agent: 'claude',
      owner: 'bob',
      server: 'files',
      tool: 'write_file',
      policy: { rule: 'no-mail', version: 'v7' },
      reason: 'never',
      node: 'nod_1',
    },
  });
});

test('who did it is the agent for its owner, the reviewer, or Placet', () => {
  const actorOf = (type: keyof typeof drafts) =>
    ocsfEvent(
      stampedAt({ ...drafts[type], agent: 'claude', owner: 'bob', reviewer: 'alice' } as never, 1),
      CONTEXT,
    )['actor'];
  assert.equal(actorOf('call.requested'), { user: { uid: 'bob', name: 'bob' }, app_name: 'claude' });
  assert.equal(actorOf('approval.decided'), { user: { uid: 'alice', name: 'alice' }, app_name: 'Placet' });
  assert.equal(actorOf('execution.started'), { app_name: 'Placet' });
});

test('what people decided, and what calls for a look, can be told apart by number', () => {
  const told = (draft: Parameters<typeof stampedAt>[0]) => {
    const { action_id, disposition_id, is_alert } = ocsfEvent(stampedAt(draft, 1), CONTEXT);
    return [action_id, disposition_id, is_alert];
  };
  assert.equal(told(drafts['approval.requested']), [0, 14, false]);
  assert.equal(told(drafts['approval.decided']), [0, 8, false]);
  assert.equal(told({ ...drafts['approval.decided'], decision: 'reject' }), [2, 25, false]);
  for (const [resolution, expected] of [
    ['approved', [1, 8, false]],
    ['rejected', [2, 25, false]],
    ['expired', [2, 2, false]],
    ['cancelled', [2, 6, false]],
    ['voided', [2, 24, false]],
  ] as const)
    assert.equal(told({ ...drafts['approval.resolved'], resolution }), expected);
  assert.equal(told(drafts['self_approval.refused']), [2, 26, true]);
  assert.equal(told(drafts['verification.refused']), [2, 26, true]);
  assert.equal(told(drafts['execution.outcome_unknown']), [1, 1, true]);
});

test('keys, people, rules and definitions are managed entities', () => {
  const told = (draft: Parameters<typeof stampedAt>[0]) => {
    const { type_uid, entity } = ocsfEvent(stampedAt(draft, 1), CONTEXT);
    return [type_uid, (entity as { type: string }).type];
  };
  assert.equal(told(drafts['policy.loaded']), [300403, 'Policy']);
  assert.equal(told(drafts['people.changed']), [300403, 'People']);
  assert.equal(told(drafts['log.key']), [300403, 'Log key']);
  assert.equal(told(drafts['tool.registered']), [300401, 'Tool definition']);
  assert.equal(told(drafts['tool.definition_accepted']), [300408, 'Tool definition']);
  assert.equal(told(drafts['agent.key_revoked']), [300404, 'Agent key']);
  assert.equal(told(drafts['passkey.enrolled']), [300406, 'Passkey']);
  assert.equal(told(drafts['payload.erasure_ordered']), [300499, 'Payload']);
});

test.run();
