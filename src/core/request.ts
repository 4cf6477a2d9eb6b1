import type {
  AdmittedReceipt,
  DecisionKind,
  EscalationCause,
  NoticeKind,
  PolicyRef,
  ResultRef,
  Terms,
  Verification,
} from './entry.ts';

/** Where a request stands. `at` and `lease_until` are RFC 3339, UTC. */
export type Phase =
  | { readonly kind: 'pending' }
  | { readonly kind: 'approved'; readonly at: string }
  | {
      readonly kind: 'rejected' | 'expired' | 'cancelled' | 'voided';
      readonly at: string;
      readonly reason: string;
    }
  | { readonly kind: 'claimed'; readonly fence: number; readonly lease_until: string; readonly node: string }
  | { readonly kind: 'started'; readonly fence: number; readonly at: string }
  | { readonly kind: 'succeeded'; readonly at: string; readonly result: ResultRef }
  | { readonly kind: 'failed'; readonly at: string; readonly result: ResultRef; readonly detail: string }
  | { readonly kind: 'outcome_unknown'; readonly at: string; readonly detail: string }
  | {
      readonly kind: 'reconciled_done' | 'reconciled_not_done';
      readonly at: string;
      readonly reason: string;
    };

export interface Decision {
  readonly reviewer: string;
  readonly decision: DecisionKind;
  readonly verification: Verification;
  readonly reason?: string;
  readonly at: string;
  /** The passkey that signed it. */
  readonly credential_id?: string;
  /** The account or the key that spoke for the person. */
  readonly spoken?: AdmittedReceipt;
  /** How long before the decision the person had proved who they are to the identity provider, in milliseconds. */
  readonly sign_on_age_ms?: number;
  readonly solo?: true;
}

export interface Link {
  readonly reviewer: string;
  readonly sha256: string;
}

export interface NoticeState {
  /** Absent where it went to a place. */
  readonly reviewer?: string;
  readonly channel: string;
  readonly notice: NoticeKind;
  /** The number of a reminder. */
  readonly round?: number;
  /** RFC 3339, UTC; absent in snapshots of earlier versions. */
  readonly at?: string;
  readonly state: 'sent' | 'failed';
  readonly message_id?: string;
  readonly detail?: string;
}

/** More people were asked. `at` is RFC 3339, UTC. */
export interface EscalationState {
  readonly rule: string;
  readonly cause: EscalationCause;
  readonly reviewers: readonly string[];
  readonly at: string;
}

/** An approval request: the fold over the entries that carry its id. */
export interface Request {
  readonly id: string;
  /** The sequence number of the last entry that changed it; what compare-and-append compares. */
  readonly version: number;
  readonly call_id: string;
  readonly agent: string;
  readonly owner: string;
  readonly server: string;
  readonly tool: string;
  readonly definition_sha256: string;
  readonly action_digest: string;
  readonly args_commit: string;
  readonly args_at?: string;
  readonly card_digest: string;
  readonly card_at?: string;
  readonly policy: PolicyRef;
  /** As recorded at the request, with those among the reviewers who were asked since. */
  readonly terms: readonly Terms[];
  /** Absent where nothing was escalated. */
  readonly escalations?: readonly EscalationState[];
  /** By which channels the owner wants to be told of the outcome. */
  readonly owner_channels?: readonly string[];
  readonly requested_at: string;
  readonly expires_at: string;
  readonly timeout_ms: number;
  readonly session: string;
  readonly phase: Phase;
  readonly decisions: readonly Decision[];
  readonly links: readonly Link[];
  readonly notices: readonly NoticeState[];
  /** What is kept apart of its secrets, by commitment: those of the arguments, and the result as it came. */
  readonly secrets?: { readonly args?: string; readonly result?: string };
  /** To whom its secrets were shown, oldest first. */
  readonly reveals?: readonly { readonly reviewer: string; readonly at: string }[];
  /** The highest fence that was ever claimed; 0 before the first claim. */
  readonly fence: number;
  /** The agent has been given the outcome. */
  readonly delivered: boolean;
}

/** The ids of everyone who was asked, each once. */
export function asked(request: Pick<Request, 'terms'>): readonly string[] {
  return [...new Set(request.terms.flatMap((terms) => terms.reviewers))];
}

/** Nothing more will happen to the action itself, short of a person's word on an unknown outcome. */
export function isSettled(request: Pick<Request, 'phase'>): boolean {
  switch (request.phase.kind) {
    case 'pending':
    case 'approved':
    case 'claimed':
    case 'started':
      return false;
    case 'rejected':
    case 'expired':
    case 'cancelled':
    case 'voided':
    case 'succeeded':
    case 'failed':
    case 'outcome_unknown':
    case 'reconciled_done':
    case 'reconciled_not_done':
      return true;
  }
}

/**
 * Settled, its secrets erased, told to the agent, to every reviewer to whom a link went out, in every place where it
 * was asked, and to the owner where they want to be told.
 */
export function isClosed(request: Request): boolean {
  if (!isSettled(request) || !request.delivered || request.phase.kind === 'outcome_unknown') return false;
  if (request.secrets !== undefined) return false;
  const { links, notices, owner_channels: owner = [] } = request;
  const linked = new Set(links.map((link) => link.reviewer));
  return (
    [...linked].every((reviewer) =>
      notices.some((notice) => notice.reviewer === reviewer && notice.notice === 'outcome'),
    ) &&
    placesAsked(request).every((place) =>
      notices.some(
        (notice) => notice.reviewer === undefined && notice.channel === place && notice.notice === 'outcome',
      ),
    ) &&
    owner.every((channel) =>
      notices.some((notice) => notice.channel === channel && notice.notice === 'owner_outcome'),
    )
  );
}

/** The places where the question was put. */
export function placesAsked({ notices }: Pick<Request, 'notices'>): readonly string[] {
  const asked = notices.filter(
    (each) => each.reviewer === undefined && each.notice === 'ask' && each.state === 'sent',
  );
  return [...new Set(asked.map((each) => each.channel))];
}

/** Whether the request's time is over at `time` (RFC 3339). */
export function isOver(request: Pick<Request, 'expires_at'>, time: string): boolean {
  return Date.parse(time) >= Date.parse(request.expires_at);
}
