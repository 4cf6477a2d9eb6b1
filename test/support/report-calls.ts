import type { Card } from '../../src/core/card.ts';
import type { Draft, Entry, Terms } from '../../src/core/entry.ts';
import type { CallRow } from '../../src/core/evidence.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { SampledCall } from '../../src/evidence/bundle/report-input.ts';

/** How a text that an agent, a person or a server wrote gets into the report: as it is, or made hostile. */
export type Write = (text: string) => string;

const TERMS: Terms = {
  rule: 'payments',
  reviewers: ['alice', 'carol'],
  quorum: 2,
  verification: 'passkey',
  reason: 'optional',
};

const HELD_ID = 'cal_01kb4e5m7n8p9q0r1s2t3v4w5x';

/** Two people approved it by passkey, and it succeeded. */
export function heldCall(number: number, write: Write): SampledCall {
  const of = { request_id: 'apr_01kb4e5m7n8p9q0r1s2t3v4w5y' };
  const named = {
    agent: write('invoice-bot'),
    owner: 'bob',
    server: write('bank'),
    tool: write('send_payment'),
    definition_sha256: 'd'.repeat(64),
    action_digest: 'a'.repeat(64),
    args_commit: 'c'.repeat(64),
  };
  const policy = { rule: write('payments'), version: 'f'.repeat(64) };
  const decided = (reviewer: string, reason?: string): Draft => ({
    type: 'approval.decided',
    ...of,
    reviewer,
    verification: 'passkey',
    decision: 'approve',
    ...(reason === undefined ? {} : { reason }),
    opened_at: '2026-11-11T09:02:10.000Z',
    action_digest: 'a'.repeat(64),
    card_digest: 'e'.repeat(64),
    receipt: {
      kind: 'passkey',
      credential_id: 'Zm9vYmFyYmF6cXV4',
      nonce: 'bm9uY2Vub25jZW5vbmNlbm9u',
      authenticator_data: 'YXV0aA',
      client_data: 'e30',
      signature: 'c2ln',
      sign_count: 41,
    },
  });
  const drafts: readonly (readonly [string, Draft])[] = [
    ['09:00:00', { type: 'call.requested', call_id: HELD_ID, ...named }],
    [
      '09:00:00',
      {
        type: 'approval.requested',
        ...of,
        call_id: HELD_ID,
        ...named,
        card_digest: 'e'.repeat(64),
        policy,
        terms: [TERMS],
        expires_at: '2026-11-11T10:00:00.000Z',
        timeout_ms: 300_000,
        session: 'ses_1',
      },
    ],
    [
      '09:00:02',
      { type: 'notice.sent', ...of, reviewer: 'alice', channel: 'email', notice: 'ask', message_id: 'm1' },
    ],
    ['09:03:40', decided('alice', write('Matches the order and the supplier’s account.'))],
    ['09:11:05', decided('carol')],
    [
      '09:11:05',
      { type: 'approval.resolved', ...of, resolution: 'approved', reason: 'two people approved it' },
    ],
    ['09:11:06', { type: 'execution.claimed', ...of, fence: 1, lease_until: '2026-11-11T09:12:06.000Z' }],
    ['09:11:06', { type: 'execution.started', ...of, fence: 1, action_digest: 'a'.repeat(64) }],
    ['09:11:08', { type: 'execution.succeeded', ...of, fence: 1, result_commit: '7'.repeat(64) }],
  ];
  const entries = drafts.map(([time, draft], index) =>
    stamped(draft, 6200 + index, `2026-11-11T${time}.000Z`),
  );
  const args: JsonObject = {
    to_account: write('DE89 3704 0044 0532 0130 00'),
    amount: 1840.5,
    currency: 'EUR',
    note: write('Invoice 2026-1178'),
    api_key: '[secret: 24 characters, masked]',
  };
  const card: Card = {
    v: 1,
    ...of,
    tool: write('bank__send_payment'),
    server: write('bank'),
    tool_name: write('send_payment'),
    title: write('Send a payment'),
    description: write('Sends money from the company account.'),
    tags: ['sensitive'],
    agent: write('invoice-bot'),
    owner: { id: 'bob', name: write('Bob Baker') },
    identity: 'authenticated',
    summary: write('Pays 1,840.50 EUR to Aster Tools GmbH'),
    args_commit: 'c'.repeat(64),
    definition_sha256: 'd'.repeat(64),
    action_digest: 'a'.repeat(64),
    effects: { destructive: true, open_world: true },
    why: write('Payments need two people.'),
    said: write('The invoice is due today.'),
    input_check: 'valid',
    terms: [TERMS],
    requested_at: '2026-11-11T09:00:00.000Z',
    expires_at: '2026-11-11T10:00:00.000Z',
  };
  return {
    number,
    folder: `sample/${String(number).padStart(3, '0')}-${HELD_ID}`,
    row: {
      call_id: HELD_ID,
      seq: 6200,
      requested_at: '2026-11-11T09:00:00.000Z',
      ...named,
      verdict: 'review',
      rule: policy.rule,
      policy_version: policy.version,
      ...of,
      decisions: [
        {
          seq: 6203,
          person: 'alice',
          decision: 'approve',
          verification: 'passkey',
          at: '2026-11-11T09:03:40.000Z',
          reason: write('Matches the order and the supplier’s account.'),
        },
        {
          seq: 6204,
          person: 'carol',
          decision: 'approve',
          verification: 'passkey',
          at: '2026-11-11T09:11:05.000Z',
        },
      ],
      resolution: 'approved',
      resolved_at: '2026-11-11T09:11:05.000Z',
      started_at: '2026-11-11T09:11:06.000Z',
      ended_at: '2026-11-11T09:11:08.000Z',
      outcome: 'succeeded',
      result_commit: '7'.repeat(64),
      entries: entries.map(({ seq }) => seq),
    },
    entries,
    proofs: [6203, 6204, 6205, 6208].map((seq) => ({ seq, file: `${seq}.tlog-proof` })),
    card: { state: 'kept', commit: 'e'.repeat(64), value: card },
    terms: [TERMS],
    args: { state: 'kept', commit: 'c'.repeat(64), value: args },
  };
}

/** A rule let it pass; its arguments were erased. */
export function allowedCall(number: number, write: Write): SampledCall {
  const call_id = 'cal_01kb5a0b1c2d3e4f5g6h7j8k9m';
  const named = {
    agent: write('research-agent'),
    owner: 'erin',
    server: write('files'),
    tool: write('read_file'),
    definition_sha256: '5'.repeat(64),
    action_digest: '6'.repeat(64),
    args_commit: '8'.repeat(64),
  };
  const policy = { rule: write('reads'), version: '9'.repeat(64) };
  const entries = [
    stamped({ type: 'call.requested', call_id, ...named }, 9100, '2026-11-20T16:20:01.000Z'),
    stamped({ type: 'call.allowed', call_id, policy }, 9101, '2026-11-20T16:20:01.000Z'),
    stamped(
      { type: 'call.completed', call_id, outcome: 'succeeded', result_commit: '4'.repeat(64) },
      9102,
      '2026-11-20T16:20:02.000Z',
    ),
  ];
  return {
    number,
    folder: `sample/${String(number).padStart(3, '0')}-${call_id}`,
    row: {
      call_id,
      seq: 9100,
      requested_at: '2026-11-20T16:20:01.000Z',
      ...named,
      verdict: 'allow',
      rule: policy.rule,
      policy_version: policy.version,
      decisions: [],
      ended_at: '2026-11-20T16:20:02.000Z',
      outcome: 'succeeded',
      result_commit: '4'.repeat(64),
      entries: [9100, 9101, 9102],
    },
    entries,
    proofs: [{ seq: 9100, file: '9100.tlog-proof' }],
    terms: [],
    args: { state: 'erased', commit: '8'.repeat(64) },
  };
}

/** The first of its entries. */
export function requestedOf(row: CallRow): readonly Entry[] {
  const { call_id, agent, owner, server, tool, definition_sha256, action_digest, args_commit } = row;
  const named = { call_id, agent, owner, server, tool, definition_sha256, action_digest, args_commit };
  return [stamped({ type: 'call.requested', ...named }, row.seq, row.requested_at)];
}

function stamped(draft: Draft, seq: number, time: string): Entry {
  return { ...draft, v: 1, seq, id: `ent_${seq}`, time, node: 'node_a' };
}
