import type { Draft, Entry, EntryType } from '../../src/core/entry.ts';

const H = 'a'.repeat(64);
const T = '2026-11-23T11:00:00.000Z';
const signed = {
  kind: 'passkey',
  credential_id: 'a2V5',
  nonce: 'bm9uY2U',
  authenticator_data: 'YQ',
  client_data: 'Yg',
  signature: 'Yw',
  sign_count: 0,
} as const;

/** A draft of every type, in which `text` stands wherever an agent or a person may write what they like. */
export function draftsWith(text: string): { readonly [T in EntryType]: Extract<Draft, { type: T }> } {
  const named = { agent: text, owner: text, server: text, tool: text, definition_sha256: H };
  const policy = { rule: text, version: H };
  const request = { request_id: 'apr_1' };
  const notice = { ...request, reviewer: text, channel: text, notice: 'ask' } as const;
  return {
    'log.opened': { type: 'log.opened', software: text },
    'log.recovered': { type: 'log.recovered', lost_bytes: 1, kept_as: text },
    'log.key': { type: 'log.key', key: text, previous: text, reason: text, by: text },
    'policy.loaded': { type: 'policy.loaded', policy, rules: 1 },
    'people.changed': { type: 'people.changed', version: H, people: 1, agents: 1 },
    'tool.registered': { type: 'tool.registered', server: text, tool: text, definition_sha256: H },
    'tool.definition_changed': {
      type: 'tool.definition_changed',
      server: text,
      tool: text,
      definition_sha256: H,
      previous_sha256: H,
    },
    'tool.definition_accepted': {
      type: 'tool.definition_accepted',
      server: text,
      tool: text,
      definition_sha256: H,
      reviewer: text,
      reason: text,
      receipt: signed,
    },
    'agent.key_issued': { type: 'agent.key_issued', agent: text, key_id: text, key_sha256: H, by: text },
    'agent.key_revoked': { type: 'agent.key_revoked', agent: text, key_id: text, by: text, reason: text },
    'call.requested': {
      type: 'call.requested',
      ...named,
      args_commit: H,
      call_id: 'cal_1',
      action_digest: H,
    },
    'call.allowed': { type: 'call.allowed', call_id: 'cal_1', policy },
    'call.denied': { type: 'call.denied', call_id: 'cal_1', policy, reason: text },
    'call.completed': { type: 'call.completed', call_id: 'cal_1', outcome: 'failed', detail: text },
    'approval.requested': {
      type: 'approval.requested',
      ...request,
      ...named,
      args_commit: H,
      call_id: 'cal_1',
      action_digest: H,
      card_digest: H,
      policy,
      terms: [{ rule: text, reviewers: [text], quorum: 1, verification: 'link', reason: 'optional' }],
      expires_at: T,
      timeout_ms: 1,
      session: text,
    },
    'approval.escalated': {
      type: 'approval.escalated',
      ...request,
      rule: text,
      cause: 'time',
      reviewers: [text],
    },
    'approval.decided': {
      type: 'approval.decided',
      ...request,
      reviewer: text,
      verification: 'passkey',
      decision: 'approve',
      reason: text,
      opened_at: T,
      action_digest: H,
      card_digest: H,
      receipt: signed,
    },
    'verification.refused': {
      type: 'verification.refused',
      ...request,
      reviewer: text,
      verification: 'link',
      reason: text,
    },
    'secret.revealed': {
      type: 'secret.revealed',
      ...request,
      reviewer: text,
      paths: [text],
      verification: 'link',
    },
    'secret.erased': { type: 'secret.erased', ...request, secrets_commit: H },
    'approval.resolved': { type: 'approval.resolved', ...request, resolution: 'rejected', reason: text },
    'link.issued': { type: 'link.issued', ...request, reviewer: text, link_sha256: H },
    'notice.sent': { type: 'notice.sent', ...notice, message_id: text },
    'notice.failed': { type: 'notice.failed', ...notice, detail: text },
    'execution.claimed': { type: 'execution.claimed', ...request, fence: 1, lease_until: T },
    'execution.started': { type: 'execution.started', ...request, fence: 1, action_digest: H },
    'execution.succeeded': { type: 'execution.succeeded', ...request, fence: 1 },
    'execution.failed': { type: 'execution.failed', ...request, fence: 1, detail: text },
    'execution.outcome_unknown': { type: 'execution.outcome_unknown', ...request, fence: 1, detail: text },
    'execution.reconciled': {
      type: 'execution.reconciled',
      ...request,
      reviewer: text,
      outcome: 'done',
      reason: text,
    },
    'self_approval.refused': { type: 'self_approval.refused', ...request, reviewer: text, reason: text },
    'payload.erasure_ordered': {
      type: 'payload.erasure_ordered',
      call_id: 'cal_1',
      payloads: [{ commit: H }],
      reason: text,
      by: text,
    },
    'payload.erased': { type: 'payload.erased', call_id: 'cal_1', erased: 1 },
    'hold.placed': { type: 'hold.placed', hold_id: 'hld_1', reason: text, by: text },
    'hold.released': { type: 'hold.released', hold_id: 'hld_1', reason: text, by: text },
    'passkey.invited': {
      type: 'passkey.invited',
      invitation: 'inv_1',
      person: text,
      by: text,
      code_digest: H,
      needs_approval: false,
    },
    'passkey.invitation_approved': {
      type: 'passkey.invitation_approved',
      invitation: 'inv_1',
      by: text,
      receipt: signed,
    },
    'passkey.invitation_linked': { type: 'passkey.invitation_linked', invitation: 'inv_1', link_sha256: H },
    'passkey.invitation_sent': {
      type: 'passkey.invitation_sent',
      invitation: 'inv_1',
      channel: text,
      message_id: text,
      expires_at: T,
    },
    'passkey.invitation_withdrawn': {
      type: 'passkey.invitation_withdrawn',
      invitation: 'inv_1',
      by: text,
      reason: text,
    },
    'passkey.enrolled': {
      type: 'passkey.enrolled',
      person: text,
      credential_id: 'a2V5',
      public_key: 'cG',
      algorithm: -7,
      sign_count: 0,
      name: text,
      transports: [],
      backed_up: false,
      rp_id: text,
    },
    'passkey.revoked': {
      type: 'passkey.revoked',
      person: text,
      credential_id: 'a2V5',
      by: text,
      reason: text,
    },
    'session.opened': {
      type: 'session.opened',
      session_sha256: H,
      person: text,
      expires_at: T,
      receipt: signed,
    },
    'session.closed': { type: 'session.closed', session_sha256: H, person: text, by: text },
    'account.linked': {
      type: 'account.linked',
      person: text,
      channel: 'slack',
      team: text,
      user: text,
      receipt: signed,
    },
    'account.unlinked': {
      type: 'account.unlinked',
      person: text,
      channel: 'slack',
      team: text,
      user: text,
      by: text,
      reason: text,
    },
    'reviewer.key_issued': {
      type: 'reviewer.key_issued',
      person: text,
      key_id: text,
      key_sha256: H,
      name: text,
      scope: 'read',
      expires_at: T,
      receipt: signed,
    },
    'reviewer.key_revoked': {
      type: 'reviewer.key_revoked',
      person: text,
      key_id: text,
      by: text,
      reason: text,
    },
  };
}

/** One entry of every type. */
export function everyEntry(text = 'plain'): readonly Entry[] {
  return Object.values<Draft>(draftsWith(text)).map((draft, seq) => stampedAt(draft, seq));
}

export function stampedAt(draft: Draft, seq: number): Entry {
  return { ...draft, v: 1, seq, id: `ent_${seq}`, time: '2026-11-23T10:00:00.250Z', node: 'nod_1' };
}
