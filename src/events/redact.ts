import type { Draft, Entry, Escalation, PolicyRef, Receipt, Terms } from '../core/entry.ts';
import type { Json } from '../core/json.ts';
import type { CallContext } from './reading.ts';

type MemberOf<D> = D extends unknown ? keyof D : never;
type Member = Exclude<MemberOf<Draft>, 'type'>;
type Inner = Exclude<keyof PolicyRef | keyof Terms | keyof Escalation | MemberOf<Receipt>, Member | 'kind'>;

/** Every member that an entry can have besides what identifies it; the compiler asks for those that are new. */
const MEMBERS: Readonly<Record<Member, true>> = {
  action_digest: true,
  agent: true,
  agents: true,
  algorithm: true,
  approval_id: true,
  args_at: true,
  args_commit: true,
  backed_up: true,
  beside: true,
  by: true,
  call_id: true,
  card_at: true,
  card_digest: true,
  cause: true,
  channel: true,
  code_digest: true,
  credential_id: true,
  decision: true,
  definition_sha256: true,
  detail: true,
  erased: true,
  exceptions: true,
  exceptions_sha256: true,
  expires_at: true,
  fence: true,
  from: true,
  hold_id: true,
  identity: true,
  invitation: true,
  kept_as: true,
  key: true,
  key_id: true,
  key_sha256: true,
  late: true,
  lease_until: true,
  link_sha256: true,
  lost_bytes: true,
  message_id: true,
  name: true,
  needs_approval: true,
  notice: true,
  opened_at: true,
  outcome: true,
  owner: true,
  owner_channels: true,
  paths: true,
  payloads: true,
  people: true,
  person: true,
  policy: true,
  previous: true,
  previous_sha256: true,
  public_key: true,
  reason: true,
  receipt: true,
  request_id: true,
  resolution: true,
  result_at: true,
  result_commit: true,
  reviewer: true,
  reviewers: true,
  round: true,
  rp_id: true,
  rule: true,
  rules: true,
  scope: true,
  secrets_commit: true,
  server: true,
  session: true,
  session_sha256: true,
  sign_count: true,
  size: true,
  software: true,
  solo: true,
  team: true,
  terms: true,
  timeout_ms: true,
  to: true,
  tool: true,
  transports: true,
  user: true,
  verification: true,
  version: true,
};

/** The same of what stands in members: the policy, the terms, who is asked later, receipts. */
const INNER: Readonly<Record<Inner, true>> = {
  acr: true,
  admits: true,
  after_ms: true,
  auth_time: true,
  authenticator_data: true,
  away: true,
  client_data: true,
  escalate: true,
  fallback: true,
  groups: true,
  id_token_sha256: true,
  issuer: true,
  max_age_ms: true,
  nonce: true,
  notify: true,
  payload_sha256: true,
  quorum: true,
  remind_ms: true,
  reveal: true,
  signature: true,
  subject: true,
};

export const REDACTED = '[redacted]';

/** What may be redacted; `node` is the id of the host that wrote the entry. */
export const REDACTABLE: ReadonlySet<string> = new Set([
  ...Object.keys(MEMBERS),
  ...Object.keys(INNER),
  'node',
]);

/** A copy in which the members of these names, however deep, say that they are redacted and nothing else. */
export function redact<T extends Entry | CallContext>(told: T, names: ReadonlySet<string>): T {
  return names.size === 0 ? told : (without(told as unknown as Json, names) as unknown as T);
}

function without(value: Json, names: ReadonlySet<string>): Json {
  if (Array.isArray(value)) return value.map((each: Json) => without(each, names));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, Json]) => [
      name,
      names.has(name) ? blank(member) : without(member, names),
    ]),
  );
}

/** Objects keep their shape, so that what reads them finds no hole. */
function blank(value: Json): Json {
  if (value === null || typeof value !== 'object') return REDACTED;
  if (Array.isArray(value)) return [REDACTED];
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, Json]) => [name, blank(member)]),
  );
}
