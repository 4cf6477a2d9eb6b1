import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft } from '../../src/core/entry.ts';
import { checkEntry } from '../../src/journal/entry-schema.ts';

const H = 'a'.repeat(64);
const T = '2026-11-23T10:00:00.000Z';
const named = { agent: 'a', owner: 'o', server: 's', tool: 't', definition_sha256: H };
const args = { args_commit: H, args_at: '1:0' };
const result = { result_commit: H, result_at: '1:0' };
const policy = { rule: 'r', version: 'v' };
const request_id = 'apr_1';
const invitation = 'inv_1';
const signed = {
  kind: 'passkey',
  credential_id: 'a2V5',
  nonce: 'bm9uY2U',
  authenticator_data: 'YQ',
  client_data: 'Yg',
  signature: 'Y-_',
  sign_count: 0,
} as const;
const signedOn = {
  kind: 'sso',
  issuer: 'https://id.example.com',
  subject: '1',
  auth_time: T,
  acr: 'mfa',
  groups: ['ops'],
  id_token_sha256: H,
} as const;

/** Every kind of entry with every member that it can have. */
const DRAFTS: { readonly [T in Draft['type']]: Omit<Extract<Draft, { type: T }>, 'type'> } = {
  'log.opened': { software: '0.1.0' },
  'log.recovered': { lost_bytes: 1, kept_as: 'f' },
  'policy.loaded': { policy, rules: 1 },
  'people.changed': { version: 'v', people: 1, agents: 1 },
  'tool.registered': { server: 's', tool: 't', definition_sha256: H, late: true, identity: H },
  'tool.definition_changed': {
    server: 's',
    tool: 't',
    definition_sha256: H,
    previous_sha256: H,
    beside: true,
    identity: H,
  },
  'tool.definition_accepted': {
    server: 's',
    tool: 't',
    definition_sha256: H,
    reviewer: 'p',
    approval_id: 'a',
    reason: '',
    receipt: signed,
  },
  'agent.key_issued': { agent: 'a', key_id: 'k', key_sha256: H, by: 'operator', expires_at: T },
  'agent.key_revoked': { agent: 'a', key_id: 'k', by: 'operator', reason: '' },
  'call.requested': { ...named, ...args, call_id: 'c', action_digest: H },
  'call.allowed': { call_id: 'c', policy },
  'call.denied': { call_id: 'c', policy, reason: '' },
  'call.completed': { ...result, call_id: 'c', request_id, outcome: 'delivered', detail: '' },
  'approval.requested': {
    ...named,
    ...args,
    secrets_commit: H,
    request_id,
    call_id: 'c',
    action_digest: H,
    card_digest: H,
    card_at: '1:0',
    policy,
    terms: [
      { rule: 'r', reviewers: ['p'], quorum: 1, verification: 'sso', max_age_ms: 1, reason: 'optional' },
      { rule: 's', reviewers: ['p'], quorum: 1, verification: 'passkey', reason: 'required', solo: true },
      {
        rule: 't',
        reviewers: ['p'],
        quorum: 1,
        verification: 'link',
        reason: 'optional',
        admits: ['slack', 'api'],
        notify: ['email', 'slack:#ops'],
        remind_ms: 1,
        escalate: { after_ms: 1, reviewers: ['q'], notify: ['pagerduty'] },
        fallback: ['q'],
        away: ['p'],
      },
    ],
    expires_at: T,
    timeout_ms: 1,
    session: 's',
    owner_channels: ['email'],
  },
  'approval.escalated': { request_id, rule: 'r', cause: 'time', reviewers: ['q'] },
  'approval.decided': {
    request_id,
    reviewer: 'p',
    verification: 'passkey',
    decision: 'approve',
    reason: '',
    opened_at: T,
    action_digest: H,
    card_digest: H,
    receipt: signed,
    solo: true,
  },
  'verification.refused': { request_id, reviewer: 'p', verification: 'passkey', reason: '' },
  'approval.resolved': { request_id, resolution: 'approved', reason: '' },
  'link.issued': { request_id, reviewer: 'p', link_sha256: H },
  'notice.sent': {
    request_id,
    reviewer: 'p',
    channel: 'email',
    notice: 'reminder',
    round: 1,
    message_id: 'm',
  },
  'notice.failed': { request_id, reviewer: 'p', channel: 'email', notice: 'outcome', detail: '' },
  'execution.claimed': { request_id, fence: 1, lease_until: T },
  'execution.started': { request_id, fence: 1, action_digest: H },
  'execution.succeeded': { ...result, secrets_commit: H, request_id, fence: 1 },
  'execution.failed': { ...result, secrets_commit: H, request_id, fence: 1, detail: '' },
  'execution.outcome_unknown': { request_id, fence: 1, detail: '' },
  'execution.reconciled': { request_id, reviewer: 'p', outcome: 'done', reason: '', receipt: signedOn },
  'self_approval.refused': { request_id, reviewer: 'p', reason: '' },
  'account.linked': { person: 'p', channel: 'slack', team: 'T', user: 'U', receipt: signed },
  'account.unlinked': { person: 'p', channel: 'slack', team: 'T', user: 'U', by: 'p', reason: '' },
  'reviewer.key_issued': {
    person: 'p',
    key_id: 'k',
    key_sha256: H,
    name: 'n',
    scope: 'decide',
    expires_at: T,
    receipt: signedOn,
  },
  'reviewer.key_revoked': { person: 'p', key_id: 'k', by: 'p', reason: '' },
  'passkey.invited': { invitation, person: 'p', by: 'operator', code_digest: H, needs_approval: true },
  'passkey.invitation_approved': { invitation, by: 'q', receipt: signed },
  'passkey.invitation_linked': { invitation, link_sha256: H },
  'passkey.invitation_sent': { invitation, channel: 'email', message_id: 'm', expires_at: T },
  'passkey.invitation_withdrawn': { invitation, by: 'operator', reason: '' },
  'passkey.enrolled': {
    person: 'p',
    credential_id: 'a2V5',
    public_key: 'cHVi',
    algorithm: -7,
    sign_count: 0,
    name: '',
    transports: ['internal'],
    backed_up: false,
    rp_id: 'localhost',
    invitation,
    receipt: signed,
  },
  'passkey.revoked': { person: 'p', credential_id: 'a2V5', by: 'p', reason: '', receipt: signed },
  'session.opened': { session_sha256: H, person: 'p', expires_at: T, receipt: signedOn },
  'session.closed': { session_sha256: H, person: 'p', by: 'p' },
  'log.key': { key: 'k', previous: 'j', reason: 'r', by: 'operator' },
  'payload.erasure_ordered': {
    call_id: 'c',
    payloads: [{ commit: H, at: '1:0' }, { commit: H }],
    reason: 'r',
    by: 'operator',
  },
  'secret.revealed': {
    request_id: 'r',
    reviewer: 'p',
    paths: ['a.b'],
    verification: 'passkey',
    receipt: signed,
  },
  'secret.erased': { request_id: 'r', secrets_commit: H },
  'payload.erased': { call_id: 'c', erased: 2 },
  'hold.placed': { hold_id: 'h', call_id: 'c', reason: 'r', by: 'operator' },
  'hold.released': { hold_id: 'h', reason: 'r', by: 'operator' },
  'evidence.reviewed': {
    from: T,
    to: T,
    size: 1,
    exceptions: 1,
    exceptions_sha256: H,
    reviewer: 'p',
    reason: '',
    receipt: signed,
  },
};

const OPTIONAL = ['args_at', 'result_commit', 'result_at', 'card_at'];
const OPTIONAL_IN: Readonly<Record<string, readonly string[]>> = {
  'tool.registered': ['late', 'identity'],
  'tool.definition_changed': ['beside', 'identity'],
  'tool.definition_accepted': ['approval_id', 'reason', 'receipt'],
  'agent.key_issued': ['expires_at'],
  'call.completed': ['request_id', 'detail'],
  'approval.decided': ['reason', 'receipt', 'solo'],
  'execution.reconciled': ['receipt'],
  'approval.requested': ['owner_channels', 'secrets_commit'],
  'execution.succeeded': ['secrets_commit'],
  'execution.failed': ['secrets_commit'],
  'secret.revealed': ['receipt'],
  'notice.sent': ['reviewer', 'round'],
  'notice.failed': ['reviewer', 'round'],
  'passkey.enrolled': ['invitation', 'receipt'],
  'passkey.revoked': ['receipt'],
  'log.key': ['previous', 'reason'],
  'hold.placed': ['call_id'],
  'evidence.reviewed': ['reason'],
};

/** Members of which any value of their kind is one. */
const OPEN = [
  'needs_approval',
  'backed_up',
  'transports',
  'solo',
  'late',
  'beside',
  'owner_channels',
  'reviewers',
  'paths',
];

const stamp = { v: 1, seq: 3, id: 'ent_1', time: T, node: 'host' };
const types = Object.keys(DRAFTS) as Draft['type'][];
const full = (type: Draft['type']): Record<string, unknown> => ({ type, ...stamp, ...DRAFTS[type] });

for (const type of types) {
  test(`${type} is accepted with all its members, and only with those that it needs`, () => {
    const entry = full(type);
    assert.equal(checkEntry(entry).entry, entry);
    for (const member of Object.keys(entry)) {
      const { [member]: _left, ...rest } = entry;
      const optional = OPTIONAL.includes(member) || (OPTIONAL_IN[type] ?? []).includes(member);
      assert.is(checkEntry(rest).entry !== undefined, optional, `without ${member}`);
    }
  });

  test(`${type} is refused with a member of another type or one too many`, () => {
    const entry = full(type);
    for (const member of Object.keys(entry)) {
      for (const value of [null, ['x'], {}, true, -1, 1.5, undefined]) {
        if (typeof value === typeof entry[member] && OPEN.includes(member)) continue;
        assert.is(
          checkEntry({ ...entry, [member]: value }).entry,
          undefined,
          `${member} as ${JSON.stringify(value)}`,
        );
      }
    }
    assert.is(checkEntry({ ...entry, extra: 1 }).entry, undefined);
  });
}

const no: (readonly [string, Record<string, unknown>, string])[] = [
  ['an unknown type', { ...full('log.opened'), type: 'log.closed' }, 'no entry is of the type "log.closed"'],
  [
    'a type that is a member of every object',
    { ...full('log.opened'), type: 'constructor' },
    'no entry is of the type "constructor"',
  ],
  ['another version', { ...full('log.opened'), v: 2 }, 'v: Invalid input: expected 1'],
  [
    'a token where its hash belongs',
    { ...full('link.issued'), link_sha256: 'dG9rZW4tdG9rZW4tdG9rZW4tdG9rZW4tdG9rZW4tdG9' },
    'link_sha256: must be a SHA-256 in lower-case hexadecimal',
  ],
  [
    'a time in another form',
    { ...full('log.opened'), time: '2026-11-23T10:00:00Z' },
    'time: must be an RFC 3339 time in UTC with milliseconds',
  ],
  [
    'a time that does not exist',
    { ...full('log.opened'), time: '2026-13-23T10:00:00.000Z' },
    'time: must be a time that exists',
  ],
];

const decision = full('approval.decided');
const session = full('session.opened');
no.push(
  [
    'an assertion that is not base64url',
    { ...decision, receipt: { ...signed, signature: 'a+b/' } },
    'receipt.signature: must be base64url',
  ],
  [
    'an assertion with padding',
    { ...decision, receipt: { ...signed, client_data: 'YQ==' } },
    'receipt.client_data: must be base64url',
  ],
  [
    'an assertion without a nonce',
    { ...decision, receipt: { ...signed, nonce: '' } },
    'receipt.nonce: must be base64url',
  ],
  [
    'a receipt with a member too many',
    { ...decision, receipt: { ...signed, public_key: 'cHVi' } },
    'receipt: Unrecognized key: "public_key"',
  ],
  [
    'a receipt of another kind',
    { ...decision, receipt: { kind: 'link' } },
    "receipt.kind: Invalid discriminator value. Expected 'passkey' | 'sso' | 'slack' | 'api'",
  ],
  [
    'an ID token where its hash belongs',
    { ...session, receipt: { ...signedOn, id_token_sha256: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln' } },
    'receipt.id_token_sha256: must be a SHA-256 in lower-case hexadecimal',
  ],
  [
    'a sign-on without the time of it',
    { ...session, receipt: { ...signedOn, auth_time: '' } },
    'receipt.auth_time: must be an RFC 3339 time in UTC with milliseconds',
  ],
  [
    'a session without a receipt',
    { ...session, receipt: undefined },
    'receipt: Invalid input: expected object, received undefined',
  ],
  [
    'a session token where its hash belongs',
    { ...session, session_sha256: 'c2Vzc2lvbi1zZXNzaW9uLXNlc3Npb24tc2Vzc2lvbi0' },
    'session_sha256: must be a SHA-256 in lower-case hexadecimal',
  ],
  [
    'the code of an invitation where its digest belongs',
    { ...full('passkey.invited'), code_digest: '123-456' },
    'code_digest: must be a SHA-256 in lower-case hexadecimal',
  ],
  [
    'a key of an algorithm that nobody checks',
    { ...full('passkey.enrolled'), algorithm: -36 },
    'algorithm: Invalid option: expected one of -8|-7|-257',
  ],
  [
    'a key that was enrolled by a sign-on',
    { ...full('passkey.enrolled'), receipt: signedOn },
    'receipt.kind: Invalid input: expected "passkey"',
  ],
  [
    'a decision that is said not to be solo',
    { ...decision, solo: false },
    'solo: Invalid input: expected true',
  ],
  [
    'terms with a negative age of a sign-on',
    {
      ...full('approval.requested'),
      terms: [
        { rule: 'r', reviewers: [], quorum: 1, verification: 'sso', max_age_ms: -1, reason: 'optional' },
      ],
    },
    'terms.0.max_age_ms: Too small: expected number to be >=0',
  ],
);

for (const [what, value, why] of no) {
  test(`${what} is refused, saying so`, () => {
    assert.equal(checkEntry(value), { why });
  });
}

test('what is no object is refused', () => {
  for (const value of [null, 1, 'x', [], undefined]) assert.is(checkEntry(value).entry, undefined);
});

test.run();
