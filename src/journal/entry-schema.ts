import { z } from 'zod';
import type { Drafts, Entry, EntryType } from '../core/entry.ts';

const id = z.string().min(1);
const text = z.string();
const count = z.int().nonnegative();
/** SHA-256 in lower-case hexadecimal; a token or a text that was journalled by mistake does not pass. */
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal');
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'must be an RFC 3339 time in UTC with milliseconds')
  .refine((value) => !Number.isNaN(Date.parse(value)), 'must be a time that exists');

const level = z.enum(['link', 'sso', 'passkey']);
const admitted = z.enum(['slack', 'api']);
const verification = z.enum(['link', 'sso', 'passkey', 'slack', 'api']);
const policy = z.strictObject({ rule: id, version: id });
const terms = z.strictObject({
  rule: id,
  reviewers: z.array(id),
  quorum: count,
  verification: level,
  max_age_ms: z.exactOptional(count),
  reason: z.enum(['optional', 'required']),
  solo: z.exactOptional(z.literal(true)),
  admits: z.exactOptional(z.array(admitted)),
  notify: z.exactOptional(z.array(id)),
  remind_ms: z.exactOptional(count),
  escalate: z.exactOptional(z.strictObject({ after_ms: count, reviewers: z.array(id), notify: z.array(id) })),
  fallback: z.exactOptional(z.array(id)),
  away: z.exactOptional(z.array(id)),
  reveal: z.exactOptional(z.literal(true)),
});
const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/, 'must be base64url');
const passkeyReceipt = z.strictObject({
  kind: z.literal('passkey'),
  credential_id: base64url,
  nonce: base64url,
  authenticator_data: base64url,
  client_data: base64url,
  signature: base64url,
  sign_count: count,
});
const signOnReceipt = z.strictObject({
  kind: z.literal('sso'),
  issuer: id,
  subject: id,
  auth_time: time,
  acr: z.exactOptional(text),
  groups: z.array(text),
  id_token_sha256: hash,
});
const receipt = z.discriminatedUnion('kind', [passkeyReceipt, signOnReceipt]);
const receiptOfDecision = z.discriminatedUnion('kind', [
  passkeyReceipt,
  signOnReceipt,
  z.strictObject({ kind: z.literal('slack'), team: id, user: id, payload_sha256: hash }),
  z.strictObject({ kind: z.literal('api'), key_id: id }),
]);
const account = { person: id, channel: z.literal('slack'), team: id, user: id };
const ofInvitation = { invitation: id };

const args = { args_commit: hash, args_at: z.exactOptional(id) };
const result = { result_commit: z.exactOptional(hash), result_at: z.exactOptional(id) };
const secrets = { secrets_commit: z.exactOptional(hash) };
const named = { agent: id, owner: id, server: id, tool: id, definition_sha256: hash };
const ofRequest = { request_id: id };
const ofExecution = { ...ofRequest, fence: count };
const notice = {
  ...ofRequest,
  reviewer: z.exactOptional(id),
  channel: id,
  notice: z.enum(['ask', 'reminder', 'outcome', 'owner_outcome']),
  round: z.exactOptional(z.int().positive()),
};

type Shape<D> = { readonly [K in keyof D]-?: z.ZodType<D[K]> };

const SHAPES: { readonly [T in EntryType]: Shape<Drafts[T]> } = {
  'log.opened': { software: text },
  'log.recovered': { lost_bytes: count, kept_as: id },
  'log.key': { key: id, previous: z.exactOptional(id), reason: z.exactOptional(text), by: id },
  'policy.loaded': { policy, rules: count },
  'people.changed': { version: id, people: count, agents: count },
  'tool.registered': {
    server: id,
    tool: id,
    definition_sha256: hash,
    late: z.exactOptional(z.literal(true)),
    identity: z.exactOptional(hash),
  },
  'tool.definition_changed': {
    server: id,
    tool: id,
    definition_sha256: hash,
    previous_sha256: hash,
    beside: z.exactOptional(z.literal(true)),
    identity: z.exactOptional(hash),
  },
  'tool.definition_accepted': {
    server: id,
    tool: id,
    definition_sha256: hash,
    reviewer: id,
    approval_id: z.exactOptional(id),
    reason: z.exactOptional(text),
    receipt: z.exactOptional(receipt),
  },
  'agent.key_issued': {
    agent: id,
    key_id: id,
    key_sha256: hash,
    by: id,
    expires_at: z.exactOptional(time),
  },
  'agent.key_revoked': { agent: id, key_id: id, by: id, reason: text },
  'call.requested': { ...named, ...args, call_id: id, action_digest: hash },
  'call.allowed': { call_id: id, policy },
  'call.denied': { call_id: id, policy, reason: text },
  'call.completed': {
    ...result,
    call_id: id,
    request_id: z.exactOptional(id),
    outcome: z.enum(['succeeded', 'failed', 'unknown', 'delivered']),
    detail: z.exactOptional(text),
  },
  'approval.requested': {
    ...ofRequest,
    ...named,
    ...args,
    ...secrets,
    call_id: id,
    action_digest: hash,
    card_digest: hash,
    card_at: z.exactOptional(id),
    policy,
    terms: z.array(terms),
    expires_at: time,
    timeout_ms: count,
    session: text,
    owner_channels: z.exactOptional(z.array(id)),
  },
  'approval.escalated': {
    ...ofRequest,
    rule: id,
    cause: z.enum(['time', 'unreachable']),
    reviewers: z.array(id),
  },
  'approval.decided': {
    ...ofRequest,
    reviewer: id,
    verification,
    decision: z.enum(['approve', 'reject']),
    reason: z.exactOptional(text),
    opened_at: time,
    action_digest: hash,
    card_digest: hash,
    receipt: z.exactOptional(receiptOfDecision),
    solo: z.exactOptional(z.literal(true)),
  },
  'verification.refused': { ...ofRequest, reviewer: id, verification, reason: text },
  'approval.resolved': {
    ...ofRequest,
    resolution: z.enum(['approved', 'rejected', 'expired', 'cancelled', 'voided']),
    reason: text,
  },
  'link.issued': { ...ofRequest, reviewer: id, link_sha256: hash },
  'notice.sent': { ...notice, message_id: text },
  'notice.failed': { ...notice, detail: text },
  'execution.claimed': { ...ofExecution, lease_until: time },
  'execution.started': { ...ofExecution, action_digest: hash },
  'execution.succeeded': { ...ofExecution, ...result, ...secrets },
  'execution.failed': { ...ofExecution, ...result, ...secrets, detail: text },
  'execution.outcome_unknown': { ...ofExecution, detail: text },
  'execution.reconciled': {
    ...ofRequest,
    reviewer: id,
    outcome: z.enum(['done', 'not_done']),
    reason: text,
    receipt: z.exactOptional(receipt),
  },
  'self_approval.refused': { ...ofRequest, reviewer: id, reason: text },
  'passkey.invited': { ...ofInvitation, person: id, by: id, code_digest: hash, needs_approval: z.boolean() },
  'passkey.invitation_approved': { ...ofInvitation, by: id, receipt },
  'passkey.invitation_linked': { ...ofInvitation, link_sha256: hash },
  'passkey.invitation_sent': { ...ofInvitation, channel: id, message_id: text, expires_at: time },
  'passkey.invitation_withdrawn': { ...ofInvitation, by: id, reason: text },
  'passkey.enrolled': {
    person: id,
    credential_id: base64url,
    public_key: base64url,
    algorithm: z.literal([-8, -7, -257]),
    sign_count: count,
    name: text,
    transports: z.array(text),
    backed_up: z.boolean(),
    rp_id: id,
    invitation: z.exactOptional(id),
    receipt: z.exactOptional(passkeyReceipt),
  },
  'passkey.revoked': {
    person: id,
    credential_id: base64url,
    by: id,
    reason: text,
    receipt: z.exactOptional(receipt),
  },
  'session.opened': { session_sha256: hash, person: id, expires_at: time, receipt },
  'session.closed': { session_sha256: hash, person: id, by: id },
  'account.linked': { ...account, receipt },
  'account.unlinked': { ...account, by: id, reason: text },
  'reviewer.key_issued': {
    person: id,
    key_id: id,
    key_sha256: hash,
    name: text,
    scope: z.enum(['read', 'decide']),
    expires_at: time,
    receipt,
  },
  'reviewer.key_revoked': { person: id, key_id: id, by: id, reason: text },
  'secret.revealed': {
    ...ofRequest,
    reviewer: id,
    paths: z.array(text),
    verification: level,
    receipt: z.exactOptional(receipt),
  },
  'secret.erased': { ...ofRequest, secrets_commit: hash },
  'payload.erasure_ordered': {
    call_id: id,
    payloads: z.array(z.strictObject({ commit: hash, at: z.exactOptional(id) })),
    reason: text,
    by: id,
  },
  'payload.erased': { call_id: id, erased: count },
  'hold.placed': { hold_id: id, call_id: z.exactOptional(id), reason: text, by: id },
  'hold.released': { hold_id: id, reason: text, by: id },
  'evidence.reviewed': {
    from: time,
    to: time,
    size: count,
    exceptions: count,
    exceptions_sha256: hash,
    reviewer: id,
    reason: z.exactOptional(text),
    receipt: passkeyReceipt,
  },
};

const stamp = {
  v: z.literal(1),
  seq: count,
  id,
  time,
  node: text,
  more: z.exactOptional(z.int().positive()),
};

const SCHEMAS: ReadonlyMap<unknown, z.ZodType> = new Map(
  Object.entries(SHAPES).map(([type, shape]) => [
    type,
    z.strictObject({ type: z.literal(type), ...stamp, ...shape }),
  ]),
);

/** The types of entries there are. */
export const ENTRY_TYPES: readonly EntryType[] = Object.keys(SHAPES) as EntryType[];

/**
 * Whether entries of a type can have such a member with such a value: `no_member` where they have none of that name,
 * `no_value` where it is never that.
 */
export function canHold(type: EntryType, member: string, value: unknown): 'yes' | 'no_member' | 'no_value' {
  const shape: Readonly<Record<string, z.ZodType>> = SHAPES[type];
  const schema = Object.hasOwn(shape, member) ? shape[member] : undefined;
  if (!schema) return 'no_member';
  return schema.safeParse(value).success ? 'yes' : 'no_value';
}

/** A copy of `value` when it is an entry of a known type with exactly the members of that type, or why not. */
export function checkEntry(
  value: unknown,
): { readonly entry: Entry } | { readonly entry?: never; readonly why: string } {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  const schema = SCHEMAS.get(type);
  if (!schema) return { why: `no entry is of the type ${JSON.stringify(type) ?? 'undefined'}` };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { entry: parsed.data as Entry };
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  return { why: `${where === '' ? '' : `${where}: `}${issue?.message ?? 'not an entry'}` };
}
