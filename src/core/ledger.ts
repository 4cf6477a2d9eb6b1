import type { AgentKeys } from './agent-keys.ts';
import { Book } from './book.ts';
import type { Entry } from './entry.ts';
import type { Custody } from './custody.ts';
import type { EvidenceReviews } from './evidence-review.ts';
import type { Definitions } from './definitions.ts';
import type { Identities } from './identities.ts';
import type { LedgerState, OpenCall } from './ledger-state.ts';
import type { Request } from './request.ts';
import type { ReviewerAccess } from './reviewer-access.ts';

export { UNFETCHED_MS } from './book.ts';
export { EMPTY_LEDGER, type LedgerState, type OpenCall } from './ledger-state.ts';

/** `Identities`, to be read. */
export type IdentitiesView = Omit<Identities, 'apply' | 'proven' | 'load' | 'save'>;

/** `Definitions`, to be read. */
export type DefinitionsView = Omit<Definitions, 'apply' | 'load' | 'save'>;

/** `Custody`, to be read. */
export type CustodyView = Omit<Custody, 'apply' | 'load' | 'save'>;

/** `AgentKeys`, to be read. */
export type AgentKeysView = Omit<AgentKeys, 'apply' | 'load' | 'save'>;

/** `ReviewerAccess`, to be read. */
export type ReviewerAccessView = Omit<
  ReviewerAccess,
  'apply' | 'passkeyRevoked' | 'proven' | 'load' | 'save'
>;

/** `EvidenceReviews`, to be read. */
export type EvidenceReviewsView = Omit<EvidenceReviews, 'apply' | 'load' | 'save'>;

/**
 * The state of a workspace: a fold over its journal.
 *
 * It is kept twice. One book holds what is durable and is all that a reader sees. The other runs ahead by the
 * entries that were admitted and are not durable yet, and the next ones are judged on it: the end of a call may
 * be admitted while its beginning is still on its way to the disk.
 */
export class Ledger {
  readonly #durable = new Book();
  readonly #ahead = new Book();
  /** Admitted and not applied yet, in order: the difference between the books. */
  #inFlight: Entry[] = [];

  get policyVersion(): string | null {
    return this.#durable.policyVersion;
  }

  get peopleVersion(): string | null {
    return this.#durable.peopleVersion;
  }

  /** People's keys, invitations and sessions. */
  get identities(): IdentitiesView {
    return this.#durable.identities;
  }

  /** The log's key, legal holds, and erasures that are not finished. */
  get custody(): CustodyView {
    return this.#durable.custody;
  }

  /** By which agents prove who they are. */
  get agentKeys(): AgentKeysView {
    return this.#durable.agentKeys;
  }

  /** Accounts and keys that may speak for people where a rule admits it. */
  get reviewerAccess(): ReviewerAccessView {
    return this.#durable.reviewerAccess;
  }

  /** Who looked at which period's exceptions. */
  get evidenceReviews(): EvidenceReviewsView {
    return this.#durable.evidenceReviews;
  }

  /** Whether a call has no end yet, or its request is not settled. */
  isUnderWay(callId: string): boolean {
    return this.#durable.isUnderWay(callId);
  }

  request(id: string): Request | undefined {
    return this.#durable.request(id);
  }

  /** The request to which the link with this digest leads. */
  requestOfLink(sha256: string): Request | undefined {
    return this.#durable.requestOfLink(sha256);
  }

  /** Every request that is open or was closed lately, oldest first. */
  requests(): IterableIterator<Request> {
    return this.#durable.requests();
  }

  /** Ids of this agent's requests that wait for a decision, oldest first. */
  pendingOf(agent: string): ReadonlySet<string> {
    return this.#durable.pendingOf(agent);
  }

  /** Allowed or just requested calls that have no end yet: after a restart, those that were interrupted. */
  openCalls(): IterableIterator<OpenCall> {
    return this.#durable.openCalls();
  }

  /** The pinned definitions of tools. */
  get definitions(): DefinitionsView {
    return this.#durable.definitions;
  }

  /** The version that compare-and-append compares: the sequence number of the request's last entry. */
  version(requestId: string): number | undefined {
    return this.#durable.request(requestId)?.version;
  }

  /**
   * Judges entries that are to follow all that was admitted before, all or none. Readers see nothing of them
   * until each is applied.
   *
   * @throws TransitionError naming the rule that the first illegal one breaks.
   */
  admit(entries: readonly Entry[]): void {
    for (const [index, entry] of entries.entries()) {
      try {
        this.#ahead.apply(entry);
      } catch (error) {
        if (index > 0) this.#rebuildAhead();
        throw error;
      }
    }
    this.#inFlight.push(...entries);
  }

  /** Forgets what was admitted and not applied: it never became durable. */
  withdraw(): void {
    this.#inFlight = [];
    this.#rebuildAhead();
  }

  /**
   * Takes up one durable entry: the oldest of those that were admitted or, when none is in flight, one that is
   * read back from the journal.
   *
   * @throws TransitionError when it may not follow what stands.
   */
  apply(entry: Entry): void {
    this.#durable.apply(entry);
    if (this.#inFlight.length > 0) this.#inFlight.shift();
    else this.#ahead.apply(entry);
  }

  /** What is durable, as plain JSON. */
  save(): LedgerState {
    return this.#durable.save();
  }

  /** Replaces everything by a saved state. */
  load(state: LedgerState): void {
    this.#durable.load(state);
    this.withdraw();
  }

  #rebuildAhead(): void {
    this.#ahead.load(this.#durable.save());
    for (const entry of this.#inFlight) this.#ahead.apply(entry);
  }
}
