import type { ArgsRef, Entry, EntryOf } from './entry.ts';
import { requestIdOf } from './entry.ts';
import { TransitionError } from './errors.ts';
import { isClosed, isSettled, transition, type Request } from './request.ts';

/** A call whose end does not stand in the journal yet. */
export interface OpenCall extends ArgsRef {
  readonly call_id: string;
  readonly action_digest: string;
  /** `requested` until its verdict stands, then `allowed` until it completed. */
  readonly state: 'requested' | 'allowed';
}

/** A settled request that nobody asked about is let go this long after its last entry. */
export const UNFETCHED_MS = 7 * 24 * 60 * 60 * 1000;

const SWEEP_EVERY = 4096;
const CLOSED_KEPT = 1000;

/** The ledger as plain JSON. */
export interface LedgerState {
  readonly calls: readonly OpenCall[];
  readonly requests: readonly Request[];
  /** Ids of those among the requests that are closed, in the order in which they were. */
  readonly closed: readonly string[];
  /** Definition digests by `server\ntool`. */
  readonly definitions: readonly (readonly [string, string])[];
  readonly policy_version: string | null;
  readonly people_version: string | null;
}

/**
 * The state of a workspace: a fold over its journal. It holds what is open and the last thousand requests that
 * closed, so it does not grow with the journal's length; older ones are read back from the journal itself.
 */
export class Ledger {
  readonly #calls = new Map<string, OpenCall>();
  readonly #requests = new Map<string, Request>();
  readonly #closed = new Set<string>();
  readonly #definitions = new Map<string, string>();
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

  /** Every request that is open or was closed lately, oldest first. */
  requests(): IterableIterator<Request> {
    return this.#requests.values();
  }

  /** Allowed or just requested calls that have no end yet: after a restart, those that were interrupted. */
  openCalls(): IterableIterator<OpenCall> {
    return this.#calls.values();
  }

  definition(server: string, tool: string): string | undefined {
    return this.#definitions.get(`${server}\n${tool}`);
  }

  /** The version that compare-and-append compares: the sequence number of the request's last entry. */
  version(requestId: string): number | undefined {
    return this.#requests.get(requestId)?.version;
  }

  /**
   * Checks that the entries may follow what stands, in order, without taking them up.
   *
   * @throws TransitionError naming the rule that the first illegal one breaks.
   */
  admit(entries: readonly Entry[]): void {
    const requests = new Map<string, Request>();
    const opened = new Map<string, OpenCall>();
    for (const entry of entries) {
      const id = requestIdOf(entry);
      if (entry.type === 'call.requested') {
        if (this.#calls.has(entry.call_id)) throw callError(entry.call_id, 'was requested before');
        opened.set(entry.call_id, openCall(entry));
      } else if (entry.type === 'call.allowed' || entry.type === 'call.denied') {
        const call = opened.get(entry.call_id) ?? this.#calls.get(entry.call_id);
        if (call?.state !== 'requested') throw callError(entry.call_id, 'has no open question to answer');
        opened.set(entry.call_id, { ...call, state: 'allowed' });
      } else if (entry.type === 'call.completed' && id === undefined) {
        const call = opened.get(entry.call_id) ?? this.#calls.get(entry.call_id);
        if (call?.state !== 'allowed') throw callError(entry.call_id, 'is not under way');
      } else if (entry.type === 'approval.requested') {
        mustMatchCall(entry, opened.get(entry.call_id) ?? this.#calls.get(entry.call_id));
      }
      if (id !== undefined) {
        requests.set(id, transition(requests.get(id) ?? this.#requests.get(id), entry));
      }
    }
  }

  /**
   * Takes up one entry that stands in the journal.
   *
   * @throws TransitionError when it may not follow what stands.
   */
  apply(entry: Entry): void {
    if (entry.seq % SWEEP_EVERY === 0) this.#sweep(Date.parse(entry.time));
    switch (entry.type) {
      case 'call.requested':
        this.admit([entry]);
        this.#calls.set(entry.call_id, openCall(entry));
        return;
      case 'call.allowed':
        this.admit([entry]);
        this.#setCallState(entry.call_id, 'allowed');
        return;
      case 'call.denied':
        this.admit([entry]);
        this.#calls.delete(entry.call_id);
        return;
      case 'call.completed':
        if (entry.request_id === undefined) {
          this.admit([entry]);
          this.#calls.delete(entry.call_id);
          return;
        }
        break;
      case 'approval.requested': {
        const call = this.#calls.get(entry.call_id);
        mustMatchCall(entry, call);
        this.#requests.set(entry.request_id, transition(this.#requests.get(entry.request_id), entry));
        this.#calls.delete(entry.call_id);
        return;
      }
      case 'tool.registered':
      case 'tool.definition_changed':
        this.#definitions.set(`${entry.server}\n${entry.tool}`, entry.definition_sha256);
        return;
      case 'policy.loaded':
        this.#policyVersion = entry.policy.version;
        return;
      case 'people.changed':
        this.#peopleVersion = entry.version;
        return;
      default:
        break;
    }
    const id = requestIdOf(entry);
    if (id === undefined) return;
    const request = transition(this.#requests.get(id), entry);
    this.#requests.set(id, request);
    if (isClosed(request)) this.#close(id);
  }

  save(): LedgerState {
    return {
      calls: [...this.#calls.values()],
      requests: [...this.#requests.values()],
      closed: [...this.#closed],
      definitions: [...this.#definitions.entries()],
      policy_version: this.#policyVersion,
      people_version: this.#peopleVersion,
    };
  }

  /** Replaces everything by a saved state. */
  load(state: LedgerState): void {
    this.#calls.clear();
    this.#requests.clear();
    this.#closed.clear();
    this.#definitions.clear();
    for (const call of state.calls) this.#calls.set(call.call_id, call);
    for (const request of state.requests) this.#requests.set(request.id, request);
    for (const id of state.closed) this.#closed.add(id);
    for (const [key, digest] of state.definitions) this.#definitions.set(key, digest);
    this.#policyVersion = state.policy_version;
    this.#peopleVersion = state.people_version;
  }

  /** The latest closed requests stay, so that their links and outcomes are still answered at once. */
  #close(id: string): void {
    this.#closed.add(id);
    if (this.#closed.size <= CLOSED_KEPT) return;
    const [oldest] = this.#closed;
    if (oldest === undefined) return;
    this.#closed.delete(oldest);
    this.#requests.delete(oldest);
  }

  /** Tied to sequence numbers, so that every reader of one journal lets go of the same requests. */
  #sweep(now: number): void {
    for (const request of this.#requests.values()) {
      if (isSettled(request) && 'at' in request.phase && Date.parse(request.phase.at) < now - UNFETCHED_MS) {
        this.#requests.delete(request.id);
        this.#closed.delete(request.id);
      }
    }
  }

  #setCallState(id: string, state: OpenCall['state']): void {
    const call = this.#calls.get(id);
    if (call) this.#calls.set(id, { ...call, state });
  }
}

export const EMPTY_LEDGER: LedgerState = {
  calls: [],
  requests: [],
  closed: [],
  definitions: [],
  policy_version: null,
  people_version: null,
};

function openCall(entry: EntryOf<'call.requested'>): OpenCall {
  return {
    call_id: entry.call_id,
    action_digest: entry.action_digest,
    args_commit: entry.args_commit,
    ...(entry.args_at === undefined ? {} : { args_at: entry.args_at }),
    state: 'requested',
  };
}

function mustMatchCall(entry: EntryOf<'approval.requested'>, call: OpenCall | undefined): void {
  if (call?.state !== 'requested') throw callError(entry.call_id, 'has no open question to answer');
  if (call.action_digest !== entry.action_digest || call.args_commit !== entry.args_commit) {
    throw callError(entry.call_id, 'asked for another action than the one to approve');
  }
}

function callError(callId: string, what: string): TransitionError {
  return new TransitionError('illegal_call', `The call ${callId} ${what}.`);
}
