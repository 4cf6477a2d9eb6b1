import { AgentKeys, isAgentKeyEntry } from './agent-keys.ts';
import { mustBeProven } from './acceptance.ts';
import { Custody, isCustodyEntry, type CustodyEntry } from './custody.ts';
import { Definitions, isDefinitionEntry, type DefinitionEntry } from './definitions.ts';
import type { Entry } from './entry.ts';
import { requestIdOf } from './entry.ts';
import { EvidenceReviews } from './evidence-review.ts';
import { isReviewerAccessEntry, ReviewerAccess, type ReviewerAccessEntry } from './reviewer-access.ts';
import { Identities } from './identities.ts';
import type { LedgerState, OpenCall } from './ledger-state.ts';
import { allowed, callError, mustMatchCall, openCall } from './open-call.ts';
import { takeProof } from './proven-acts.ts';
import { isClosed, isSettled, type Request } from './request.ts';
import { transition } from './transition.ts';

/** A settled request that nobody asked about is let go this long after its last entry. */
export const UNFETCHED_MS = 7 * 24 * 60 * 60 * 1000;

const NOBODYS: ReadonlySet<string> = new Set();
const SWEEP_EVERY = 4096;
const CLOSED_KEPT = 1000;

/**
 * What stands after some number of entries. It holds what is open and the last thousand requests that closed,
 * so it does not grow with the journal's length; older ones are read back from the journal itself.
 */
export class Book {
  readonly #calls = new Map<string, OpenCall>();
  readonly #requests = new Map<string, Request>();
  readonly #closed = new Set<string>();
  /** Ids of the requests that wait for a decision, by agent. */
  readonly #pending = new Map<string, Set<string>>();
  /** Which request a link belongs to, by the link's digest. */
  readonly #links = new Map<string, string>();
  /** The pinned definitions of tools. To be read; entries change it. */
  readonly definitions = new Definitions();
  /** Who can prove who they are. To be read; entries change it. */
  readonly identities = new Identities();
  /** Who signs the log, and what of its payloads must stay or go. To be read; entries change it. */
  readonly custody = new Custody();
  /** By which agents prove who they are. To be read; entries change it. */
  readonly agentKeys = new AgentKeys();
  /** What may speak for people where a rule admits it. To be read; entries change it. */
  readonly reviewerAccess = new ReviewerAccess();
  /** Who looked at which period's exceptions. To be read; entries change it. */
  readonly evidenceReviews = new EvidenceReviews();
  #policyVersion: string | null = null;
  #peopleVersion: string | null = null;

  get policyVersion(): string | null {
    return this.#policyVersion;
  }

  get peopleVersion(): string | null {
    return this.#peopleVersion;
  }

  request(id: string): Request | undefined {
    return this.#requests.get(id);
  }

  /** The request to which the link with this digest leads. */
  requestOfLink(sha256: string): Request | undefined {
    return this.#requests.get(this.#links.get(sha256) ?? '');
  }

  /** Every request that is open or was closed lately, oldest first. */
  requests(): IterableIterator<Request> {
    return this.#requests.values();
  }

  /** Ids of this agent's requests that wait for a decision, oldest first. */
  pendingOf(agent: string): ReadonlySet<string> {
    return this.#pending.get(agent) ?? NOBODYS;
  }

  /** Allowed or just requested calls that have no end yet: after a restart, those that were interrupted. */
  openCalls(): IterableIterator<OpenCall> {
    return this.#calls.values();
  }

  /**
   * Takes up the next entry, or throws and changes nothing.
   *
   * @throws TransitionError naming the rule that it breaks.
   */
  apply(entry: Entry): void {
    this.#take(entry);
    if (entry.seq % SWEEP_EVERY === 0) this.#sweep(Date.parse(entry.time));
  }

  save(): LedgerState {
    return {
      calls: [...this.#calls.values()],
      requests: [...this.#requests.values()],
      closed: [...this.#closed],
      definitions: this.definitions.save(),
      policy_version: this.#policyVersion,
      people_version: this.#peopleVersion,
      identities: this.identities.save(),
      custody: this.custody.save(),
      agent_keys: this.agentKeys.save(),
      reviewer_access: this.reviewerAccess.save(),
      evidence_reviews: this.evidenceReviews.save(),
    };
  }

  /** Replaces everything by a saved state. */
  load(state: LedgerState): void {
    this.#calls.clear();
    this.#requests.clear();
    this.#closed.clear();
    this.#pending.clear();
    for (const call of state.calls) this.#calls.set(call.call_id, call);
    this.#links.clear();
    for (const request of state.requests) {
      this.#requests.set(request.id, request);
      this.#count(request);
      for (const link of request.links) this.#links.set(link.sha256, request.id);
    }
    for (const id of state.closed) this.#closed.add(id);
    this.definitions.load(state.definitions);
    this.#policyVersion = state.policy_version;
    this.#peopleVersion = state.people_version;
    this.identities.load(state.identities);
    this.custody.load(state.custody);
    this.agentKeys.load(state.agent_keys);
    this.reviewerAccess.load(state.reviewer_access);
    this.evidenceReviews.load(state.evidence_reviews);
  }

  #take(entry: Entry): void {
    if (isCustodyEntry(entry)) return this.#keep(entry);
    if (isDefinitionEntry(entry)) return this.#define(entry);
    if (isAgentKeyEntry(entry)) return this.agentKeys.apply(entry);
    if (isReviewerAccessEntry(entry)) return this.#admitAccess(entry);
    switch (entry.type) {
      case 'call.requested':
        if (this.#calls.has(entry.call_id)) throw callError(entry.call_id, 'was requested before');
        this.#calls.set(entry.call_id, openCall(entry));
        return;
      case 'call.allowed':
        this.#calls.set(entry.call_id, allowed(this.#callIn('requested', entry.call_id)));
        return;
      case 'call.denied':
        this.#callIn('requested', entry.call_id);
        this.#calls.delete(entry.call_id);
        return;
      case 'approval.requested':
        mustMatchCall(entry, this.#callIn('requested', entry.call_id));
        this.#change(entry.request_id, entry);
        this.#calls.delete(entry.call_id);
        return;
      case 'evidence.reviewed':
        return this.evidenceReviews.apply(entry, this.identities);
      case 'policy.loaded':
        this.#policyVersion = entry.policy.version;
        return;
      case 'people.changed':
        this.#peopleVersion = entry.version;
        return;
      case 'passkey.enrolled':
      case 'passkey.invitation_approved':
      case 'passkey.invitation_linked':
      case 'passkey.invitation_sent':
      case 'passkey.invitation_withdrawn':
      case 'passkey.invited':
      case 'passkey.revoked':
      case 'session.closed':
      case 'session.opened':
        this.identities.apply(entry);
        if (entry.type === 'passkey.revoked') this.reviewerAccess.passkeyRevoked(entry);
        return;
      default: {
        const id = requestIdOf(entry);
        if (id !== undefined) {
          this.#change(id, entry);
        } else if (entry.type === 'call.completed') {
          this.#callIn('allowed', entry.call_id);
          this.#calls.delete(entry.call_id);
        }
      }
    }
  }

  /** Who links an account or makes a key proves who they are; to take one back takes no proof. */
  #admitAccess(entry: ReviewerAccessEntry): void {
    this.reviewerAccess.apply(entry, () => {
      if ('receipt' in entry) this.identities.proven(entry.person, entry.receipt, entry.time);
    });
  }

  #define(entry: DefinitionEntry): void {
    if (entry.type === 'tool.definition_accepted') {
      const { definitions, identities } = this;
      mustBeProven(entry, { definitions, identities, request: (id) => this.#requests.get(id) });
    }
    this.definitions.apply(entry);
  }

  /** What is still on its way to an outcome needs its payloads. */
  #keep(entry: CustodyEntry): void {
    if (entry.type === 'payload.erasure_ordered' && this.isUnderWay(entry.call_id))
      throw callError(entry.call_id, 'is still under way, so nothing of it is erased');
    this.custody.apply(entry);
  }

  /** Whether a call has no end yet, or its request is not settled. */
  isUnderWay(callId: string): boolean {
    if (this.#calls.has(callId)) return true;
    for (const request of this.#requests.values())
      if (request.call_id === callId && !isSettled(request)) return true;
    return false;
  }

  #change(id: string, entry: Entry): void {
    const request = transition(this.#requests.get(id), entry);
    takeProof(entry, this);
    this.#requests.set(id, request);
    this.#count(request);
    if (entry.type === 'link.issued') this.#links.set(entry.link_sha256, id);
    if (isClosed(request)) this.#close(id);
  }

  #count({ id, agent, phase }: Request): void {
    const ids = this.#pending.get(agent);
    if (phase.kind !== 'pending') {
      ids?.delete(id);
      if (ids?.size === 0) this.#pending.delete(agent);
    } else if (ids) ids.add(id);
    else this.#pending.set(agent, new Set([id]));
  }

  #callIn(state: OpenCall['state'], id: string): OpenCall {
    const call = this.#calls.get(id);
    if (call?.state === state) return call;
    throw callError(id, state === 'requested' ? 'has no open question to answer' : 'is not under way');
  }

  /** The latest closed requests stay, so that their links and outcomes are still answered at once. */
  #close(id: string): void {
    this.#closed.add(id);
    if (this.#closed.size <= CLOSED_KEPT) return;
    const [oldest] = this.#closed;
    if (oldest === undefined) return;
    this.#forget(oldest);
  }

  #forget(id: string): void {
    for (const link of this.#requests.get(id)?.links ?? []) this.#links.delete(link.sha256);
    this.#closed.delete(id);
    this.#requests.delete(id);
  }

  /** Tied to sequence numbers, so that every reader of one journal lets go of the same requests. */
  #sweep(now: number): void {
    for (const request of this.#requests.values()) {
      const { phase } = request;
      // An unknown outcome waits for a person's word, however long, and what is secret is to be erased.
      if (!isSettled(request) || phase.kind === 'outcome_unknown' || !('at' in phase)) continue;
      if (request.secrets !== undefined) continue;
      if (Date.parse(phase.at) < now - UNFETCHED_MS) {
        this.#forget(request.id);
      }
    }
  }
}
