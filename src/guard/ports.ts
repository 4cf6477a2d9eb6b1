import type { Card } from '../core/card.ts';
import type { DecisionKind } from '../core/entry.ts';
import type { JsonObject } from '../core/json.ts';
import type { Person } from '../core/person.ts';
import type { Decision, Request } from '../core/request.ts';

/** A downstream's tool as the catalogue keeps it and as an agent is offered it. */
export interface OfferedTool {
  /** The name under which the agent calls it, unique in the workspace. */
  readonly name: string;
  readonly server: string;
  /** The tool's own name at its downstream. */
  readonly tool: string;
  /** The definition exactly as the downstream gave it. */
  readonly definition: JsonObject;
  /** SHA-256 over the canonical JSON of `definition` and the identity of what runs. */
  readonly definition_sha256: string;
  /** From `mcp.json`, and for guarded tools from their author. */
  readonly tags: readonly string[];
  /** The tool can say in a sentence what a call would do: `Target.summarise`. */
  readonly summarises: boolean;
  /** What runs, where a client and not the workspace says so. */
  readonly runs?: string;
}

/** Who calls, and through which client session. */
export interface Caller {
  readonly agent: string;
  readonly session: string;
  readonly identity: 'claimed' | 'authenticated';
  /** What the client says that it is, such as `claude-ai 0.1`. */
  readonly client?: string;
}

export interface IncomingCall {
  readonly caller: Caller;
  readonly tool: OfferedTool;
  readonly args: JsonObject;
  /** Aborted when the agent no longer waits for an answer; never ends the request itself. */
  readonly signal: AbortSignal;
  /** Members of the call's `_meta` that an allowed call passes on. A held call drops them. */
  readonly meta?: JsonObject;
  readonly onProgress?: (progress: JsonObject) => void;
}

/** One downstream, ready to be sent to on behalf of one client session. */
export interface Target {
  /** SHA-256 of the tool's definition as the downstream gives it now; nothing when it no longer offers it. */
  definition(tool: string): Promise<string | undefined>;
  /**
   * Sends `tools/call`.
   *
   * @returns the downstream's result, unchanged
   * @throws RpcError when the downstream answered with a JSON-RPC error
   * @throws DownstreamError `downstream_unavailable` when nothing was sent; `downstream_died`,
   * `downstream_silent`, `downstream_garbage` when the call may have happened
   */
  send(call: SendCall): Promise<JsonObject>;
  /** The tool's own sentence about a call. @throws DownstreamError */
  summarise(tool: string, args: JsonObject): Promise<string>;
}

export interface SendCall {
  readonly tool: string;
  readonly args: JsonObject;
  readonly timeout_ms: number;
  readonly signal?: AbortSignal;
  readonly meta?: JsonObject;
  readonly onProgress?: (progress: JsonObject) => void;
}

/**
 * Connects to a downstream: the session's own while it lives, else a fresh one.
 *
 * @throws DownstreamError `downstream_unavailable`; for a wrapped one also while its client is not attached
 */
export type Reach = (server: string, session: string, agent: string) => Promise<Target>;

/** Checks arguments against a tool's input schema, within a time limit, outside the host's own thread. */
export type CheckInput = (
  schema: unknown,
  args: JsonObject,
) => Promise<
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'unchecked'; readonly why: string }
>;

/** What an agent is told about a call, a status question or a cancellation; `mcp` puts it into its protocol. */
export type Answer =
  /** Allowed and done, or approved, executed and answered: the downstream's own result. */
  | { readonly kind: 'result'; readonly result: JsonObject; readonly approval?: Approval }
  /** The downstream answered with a JSON-RPC error. */
  | { readonly kind: 'rpc_error'; readonly error: RpcErrorObject; readonly approval?: Approval }
  | { readonly kind: 'pending'; readonly approval: Approval }
  /** The request ended without a result, or nobody knows whether it was carried out. */
  | { readonly kind: 'ended'; readonly approval: Approval; readonly message: string }
  /** Never became a request. `code` is stable: `denied_by_policy`, `invalid_arguments`, … */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export type ApprovalStatus =
  | 'pending_approval'
  | 'approved'
  | 'executing'
  | 'succeeded'
  | 'failed'
  | 'outcome_unknown'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'voided';

export interface Approval {
  readonly status: ApprovalStatus;
  readonly approval_id: string;
  /** The name under which the agent called it. */
  readonly tool: string;
  readonly expires_at: string;
  readonly reviewers_asked: number;
}

/** The JSON-RPC error with which a downstream answered a call. */
export class RpcError extends Error {
  readonly error: RpcErrorObject;

  constructor(error: RpcErrorObject) {
    super(error.message);
    this.name = 'RpcError';
    this.error = error;
  }
}

/** What `web` shows behind a link. */
export interface ReviewView {
  readonly request: Request;
  readonly card: Card;
  readonly args: JsonObject;
  readonly reviewer: Person;
  /** How far each rule's quorum is. */
  readonly progress: readonly {
    readonly rule: string;
    readonly approvals: number;
    readonly quorum: number;
  }[];
  /** Decisions so far, with the names of those who made them. */
  readonly decisions: readonly (Decision & { readonly name: string })[];
  /** `open`: this reviewer may decide now. */
  readonly state: 'open' | 'decided' | 'over';
  readonly reason: 'optional' | 'required';
  /** When this link was first opened, as far as this host knows. RFC 3339, UTC. */
  readonly opened_at: string;
}

export interface DecisionInput {
  readonly token: string;
  readonly decision: DecisionKind;
  readonly reason: string;
  /** What the person typed: the tool's name. */
  readonly confirm: string;
  /** The card digest of the page that was decided on. */
  readonly card_digest: string;
  readonly opened_at: string;
}

/** The reviewer's side of the guard. */
export interface Reviews {
  /** Reads only. @throws DecisionError `link_unknown` */
  view(token: string): Promise<ReviewView>;
  /**
   * @returns the view after the decision
   * @throws DecisionError `link_unknown`, `already_decided`, `already_resolved`, `expired`, `self_approval`,
   * `not_eligible`, `confirm_mismatch`, `reason_required`, `verification_too_weak`, `card_changed`
   */
  decide(input: DecisionInput): Promise<ReviewView>;
}

/** The agent's side of the guard. */
export interface Intercept {
  call(call: IncomingCall): Promise<Answer>;
  /** Waits up to `wait_ms` for the request to settle. Another agent's id is answered as unknown. */
  status(caller: Caller, approvalId: string, wait_ms: number, signal: AbortSignal): Promise<Answer>;
  cancel(caller: Caller, approvalId: string): Promise<Answer>;
}
