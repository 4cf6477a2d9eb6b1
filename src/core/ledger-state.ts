import { NO_AGENT_KEYS, type AgentKeysState } from './agent-keys.ts';
import { NO_IDENTITIES, type IdentitiesState } from './credentials.ts';
import { NO_CUSTODY, type CustodyState } from './custody.ts';
import type { DefinitionState } from './definitions.ts';
import type { ArgsRef } from './entry.ts';
import type { EvidenceReview } from './evidence-review.ts';
import type { Request } from './request.ts';
import { NO_REVIEWER_ACCESS, type ReviewerAccessState } from './reviewer-access.ts';

/** A call whose end does not stand in the journal yet. */
export interface OpenCall extends ArgsRef {
  readonly call_id: string;
  readonly action_digest: string;
  /** `requested` until its verdict stands, then `allowed` until it completed. */
  readonly state: 'requested' | 'allowed';
}

/** The ledger as plain JSON. */
export interface LedgerState {
  readonly calls: readonly OpenCall[];
  readonly requests: readonly Request[];
  /** Ids of those among the requests that are closed, in the order in which they were. */
  readonly closed: readonly string[];
  readonly definitions: readonly DefinitionState[];
  readonly policy_version: string | null;
  readonly people_version: string | null;
  readonly identities: IdentitiesState;
  readonly custody: CustodyState;
  readonly agent_keys: AgentKeysState;
  readonly reviewer_access: ReviewerAccessState;
  readonly evidence_reviews: readonly EvidenceReview[];
}

export const EMPTY_LEDGER: LedgerState = {
  calls: [],
  requests: [],
  closed: [],
  definitions: [],
  policy_version: null,
  people_version: null,
  identities: NO_IDENTITIES,
  custody: NO_CUSTODY,
  agent_keys: NO_AGENT_KEYS,
  reviewer_access: NO_REVIEWER_ACCESS,
  evidence_reviews: [],
};
