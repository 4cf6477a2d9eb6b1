/**
 * The vocabulary of the journal: every kind of entry that can stand in it. An entry is one canonical JSON
 * object; what a reader needs to know of arguments and results is their salted commitment, never their text.
 */

import type { IdentityDrafts } from './identity-entries.ts';
import type {
  ArgsRef,
  PasskeyReceipt,
  PayloadPlace,
  PersonalReceipt,
  PolicyRef,
  Receipt,
  ResultRef,
  SecretsRef,
  Terms,
  Verification,
  VerificationLevel,
} from './entry-parts.ts';

export type {
  AdmittedReceipt,
  AdmittedWay,
  ApiReceipt,
  Escalation,
  PersonalReceipt,
  SlackReceipt,
  Verification,
  VerificationLevel,
  Terms,
  PasskeyReceipt,
  SignOnReceipt,
  Receipt,
  PolicyRef,
  ArgsRef,
  ResultRef,
  SecretsRef,
  PayloadPlace,
} from './entry-parts.ts';

export type DecisionKind = 'approve' | 'reject';
/** `owner_outcome`: the agent's owner is told of the outcome, where they chose. */
export type NoticeKind = 'ask' | 'reminder' | 'outcome' | 'owner_outcome';
/** Why more people are asked: nobody decided in time, or no channel reached anybody. */
export type EscalationCause = 'time' | 'unreachable';
export type Resolution = 'approved' | 'rejected' | 'expired' | 'cancelled' | 'voided';

interface Named {
  readonly agent: string;
  readonly owner: string;
  readonly server: string;
  readonly tool: string;
  readonly definition_sha256: string;
}

export interface OfRequest {
  readonly request_id: string;
}

export interface OfExecution extends OfRequest {
  /** Grows by one with each claim; a start that carries an older fence is refused. */
  readonly fence: number;
}

export interface Notice extends OfRequest {
  /** Who it is for; absent where it went to a place. For `owner_outcome` the owner. */
  readonly reviewer?: string;
  /** As a rule names it: `email`, `slack:#ops`; `none` where there is no channel at all. */
  readonly channel: string;
  readonly notice: NoticeKind;
  /** The number of a reminder, from 1. */
  readonly round?: number;
}

export interface Drafts extends IdentityDrafts {
  /** The first entry a host writes. `software` is Placet's version. */
  'log.opened': { readonly software: string };
  /** A torn or unsynced tail was set aside in `kept_as`, a file beside the segments. */
  'log.recovered': { readonly lost_bytes: number; readonly kept_as: string };
  /**
   * The verifier key (C2SP signed-note) under which checkpoints of this log are signed from here on; its name is the
   * log's origin. `previous`: the key that it follows. `by`: `placet` for the first, then `operator`.
   */
  'log.key': {
    readonly key: string;
    readonly previous?: string;
    readonly reason?: string;
    readonly by: string;
  };
  'policy.loaded': { readonly policy: PolicyRef; readonly rules: number };
  'people.changed': { readonly version: string; readonly people: number; readonly agents: number };
  /**
   * `late`: it appeared after its server had listed its tools for the first time, which counts as a change.
   * `identity`: a keyed digest of what runs, where a client and not the workspace says so: another of the same name
   * is another server.
   */
  'tool.registered': {
    readonly server: string;
    readonly tool: string;
    readonly definition_sha256: string;
    readonly late?: true;
    readonly identity?: string;
  };
  /** `beside`: the server goes on to give other clients the previous one. */
  'tool.definition_changed': {
    readonly server: string;
    readonly tool: string;
    readonly definition_sha256: string;
    readonly previous_sha256: string;
    readonly beside?: true;
    readonly identity?: string;
  };
  /**
   * A person has looked at what changed and takes the definition as it is: by approving the call `approval_id`, whose
   * card showed the difference, or by a receipt of their own.
   */
  'tool.definition_accepted': {
    readonly server: string;
    readonly tool: string;
    readonly definition_sha256: string;
    readonly reviewer: string;
    readonly approval_id?: string;
    readonly reason?: string;
    readonly receipt?: PersonalReceipt;
  };
  /** A bearer key by which an agent proves who it is. Of the key itself nothing is kept but `key_sha256`. */
  'agent.key_issued': {
    readonly agent: string;
    readonly key_id: string;
    readonly key_sha256: string;
    readonly by: string;
    /** RFC 3339, UTC; absent where it does not expire. */
    readonly expires_at?: string;
  };
  'agent.key_revoked': {
    readonly agent: string;
    readonly key_id: string;
    readonly by: string;
    readonly reason: string;
  };
  'call.requested': Named & ArgsRef & { readonly call_id: string; readonly action_digest: string };
  'call.allowed': { readonly call_id: string; readonly policy: PolicyRef };
  'call.denied': { readonly call_id: string; readonly policy: PolicyRef; readonly reason: string };
  /**
   * The end of a call as its agent sees it. For an allowed call the outcome of the downstream; for a held one
   * `delivered`: the agent has been given the outcome of its request.
   */
  'call.completed': ResultRef & {
    readonly call_id: string;
    readonly request_id?: string;
    readonly outcome: 'succeeded' | 'failed' | 'unknown' | 'delivered';
    readonly detail?: string;
  };
  'approval.requested': OfRequest &
    Named &
    ArgsRef &
    SecretsRef & {
      readonly call_id: string;
      readonly action_digest: string;
      /** Salted commitment to the card, the payload that every reviewer is shown. */
      readonly card_digest: string;
      readonly card_at?: string;
      readonly policy: PolicyRef;
      readonly terms: readonly Terms[];
      /** RFC 3339, UTC. */
      readonly expires_at: string;
      /** How long a started execution may stay unanswered, in milliseconds. */
      readonly timeout_ms: number;
      /** The client session that made the call; its downstream runs the call while it lives. */
      readonly session: string;
      /** By which channels the agent's owner wants to be told of the outcome; absent where by none. */
      readonly owner_channels?: readonly string[];
    };
  /** More people are asked from here on, as the terms of this rule say. */
  'approval.escalated': OfRequest & {
    readonly rule: string;
    readonly cause: EscalationCause;
    readonly reviewers: readonly string[];
  };
  'approval.decided': OfRequest & {
    readonly reviewer: string;
    readonly verification: Verification;
    readonly decision: DecisionKind;
    readonly reason?: string;
    /** When the page that was decided on was first opened. RFC 3339, UTC. */
    readonly opened_at: string;
    readonly action_digest: string;
    readonly card_digest: string;
    /** What proves the verification; none for `link`. */
    readonly receipt?: Receipt;
    /** The owner approved their own agent's call, as the workspace declares. */
    readonly solo?: true;
  };
  /** Someone who may decide tried to, and could not be verified. */
  'verification.refused': OfRequest & {
    readonly reviewer: string;
    readonly verification: Verification;
    readonly reason: string;
  };
  'approval.resolved': OfRequest & { readonly resolution: Resolution; readonly reason: string };
  /** `link_sha256` is over the token, of which nothing else is kept. */
  'link.issued': OfRequest & { readonly reviewer: string; readonly link_sha256: string };
  'notice.sent': Notice & { readonly message_id: string };
  /** The channel refused for good; a temporary failure is retried and not journalled. */
  'notice.failed': Notice & { readonly detail: string };
  /** `lease_until`: after this the claim may be taken over. RFC 3339, UTC. */
  'execution.claimed': OfExecution & { readonly lease_until: string };
  'execution.started': OfExecution & { readonly action_digest: string };
  /** `secrets_commit`: the result as it came, until the agent was given it, where what is kept of it is masked. */
  'execution.succeeded': OfExecution & ResultRef & SecretsRef;
  'execution.failed': OfExecution & ResultRef & SecretsRef & { readonly detail: string };
  'execution.outcome_unknown': OfExecution & { readonly detail: string };
  /** A person's word on what became of an execution whose outcome was unknown. */
  'execution.reconciled': OfRequest & {
    readonly reviewer: string;
    readonly outcome: 'done' | 'not_done';
    readonly reason: string;
    readonly receipt?: PersonalReceipt;
  };
  /** The agent's owner, under whatever address, was kept from reviewing or tried to decide. */
  'self_approval.refused': OfRequest & { readonly reviewer: string; readonly reason: string };
  /** Somebody who may decide had the secrets of the call shown to them. Durable before they are. */
  'secret.revealed': OfRequest & {
    readonly reviewer: string;
    /** Where they stand in the arguments; names that are not plain as `*`. */
    readonly paths: readonly string[];
    readonly verification: VerificationLevel;
    /** What proves the verification; none for `link`. */
    readonly receipt?: PersonalReceipt;
  };
  /** What was kept of secrets is destroyed: the request is settled, or its result was handed over. */
  'secret.erased': OfRequest & { readonly secrets_commit: string };
  /** Durable before any of the payloads is touched. */
  'payload.erasure_ordered': {
    readonly call_id: string;
    readonly payloads: readonly PayloadPlace[];
    readonly reason: string;
    readonly by: string;
  };
  /** Keys and salts of what was ordered are destroyed; so many payloads had them still. */
  'payload.erased': { readonly call_id: string; readonly erased: number };
  /** What a hold covers is not erased. Without a `call_id`: every payload. */
  'hold.placed': {
    readonly hold_id: string;
    readonly call_id?: string;
    readonly reason: string;
    readonly by: string;
  };
  'hold.released': { readonly hold_id: string; readonly reason: string; readonly by: string };
  /**
   * A person looked at what was out of the ordinary in `[from, to)`, as the first `size` entries tell of it:
   * `exceptions` of them, under the digest of `evidence-review.ts`.
   */
  'evidence.reviewed': {
    readonly from: string;
    readonly to: string;
    readonly size: number;
    readonly exceptions: number;
    readonly exceptions_sha256: string;
    readonly reviewer: string;
    readonly reason?: string;
    readonly receipt: PasskeyReceipt;
  };
}

export type EntryType = keyof Drafts;

/** What a use case hands to the journal. */
export type Draft = { [T in EntryType]: { readonly type: T } & Drafts[T] }[EntryType];

/** What the journal adds: format version, place, identity, RFC 3339 UTC time, and the host that wrote it. */
export interface Stamp {
  readonly v: 1;
  readonly seq: number;
  readonly id: string;
  readonly time: string;
  readonly node: string;
  /**
   * How many entries of the same append follow this one; absent on the last. An append stands whole or not at
   * all, and this is how a reader tells that a crash cut one short.
   */
  readonly more?: number;
}

export type Entry = Draft & Stamp;
export type EntryOf<T extends EntryType> = Extract<Entry, { readonly type: T }>;

/** The request that an entry belongs to; entries with one form that request's own history. */
export function requestIdOf(entry: Draft): string | undefined {
  return 'request_id' in entry ? entry.request_id : undefined;
}
