import type { Card } from '../../src/core/card.ts';
import type { ControlMapping } from '../../src/core/controls.ts';
import type { Draft, Entry, Terms } from '../../src/core/entry.ts';
import type { CallRow } from '../../src/core/evidence.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { BundleFiles } from '../../src/evidence/bundle/bundle-files.ts';
import type { ReportInput, SampledCall } from '../../src/evidence/bundle/report-input.ts';
import { november } from './report-november.ts';

/** How a text that an agent, a person or a server wrote gets into the report: as it is, or made hostile. */
export type Write = (text: string) => string;

const TERMS: Terms = {
  rule: 'payments',
  reviewers: ['alice', 'carol'],
  quorum: 2,
  verification: 'passkey',
  reason: 'optional',
};

/** A month of a workspace, as plain data; the same each time. */
export function reportInput(write: Write = (text) => text, more: Partial<ReportInput> = {}): ReportInput {
  const { rows, exceptions, tally } = november(write);
  return {
    period: { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
    query: { from: '2026-11-01', to: '2026-11-30', frameworks: ['soc2', 'fedramp'], sample: 2 },
    made_at: '2026-12-01T08:00:00.000Z',
    software: '0.6.0',
    log: {
      origin: write('placet.example/payments'),
      keys: [
        {
          key: 'placet.example/payments+5b3f6d1c+AXm5vQm8Q2xkq1x6mQbVtL4bqX3nU9m2a1sT0Wq7rN8e',
          from: 0,
          since: '2026-09-14T08:12:00.000Z',
        },
      ],
      start: { size: 4120, root: 'p1T9XgJmH6l9r5cQmYw7v2bN8sK3dF4aZ0xE1uI6oLk=' },
      end: { size: 11_932, root: 'Zr8KcV2nT5yX0qW3eR7uI9oP1aS4dF6gH8jK2lM5nBc=' },
      from_seq: 4131,
      to_seq: 11_920,
    },
    tally,
    population: () => each(rows),
    exceptions: () => each(exceptions),
    entries: () => each(rows.flatMap((row) => requestedOf(row))),
    sample: {
      seed: 'ae12f0c4',
      by_default: false,
      calls: [heldCall(1, write), allowedCall(2, write)],
    },
    mapping: mapping(write),
    access: [
      {
        person: 'alice',
        kind: 'rule',
        what: write('payments'),
        verification: ['passkey'],
        from: '2026-10-02T07:00:00.000Z',
        from_seq: 311,
        quorum: 2,
      },
      {
        person: 'carol',
        kind: 'rule',
        what: write('payments'),
        verification: ['passkey'],
        from: '2026-10-02T07:00:00.000Z',
        to: '2026-11-19T14:30:00.000Z',
        from_seq: 311,
        to_seq: 8702,
        quorum: 2,
      },
      {
        person: 'dave',
        kind: 'rule',
        what: write('files'),
        verification: ['sso', 'slack'],
        from: '2026-11-19T14:30:00.000Z',
        from_seq: 8702,
        quorum: 1,
      },
      {
        person: 'alice',
        kind: 'passkey',
        what: 'Zm9vYmFyYmF6cXV4',
        verification: ['passkey'],
        from: '2026-09-15T09:00:00.000Z',
        from_seq: 12,
      },
    ],
    policies: [
      {
        version: 'f'.repeat(64),
        seq: 311,
        from: '2026-10-02T07:00:00.000Z',
        rules: 9,
        texts: 'checked',
        files: [`rules/${'f'.repeat(64)}/rules.yaml`],
      },
      {
        version: '9'.repeat(64),
        seq: 8702,
        from: '2026-11-19T14:30:00.000Z',
        rules: 10,
        texts: 'checked',
        files: [`rules/${'9'.repeat(64)}/rules.yaml`],
      },
    ],
    people: [
      { version: 'b'.repeat(64), seq: 310, from: '2026-10-02T07:00:00.000Z', people: 4, agents: 3 },
      { version: 'c'.repeat(64), seq: 8701, from: '2026-11-19T14:30:00.000Z', people: 4, agents: 3 },
    ],
    completeness: {
      period: { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
      lines: { from: 4120, to: 11_932, count: 7812 },
      entries: { from: 4131, to: 11_920, count: 7789 },
      before: 11,
      after: 12,
      calls: rows.length,
      carried: tally.carried,
      open: 3,
      limits: [
        'What was never sent through Placet is not in it.',
        'Times are those of the machine that Placet runs on.',
        'There is no way in Placet to run a held call without an approval, and none to halt it: no such period can be listed.',
      ],
    },
    ...more,
  };
}

export async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

/** Keeps what a part of a bundle writes. */
export function keptFiles(): BundleFiles & { readonly files: ReadonlyMap<string, string | Uint8Array> } {
  const files = new Map<string, string | Uint8Array>();
  return {
    files,
    write: (path, content) => {
      if (files.has(path)) throw new TypeError(`${path} was written before.`);
      files.set(path, content);
      return Promise.resolve();
    },
    open: () => Promise.reject(new TypeError('No part of a report writes bit by bit.')),
  };
}

function requestedOf(row: CallRow): readonly Entry[] {
  const { call_id, agent, owner, server, tool, definition_sha256, action_digest, args_commit } = row;
  const named = { call_id, agent, owner, server, tool, definition_sha256, action_digest, args_commit };
  return [stamped({ type: 'call.requested', ...named }, row.seq, row.requested_at)];
}

function stamped(draft: Draft, seq: number, time: string): Entry {
  return { ...draft, v: 1, seq, id: `ent_${seq}`, time, node: 'node_a' };
}

const HELD_ID = 'cal_01kb4e5m7n8p9q0r1s2t3v4w5x';

function heldCall(number: number, write: Write): SampledCall {
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

function allowedCall(number: number, write: Write): SampledCall {
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

/** Two frameworks: every call is evidence for two controls, every decision for a third. */
function mapping(write: Write): ControlMapping {
  const control = (id: string, title: string) => ({
    id,
    title: write(title),
    supports: write('That calls of agents are judged by rules, and that what needs people waits for them.'),
    limits: write('Who may reach the tools in another way than through Placet.'),
  });
  const frameworks = [
    {
      id: 'soc2',
      title: write('SOC 2 Trust Services Criteria (2017, revised 2022)'),
      version: '1',
      controls: [
        control('CC6.1', 'Logical access security software, infrastructure, and architectures'),
        control('CC8.1', 'Changes are authorised, tested, approved and implemented'),
      ],
    },
    {
      id: 'fedramp',
      title: write('NIST SP 800-53 rev. 5'),
      version: '1',
      controls: [
        {
          ...control('AC-6(9)', 'Least Privilege | Log Use of Privileged Functions'),
          baselines: ['moderate', 'high'],
        },
      ],
    },
  ];
  return {
    frameworks,
    controlsOf: (entries) =>
      frameworks.flatMap(({ id: framework, controls }) =>
        controls
          .filter(({ id }) => id !== 'CC8.1' || entries.some(({ type }) => type === 'approval.decided'))
          .map(({ id, title }) => ({
            framework,
            id,
            title,
            shows: write('That this call was judged by a rule before it ran.'),
          })),
      ),
  };
}
