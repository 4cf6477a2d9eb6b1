import type { Card } from '../core/card.ts';
import type { Passkey } from '../core/credentials.ts';
import type {
  AdmittedWay,
  ApiReceipt,
  DecisionKind,
  Entry,
  PasskeyReceipt,
  SignOnReceipt,
  SlackReceipt,
  VerificationLevel,
} from '../core/entry.ts';
import type { Precedents } from '../core/history.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Person } from '../core/person.ts';
import type { Decision, Request } from '../core/request.ts';
import type { SecretKind } from '../core/secret-marks.ts';
import type { Verbatim } from '../core/verbatim.ts';

export type { Reach, SendCall, Target } from './target.ts';

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

/** The texts of the pinned definitions, so that people can be shown what changed. */
export interface DefinitionStore {
  /** Exactly as the downstream gave it; nothing where it is not kept, or is not what its digest says. */
  read(definitionSha256: string): JsonObject | undefined;
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
  /** What the agent says that the call is for, of its `_meta["placet/reason"]`. */
  readonly said?: string;
  /** Members of the call's `_meta` that an allowed call passes on. A held call drops them. */
  readonly meta?: JsonObject;
  /** The `task` member of the call: the downstream is to make a task of it. An allowed call passes it on. */
  readonly task?: JsonObject;
  /** The id that the client gave the call: what the downstream asks of the client meanwhile belongs to it. */
  readonly message_id?: string | number;
  readonly onProgress?: (progress: JsonObject) => void;
  /** Called once an allowed call is in the journal and about to be sent; never for one that is held or refused. */
  readonly onAllowed?: () => void;
}

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
  | { readonly kind: 'result'; readonly result: Verbatim; readonly approval?: Approval }
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

/**
 * How a person came to a request: by the one link that is theirs, or signed in to the console. A session shows
 * things and never decides: what is done there carries a proof of its own.
 */
export type Access =
  | { readonly kind: 'link'; readonly token: string }
  | { readonly kind: 'session'; readonly person: string; readonly request_id: string };

/** What `web` shows of a request to one person. */
export interface ReviewView {
  readonly request: Request;
  readonly card: Card;
  readonly args: JsonObject;
  /** Who looks at it. */
  readonly reviewer: Person;
  /** How far each rule's quorum is. */
  readonly progress: readonly {
    readonly rule: string;
    readonly approvals: number;
    readonly quorum: number;
  }[];
  /** Decisions so far, with the names of those who made them. */
  readonly decisions: readonly (Decision & { readonly name: string })[];
  /** `open`: this person may decide now. `watching`: they see it and were not asked. */
  readonly state: 'open' | 'decided' | 'over' | 'watching';
  /** The ways in which this person may approve here and reject here, weakest first; none where they cannot. */
  readonly methods: {
    readonly approve: readonly VerificationLevel[];
    readonly reject: readonly VerificationLevel[];
  };
  /** What decides besides, for this person, where it is given: a press in Slack, a key at the API. */
  readonly admits: readonly AdmittedWay[];
  /** The ways in which this person may say what became of an unknown outcome, weakest first; absent where they cannot. */
  readonly reconcile?: readonly VerificationLevel[];
  /** The ways in which this person may have the secrets of the call shown to them; absent where they cannot. */
  readonly reveal?: readonly VerificationLevel[];
  /** The weakest verification of an approval by this person that counts for a rule. */
  readonly demanded: VerificationLevel;
  /** How long ago a sign-on may have been, in milliseconds. */
  readonly max_age_ms: number;
  /** The person's keys that can be used. */
  readonly passkeys: readonly Passkey[];
  /** The person is the only human, and the agent's owner. */
  readonly solo: boolean;
  readonly reason: 'optional' | 'required';
  /** When this page was first opened, as far as this host knows. RFC 3339, UTC. */
  readonly opened_at: string;
  /** What became of this agent's calls to this tool in the last 30 days. */
  readonly precedents: Precedents;
  /** The arguments of the last approved call of this agent to this tool, where they still exist. */
  readonly last_args?: JsonObject;
}

/** What a person gives to be verified. */
export type Proof =
  /** They typed the tool's name. Goes with a link alone. */
  | { readonly kind: 'typed'; readonly confirm: string }
  /** A passkey signed the challenge of exactly this act; `nonce` is the server's, from the page. */
  | { readonly kind: 'passkey'; readonly assertion: JsonObject; readonly nonce: string }
  /** A fresh sign-on that was made for this request, and the tool's name typed. */
  | { readonly kind: 'sso'; readonly sign_on: SignOnReceipt; readonly confirm: string }
  /** A button in Slack was pressed by an account that they linked, and the tool's name typed. */
  | { readonly kind: 'slack'; readonly receipt: SlackReceipt; readonly confirm: string }
  /** Their own key came with it, and the tool's name. */
  | { readonly kind: 'api'; readonly receipt: ApiReceipt; readonly confirm: string };

export interface DecisionInput {
  readonly access: Access;
  readonly decision: DecisionKind;
  readonly reason: string;
  readonly proof: Proof;
  /** The card digest of the page that was decided on. */
  readonly card_digest: string;
  readonly opened_at: string;
  /** Paths of the long values that the person says they have read. */
  readonly seen: readonly string[];
}

/** What a person has shown to them once. */
export interface Revealed {
  readonly view: ReviewView;
  readonly secrets: readonly {
    /** Where it stands in the arguments; hostile. */
    readonly path: string;
    readonly kind: SecretKind;
    readonly value: Json;
  }[];
}

export interface RevealInput {
  readonly access: Access;
  readonly proof: Extract<Proof, { readonly kind: 'typed' | 'passkey' | 'sso' }>;
  /** The card digest of the page that it was asked for on. */
  readonly card_digest: string;
}

/** Checks what an authenticator signed. @throws DecisionError `passkey_refused` with the reason in words */
export type VerifyAssertion = (question: {
  readonly assertion: JsonObject;
  /** base64url, of `challengeOf`. */
  readonly challenge: string;
  readonly nonce: string;
  readonly passkey: Passkey;
}) => Promise<PasskeyReceipt>;

/** A request that waits for a person, for a list. */
export interface WaitingItem {
  readonly request: Request;
  readonly summary?: string;
}

/** The reviewer's side of the guard. */
export interface Reviews {
  /** Reads only. @throws DecisionError `link_unknown`, `not_found` (a session that may not see it), `erased` */
  view(access: Access): Promise<ReviewView>;
  /**
   * @returns the view after the decision
   * @throws DecisionError `link_unknown`, `not_found`, `already_decided`, `already_resolved`, `expired`,
   * `self_approval`, `not_eligible`, `confirm_mismatch`, `reason_required`, `not_read`, `verification_too_weak`,
   * `passkey_refused`, `passkey_cloned`, `sign_on_stale`, `sign_on_other`, `card_changed`, `erased`
   */
  decide(input: DecisionInput): Promise<ReviewView>;
  /**
   * Shows the secrets of a call to somebody who may decide on it. Before anything is shown, that they are stands in the
   * journal.
   *
   * @throws DecisionError `reveal_refused`, `no_secrets`, and those of `decide`
   */
  reveal(input: RevealInput): Promise<Revealed>;
  /** What waits for this person's decision, the most urgent first. */
  waiting(person: string): Promise<readonly WaitingItem[]>;
  /** Everything the journal says of a request, oldest first. @throws DecisionError `not_found` */
  story(person: string, requestId: string): Promise<readonly Entry[]>;
  /**
   * A person's word on what became of an execution whose outcome is unknown.
   *
   * @throws DecisionError `not_found`, `not_unknown`, `self_approval`, `not_eligible`, `reason_required`,
   * `verification_too_weak`, and those of a proof
   */
  reconcile(input: {
    readonly access: Extract<Access, { readonly kind: 'session' }>;
    readonly outcome: 'done' | 'not_done';
    readonly reason: string;
    readonly proof: Extract<Proof, { readonly kind: 'passkey' | 'sso' }>;
  }): Promise<ReviewView>;
}

/** The agent's side of the guard. */
export interface Intercept {
  call(call: IncomingCall): Promise<Answer>;
  /** Waits up to `wait_ms` for the request to settle. Another agent's id is answered as unknown. */
  status(caller: Caller, approvalId: string, wait_ms: number, signal: AbortSignal): Promise<Answer>;
  /** How the request stands now; nothing is handed over by it. */
  look(caller: Caller, approvalId: string): Promise<Answer>;
  cancel(caller: Caller, approvalId: string): Promise<Answer>;
}
